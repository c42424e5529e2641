/* SPDX-License-Identifier: Apache-2.0
 *
 * cage_query: one SELECT over the facts of one case after the other, in a worker that can do nothing else
 * (cage.h). For one thread. */
#ifndef CERTTRIAGE_CAGE_QUERY_H
#define CERTTRIAGE_CAGE_QUERY_H

#include "err.h"
#include "str.h"

struct cage_query;

/* Views, until the function that gets them returns. Text is as text_add_printable makes it: numbers, too. */
struct query_cell {
    enum query_cell_type { QUERY_NULL, QUERY_TEXT, QUERY_BLOB } type;
    struct str data;
};
/* One row; not 0 ends the question and is returned. */
typedef int (*query_row_fn)(void *ctx, const struct query_cell *cells, size_t n, struct err *e);

/* Starts a worker, which compiles the statement over facts without a row. sql: borrowed until
 * cage_query_free. -ERR_USAGE: not one SELECT over the tables of schema/facts.sql. -ERR_CAGE, -ERR_IO,
 * -ERR_NOMEM. */
int cage_query_new(struct str sql, struct cage_query **ret, struct err *e);
void cage_query_free(struct cage_query *q); /* NULL is welcome */
/* The columns' names, as one row of text. */
int cage_query_columns(const struct cage_query *q, query_row_fn take, void *ctx, struct err *e);

/* Where the facts of the next case go, FACTS_IMAGE_BYTES; replaces a worker that ended or has done its
 * LIMIT_JUDGE_JOBS. Errors as cage_query_new. */
int cage_query_memory(struct cage_query *q, unsigned char **ret, struct err *e);
/* Asks the `len` bytes of settled facts that lie there now, within LIMIT_RULE_SECONDS or by this thread's
 * deadline (facts_db.h). Rows that came before an error were taken. -ERR_USAGE: SQLite's words. -ERR_LIMIT:
 * too long, too large or more than LIMIT_ROWS rows. -ERR_CAGE: the worker broke down or sent what are no
 * rows. -ERR_KILLED: it took too much time or memory. */
int cage_query_run(struct cage_query *q, size_t len, query_row_fn take, void *ctx, struct err *e);

#endif
