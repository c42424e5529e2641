/* SPDX-License-Identifier: Apache-2.0
 *
 * facts_schema: the tables of a facts database as facts.sql declared them, with one prepared INSERT each; for
 * the inserter and the merge. Lives as long as its connection; not to be used on a confined one. */
#ifndef CERTTRIAGE_FACTS_SCHEMA_H
#define CERTTRIAGE_FACTS_SCHEMA_H

#include "err.h"
#include "str.h"

#include <sqlite3.h>

enum { FACTS_TABLES = 96, FACTS_COLUMNS = 64, FACTS_NAME_BYTES = 64 };

enum facts_owner { FACTS_OWN_ROW, FACTS_OWN_LABEL, FACTS_OWN_SERVER }; /* who says what stands in a column */

struct facts_column {
    char name[FACTS_NAME_BYTES];
    char type; /* 'I', 'T', 'B' */
    enum facts_owner owner;
};

struct facts_table {
    char name[FACTS_NAME_BYTES];
    size_t n_columns;
    struct facts_column columns[FACTS_COLUMNS];
    char *insert; /* SQL: parameter i + 1 is column i; NULL gives the column's default */
};

struct facts_schema {
    size_t n_tables;
    struct facts_table tables[FACTS_TABLES];
};

/* The tables of facts.sql, read when they are first asked for and kept until the program ends. -ERR_NOMEM. */
int facts_schema(const struct facts_schema **ret, struct err *e);
/* NULL: no such table. */
const struct facts_table *facts_schema_table(const struct facts_schema *schema, struct str name);

/* The INSERTs of one connection, each compiled when it is first asked for. */
struct facts_inserts {
    sqlite3 *db; /* borrowed */
    const struct facts_schema *schema;
    sqlite3_stmt *at[FACTS_TABLES];
};
void facts_inserts_done(struct facts_inserts *inserts);
/* NULL: SQLite says why. */
sqlite3_stmt *facts_inserts_get(struct facts_inserts *inserts, const struct facts_table *t);
/* -1: no such column. */
int facts_table_column(const struct facts_table *t, struct str name);
/* *e says what SQLite says of db, with `what` in front. */
int facts_sqlite_error(struct err *e, sqlite3 *db, const char *what);

#endif
