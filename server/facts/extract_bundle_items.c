/* SPDX-License-Identifier: Apache-2.0
 *
 * The items of a bundle: from its manifest; from items/NNNNNN.json when the collector was stopped before it
 * wrote the manifest; none in a bundle made by hand. */
#include "extract_bundle.h"

#include <openssl/evp.h>
#include <string.h>

#include "limits.h"

/* Manifest and items are read by libraries that allocate for themselves; what is kept is in the arena. */
static int read_manifest(struct bundle_reading *b, struct entry *entry, struct err *e)
{
    struct manifest *m = arena_alloc(b->x->arena, sizeof *m);
    struct bytes json;
    int r;

    if (!m)
        return err_set(e, ERR_NOMEM, "out of memory");
    if ((r = b->view->read(b->view->ctx, entry, b->x->arena, &json, e)) ||
        (r = manifest_read(json, b->x->arena, m, e)))
        return r;
    b->items = arena_array(b->x->arena, m->n_items, sizeof *b->items);
    if (!b->items)
        return err_set(e, ERR_NOMEM, "out of memory");
    for (; b->n_items < m->n_items; b->n_items++)
        b->items[b->n_items] = &m->items[b->n_items];
    b->view->manifest = m;
    return 0;
}

static int read_item(struct bundle_reading *b, struct entry *entry, struct err *e)
{
    struct manifest_item *item = arena_alloc(b->x->arena, sizeof *item);
    struct bytes json;
    int r;

    if (!item)
        return err_set(e, ERR_NOMEM, "out of memory");
    if ((r = b->view->read(b->view->ctx, entry, b->x->arena, &json, e)) ||
        (r = manifest_item_read(json, b->x->arena, item, e)))
        return r;
    b->items[b->n_items++] = item;
    return 0;
}

static int read_single_items(struct bundle_reading *b, struct err *e)
{
    b->items = arena_array(b->x->arena, b->view->n_entries, sizeof *b->items);
    if (!b->items)
        return err_set(e, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < b->view->n_entries; i++) {
        struct entry *entry = &b->view->entries[i];
        if (!str_starts(entry->name, STR("items/")))
            continue;
        int r = read_item(b, entry, e);
        if (r == -ERR_NOMEM)
            return r;
        if (r)
            bundle_problem_add(b, entry->name, e->text);
    }
    return 0;
}

/* start.json, the first entry: a manifest without items, for a run that was killed. */
static int read_start(struct bundle_reading *b, struct err *e)
{
    struct entry *entry = bundle_find(b, STR("start.json"));
    int r = entry ? read_manifest(b, entry, e) : 0;

    if (r && r != -ERR_NOMEM) {
        bundle_problem_add(b, entry->name, e->text);
        r = 0;
    }
    b->n_items = 0;
    return r;
}

int bundle_read_items(struct bundle_reading *b, struct err *e)
{
    struct entry *entry = bundle_find(b, STR("manifest.json"));
    int r = entry ? read_manifest(b, entry, e) : 0;

    if (r == -ERR_NOMEM || r == -ERR_UNSUPPORTED)
        return err_wrap(e, "manifest.json");
    if (entry && !r)
        return 0;
    if (r)
        bundle_problem_add(b, entry->name, e->text);
    if ((r = read_start(b, e)) || (r = read_single_items(b, e)))
        return r;
    if (b->n_items)
        bundle_problem_add(
            b, (struct str){NULL, 0},
            "the manifest cannot be used; outcomes are those of the single items, and what was not "
            "reached is not known");
    else
        bundle_problem_add(b, (struct str){NULL, 0},
                           "there is no manifest; what was not collected, and why, is not known");
    return 0;
}

static bool is_log(enum kind kind)
{
    return kind == KIND_LOG_IIS || kind == KIND_LOG_HTTPERR || kind == KIND_LOG_FREB ||
           kind == KIND_LOG_EVENT || kind == KIND_ATTACHMENT;
}

static int hash_piece(void *ctx, struct bytes piece)
{
    return EVP_DigestUpdate(ctx, piece.p, piece.len) ? 0 : -ERR_NOMEM;
}

static void digest_free(EVP_MD_CTX **d)
{
    EVP_MD_CTX_free(*d);
}

static int check_entry(struct bundle_reading *b, struct entry *entry, struct err *e)
{
    CLEANUP(digest_free) EVP_MD_CTX *d = EVP_MD_CTX_new();
    CLEANUP(buf_done) struct buf hex = BUF_INIT(EVP_MAX_MD_SIZE * 2);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (!d || !EVP_DigestInit_ex(d, EVP_sha256(), NULL))
        return err_set(e, ERR_NOMEM, "out of memory");
    int r = b->view->stream(b->view->ctx, entry, hash_piece, d, e);
    if (r)
        return r;
    if (!EVP_DigestFinal_ex(d, digest, &len))
        return err_set(e, ERR_NOMEM, "out of memory");
    text_hex(&hex, digest, len);
    if (entry->item && entry->item->sha256.len && !str_ieq(entry->item->sha256, buf_str(&hex)))
        return err_set(e, ERR_FORMAT, "its SHA-256 is not the one of the manifest: changed or damaged");
    return 0;
}

/* Logs are large and proven by their CRC-32 while they are scanned, once. All else is read here first, so
 * that no extractor sees a byte that the collector did not write. */
int bundle_check_entries(struct bundle_reading *b, struct err *e)
{
    for (size_t i = 0; i < b->view->n_entries; i++) {
        struct entry *entry = &b->view->entries[i];
        enum kind kind = KIND_ATTACHMENT;
        bool is_known = kind_of_entry(entry->name, &kind);
        if (entry->item)
            kind = entry->item->kind;
        bool has_hash = entry->item && entry->item->sha256.len;
        if (is_log(kind) && !has_hash && (is_known || entry->item))
            continue;
        if (str_eq(entry->name, STR("manifest.json")) || str_eq(entry->name, STR("start.json")) ||
            str_starts(entry->name, STR("items/")))
            continue;
        int r = entry->size > LIMIT_WHOLE_ENTRY_BYTES && !has_hash
                    ? err_set(e, ERR_LIMIT, "%lld bytes, at most %lld can be read", (long long)entry->size,
                              (long long)LIMIT_WHOLE_ENTRY_BYTES)
                    : check_entry(b, entry, e);
        if (r == -ERR_NOMEM)
            return r;
        entry->is_lost = r != 0;
        if (r)
            bundle_problem_add(b, entry->name, e->text);
    }
    return 0;
}
