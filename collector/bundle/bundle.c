/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "text.h"

/* Kept free for each item's own entry and the manifest when items come to the limit of entries. */
enum { SPARE_ENTRIES = 16 };

struct bundle {
    struct zip_writer *zip;
    struct bundle_hash hash;
    struct arena arena; /* texts of the items */
    struct manifest_item *items;
    size_t n_items, room;
    size_t counts[OUTCOME_COUNT];
    bundle_note_fn note;
    void *note_ctx;
    struct buf json;
};

int bundle_new(const struct zip_sink *sink, const struct bundle_hash *hash, int64_t time_ms,
               bundle_note_fn note, void *note_ctx, struct bundle **ret, struct err *e)
{
    struct bundle *b = calloc(1, sizeof(*b));

    if (b == NULL)
        return err_set(e, ERR_NOMEM, "bundle: out of memory");
    b->hash = *hash;
    b->arena = ARENA_INIT(LIMIT_COLLECT_MODEL_BYTES);
    b->note = note;
    b->note_ctx = note_ctx;
    b->json = BUF_INIT(LIMIT_MANIFEST_BYTES);
    if (zip_writer_new(sink, time_ms, &b->zip, e) != 0) {
        bundle_free(b);
        return -e->code;
    }
    *ret = b;
    return 0;
}

void bundle_free(struct bundle *b)
{
    if (b == NULL)
        return;
    zip_writer_free(b->zip);
    buf_done(&b->json);
    arena_done(&b->arena);
    free(b->items);
    free(b);
}

/* --- entries --- */

int bundle_write(struct bundle *b, const void *data, size_t len, struct err *e)
{
    if (b->hash.add(b->hash.ctx, data, len, e) != 0)
        return -e->code;
    return zip_writer_add(b->zip, data, len, e);
}

int bundle_entry_begin(struct bundle *b, struct str name, struct err *e)
{
    return zip_writer_begin(b->zip, name, e);
}

int bundle_entry_end(struct bundle *b, char ret_sha256[65], struct err *e)
{
    uint8_t digest[32];

    if (b->hash.end(b->hash.ctx, digest, e) != 0 || zip_writer_end(b->zip, e) != 0)
        return -e->code;
    for (size_t i = 0; ret_sha256 != NULL && i < sizeof(digest); i++)
        (void)snprintf(ret_sha256 + 2 * i, 3, "%02x", digest[i]);
    return 0;
}

int bundle_entry(struct bundle *b, struct str name, const void *data, size_t len, char ret_sha256[65],
                 struct err *e)
{
    if (bundle_entry_begin(b, name, e) != 0 || bundle_write(b, data, len, e) != 0)
        return -e->code;
    return bundle_entry_end(b, ret_sha256, e);
}

/* --- items --- */

static struct str keep(struct bundle *b, struct str s)
{
    return s.len == 0 ? s : arena_keep(&b->arena, s);
}

/* A place for one more item, with head's texts copied. */
static struct manifest_item *new_item(struct bundle *b, const struct manifest_item *head)
{
    if (b->n_items == b->room) {
        size_t room = b->room == 0 ? 256 : 2 * b->room;
        struct manifest_item *items = realloc(b->items, room * sizeof(*items));
        if (items == NULL)
            return NULL;
        b->items = items;
        b->room = room;
    }
    struct manifest_item *item = &b->items[b->n_items];
    *item = *head;
    item->id = (uint32_t)b->n_items + 1;
    item->source = keep(b, head->source);
    item->entry = keep(b, head->entry);
    item->site = keep(b, head->site);
    item->path = keep(b, head->path);
    item->location = keep(b, head->location);
    item->store = keep(b, head->store);
    item->user = keep(b, head->user);
    item->sha256 = keep(b, head->sha256);
    b->n_items++;
    return item;
}

static bool is_log(enum kind k)
{
    return k == KIND_LOG_IIS || k == KIND_LOG_HTTPERR || k == KIND_LOG_FREB || k == KIND_LOG_EVENT;
}

static int write_item_json(struct bundle *b, const struct manifest_item *item, struct err *e)
{
    char name[32];

    buf_clear(&b->json);
    if (manifest_item_write(item, &b->json, e) != 0)
        return -e->code;
    (void)snprintf(name, sizeof(name), "items/%06u.json", (unsigned)item->id);
    if (zip_writer_entries(b->zip) + SPARE_ENTRIES > (size_t)LIMIT_ENTRIES)
        return 0; /* the manifest says it as well */
    return bundle_entry(b, str_from(name), b->json.p, b->json.len, NULL, e);
}

static int end_item(struct bundle *b, struct manifest_item *item, const struct bundle_end *end, struct err *e)
{
    CLEANUP(buf_done) struct buf reason = BUF_INIT(ERR_TEXT_BYTES * 3);

    text_add_utf8_lossy(&reason, str_from(end->reason));
    item->outcome = end->outcome;
    item->reason = keep(b, buf_str(&reason));
    item->os_code = end->os_code;
    item->cut = str_from(end->cut == NULL ? "" : end->cut);
    b->counts[end->outcome]++;
    if (write_item_json(b, item, e) != 0)
        return -e->code;
    if (b->note != NULL)
        b->note(b->note_ctx, item);
    return 0;
}

int bundle_item_begin(struct bundle *b, const struct manifest_item *head, struct err *e)
{
    if (zip_writer_entries(b->zip) + SPARE_ENTRIES >= (size_t)LIMIT_ENTRIES)
        return err_set(e, ERR_LIMIT, "bundle: more than %lld entries", (long long)LIMIT_ENTRIES);
    if (zip_writer_begin(b->zip, head->entry, e) != 0)
        return -e->code;
    return new_item(b, head) == NULL ? err_set(e, ERR_NOMEM, "bundle: out of memory") : 0;
}

int bundle_item_end(struct bundle *b, const struct bundle_end *end, struct err *e)
{
    struct manifest_item *item = &b->items[b->n_items - 1];
    char sha256[65];

    item->size = zip_writer_entry_size(b->zip);
    if (bundle_entry_end(b, sha256, e) != 0)
        return -e->code;
    if (!is_log(item->kind))
        item->sha256 = keep(b, str_from(sha256));
    return end_item(b, item, end, e);
}

int bundle_item_note(struct bundle *b, const struct manifest_item *head, const struct bundle_end *end,
                     struct err *e)
{
    struct manifest_item *item = new_item(b, head);

    if (item == NULL)
        return err_set(e, ERR_NOMEM, "bundle: out of memory");
    return end_item(b, item, end, e);
}

int bundle_finish(struct bundle *b, struct manifest *m, struct err *e)
{
    m->items = b->items;
    m->n_items = b->n_items;
    buf_clear(&b->json);
    if (manifest_write(m, &b->json, e) != 0 ||
        bundle_entry(b, STR("manifest.json"), b->json.p, b->json.len, NULL, e) != 0)
        return -e->code;
    return zip_writer_finish(b->zip, e);
}

size_t bundle_count(const struct bundle *b, enum outcome outcome)
{
    return b->counts[outcome];
}

int64_t bundle_size(const struct bundle *b)
{
    return zip_writer_size(b->zip);
}

size_t bundle_entries(const struct bundle *b)
{
    return zip_writer_entries(b->zip);
}
