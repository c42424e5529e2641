/* SPDX-License-Identifier: Apache-2.0
 *
 * extract_bundle: what the files extract_bundle*.c share. */
#ifndef CERTTRIAGE_EXTRACT_BUNDLE_H
#define CERTTRIAGE_EXTRACT_BUNDLE_H

#include "extract.h"

/* The bundle while extract_bundle reads it. Problems are kept until the row of `machine` is written, which is
 * first. */
struct bundle_reading {
    struct extract_state *x;
    struct bundle_view *view;
    struct entry **by_name;             /* sorted without regard to case */
    const struct manifest_item **items; /* of the manifest, or of items/NNNNNN.json */
    size_t n_items;
    struct bundle_problem *problems;
    size_t n_problems, room_problems;
};

/* NULL: no such entry. */
struct entry *bundle_find(const struct bundle_reading *b, struct str name);
void bundle_problem_add(struct bundle_reading *b, struct str entry, const char *text);

/* Reads manifest.json or items/NNNNNN.json into b->items and view->manifest. */
int bundle_read_items(struct bundle_reading *b, struct err *e);
/* Reads every entry but logs once: broken ones, and those whose SHA-256 is not the manifest's, become lost.
 */
int bundle_check_entries(struct bundle_reading *b, struct err *e);
/* The rows: machine, complaint, item, bundle_problem. */
void bundle_write_rows(struct bundle_reading *b);

#endif
