/* SPDX-License-Identifier: Apache-2.0
 *
 * stores.txt: certificates as Windows keeps them, property blobs in the registry (and in files for a user's
 * own My). */
#include "mkimage.h"

#include <string.h>

enum {
    PROP_KEY_PROV_INFO = 2,
    PROP_SHA1 = 3,
    PROP_EKU = 9,
    PROP_FRIENDLY_NAME = 11,
    PROP_ARCHIVED = 19,
    PROP_KEY_ID = 20,
    PROP_CERT = 32,
    ENTRIES_MAX = 1024
};

struct entry {
    struct str location, store, pem, physical;
    struct str options; /* the rest of the line */
};

struct stores {
    struct machine *m;
    struct entry entries[ENTRIES_MAX];
    size_t n;
};

/* The word name=value of the options; p NULL: not set. A bare word has itself as value. */
static struct str option(struct arena *a, struct str options, const char *name)
{
    size_t len = strlen(name);

    for (struct str w; (w = line_word(a, &options)).len > 0;) {
        if (w.len == len && str_starts(w, str_from(name)))
            return w;
        if (w.len > len && str_starts(w, str_from(name)) && w.p[len] == '=')
            return str_skip(w, len + 1);
    }
    return (struct str){NULL, 0};
}

static uint32_t number(struct str s, uint32_t otherwise)
{
    uint32_t v = 0;
    bool is_hex = str_istarts(s, STR("0x"));

    if (s.p == NULL)
        return otherwise;
    for (size_t i = is_hex ? 2 : 0; i < s.len; i++)
        v = v * (is_hex ? 16u : 10u) + (uint32_t)(s.p[i] <= '9' ? s.p[i] - '0' : (s.p[i] | 0x20) - 'a' + 10);
    return v;
}

static void add_property(struct buf *blob, uint32_t id, const void *data, size_t len)
{
    buf_add_u32le(blob, id);
    buf_add_u32le(blob, 1);
    buf_add_u32le(blob, (uint32_t)len);
    buf_add(blob, data, len);
}

/* CRYPT_KEY_PROV_INFO, position-independent: seven numbers, then the two names. */
static void add_key(struct buf *blob, struct arena *a, struct str options, struct str container)
{
    CLEANUP(buf_done) struct buf names = BUF_INIT(1 << 16);
    CLEANUP(buf_done) struct buf info = BUF_INIT(1 << 16);
    uint32_t provider_at;

    utf16_add(&names, container);
    provider_at = 28 + (uint32_t)names.len;
    utf16_add(&names, option(a, options, "provider"));
    buf_add_u32le(&info, 28);
    buf_add_u32le(&info, provider_at);
    buf_add_u32le(&info, number(option(a, options, "type"), 0));
    buf_add_u32le(&info, number(option(a, options, "flags"), 0));
    buf_add_u32le(&info, 0);
    buf_add_u32le(&info, 0);
    buf_add_u32le(&info, number(option(a, options, "spec"), 0));
    buf_add(&info, names.p, names.len);
    add_property(blob, PROP_KEY_PROV_INFO, info.p, info.len);
}

static int add_raw_properties(struct buf *blob, struct arena *a, struct str options, struct err *e)
{
    for (struct str w; (w = line_word(a, &options)).len > 0;) {
        struct str value, id = str_cut(w, '=', &value);
        uint8_t data[4096];
        uint64_t n;
        size_t len;

        if (!str_starts(id, STR("prop.")))
            continue;
        if (!str_to_u64(str_skip(id, 5), 0xffff, &n) || !text_unhex(value, data, sizeof data, &len))
            return err_set(e, ERR_FORMAT, "not a property: %.*s", (int)w.len, w.p);
        add_property(blob, (uint32_t)n, data, len);
    }
    return 0;
}

static int make_blob(struct machine *m, const struct entry *at, const struct cert *c, struct buf *ret,
                     struct err *e)
{
    struct str key = option(m->a, at->options, "key"), friendly = option(m->a, at->options, "friendly");
    struct str eku = option(m->a, at->options, "eku");
    CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 16);
    struct bytes der;
    int r = 0;

    if (key.p != NULL)
        add_key(ret, m->a, at->options, key);
    add_property(ret, PROP_SHA1, c->sha1, sizeof c->sha1);
    if (eku.p != NULL && (r = eku_encode(m, eku, &der, e)) == 0)
        add_property(ret, PROP_EKU, der.p, der.len);
    if (friendly.p != NULL) {
        utf16_add(&text, friendly);
        add_property(ret, PROP_FRIENDLY_NAME, text.p, text.len);
    }
    if (option(m->a, at->options, "archived").p != NULL)
        add_property(ret, PROP_ARCHIVED, "", 0);
    if (c->key_id.p != NULL)
        add_property(ret, PROP_KEY_ID, c->key_id.p, c->key_id.len);
    r = r != 0 ? r : add_raw_properties(ret, m->a, at->options, e);
    add_property(ret, PROP_CERT, c->der.p, c->der.len);
    return r != 0 ? r : buf_check(ret, "property blob", e);
}

/* The hive key above the stores, and in *ret_hive the hive. */
static const char *stores_key(struct machine *m, const struct entry *at, struct user *user,
                              struct reg_key **ret_hive)
{
    *ret_hive = user != NULL ? &user->hive : &m->software;
    if (str_ieq(at->physical, STR("GroupPolicy")))
        return user != NULL ? "Software\\Policies\\Microsoft\\SystemCertificates"
                            : "Policies\\Microsoft\\SystemCertificates";
    if (str_ieq(at->physical, STR("Enterprise")))
        return "Microsoft\\EnterpriseCertificates";
    return user != NULL ? "Software\\Microsoft\\SystemCertificates" : "Microsoft\\SystemCertificates";
}

/* As Windows spells the keys; any case would do. */
static struct str store_key_name(const struct entry *at)
{
    if (str_ieq(at->physical, STR("AuthRoot")))
        return STR("AuthRoot");
    if (at->physical.len == 0 && str_ieq(at->store, STR("Root")))
        return STR("ROOT");
    if (at->physical.len == 0 && str_ieq(at->store, STR("My")))
        return STR("MY");
    return at->store;
}

static int put_entry(struct machine *m, const struct entry *at, struct user *user, const char *thumbprint,
                     struct bytes blob, struct err *e)
{
    struct reg_key *hive, *key;
    struct str store = store_key_name(at);
    const char *path;

    if (user != NULL && str_ieq(at->store, STR("My"))) {
        path =
            arena_printf(m->a, "%s/Users/%s/AppData/Roaming/Microsoft/SystemCertificates/My/Certificates/%s",
                         m->out, user->name, thumbprint);
        return path == NULL ? err_set(e, ERR_NOMEM, "no memory") : file_write(path, blob, e);
    }
    path = stores_key(m, at, user, &hive);
    path = arena_printf(m->a, "%s\\%.*s\\Certificates\\%s", path, (int)store.len, store.p, thumbprint);
    key = path == NULL ? NULL : reg_key_make(m->a, hive, str_from(path));
    if (key == NULL || !reg_value_set(m->a, key, STR("Blob"), REG_TYPE_BINARY, blob))
        return err_set(e, ERR_NOMEM, "no memory");
    return 0;
}

static int write_entry(struct machine *m, const struct entry *at, struct err *e)
{
    CLEANUP(buf_done) struct buf blob = BUF_INIT(1 << 20);
    CLEANUP(buf_done) struct buf hex = BUF_INIT(64);
    struct user *user = NULL;
    struct cert c;
    int r = cert_read(m, at->pem, &c, e);

    if (str_istarts(at->location, STR("User:"))) {
        user = machine_user(m, str_skip(at->location, 5));
        if (user == NULL)
            return err_set(e, ERR_MISSING, "%.*s: no such user", (int)at->location.len, at->location.p);
    } else if (!str_ieq(at->location, STR("LocalMachine"))) {
        return err_set(e, ERR_FORMAT, "%.*s: not a location", (int)at->location.len, at->location.p);
    }
    r = r != 0 ? r : make_blob(m, at, &c, &blob, e);
    if (r != 0)
        return r;
    text_hex(&hex, c.sha1, sizeof c.sha1);
    for (size_t i = 0; i < hex.len; i++)
        hex.p[i] = (char)(hex.p[i] >= 'a' ? hex.p[i] - 0x20 : hex.p[i]);
    return put_entry(m, at, user, buf_c(&hex), (struct bytes){(const uint8_t *)blob.p, blob.len}, e);
}

static bool is_same(const struct entry *x, const struct entry *y)
{
    return str_ieq(x->location, y->location) && str_ieq(x->store, y->store) && str_ieq(x->pem, y->pem) &&
           (y->physical.len == 0 || str_ieq(x->physical, y->physical));
}

static int remove_entry(struct stores *s, const struct entry *which, struct err *e)
{
    for (size_t i = 0; i < s->n; i++) {
        if (!is_same(&s->entries[i], which))
            continue;
        memmove(&s->entries[i], &s->entries[i + 1], (s->n - i - 1) * sizeof s->entries[0]);
        s->n--;
        return 0;
    }
    return err_set(e, ERR_MISSING, "%.*s is not there to take away", (int)which->pem.len, which->pem.p);
}

static int take_line(void *ctx, struct str line, struct err *e)
{
    struct stores *s = ctx;
    bool is_removal = line.p[0] == '-';
    struct entry at = {.options = str_skip(line, is_removal ? 1 : 0)};

    at.location = line_word(s->m->a, &at.options);
    at.store = line_word(s->m->a, &at.options);
    at.pem = line_word(s->m->a, &at.options);
    at.options = arena_keep(s->m->a, at.options);
    at.physical = option(s->m->a, at.options, "physical");
    if (at.pem.len == 0)
        return err_set(e, ERR_FORMAT, "location, store and PEM are needed");
    if (is_removal)
        return remove_entry(s, &at, e);
    if (s->n == ENTRIES_MAX)
        return err_set(e, ERR_LIMIT, "more than %d certificates", ENTRIES_MAX);
    s->entries[s->n++] = at;
    return 0;
}

int stores_write(struct machine *m, struct err *e)
{
    struct stores *s = arena_alloc(m->a, sizeof *s);
    int r = s == NULL ? err_set(e, ERR_NOMEM, "stores.txt: no memory") : 0;

    for (size_t i = 0; r == 0 && i < m->n_layers; i++) {
        s->m = m;
        r = lines_read(m, m->layers[i], "stores.txt", take_line, s, e);
    }
    for (size_t i = 0; r == 0 && i < s->n; i++)
        r = write_entry(m, &s->entries[i], e);
    return r;
}
