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
    struct bundle_options options;
    struct zip_writer *zip; /* NULL: a preview */
    struct arena arena;     /* texts of the items */
    struct manifest_item *items;
    size_t n_items, room;
    size_t counts[OUTCOME_COUNT];
    struct buf json;
    bool entry_open, item_open, no_hash;
    bool swallow; /* nothing of the open entry is written (any more), because: */
    struct bundle_end swallow_end;
    int64_t entry_size; /* of the open entry, written or not */
};

static const struct bundle_end over_limit = {OUTCOME_TRUNCATED, "the limit for the bundle is reached", 0,
                                             "tail"};

int bundle_new(const struct bundle_options *options, struct bundle **ret, struct err *e)
{
    struct bundle *b = calloc(1, sizeof(*b));

    if (b == NULL)
        return err_set(e, ERR_NOMEM, "bundle: out of memory");
    b->options = *options;
    if (options->max_bytes <= 0)
        b->options.max_bytes = LIMIT_COLLECT_ZIP_BYTES;
    b->arena = ARENA_INIT(LIMIT_COLLECT_MODEL_BYTES);
    b->json = BUF_INIT(LIMIT_MANIFEST_BYTES);
    if (options->sink.write != NULL && zip_writer_new(&options->sink, options->time_ms, &b->zip, e) != 0) {
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

static void enter(struct bundle *b)
{
    if (b->options.gate.enter != NULL)
        b->options.gate.enter(b->options.gate.ctx);
}

static void leave(struct bundle *b, bool finished)
{
    if (b->options.gate.enter != NULL)
        b->options.gate.leave(b->options.gate.ctx, finished);
}

/* --- entries: what stands behind the gate ends in _here --- */

static int begin_here(struct bundle *b, struct str name, struct err *e)
{
    b->entry_size = 0;
    b->swallow = false;
    if (b->zip != NULL && zip_writer_begin(b->zip, name, e) != 0)
        return -e->code;
    b->entry_open = true;
    return 0;
}

/* Room is kept for the manifest and the directory, which grow with the items. */
static bool is_full(const struct bundle *b)
{
    enum { FOR_ONE_ITEM = 1024, FOR_THE_END = 65536 };

    return b->zip != NULL &&
           zip_writer_size(b->zip) + FOR_THE_END + (int64_t)b->n_items * FOR_ONE_ITEM > b->options.max_bytes;
}

static int write_here(struct bundle *b, const void *data, size_t len, struct err *e)
{
    b->entry_size += (int64_t)len;
    if (b->item_open && !b->swallow && is_full(b)) {
        b->swallow = true;
        b->swallow_end = over_limit;
    }
    if (b->swallow || b->zip == NULL)
        return 0;
    if (!b->no_hash && b->options.hash.add(b->options.hash.ctx, data, len, e) != 0)
        return -e->code;
    return zip_writer_add(b->zip, data, len, e);
}

static int end_here(struct bundle *b, char ret_sha256[65], struct err *e)
{
    uint8_t digest[32] = {0};

    b->entry_open = false;
    if (ret_sha256 != NULL)
        ret_sha256[0] = 0;
    if (b->zip == NULL)
        return 0;
    if (!b->no_hash && b->options.hash.end(b->options.hash.ctx, digest, e) != 0)
        return -e->code;
    if (zip_writer_end(b->zip, e) != 0)
        return -e->code;
    for (size_t i = 0; ret_sha256 != NULL && !b->no_hash && i < sizeof(digest); i++)
        (void)snprintf(ret_sha256 + 2 * i, 3, "%02x", digest[i]);
    return 0;
}

static int entry_here(struct bundle *b, struct str name, const void *data, size_t len, char ret_sha256[65],
                      struct err *e)
{
    if (begin_here(b, name, e) != 0 || write_here(b, data, len, e) != 0)
        return -e->code;
    return end_here(b, ret_sha256, e);
}

int bundle_entry_begin(struct bundle *b, struct str name, struct err *e)
{
    enter(b);
    int r = begin_here(b, name, e);
    leave(b, false);
    return r;
}

int bundle_write(struct bundle *b, const void *data, size_t len, struct err *e)
{
    enter(b);
    int r = write_here(b, data, len, e);
    leave(b, false);
    return r;
}

int bundle_entry_end(struct bundle *b, char ret_sha256[65], struct err *e)
{
    enter(b);
    int r = end_here(b, ret_sha256, e);
    leave(b, true);
    return r;
}

int bundle_entry(struct bundle *b, struct str name, const void *data, size_t len, char ret_sha256[65],
                 struct err *e)
{
    enter(b);
    int r = entry_here(b, name, data, len, ret_sha256, e);
    leave(b, true);
    return r;
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
    item->gathered = keep(b, head->gathered);
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

    if (b->zip == NULL || zip_writer_entries(b->zip) + SPARE_ENTRIES > (size_t)LIMIT_ENTRIES)
        return 0; /* the manifest says it as well */
    buf_clear(&b->json);
    if (manifest_item_write(item, &b->json, e) != 0)
        return -e->code;
    (void)snprintf(name, sizeof(name), "items/%06u.json", (unsigned)item->id);
    return entry_here(b, str_from(name), b->json.p, b->json.len, NULL, e);
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
    if (b->options.note != NULL)
        b->options.note(b->options.ctx, item);
    return 0;
}

static const char *why_not(const struct bundle *b, const struct manifest_item *head)
{
    return b->options.why_not == NULL ? NULL : b->options.why_not(b->options.ctx, head);
}

const char *bundle_excludes(struct bundle *b, const struct manifest_item *head)
{
    return why_not(b, head);
}

bool bundle_is_preview(const struct bundle *b)
{
    return b->zip == NULL;
}

static int item_begin_here(struct bundle *b, const struct manifest_item *head, struct err *e)
{
    const char *excluded = why_not(b, head);
    bool full = is_full(b);

    b->entry_size = 0;
    b->swallow = excluded != NULL || full;
    b->swallow_end = excluded != NULL ? (struct bundle_end){OUTCOME_EXCLUDED, excluded, 0, NULL} : over_limit;
    if (b->zip != NULL && zip_writer_entries(b->zip) + SPARE_ENTRIES >= (size_t)LIMIT_ENTRIES)
        return err_set(e, ERR_LIMIT, "bundle: more than %lld entries", (long long)LIMIT_ENTRIES);
    if (!b->swallow && begin_here(b, head->entry, e) != 0)
        return -e->code;
    struct manifest_item *item = new_item(b, head);
    if (item == NULL)
        return err_set(e, ERR_NOMEM, "bundle: out of memory");
    if (b->swallow)
        item->entry = (struct str){NULL, 0};
    b->item_open = true;
    return 0;
}

int bundle_item_begin(struct bundle *b, const struct manifest_item *head, struct err *e)
{
    enter(b);
    int r = item_begin_here(b, head, e);
    leave(b, false);
    return r;
}

static int item_end_here(struct bundle *b, const struct bundle_end *end, struct err *e)
{
    struct manifest_item *item = &b->items[b->n_items - 1];
    bool written = b->entry_open, swallowed = b->swallow;
    char sha256[65] = "";

    item->size = b->zip == NULL ? b->entry_size : written ? zip_writer_entry_size(b->zip) : 0;
    b->item_open = b->swallow = false;
    if (written && end_here(b, sha256, e) != 0)
        return -e->code;
    if (written && !is_log(item->kind))
        item->sha256 = keep(b, str_from(sha256));
    if (swallowed && !written)
        item->size = 0;
    return end_item(b, item, swallowed ? &b->swallow_end : end, e);
}

int bundle_item_end(struct bundle *b, const struct bundle_end *end, struct err *e)
{
    enter(b);
    int r = item_end_here(b, end, e);
    leave(b, true);
    return r;
}

static int item_note_here(struct bundle *b, const struct manifest_item *head, const struct bundle_end *end,
                          struct err *e)
{
    const char *excluded = why_not(b, head);
    struct bundle_end left = {OUTCOME_EXCLUDED, excluded, 0, NULL};
    struct manifest_item *item = new_item(b, head);

    if (item == NULL)
        return err_set(e, ERR_NOMEM, "bundle: out of memory");
    if (excluded != NULL) {
        item->entry = item->sha256 = (struct str){NULL, 0};
        item->size = 0;
    }
    return end_item(b, item, excluded != NULL ? &left : end, e);
}

int bundle_item_note(struct bundle *b, const struct manifest_item *head, const struct bundle_end *end,
                     struct err *e)
{
    enter(b);
    int r = item_note_here(b, head, end, e);
    leave(b, true);
    return r;
}

/* --- the end --- */

bool bundle_take_over(struct bundle *b, const struct bundle_end *end, struct err *e)
{
    bool item = b->item_open;

    b->no_hash = true;
    if (item)
        (void)item_end_here(b, end, e);
    else if (b->entry_open)
        (void)end_here(b, NULL, e);
    return item;
}

int bundle_finish(struct bundle *b, struct manifest *m, struct err *e)
{
    m->items = b->items;
    m->n_items = b->n_items;
    if (b->zip == NULL)
        return 0;
    buf_clear(&b->json);
    if (manifest_write(m, &b->json, e) != 0 ||
        entry_here(b, STR("manifest.json"), b->json.p, b->json.len, NULL, e) != 0)
        return -e->code;
    return zip_writer_finish(b->zip, e);
}

size_t bundle_count(const struct bundle *b, enum outcome outcome)
{
    return b->counts[outcome];
}

int64_t bundle_size(const struct bundle *b)
{
    return b->zip == NULL ? 0 : zip_writer_size(b->zip);
}

struct bytes bundle_sums(const struct bundle *b)
{
    return b->zip == NULL ? (struct bytes){NULL, 0} : zip_writer_sums(b->zip);
}
