/* SPDX-License-Identifier: Apache-2.0
 *
 * redaction: what redact_bundle.c (the whole), redact_names.c (the names in it) and redact_entry.c (one
 * entry) share; each uses those behind it alone. */
#ifndef CERTTRIAGE_REDACTION_H
#define CERTTRIAGE_REDACTION_H

#include "pseudonym.h"
#include "rewrite.h"

enum how {
    HOW_LEFT_OUT,
    HOW_SAME,
    HOW_CONFIG,
    HOW_PART,
    HOW_FREB,
    HOW_EVENTS,
    HOW_LOG,
    HOW_REG,
    HOW_NETSH,
    HOW_CERTIFICATE
};

/* A configSource: what the file beside the one that names it belongs to. */
struct part {
    struct str folder; /* in the bundle, with '/' */
    struct str name, groups;
    struct part *next;
};

enum pass { PASS_WRITE, PASS_KEPT, PASS_NAMES };

struct redaction {
    struct rewrite r;
    struct manifest_item *items;
    size_t n_items;
    uint32_t last_id;
    struct part *parts;
    struct os_hash *sha256;
    struct buf log; /* what was left out that no item tells of */
    int64_t size;   /* of the entry that is written */
    size_t n_left_out;
    struct err why; /* an entry cannot be redacted; code 0: it can */
    /* pseudonyms: the bundle is gone through for what stays, for what goes, then written */
    const char *map;          /* the file that says which stands for which; NULL: names stay */
    struct pseudonyms *names; /* NULL: names stay */
    enum pass pass;
    uint64_t log_columns;
};

/* redact_entry.c: one entry, and what is written of it. */
enum how redaction_how(struct str name);
/* What becomes of d->r.entry; -ERR_CONFLICT: there was one of that name. */
int redaction_copy(struct redaction *d, struct err *e);
/* A text, or the record of an item, with its names replaced. */
int redaction_text(struct redaction *d, const char *name, const struct buf *text, struct err *e);
int redaction_item(struct redaction *d, const struct manifest_item *item, struct err *e);

/* redact_names.c, with the help of redact_entry.c: all names that the bundle holds, and those of the file
 * d->map, into d->names; that file. */
int redaction_learn(struct redaction *d, struct err *e);
int redaction_map(const struct redaction *d, struct err *e);

#endif
