/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts of one machine into those of a case, by insert: SQLite attaches ten databases at most, a case has any
 * number. */
#include "buf.h"
#include "facts_db.h"
#include "facts_handles.h"
#include "facts_schema.h"

static int prepare_select(sqlite3 *from, const struct facts_table *t, sqlite3_stmt **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(16384);

    for (size_t i = 0; i < t->n_columns; i++) {
        bool is_known = sqlite3_table_column_metadata(from, "main", t->name, t->columns[i].name, NULL, NULL,
                                                      NULL, NULL, NULL) == SQLITE_OK;
        buf_printf(&sql, is_known ? "%s\"%s\"" : "%sNULL", i ? ", " : "SELECT ", t->columns[i].name);
    }
    buf_printf(&sql, " FROM \"%s\" ORDER BY rowid", t->name);
    int r = buf_check(&sql, t->name, e);
    if (!r && sqlite3_prepare_v2(from, buf_c(&sql), -1, ret, NULL))
        r = facts_sqlite_error(e, from, t->name);
    return r;
}

static int copy_row(sqlite3_stmt *row, struct facts_inserts *into, const struct facts_table *t,
                    const char *label, struct err *e)
{
    sqlite3_stmt *insert = facts_inserts_get(into, t);

    if (!insert)
        return facts_sqlite_error(e, into->db, t->name);
    for (size_t i = 0; i < t->n_columns; i++) {
        int parameter = (int)i + 1;
        int r = t->columns[i].owner == FACTS_OWN_LABEL
                    ? sqlite3_bind_text(insert, parameter, label, -1, SQLITE_STATIC)
                    : sqlite3_bind_value(insert, parameter, sqlite3_column_value(row, (int)i));
        if (r)
            return facts_sqlite_error(e, into->db, t->name);
    }
    int step = sqlite3_step(insert);
    (void)sqlite3_reset(insert);
    return step == SQLITE_DONE ? 0 : facts_sqlite_error(e, into->db, t->name);
}

static int copy_table(sqlite3 *from, struct facts_inserts *into, const struct facts_table *t,
                      const char *label, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *row = NULL;
    int step = SQLITE_DONE, r;

    if (sqlite3_table_column_metadata(from, "main", t->name, NULL, NULL, NULL, NULL, NULL, NULL) != SQLITE_OK)
        return 0; /* facts of a version before this table */
    r = prepare_select(from, t, &row, e);

    while (!r && (step = sqlite3_step(row)) == SQLITE_ROW)
        r = copy_row(row, into, t, label, e);
    if (!r && step != SQLITE_DONE)
        r = facts_sqlite_error(e, from, t->name);
    return r;
}

static int copy_tables(sqlite3 *from, sqlite3 *into, const char *label, struct err *e)
{
    CLEANUP(facts_inserts_done) struct facts_inserts inserts = {.db = into};
    int r = facts_schema(&inserts.schema, e);

    for (size_t i = 0; !r && i < inserts.schema->n_tables; i++)
        r = copy_table(from, &inserts, &inserts.schema->tables[i], label, e);
    return r;
}

int facts_merge(sqlite3 *from, sqlite3 *into, const char *label, struct err *e)
{
    if (sqlite3_exec(into, "SAVEPOINT merge", NULL, NULL, NULL))
        return facts_sqlite_error(e, into, "merge");
    int r = copy_tables(from, into, label, e);
    if (r)
        (void)sqlite3_exec(into, "ROLLBACK TO merge", NULL, NULL, NULL);
    if (sqlite3_exec(into, "RELEASE merge", NULL, NULL, NULL) && !r)
        r = facts_sqlite_error(e, into, "merge");
    return r;
}
