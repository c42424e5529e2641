/* SPDX-License-Identifier: Apache-2.0
 *
 * fleet: one question to the facts of every case of the store. The same SELECT runs over the facts of each
 * case in turn, in the cage (server/cage/cage_query.h), so that it can do what a rule can and nothing else;
 * rows of different cases are never joined. */
#ifndef CERTTRIAGE_FLEET_H
#define CERTTRIAGE_FLEET_H

#include "cage_query.h"
#include "job.h"

struct fleet_question {
    struct str sql;     /* one SELECT */
    int64_t rows;       /* at most so many; 0: any number */
    int64_t seconds;    /* of wall time for all cases together; 0: any */
    struct str case_id; /* of this case only; empty: all */
};

/* What the answer leaves out is said. */
struct fleet_answer {
    size_t n_cases, n_rows;
    size_t n_failed;    /* cases of which the facts, or the statement over them, failed */
    struct err failure; /* of the first of those */
    bool is_cut;        /* by rows or seconds: cases or rows are missing */
};

/* Called with each row; with case_id NULL once before the first, for the columns' names. Negative ends it. */
typedef int (*fleet_row_fn)(void *ctx, const char *case_id, const struct query_cell *cells, size_t n,
                            struct err *e);

/* -ERR_USAGE: not one SELECT over the tables of schema/facts.sql (found before any case is opened). */
int fleet_ask(struct store *s, const struct fleet_question *q, fleet_row_fn take, void *ctx,
              struct fleet_answer *ret, struct err *e);

#endif
