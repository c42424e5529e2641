/* SPDX-License-Identifier: Apache-2.0
 *
 * needs: was the evidence that a rule needs collected? From the table `item`: what is there decides, what is
 * missing is named. */
#ifndef CERTTRIAGE_NEEDS_H
#define CERTTRIAGE_NEEDS_H

#include "rule.h"

#include <jansson.h>
#include <sqlite3.h>

/* What is known of evidence on one machine. The lists hold texts, one a gap, sorted as the items are; NULL:
 * nothing is in it. */
struct needs_state {
    json_t *blocking; /* nothing can be concluded */
    json_t *partial;  /* what was seen stands, "not seen" proves nothing */
    json_t *paths;    /* web.config files that were not read: [{path, item}] */
    bool is_read;
};

struct needs_reader {
    const struct ruleset *set;
    sqlite3_stmt *items;           /* ?1 machine, ?2 kind, ?3 store or NULL */
    json_t *machines[2];           /* by role: labels, sorted */
    json_t *whole_kinds;           /* machine to the kinds of which nothing is missing */
    struct needs_state *known[2];  /* by role of the machine: what one need found, by machine, then its id */
    struct needs_state *wholes[2]; /* the same of all needs of a rule, by machine, then needs_id */
    bool failed;                   /* out of memory */
};

/* -ERR_FORMAT, -ERR_NOMEM; needs_close is due all the same. */
int needs_open(const struct ruleset *set, struct statements *statements, struct arena *arena,
               struct needs_reader *ret, struct err *e);
void needs_close(struct needs_reader *n);
/* machine: the place in machines[rule->role]. What is returned is the reader's; NULL: -ERR_NOMEM. */
const struct needs_state *needs_read(struct needs_reader *n, const struct rule *rule, size_t machine,
                                     struct err *e);

#endif
