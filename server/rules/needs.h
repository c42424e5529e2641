/* SPDX-License-Identifier: Apache-2.0
 *
 * needs: was the evidence that a rule needs collected? From the table `item`: what is there decides, what is
 * missing is named. */
#ifndef CERTTRIAGE_NEEDS_H
#define CERTTRIAGE_NEEDS_H

#include "rule.h"

#include <jansson.h>
#include <sqlite3.h>

/* What is known of one rule's evidence on one machine. The arrays hold texts, one a gap, sorted as the items
 * are; other rules with the same needs have the same arrays. */
struct needs_state {
    json_t *blocking; /* nothing can be concluded: [] when nothing blocks */
    json_t *partial;  /* what was seen stands, "not seen" proves nothing */
    json_t *paths;    /* web.config files that were not read: [{path, item}] */
};

struct needs_reader {
    sqlite3_stmt *items;    /* ?1 machine, ?2 kind, ?3 store or NULL */
    sqlite3_stmt *machines; /* ?1 1: servers, 0: clients */
    json_t *known[2];    /* what one need found, whole ones in [1], machine to its text to state: many rules
                            have the same */
    json_t *whole_kinds; /* machine to the kinds of which nothing is missing */
    json_t *wholes[2];   /* by role: the same of all needs of a rule, machine to needs_text to state */
    json_t *by_role[2];  /* labels */
};

/* -ERR_FORMAT, -ERR_NOMEM. */
int needs_open(struct statements *statements, struct needs_reader *ret, struct err *e);
void needs_close(struct needs_reader *n);
/* machine NULL: no machine of the rule's role is in the case; then only needs of the other role are looked
 * at. */
int needs_read(struct needs_reader *n, const struct rule *rule, const char *machine, struct needs_state *ret,
               struct err *e);
void needs_state_done(struct needs_state *s);
/* The machines of a role, as an array of labels, sorted (new reference). */
json_t *needs_machines(struct needs_reader *n, enum rule_role role);

#endif
