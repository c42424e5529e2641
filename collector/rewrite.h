/* SPDX-License-Identifier: Apache-2.0
 *
 * rewrite: a bundle read by its local headers and written anew, for `repair` and `redact`. */
#ifndef CERTTRIAGE_REWRITE_H
#define CERTTRIAGE_REWRITE_H

#include "bundle.h"
#include "os.h"
#include "zip_reader.h"

struct rewrite {
    struct zip_input input;
    struct zip_writer *zip;
    struct zip_found entry; /* that is looked at */
    struct arena arena;
    struct buf json;
    struct manifest manifest;  /* of start.json, or whole */
    bool is_started, is_whole; /* there was one; with all items */
    struct manifest_item *items;
    size_t n_items, n_entries;
    int64_t sound_end; /* behind the last sound entry */
    struct os_in *in;
    struct os_out *out;
};

#define REWRITE_INIT                                                                                         \
    {                                                                                                        \
        .arena = ARENA_INIT(4 * LIMIT_COLLECT_MODEL_BYTES), .json = BUF_INIT(LIMIT_MANIFEST_BYTES),          \
        .entry = {.name = BUF_INIT(LIMIT_ENTRY_NAME_BYTES)}, .manifest = {                                   \
            .machine = {.collected_ms = TIME_NONE, .booted_ms = TIME_NONE},                                  \
            .redacted = true                                                                                 \
        }                                                                                                    \
    }

/* Looks for what is sound in the bundle `path`: the number of entries, the manifest, the items. -ERR_FORMAT:
 * nothing is. All errors name the file. */
int rewrite_open(struct rewrite *r, const char *path, struct err *e);
void rewrite_done(struct rewrite *r);

/* Creates `path`, which must not be there yet, and has `write` fill r->zip; then ends it and reads it again.
 */
int rewrite_write(struct rewrite *r, const char *path,
                  int (*write)(struct rewrite *r, void *ctx, struct err *e), void *ctx, struct err *e);
/* The next sound entry, from *at = 0 on, becomes r->entry. 1, 0 at the end, negative -ERR_IO. */
int rewrite_next(struct rewrite *r, int64_t *at, struct err *e);
/* An entry of a text. */
int rewrite_text(struct rewrite *r, struct str name, struct str text, struct err *e);

#endif
