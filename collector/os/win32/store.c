/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate stores. A logical store is several physical ones; each is opened by itself, so that it is known
 * where a certificate stands. Stores of other users are not offered whole by crypt32 (their My is a folder of
 * files): their serialized certificates are read from the registry and the profile, and crypt32 takes them
 * apart. */
#include "win32.h"

#include <stdlib.h>
#include <string.h>
#include <wincrypt.h>

enum { PROPERTY_BYTES = 1 << 20, BLOB_BYTES = 16 << 20 };

struct part {
    DWORD location;
    const char *store; /* NULL: as asked */
    const char *physical;
};

static const struct part MACHINE_PARTS[] = {
    {CERT_SYSTEM_STORE_LOCAL_MACHINE, NULL, "Registry"},
    {CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY, NULL, "GroupPolicy"},
    {CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE, NULL, "Enterprise"},
};
static const struct part AUTH_ROOT = {CERT_SYSTEM_STORE_LOCAL_MACHINE, "AuthRoot", "AuthRoot"};
static const struct part OWN_PARTS[] = {
    {CERT_SYSTEM_STORE_CURRENT_USER, NULL, "Registry"},
    {CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY, NULL, "GroupPolicy"},
};

/* What is kept of one certificate while `take` looks at it. */
struct reading {
    os_cert_fn take;
    void *ctx;
    const char *physical;
    struct buf friendly, eku, key, container, provider;
};

/* One walk over all parts; the first thing that goes wrong is told at the end, after what could be read. */
struct store_walk {
    struct os *os;
    struct str store;
    struct reading reading;
    bool found;
    int failed;
    struct err *e;
};

static bool property(PCCERT_CONTEXT cert, DWORD id, struct buf *ret)
{
    DWORD len = 0;
    char *room;

    buf_clear(ret);
    if (!CertGetCertificateContextProperty(cert, id, NULL, &len))
        return false;
    room = buf_reserve(ret, len + 1);
    if (room == NULL || !CertGetCertificateContextProperty(cert, id, room, &len))
        return false;
    buf_wrote(ret, len);
    return true;
}

static void read_key(PCCERT_CONTEXT cert, struct reading *g, struct os_cert *c)
{
    const CRYPT_KEY_PROV_INFO *info;

    buf_clear(&g->container);
    buf_clear(&g->provider);
    if (!property(cert, CERT_KEY_PROV_INFO_PROP_ID, &g->key) || g->key.len < sizeof *info)
        return;
    info = (const void *)g->key.p;
    wide_to_utf8(&g->container, info->pwszContainerName);
    wide_to_utf8(&g->provider, info->pwszProvName);
    c->has_key = true;
    c->container = buf_str(&g->container);
    c->provider = buf_str(&g->provider);
    c->provider_type = info->dwProvType;
    c->key_flags = info->dwFlags;
    c->key_spec = info->dwKeySpec;
}

static void read_friendly(PCCERT_CONTEXT cert, struct reading *g, struct os_cert *c)
{
    CLEANUP(buf_done) struct buf wide = BUF_INIT(PROPERTY_BYTES);
    size_t len;

    buf_clear(&g->friendly);
    if (!property(cert, CERT_FRIENDLY_NAME_PROP_ID, &wide))
        return;
    for (len = wide.len; len >= 2 && wide.p[len - 1] == 0 && wide.p[len - 2] == 0;)
        len -= 2;
    text_add_utf16le(&g->friendly, wide.p, len);
    c->friendly_name = buf_str(&g->friendly);
}

static int give_cert(struct reading *g, PCCERT_CONTEXT cert)
{
    struct os_cert c = {.der = {cert->pbCertEncoded, cert->cbCertEncoded}, .physical = g->physical};

    for (DWORD id = 0; (id = CertEnumCertificateContextProperties(cert, id)) != 0;) {
        if (c.n_properties < ARRAY_LEN(c.property_ids))
            c.property_ids[c.n_properties++] = id;
        c.archived = c.archived || id == CERT_ARCHIVED_PROP_ID;
    }
    if (property(cert, CERT_ENHKEY_USAGE_PROP_ID, &g->eku))
        c.eku = (struct bytes){(const uint8_t *)g->eku.p, g->eku.len};
    read_friendly(cert, g, &c);
    read_key(cert, g, &c);
    return g->take(g->ctx, &c);
}

/* --- through crypt32
 * -------------------------------------------------------------------------------------------------- */
static int note(struct store_walk *w, int r)
{
    if (r < 0 && r != -ERR_MISSING && w->failed == 0)
        w->failed = r;
    return 0;
}

/* CERT_STORE_OPEN_EXISTING_FLAG: "fails if the store does not exist", with ERROR_FILE_NOT_FOUND. */
static int open_part(const struct part *p, struct str store, HCERTSTORE *ret, struct err *e)
{
    static const DWORD FLAGS =
        CERT_STORE_READONLY_FLAG | CERT_STORE_OPEN_EXISTING_FLAG | CERT_STORE_ENUM_ARCHIVED_FLAG;
    CLEANUP(buf_done) struct buf name = WIDE_INIT;
    int r = wide_from(p->store != NULL ? str_from(p->store) : store, &name, e);

    if (r != 0)
        return r;
    *ret = CertOpenStore(CERT_STORE_PROV_SYSTEM_REGISTRY_W, 0, 0, FLAGS | p->location, wide_p(&name));
    if (*ret == NULL)
        return err_windows(e, GetLastError(), ERROR_FILE_NOT_FOUND, 0, "%.*s (%s)", (int)store.len, store.p,
                           p->physical);
    return 0;
}

/* A non-zero answer is the caller's wish to stop. */
static int walk_part(struct store_walk *w, const struct part *p)
{
    HCERTSTORE store = NULL;
    PCCERT_CONTEXT cert = NULL;
    struct err why;
    int r = open_part(p, w->store, &store, w->failed == 0 ? w->e : &why);

    if (r != 0)
        return note(w, r);
    w->found = true;
    w->reading.physical = p->physical;
    while (r == 0 && (cert = CertEnumCertificatesInStore(store, cert)) != NULL)
        r = give_cert(&w->reading, cert);
    if (r != 0)
        (void)CertFreeCertificateContext(cert);
    (void)CertCloseStore(store, 0);
    return r;
}

static int walk_parts(struct store_walk *w, const struct part *parts, size_t n)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < n; i++)
        r = walk_part(w, &parts[i]);
    return r;
}

/* --- other users
 * ---------------------------------------------------------------------------------------------------------
 */
static int give_blob(struct store_walk *w, struct bytes blob, struct str name)
{
    HCERTSTORE memory = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    const void *cert = NULL;
    struct err why;
    int r;

    if (memory == NULL ||
        !CertAddSerializedElementToStore(memory, blob.p, (DWORD)blob.len, CERT_STORE_ADD_ALWAYS, 0,
                                         CERT_STORE_CERTIFICATE_CONTEXT_FLAG, NULL, &cert)) {
        r = note(w, err_windows(w->failed == 0 ? w->e : &why, GetLastError(), 0, 0, "certificate %.*s",
                                (int)name.len, name.p));
    } else {
        r = give_cert(&w->reading, cert);
        (void)CertFreeCertificateContext(cert);
    }
    if (memory != NULL)
        (void)CertCloseStore(memory, 0);
    return r;
}

static int ignore_key(void *ctx, struct str key, int64_t modified_ms)
{
    (void)ctx, (void)key, (void)modified_ms;
    return 0;
}

static int take_value(void *ctx, struct str name, uint32_t type, struct bytes data)
{
    return type == REG_BINARY && str_ieq(name, STR("Blob")) ? give_blob(ctx, data, name) : 0;
}

static int key_failed(void *ctx, struct str key, const struct err *why)
{
    struct store_walk *w = ctx;

    (void)key;
    if (w->failed == 0)
        *w->e = *why;
    return note(w, -why->code);
}

static int walk_registry(struct store_walk *w, struct str user, const char *below, const char *physical)
{
    const struct os_reg_visitor v = {w, ignore_key, take_value, key_failed};
    CLEANUP(buf_done) struct buf key = BUF_INIT(4096);
    struct err why;
    int r;

    buf_printf(&key, "HKU\\%.*s\\%s\\SystemCertificates\\%.*s", (int)user.len, user.p, below,
               (int)w->store.len, w->store.p);
    w->reading.physical = physical;
    r = os_reg_walk(w->os, buf_str(&key), 2, &v, w->failed == 0 ? w->e : &why);
    w->found = w->found || r == 0;
    return r < 0 ? note(w, r) : r;
}

struct file_walk {
    struct store_walk *w;
    struct str folder;
};

static int read_whole(struct os *os, struct str path, struct buf *ret, struct err *e)
{
    struct os_file *f = NULL;
    int64_t n = 1;
    int r = os_file_open(os, path, &f, e);

    while (r == 0 && n > 0) {
        char *room = buf_reserve(ret, 65536);

        if (room == NULL)
            r = err_set(e, ERR_LIMIT, "%.*s: too long", (int)path.len, path.p);
        else if ((n = os_file_read(f, (int64_t)ret->len, room, 65536, e)) < 0)
            r = (int)n;
        else
            buf_wrote(ret, (size_t)n);
    }
    os_file_close(f);
    return r;
}

static int take_file(void *ctx, struct str name, const struct os_file_info *info)
{
    struct file_walk *f = ctx;
    CLEANUP(buf_done) struct buf path = BUF_INIT(WIDE_BYTES);
    CLEANUP(buf_done) struct buf blob = BUF_INIT(BLOB_BYTES);
    struct err why;
    int r;

    if (info->is_dir)
        return 0;
    buf_add_str(&path, f->folder);
    buf_add_char(&path, '\\');
    buf_add_str(&path, name);
    r = read_whole(f->w->os, buf_str(&path), &blob, f->w->failed == 0 ? f->w->e : &why);
    if (r != 0)
        return note(f->w, r);
    return give_blob(f->w, (struct bytes){(const uint8_t *)blob.p, blob.len}, name);
}

static int find_profile(void *ctx, struct str sid, struct str profile_path)
{
    struct buf *ret = ctx; /* in: the SID; out: the path */

    if (!str_ieq(sid, buf_str(ret)))
        return 0;
    buf_clear(ret);
    buf_add_str(ret, profile_path);
    return 1;
}

static int walk_profile(struct store_walk *w, struct str user)
{
    CLEANUP(buf_done) struct buf folder = BUF_INIT(WIDE_BYTES);
    struct file_walk f = {.w = w};
    struct err why;
    int r;

    buf_add_str(&folder, user);
    if (os_users(w->os, find_profile, &folder, &why) != 1 || folder.len == 0)
        return 0;
    buf_printf(&folder, "\\AppData\\Roaming\\Microsoft\\SystemCertificates\\%.*s\\Certificates",
               (int)w->store.len, w->store.p);
    f.folder = buf_str(&folder);
    w->reading.physical = "Registry";
    r = os_dir_list(w->os, f.folder, take_file, &f, w->failed == 0 ? w->e : &why);
    w->found = w->found || r == 0;
    return r < 0 ? note(w, r) : r;
}

static int walk_other_user(struct store_walk *w, struct str user)
{
    int r = walk_registry(w, user, "Software\\Microsoft", "Registry");

    if (r == 0)
        r = walk_registry(w, user, "Software\\Policies\\Microsoft", "GroupPolicy");
    return r != 0 ? r : walk_profile(w, user);
}

/* ----------------------------------------------------------------------------------------------------------------------
 */
static void reading_init(struct reading *g, os_cert_fn take, void *ctx)
{
    *g = (struct reading){.take = take, .ctx = ctx};
    g->friendly = g->eku = g->key = g->container = g->provider = BUF_INIT(PROPERTY_BYTES);
}

static void reading_done(struct reading *g)
{
    buf_done(&g->friendly);
    buf_done(&g->eku);
    buf_done(&g->key);
    buf_done(&g->container);
    buf_done(&g->provider);
}

int os_store_walk(struct os *os, struct str user, struct str store, os_cert_fn take, void *ctx, struct err *e)
{
    struct store_walk w = {.os = os, .store = store, .e = e};
    int r;

    reading_init(&w.reading, take, ctx);
    if (user.len == 0) {
        r = walk_parts(&w, MACHINE_PARTS, ARRAY_LEN(MACHINE_PARTS));
        if (r == 0 && str_ieq(store, STR("Root")))
            r = walk_part(&w, &AUTH_ROOT);
    } else if (str_ieq(user, buf_str(&os->own_sid))) {
        r = walk_parts(&w, OWN_PARTS, ARRAY_LEN(OWN_PARTS));
    } else {
        r = walk_other_user(&w, user);
    }
    reading_done(&w.reading);
    if (r != 0 || w.failed != 0)
        return r != 0 ? r : w.failed;
    return w.found ? 0 : err_set(e, ERR_MISSING, "%.*s: no such store", (int)store.len, store.p);
}
