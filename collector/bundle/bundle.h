/* SPDX-License-Identifier: Apache-2.0
 *
 * bundle: writes a bundle (schema/bundle.md) item by item: the entry, right behind it items/NNNNNN.json with
 * its outcome, the manifest last. Knows nothing of machines, files or redaction. Any failure of a function
 * here is a failure of the bundle itself (disk full): the run ends. What could not be read of the machine is
 * no failure but an outcome. */
#ifndef CERTTRIAGE_BUNDLE_H
#define CERTTRIAGE_BUNDLE_H

#include "manifest.h"
#include "zip_writer.h"

/* SHA-256 in pieces, by whoever can. */
struct bundle_hash {
    void *ctx;
    int (*add)(void *ctx, const void *data, size_t len, struct err *e);
    int (*end)(void *ctx, uint8_t ret[32], struct err *e); /* and starts anew */
};

/* Told of each item as soon as it is written. */
typedef void (*bundle_note_fn)(void *ctx, const struct manifest_item *item);
/* Why an item is not wanted (one line, static), NULL when it is. */
typedef const char *(*bundle_why_not_fn)(void *ctx, const struct manifest_item *head);

/* Who may touch the bundle: each function below that changes it stands between enter and leave. enter does
 * not come back for a thread that was given up. */
struct bundle_gate {
    void *ctx;
    void (*enter)(void *ctx);
    void (*leave)(void *ctx, bool finished); /* finished: an item or an entry was */
};

struct bundle_options {
    struct zip_sink sink; /* write NULL: a preview, in which nothing is written and all else is the same */
    struct bundle_hash hash;
    int64_t time_ms;   /* of all entries */
    int64_t max_bytes; /* of the zip; what comes later is cut. 0: LIMIT_COLLECT_ZIP_BYTES */
    bundle_note_fn note;
    bundle_why_not_fn why_not; /* NULL: all is wanted */
    void *ctx;                 /* of note and why_not */
    struct bundle_gate gate;   /* enter NULL: one thread */
};

struct bundle;
/* The structure is copied, what it points to must live as long as the bundle. */
int bundle_new(const struct bundle_options *options, struct bundle **ret, struct err *e);
void bundle_free(struct bundle *b); /* NULL is welcome; writes nothing */

/* How it ended. */
struct bundle_end {
    enum outcome outcome;
    const char *reason; /* NULL: none */
    uint32_t os_code;
    const char *cut; /* NULL, "head", "tail" */
};
#define BUNDLE_OK ((struct bundle_end){.outcome = OUTCOME_OK})

/* An item with an entry of its own. `head` gives kind, source, entry, original, modified_ms, site, path,
 * location, store, user; the rest is filled in. Its texts are copied. One at a time. */
int bundle_item_begin(struct bundle *b, const struct manifest_item *head, struct err *e);
int bundle_write(struct bundle *b, const void *data, size_t len, struct err *e);
int bundle_item_end(struct bundle *b, const struct bundle_end *end, struct err *e);

/* Why this item would be left out, NULL when it would not: asked before time is spent on reading. An excluded
 * item that is begun all the same takes writes, and keeps nothing of them. */
const char *bundle_excludes(struct bundle *b, const struct manifest_item *head);
bool bundle_is_preview(const struct bundle *b);

/* An item of which nothing is written, or whose head->entry was written by bundle_entry (head->sha256 and
 * head->size are then the caller's). */
int bundle_item_note(struct bundle *b, const struct manifest_item *head, const struct bundle_end *end,
                     struct err *e);

/* An entry that no item is about alone: a certificate. ret_sha256 (64 hex digits and NUL) may be NULL.
 * -ERR_CONFLICT when the name is there already. */
int bundle_entry(struct bundle *b, struct str name, const void *data, size_t len, char ret_sha256[65],
                 struct err *e);
/* The same in pieces: begin, bundle_write …, end. */
int bundle_entry_begin(struct bundle *b, struct str name, struct err *e);
int bundle_entry_end(struct bundle *b, char ret_sha256[65], struct err *e);

/* For who took over from a thread that was given up: ends the entry and the item that stand open, if any, as
 * `end` says, and hashes no more (hashing needs memory of the system, which a stuck thread may hold). Not
 * through the gate. Returns whether an item stood open. */
bool bundle_take_over(struct bundle *b, const struct bundle_end *end, struct err *e);

/* manifest.json (m->items are filled in here) and the central directory. */
int bundle_finish(struct bundle *b, struct manifest *m, struct err *e);

size_t bundle_count(const struct bundle *b, enum outcome outcome); /* items */
int64_t bundle_size(const struct bundle *b);                       /* bytes of the zip so far */
/* What libzip, by another hand, says of a finished file: strictly consistent, entries as many as were
 * written, small ones inflated, of large ones (logs) the compressed bytes. sums: of zip_writer.h. */
int bundle_verify(const char *path, struct bytes sums, struct err *e);
struct bytes bundle_sums(const struct bundle *b); /* the bundle's */

#endif
