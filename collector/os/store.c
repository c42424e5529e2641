/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate stores, for both backends: a logical store is the union of physical ones, at the places that
 * Windows documents (registry keys, and files for a user's own My). The blobs are read as they lie there.
 * crypt32 is not asked: it leaves out, without a word, what it cannot read, and does not say where a
 * certificate stands. */
#include "store.h"

#include "limits.h"
#include "property.h"

struct store_walk {
    struct os *os;
    os_cert_fn take;
    void *ctx;
    const char *physical;
    unsigned n_places;     /* physical stores that are there */
    unsigned n_unreadable; /* certificates that could not be read */
    struct err first;      /* why the first of them could not */
    struct str key;        /* key, or folder, that is walked */
};

static void note_unreadable(struct store_walk *w, struct str name, struct err *why)
{
    if (w->n_unreadable++ != 0)
        return;
    (void)err_wrap(why, "%.*s", (int)name.len, name.p);
    w->first = *why;
}

static void arena_end(struct arena *a)
{
    arena_done(a);
}

static int give_blob(struct store_walk *w, struct str name, struct bytes blob)
{
    CLEANUP(arena_end) struct arena a = ARENA_INIT(4 * LIMIT_TEXT_BYTES);
    struct err why = {0};
    struct os_cert cert;

    if (blob.len > (size_t)LIMIT_PROPERTY_BLOB_BYTES) {
        (void)err_set(&why, ERR_LIMIT, "a property blob of %zu bytes", blob.len);
        note_unreadable(w, name, &why);
        return 0;
    }
    if (property_blob_read(blob, &a, &cert, &why) != 0) {
        note_unreadable(w, name, &why);
        return 0;
    }
    cert.physical = w->physical;
    return w->take(w->ctx, &cert);
}

/* --- stores in the registry
 * ------------------------------------------------------------------------------------------- */

static int reg_key(void *ctx, struct str key, int64_t modified_ms)
{
    struct store_walk *w = ctx;

    (void)modified_ms;
    w->key = key;
    return 0;
}

static int reg_value(void *ctx, struct str name, uint32_t type, struct bytes data)
{
    struct store_walk *w = ctx;

    (void)type;
    return str_ieq(name, STR("Blob")) ? give_blob(w, w->key, data) : 0;
}

static int reg_failed(void *ctx, struct str key, const struct err *why)
{
    struct err copy = *why;

    note_unreadable(ctx, key, &copy);
    return 0;
}

static int no_key(void *ctx, struct str key, int64_t modified_ms)
{
    (void)ctx, (void)key, (void)modified_ms;
    return 0;
}

static int no_value(void *ctx, struct str name, uint32_t type, struct bytes data)
{
    (void)ctx, (void)name, (void)type, (void)data;
    return 0;
}

/* A store is there when its key is, also without certificates. */
static int walk_key(struct store_walk *w, const char *physical, const char *key, struct str store,
                    struct err *e)
{
    static const struct os_reg_visitor NOTHING = {.key = no_key, .value = no_value};
    static const char *const folders[] = {"Certificates", "CRLs", "CTLs"};
    CLEANUP(buf_done) struct buf path = BUF_INIT(1 << 16);
    const struct os_reg_visitor visitor = {
        .ctx = w, .key = reg_key, .value = reg_value, .failed = reg_failed};
    int r;

    buf_printf(&path, "%s\\%.*s", key, (int)store.len, store.p);
    r = buf_check(&path, "key of a store", e);
    r = r != 0 ? r : os_reg_walk(w->os, buf_str(&path), 0, &NOTHING, e);
    if (r == -ERR_MISSING)
        return 0;
    if (r != 0)
        return r;
    w->n_places++;
    w->physical = physical;
    r = 0;
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(folders); i++) {
        CLEANUP(buf_done) struct buf below = BUF_INIT(1 << 16);
        buf_printf(&below, "%s\\%s", buf_c(&path), folders[i]);
        r = buf_check(&below, "key of a store", e);
        r = r != 0 ? r : os_reg_walk(w->os, buf_str(&below), 1, &visitor, e);
        r = r == -ERR_MISSING ? 0 : r;
    }
    return r;
}

/* --- a user's own My: files
 * -------------------------------------------------------------------------------------------- */

static void file_close(struct os_file **f)
{
    os_file_close(*f);
}

static int read_whole(struct os *os, struct str path, struct buf *ret, struct err *e)
{
    CLEANUP(file_close) struct os_file *f = NULL;
    int r = os_file_open(os, path, &f, e);
    int64_t n = 1;

    while (r == 0 && n > 0) {
        char *room = buf_reserve(ret, 16384);

        n = room == NULL ? 0 : os_file_read(f, (int64_t)ret->len, room, 16384, e);
        if (n < 0)
            return (int)n;
        if (n > 0)
            buf_wrote(ret, (size_t)n);
    }
    return r != 0 ? r : buf_check(ret, "certificate file", e);
}

static int take_file(void *ctx, struct str name, const struct os_file_info *info)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(1 << 16);
    CLEANUP(buf_done) struct buf blob = BUF_INIT(LIMIT_PROPERTY_BLOB_BYTES);
    struct store_walk *w = ctx;
    struct err why = {0};

    if (info->is_dir)
        return 0;
    buf_printf(&path, "%.*s\\%.*s", (int)w->key.len, w->key.p, (int)name.len, name.p);
    if (read_whole(w->os, buf_str(&path), &blob, &why) != 0) {
        note_unreadable(w, name, &why);
        return 0;
    }
    return give_blob(w, name, (struct bytes){(const uint8_t *)buf_c(&blob), blob.len});
}

static int walk_profile(struct store_walk *w, struct str sid, struct err *e)
{
    CLEANUP(buf_done) struct buf folder = BUF_INIT(1 << 16);
    int r = store_user_folder(w->os, sid, &folder, e);

    buf_add_c(&folder, "\\Microsoft\\SystemCertificates\\My\\Certificates");
    r = r != 0 ? r : buf_check(&folder, "folder of a store", e);
    if (r != 0)
        return r;
    w->physical = "Registry"; /* the store's own place, as against those that policies fill */
    w->key = buf_str(&folder);
    r = os_dir_list(w->os, buf_str(&folder), take_file, w, e);
    if (r == -ERR_MISSING)
        return 0;
    w->n_places++;
    return r;
}

/* --- logical stores
 * ----------------------------------------------------------------------------------------------------- */

/* Where a logical store of the machine has its physical ones. Only Root takes AuthRoot in; My is never filled
 * by policy. */
static int walk_machine(struct store_walk *w, struct str store, struct err *e)
{
    static const char SYSTEM[] = "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates";
    int r = walk_key(w, str_ieq(store, STR("AuthRoot")) ? "AuthRoot" : "Registry", SYSTEM, store, e);

    if (r == 0 && str_ieq(store, STR("Root")))
        r = walk_key(w, "AuthRoot", SYSTEM, STR("AuthRoot"), e);
    if (r != 0 || str_ieq(store, STR("My")))
        return r;
    r = walk_key(w, "GroupPolicy", "HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates", store, e);
    return r != 0 ? r
                  : walk_key(w, "Enterprise", "HKLM\\SOFTWARE\\Microsoft\\EnterpriseCertificates", store, e);
}

/* The user's own only: what CurrentUser inherits from the machine is in the machine's stores. */
static int walk_user(struct store_walk *w, struct str sid, struct str store, struct err *e)
{
    CLEANUP(buf_done) struct buf own = BUF_INIT(1024);
    CLEANUP(buf_done) struct buf policy = BUF_INIT(1024);
    int r;

    buf_printf(&own, "HKU\\%.*s\\Software\\Microsoft\\SystemCertificates", (int)sid.len, sid.p);
    buf_printf(&policy, "HKU\\%.*s\\Software\\Policies\\Microsoft\\SystemCertificates", (int)sid.len, sid.p);
    r = buf_check(&own, "SID", e);
    r = r != 0 ? r : buf_check(&policy, "SID", e);
    if (r == 0 && str_ieq(store, STR("My")))
        r = walk_profile(w, sid, e);
    r = r != 0 ? r : walk_key(w, "Registry", buf_c(&own), store, e);
    return r != 0 ? r : walk_key(w, "GroupPolicy", buf_c(&policy), store, e);
}

int os_store_walk(struct os *os, struct str user, struct str store, os_cert_fn take, void *ctx, struct err *e)
{
    struct store_walk w = {.os = os, .take = take, .ctx = ctx};
    int r = store_check_denied(os, user, store, e);

    if (r == 0)
        r = user.len == 0 ? walk_machine(&w, store, e) : walk_user(&w, user, store, e);
    if (r != 0)
        return r;
    if (w.n_places == 0)
        return err_set(e, ERR_MISSING, "%.*s: no such store", (int)store.len, store.p);
    if (w.n_unreadable > 0) {
        *e = w.first;
        return err_wrap(e, "%.*s: %u certificates could not be read, the first", (int)store.len, store.p,
                        w.n_unreadable);
    }
    return 0;
}
