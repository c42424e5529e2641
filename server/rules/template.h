/* SPDX-License-Identifier: Apache-2.0
 *
 * template: "{column}" and "{column|cmd}" in the texts of a rule, filled from one row. Values are hostile:
 * into a command they come only quoted for that shell (quote_cmd, quote_ps, quote_netsh of the facts
 * database). */
#ifndef CERTTRIAGE_TEMPLATE_H
#define CERTTRIAGE_TEMPLATE_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "statements.h"

#include <sqlite3.h>

enum template_filter {
    FILTER_NONE,
    FILTER_TIME,
    FILTER_CMD,
    FILTER_PS,
    FILTER_NETSH,
    FILTER_COMMAND,
    FILTER_COUNT
};

/* One "{…}" of a text. */
struct template_hole {
    struct str column;
    enum template_filter filter;
    bool known; /* false: there is no such filter */
    struct str filter_name;
};

/* The next hole of *text: what stands before it goes to *ret_before, *text gets what follows. false: no more
 * holes, all that was left is in *ret_before. Braces that do not hold a column name are ordinary text. */
bool template_next(struct str *text, struct str *ret_before, struct template_hole *ret);

/* Quotes values by the functions of the database; one for each run of a rule set. */
struct quoter {
    struct statements *statements;
    sqlite3_stmt *by_filter[FILTER_COUNT];
};
void quoter_done(struct quoter *q);

struct template_result {
    bool has_null;        /* a column was NULL: the line is left out */
    bool has_placeholder; /* a value could not be quoted and stands as <column> */
};

/* The row that a statement stands at, with the names of its columns, which are asked for once. */
struct row {
    sqlite3_stmt *values;
    const struct str *names;
    int n;
};
/* Good until the statement is begun anew. -ERR_NOMEM. */
int row_open(struct arena *arena, sqlite3_stmt *values, struct row *ret, struct err *e);

/* -ERR_FORMAT: no such column in the row; -ERR_NOMEM. */
int template_expand(struct quoter *q, const struct row *row, struct str text, struct buf *out,
                    struct template_result *ret, struct err *e);
int row_column(const struct row *row, struct str name);       /* -1: not selected */
struct str row_text(const struct row *row, const char *name); /* p NULL: not selected, or NULL */

#endif
