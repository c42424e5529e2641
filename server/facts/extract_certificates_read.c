/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "extract_certificates.h"
#include "registry.h"
#include "store_blob.h"

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "certificates: out of memory");
}

/* --- files under certs/ --- */

/* 'CurrentUser-S-1-5-21-…' is location CurrentUser of that user. */
static void set_location(struct str text, struct certificate_place *p)
{
    const struct str user = STR("CurrentUser");

    p->location = text;
    if (!str_istarts(text, user))
        return;
    p->location = user;
    if (text.len > user.len + 1 && text.p[user.len] == '-')
        p->user = str_skip(text, user.len + 1);
}

struct file {
    struct certificates *k;
    struct certificate_place place;
    bool has_place;
};

static int take(struct bytes der, void *ctx, struct err *e)
{
    struct file *f = ctx;
    struct err why = {0};
    const struct x509 *c = certificates_add(f->k, der, &why);

    if (!c && why.code == ERR_NOMEM)
        return no_memory(e);
    if (!c) {
        sink_problem(f->k->x->sink, f->k->entry, 0, "%s", why.text);
        return 0;
    }
    if (!f->has_place)
        return 0;
    f->place.certificate = c;
    f->place.thumbprint = c->thumbprint;
    return certificates_place(f->k, &f->place, e);
}

/* certs/<location>/<store>/<name>; a file that lies elsewhere is known, but stands in no store. */
static bool place_of(struct str name, struct certificate_place *p)
{
    struct str rest, location, store;

    (void)str_cut(name, '/', &rest);
    location = str_cut(rest, '/', &rest);
    if (!rest.p)
        return false;
    store = str_cut(rest, '/', &rest);
    if (!rest.p || location.len == 0 || store.len == 0)
        return false;
    set_location(location, p);
    p->store = certificates_store_name(store, &p->physical);
    return true;
}

static bool is_certificate_file(struct str name)
{
    static const char *const ends[] = {".cer", ".crt", ".der", ".pem", ".p7b", ".p7c", ".sst"};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (str_iends(name, str_from(ends[i])))
            return str_istarts(name, STR("certs/")) || str_istarts(name, STR("attach/"));
    return false;
}

static int read_file(struct certificates *k, const struct entry *entry, struct err *e)
{
    struct file f = {.k = k, .place = {.archived = -1, .entry = entry->name}};
    struct bytes bytes;
    int r = k->x->view->read(k->x->view->ctx, entry, k->x->arena, &bytes, e);

    k->entry = entry->name;
    f.has_place = place_of(entry->name, &f.place);
    if (r == 0)
        r = x509_read_file(bytes, take, &f, e);
    if (r == -ERR_NOMEM)
        return r;
    if (r < 0)
        sink_problem(k->x->sink, entry->name, 0, "%s", e->text);
    return 0;
}

int certificates_read_entries(struct certificates *k, struct err *e)
{
    const struct bundle_view *view = k->x->view;
    int r = 0;

    for (size_t i = 0; r == 0 && i < view->n_entries; i++)
        if (is_certificate_file(view->entries[i].name))
            r = read_file(k, &view->entries[i], e);
    return r;
}

/* --- certs/stores.json --- */

void certificates_json_done(json_t **j)
{
    json_decref(*j);
}

json_t *certificates_json(struct extract_state *x, const char *entry_name, struct err *e)
{
    for (size_t i = 0; i < x->view->n_entries; i++) {
        const struct entry *entry = &x->view->entries[i];
        struct bytes bytes;
        json_error_t why;
        json_t *root = NULL;
        if (!str_ieq(entry->name, str_from(entry_name)))
            continue;
        if (x->view->read(x->view->ctx, entry, x->arena, &bytes, e) == 0) {
            root = json_loadb((const char *)bytes.p, bytes.len, 0, &why);
            if (!root)
                (void)err_set(e, ERR_FORMAT, "line %d: %s", why.line, why.text);
        }
        if (!root)
            sink_problem(x->sink, entry->name, 0, "%s", e->text);
        return root;
    }
    return NULL;
}

struct str certificates_json_text(const json_t *o, const char *name, struct arena *a)
{
    const json_t *v = json_object_get(o, name);

    if (!json_is_string(v) || json_string_length(v) == 0)
        return (struct str){0};
    return arena_keep(a, (struct str){json_string_value(v), json_string_length(v)});
}

static int64_t number_of(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static struct str eku_of_hex(struct str hex, struct arena *a)
{
    uint8_t der[4096];
    size_t len;

    if (!hex.p || !text_unhex(hex, der, sizeof(der), &len))
        return (struct str){0};
    return x509_eku_text((struct bytes){der, len}, a);
}

static void read_key(const json_t *record, struct arena *a, struct certificate_key *key)
{
    const json_t *o = json_object_get(record, "key");

    key->is_known = o != NULL;
    key->is_there = json_is_object(o);
    key->container = certificates_json_text(o, "container", a);
    key->provider = certificates_json_text(o, "provider", a);
    key->type = number_of(o, "type");
    key->flags = number_of(o, "flags");
    key->key_spec = number_of(o, "keySpec");
}

static bool lower_thumbprint(struct str s, struct arena *a, const char **ret)
{
    struct str kept = s.len == 40 ? arena_keep(a, s) : (struct str){0};
    char *p = kept.p ? arena_alloc(a, 41) : NULL;

    if (!p)
        return false;
    for (size_t i = 0; i < 40; i++) {
        char c = (char)(s.p[i] >= 'A' && s.p[i] <= 'F' ? s.p[i] + 32 : s.p[i]);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        p[i] = c;
    }
    *ret = p;
    return true;
}

static int read_record(struct certificates *k, const json_t *o, size_t index, struct err *e)
{
    struct arena *a = k->x->arena;
    struct certificate_place p = {.entry = STR("certs/stores.json")};
    struct str location = certificates_json_text(o, "location", a), physical = {0};
    struct str store = certificates_json_text(o, "store", a);

    if (!lower_thumbprint(certificates_json_text(o, "thumbprint", a), a, &p.thumbprint) || !location.p ||
        !store.p) {
        sink_problem(k->x->sink, p.entry, 0, "certificates[%zu]: location, store or thumbprint is not one",
                     index);
        return 0;
    }
    set_location(location, &p);
    if (certificates_json_text(o, "user", a).p)
        p.user = certificates_json_text(o, "user", a);
    p.store = certificates_store_name(store, &physical);
    p.physical = certificates_json_text(o, "physical", a);
    if (physical.p)
        p.physical = physical;
    p.friendly_name = certificates_json_text(o, "friendlyName", a);
    p.archived = json_is_true(json_object_get(o, "archived"));
    p.eku_property = eku_of_hex(certificates_json_text(o, "eku", a), a);
    read_key(o, a, &p.key);
    p.certificate = certificates_find(k, str_from(p.thumbprint));
    return certificates_place(k, &p, e);
}

int certificates_read_stores(struct certificates *k, struct err *e)
{
    CLEANUP(certificates_json_done) json_t *root = certificates_json(k->x, "certs/stores.json", e);
    json_t *o;
    size_t i;
    int r = 0;

    json_array_foreach(json_object_get(root, "certificates"), i, o)
    {
        r = read_record(k, o, i, e);
        if (r)
            return r;
    }
    return 0;
}

/* --- blobs in registry text (bundles made by hand) --- */

static const struct {
    const char *prefix;
    const char *location, *physical;
} trees[] = {
    {"HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\", "LocalMachine", "Registry"},
    {"HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates\\", "LocalMachine", "GroupPolicy"},
    {"HKLM\\SOFTWARE\\Microsoft\\EnterpriseCertificates\\", "LocalMachine", "Enterprise"},
    {"HKCU\\Software\\Microsoft\\SystemCertificates\\", "CurrentUser", "Registry"},
    {"HKCU\\Software\\Policies\\Microsoft\\SystemCertificates\\", "CurrentUser", "GroupPolicy"},
};

/* What stands behind the prefix of a tree; a user's hive may be written as HKCU or as HKU\<SID>. p NULL:
 * another tree. */
static struct str behind(struct str key, struct str prefix, struct str *ret_user)
{
    const struct str hkcu = STR("HKCU\\"), hku = STR("HKU\\");
    struct str rest;

    *ret_user = STR("HKCU");
    if (str_istarts(key, prefix))
        return str_skip(key, prefix.len);
    if (!str_istarts(key, hku) || !str_istarts(prefix, hkcu))
        return (struct str){0};
    *ret_user = str_cut(str_skip(key, hku.len), '\\', &rest);
    prefix = str_skip(prefix, hkcu.len);
    return rest.p && str_istarts(rest, prefix) ? str_skip(rest, prefix.len) : (struct str){0};
}

/* '<store>\Certificates\<sha1>' behind one of the trees. */
static bool registry_place(const struct registry_key *key, struct certificate_place *p)
{
    for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
        struct str store, rest, folder, user, tail = behind(key->key, str_from(trees[i].prefix), &user);
        if (!tail.p)
            continue;
        store = str_cut(tail, '\\', &rest);
        folder = str_cut(rest, '\\', &rest);
        if (!rest.p || !str_ieq(folder, STR("Certificates")))
            return false;
        p->location = str_from(trees[i].location);
        p->physical = str_from(trees[i].physical);
        p->store = certificates_store_name(store, &p->physical);
        if (str_eq(p->location, STR("CurrentUser")))
            p->user = user;
        return true;
    }
    return false;
}

static struct str utf16_text(struct bytes raw, struct arena *a)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(4096);

    text_add_utf16le(&out, raw.p, raw.len);
    while (out.len > 0 && out.p[out.len - 1] == 0)
        out.len--;
    return out.len > 0 ? arena_keep(a, buf_str(&out)) : (struct str){0};
}

static void read_blob_properties(const struct store_blob *b, struct arena *a, struct certificate_place *p)
{
    struct store_blob_key key;

    p->archived = b->is_archived;
    p->key.is_known = true;
    p->friendly_name = b->friendly_name.p ? utf16_text(b->friendly_name, a) : (struct str){0};
    p->eku_property = b->eku.p ? x509_eku_text(b->eku, a) : (struct str){0};
    if (!b->key.p || !store_blob_key_read(b->key, &key))
        return;
    p->key.is_there = true;
    p->key.container = utf16_text(key.container, a);
    p->key.provider = utf16_text(key.provider, a);
    p->key.type = key.type;
    p->key.flags = key.flags;
    p->key.key_spec = key.key_spec;
}

static int read_blob(struct certificates *k, const struct registry_key *key, struct certificate_place *p,
                     struct err *e)
{
    const struct registry_value *v = registry_value(key, "Blob");
    struct store_blob b;
    struct err why = {0};
    const struct x509 *c = NULL;

    if (!v || v->raw.len == 0)
        return 0;
    k->entry = v->entry;
    p->entry = v->entry;
    p->line = v->line;
    if (store_blob_read(v->raw, &b, &why) == 0)
        c = certificates_add(k, b.certificate, &why);
    if (!c && why.code == ERR_NOMEM)
        return no_memory(e);
    if (!c) {
        sink_problem(k->x->sink, v->entry, v->line, "%s", why.text);
        return 0;
    }
    if (!str_iends(key->key, str_from(c->thumbprint)))
        sink_problem(k->x->sink, v->entry, v->line,
                     "the key is not named after its certificate %s; Windows skips it", c->thumbprint);
    p->certificate = c;
    p->thumbprint = c->thumbprint;
    read_blob_properties(&b, k->x->arena, p);
    return certificates_place(k, p, e);
}

int certificates_read_registry(struct certificates *k, struct err *e)
{
    int r = 0;

    for (const struct registry_key *key = registry_first(k->x->registry); key && r == 0; key = key->next) {
        struct certificate_place p = {.archived = -1};
        if (!key->is_absent && registry_place(key, &p))
            r = read_blob(k, key, &p, e);
    }
    return r;
}
