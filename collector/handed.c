/* SPDX-License-Identifier: Apache-2.0
 *
 * What a user's own process gathered (gather.c), taken by the one that goes on elevated. Who hands it may be
 * anybody, so of it is taken what has a place in the list below: names and sources are made anew, the rest is
 * copied and marked. */
#include "collect.h"

#include <string.h>

#include "limits.h"
#include "zip_reader.h"

enum { UNPACKED_BYTES = 16 << 20, ENTRIES = 2000, ITEMS = 16 };

struct taking {
    struct collection *c;
    struct str sid;
    struct buf zip;
    struct zip_input in;
    struct zip_found entry;
    struct arena arena;
    struct buf data; /* of an entry */
    int64_t unpacked;
    size_t n_entries;
    struct manifest_item items[ITEMS];
    size_t n_items;
    bool has_registry, has_stores; /* the entries are there */
    char sha256[65];
    int64_t size;
};

static void taking_done(struct taking *t)
{
    buf_done(&t->zip);
    buf_done(&t->entry.name);
    buf_done(&t->data);
    arena_done(&t->arena);
}

static int64_t read_zip(void *ctx, int64_t offset, void *data, size_t room, struct err *e)
{
    const struct buf *zip = ctx;
    size_t left = offset < 0 || (size_t)offset >= zip->len ? 0 : zip->len - (size_t)offset;
    size_t n = room < left ? room : left;

    (void)e;
    if (n > 0)
        memcpy(data, zip->p + offset, n);
    return (int64_t)n;
}

static int keep_data(void *ctx, const void *data, size_t len, struct err *e)
{
    struct buf *to = ctx;

    buf_add(to, data, len);
    return buf_check(to, "what was handed over", e);
}

static int load(struct taking *t, struct err *e)
{
    buf_clear(&t->data);
    return zip_reader_stream(&t->in, &t->entry, keep_data, &t->data, e);
}

enum place { PLACE_NONE, PLACE_ITEM, PLACE_REGISTRY, PLACE_STORES, PLACE_CERTIFICATE };

static bool is_user_store(struct str name)
{
    const char *store;

    for (size_t i = 0; (store = probes_user_store(i)) != NULL; i++)
        if (str_eq(name, str_from(store)))
            return true;
    return false;
}

/* "My/<40 hex>.cer" */
static bool is_certificate(struct str rest)
{
    struct str file, store = str_cut(rest, '/', &file);

    if (!is_user_store(store) || file.len != 44)
        return false;
    for (size_t i = 0; i < 40; i++)
        if ((file.p[i] < '0' || file.p[i] > '9') && (file.p[i] < 'a' || file.p[i] > 'f'))
            return false;
    file = str_skip(file, 40);
    return str_eq(file, STR(".cer")) || str_eq(file, STR(".crl")) || str_eq(file, STR(".stl"));
}

static enum place place_of(const struct taking *t)
{
    struct str name = buf_str(&t->entry.name), rest;

    if (str_starts(name, STR("items/")))
        return PLACE_ITEM;
    if (str_starts(name, STR("registry/client-"))) {
        rest = str_skip(name, strlen("registry/client-"));
        return str_starts(rest, t->sid) && str_eq(str_skip(rest, t->sid.len), STR(".reg")) ? PLACE_REGISTRY
                                                                                           : PLACE_NONE;
    }
    if (str_starts(name, STR("certs/stores-"))) {
        rest = str_skip(name, strlen("certs/stores-"));
        return str_starts(rest, t->sid) && str_eq(str_skip(rest, t->sid.len), STR(".json")) ? PLACE_STORES
                                                                                            : PLACE_NONE;
    }
    if (!str_starts(name, STR("certs/CurrentUser-")))
        return PLACE_NONE;
    rest = str_skip(name, strlen("certs/CurrentUser-"));
    if (!str_starts(rest, t->sid) || !str_starts(str_skip(rest, t->sid.len), STR("/")))
        return PLACE_NONE;
    return is_certificate(str_skip(rest, t->sid.len + 1)) ? PLACE_CERTIFICATE : PLACE_NONE;
}

/* No key but that user's own. */
static int check_registry(const struct taking *t, struct err *e)
{
    struct str text = buf_str(&t->data), own = STR("[HKEY_USERS\\");

    if (memchr(buf_c(&t->data), 0, text.len) != NULL)
        return err_set(e, ERR_FORMAT, "registry text in another encoding");
    while (text.len > 0) {
        struct str line = str_trim(str_cut(text, '\n', &text));
        if (str_istarts(line, STR("; Absent=")))
            line = str_skip(line, strlen("; Absent="));
        if (str_starts(line, STR("[")) &&
            (!str_istarts(line, own) || !str_istarts(str_skip(line, own.len), t->sid)))
            return err_set(e, ERR_FORMAT, "a registry key that is not that user's");
    }
    return 0;
}

static int check_certificate(const struct taking *t, struct err *e)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT(64);
    struct os_hash *sha1 = NULL;
    uint8_t digest[OS_SHA1_BYTES];
    struct str name = buf_str(&t->entry.name);

    if (os_hash_new(OS_SHA1, &sha1, e) == 0 && os_hash_add(sha1, buf_c(&t->data), t->data.len, e) == 0)
        (void)os_hash_end(sha1, digest, e);
    os_hash_free(sha1);
    if (e->code != 0)
        return -e->code;
    text_hex(&hex, digest, sizeof(digest));
    return str_eq(buf_str(&hex), (struct str){name.p + name.len - 44, 40})
               ? 0
               : err_set(e, ERR_FORMAT, "a certificate under another's name");
}

static int keep_item(struct taking *t, struct err *e)
{
    struct manifest_item *item = &t->items[t->n_items];
    struct bytes json = {(const uint8_t *)buf_c(&t->data), t->data.len};

    if (t->n_items == ITEMS)
        return err_set(e, ERR_LIMIT, "more items than a user has");
    if (manifest_item_read(json, &t->arena, item, e) != 0)
        return -e->code;
    if (!str_eq(item->user, t->sid) ||
        (item->kind != KIND_REG_CLIENT && (item->kind != KIND_CERT_STORE || !is_user_store(item->store))))
        return err_set(e, ERR_FORMAT, "an item that is not that user's");
    t->n_items++;
    return 0;
}

/* Everything is looked at before anything is written, so that what is begun is also ended. */
static int check_entry(struct taking *t, struct err *e)
{
    enum place place = place_of(t);

    t->unpacked += t->entry.size;
    if (t->unpacked > UNPACKED_BYTES || ++t->n_entries > ENTRIES)
        return err_set(e, ERR_LIMIT, "larger than a user's own part");
    if (place == PLACE_NONE)
        return err_set(e, ERR_FORMAT, "%s is not that user's", buf_c(&t->entry.name));
    if (load(t, e) != 0)
        return -e->code;
    t->has_registry = t->has_registry || place == PLACE_REGISTRY;
    t->has_stores = t->has_stores || place == PLACE_STORES;
    if (place == PLACE_ITEM)
        return keep_item(t, e);
    if (place == PLACE_REGISTRY)
        return check_registry(t, e);
    return place == PLACE_CERTIFICATE ? check_certificate(t, e) : 0;
}

/* What that process could not read is read again, with an administrator's rights. */
static void choose_kinds(struct taking *t)
{
    bool store = false, all_stores = true, registry = false;

    for (size_t i = 0; i < t->n_items; i++) {
        enum outcome o = t->items[i].outcome;
        bool is_known = o == OUTCOME_OK || o == OUTCOME_ABSENT || o == OUTCOME_EXCLUDED;
        if (t->items[i].kind == KIND_REG_CLIENT) {
            registry = o == OUTCOME_OK;
        } else {
            store = true;
            all_stores = all_stores && is_known;
        }
    }
    if (registry && t->has_registry)
        t->c->handed |= 1u << KIND_REG_CLIENT;
    if (store && all_stores && t->has_stores)
        t->c->handed |= 1u << KIND_CERT_STORE;
}

static int check_all(struct taking *t, struct err *e)
{
    int64_t at = 0;
    int n;

    t->in = (struct zip_input){&t->zip, (int64_t)t->zip.len, read_zip};
    while ((n = zip_reader_next(&t->in, &at, &t->entry, e)) > 0)
        if (check_entry(t, e) != 0)
            return -e->code;
    if (n == 0 && t->n_entries == 0)
        return err_set(e, ERR_FORMAT, "there is nothing in it");
    if (n == 0)
        choose_kinds(t);
    return n;
}

/* --- into the bundle --- */

static struct bundle_end end_of(const struct manifest_item *item)
{
    bool cut_head = str_eq(item->cut, STR("head"));

    return (struct bundle_end){.outcome = item->outcome,
                               .reason = item->reason.p,
                               .os_code = item->os_code,
                               .cut = item->cut.len == 0 ? NULL
                                      : cut_head         ? "head"
                                                         : "tail"};
}

static struct manifest_item head_of(const struct taking *t, enum kind kind, struct str source)
{
    return (struct manifest_item){.kind = kind,
                                  .source = source,
                                  .user = t->sid,
                                  .gathered = STR("before-elevation"),
                                  .original = -1,
                                  .modified_ms = TIME_NONE};
}

static int take_registry(struct taking *t, struct err *e)
{
    CLEANUP(buf_done) struct buf source = BUF_INIT(1024);
    struct bundle_end end = BUNDLE_OK;

    t->has_registry = false; /* a second one is nobody's evidence */
    buf_printf(&source, "HKU\\%.*s", (int)t->sid.len, t->sid.p);
    struct manifest_item head = head_of(t, KIND_REG_CLIENT, buf_str(&source));
    head.entry = buf_str(&t->entry.name);
    if (bundle_item_begin(t->c->bundle, &head, e) != 0 ||
        bundle_write(t->c->bundle, buf_c(&t->data), t->data.len, e) != 0)
        return -e->code;
    return bundle_item_end(t->c->bundle, &end, e);
}

static int take_stores(struct taking *t, struct err *e)
{
    struct str entry = buf_str(&t->entry.name);

    t->has_stores = false;
    if (bundle_entry(t->c->bundle, entry, buf_c(&t->data), t->data.len, t->sha256, e) != 0)
        return -e->code;
    for (size_t i = 0; i < t->n_items; i++) {
        CLEANUP(buf_done) struct buf source = BUF_INIT(1024);
        struct bundle_end end = end_of(&t->items[i]);
        if (t->items[i].kind != KIND_CERT_STORE)
            continue;
        buf_printf(&source, "CurrentUser\\%.*s\\%.*s", (int)t->sid.len, t->sid.p, (int)t->items[i].store.len,
                   t->items[i].store.p);
        struct manifest_item head = head_of(t, KIND_CERT_STORE, buf_str(&source));
        head.location = STR("CurrentUser");
        head.store = t->items[i].store;
        head.entry = entry;
        head.sha256 = str_from(t->sha256);
        head.size = (int64_t)t->data.len;
        if (bundle_item_note(t->c->bundle, &head, &end, e) != 0)
            return -e->code;
    }
    return 0;
}

static int take_entry(struct taking *t, struct err *e)
{
    bool registry = (t->c->handed & 1u << KIND_REG_CLIENT) != 0,
         stores = (t->c->handed & 1u << KIND_CERT_STORE) != 0;
    enum place place = place_of(t);
    int r = load(t, e);

    if (r == 0 && place == PLACE_REGISTRY && registry && t->has_registry)
        return take_registry(t, e);
    if (r == 0 && place == PLACE_STORES && stores && t->has_stores)
        return take_stores(t, e);
    if (r == 0 && place == PLACE_CERTIFICATE && stores)
        r = bundle_entry(t->c->bundle, buf_str(&t->entry.name), buf_c(&t->data), t->data.len, NULL, e);
    return r == -ERR_CONFLICT ? 0 : r;
}

static int take_all(struct taking *t, struct err *e)
{
    int64_t at = 0;
    int n;

    while ((n = zip_reader_next(&t->in, &at, &t->entry, e)) > 0)
        if (take_entry(t, e) != 0)
            return -e->code;
    return n;
}

int handed_take(struct collection *c, struct err *e)
{
    CLEANUP(taking_done)
    struct taking t = {.c = c,
                       .sid = str_from(c->options->started_by),
                       .zip = BUF_INIT(HANDED_BYTES),
                       .entry = {.name = BUF_INIT(LIMIT_ENTRY_NAME_BYTES)},
                       .arena = ARENA_INIT(LIMIT_MANIFEST_BYTES),
                       .data = BUF_INIT(UNPACKED_BYTES)};
    struct err why = {0};

    if (c->options->handed == NULL)
        return 0;
    c->console.why =
        "settings and certificates of the user who began, gathered before an administrator went on";
    if (os_handed(c->options->handed, t.sid, HANDED_BYTES, &t.zip, &why) != 0 || check_all(&t, &why) != 0) {
        console_warn(&c->console, "what %s gathered before is not taken: %s", c->options->started_by,
                     why.text);
        return 0;
    }
    return take_all(&t, e);
}
