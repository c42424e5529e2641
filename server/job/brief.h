/* SPDX-License-Identifier: Apache-2.0
 *
 * brief: of a report that was judged in the cage, as text, what the store's lists show of it. SQLite's JSON
 * functions find it where it lies; a tree of the whole report, by Jansson, takes three times as long. */
#ifndef CERTTRIAGE_BRIEF_H
#define CERTTRIAGE_BRIEF_H

#include "err.h"
#include "str.h"

#include <jansson.h>

struct brief_reader; /* for one thread */

struct brief {
    json_t *findings; /* an array with an object for each: fingerprint, rule, severity, machine, site, subject
                         and title, those that are there */
    json_t *cause;    /* the title of what the first diagnosis takes for the cause; NULL: there is none */
};

/* -ERR_NOMEM. */
int brief_reader_new(struct brief_reader **ret, struct err *e);
void brief_reader_free(struct brief_reader *); /* NULL is welcome */

/* -ERR_FORMAT: the report is not JSON (RFC 8259), not an object, or not UTF-8; -ERR_NOMEM. */
int brief_read(struct brief_reader *, struct str report, struct brief *ret, struct err *e);
void brief_done(struct brief *); /* all NULL is welcome */

#endif
