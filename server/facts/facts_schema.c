/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_schema.h"
#include "facts_db.h"
#include "facts_handles.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

static char type_of(const char *declared)
{
    return sqlite3_stricmp(declared, "INTEGER") == 0 ? 'I'
           : sqlite3_stricmp(declared, "BLOB") == 0  ? 'B'
                                                     : 'T';
}

static enum facts_owner owner_of(const char *table, const char *column)
{
    if (strcmp(column, "machine") == 0 || strcmp(column, "leaf_machine") == 0)
        return FACTS_OWN_LABEL;
    if (strcmp(table, "machine") == 0 && (strcmp(column, "bundle") == 0 || strcmp(column, "facts") == 0))
        return FACTS_OWN_SERVER;
    return FACTS_OWN_ROW;
}

/* facts.sql is ours: what does not fit is our mistake, and a test that opens it says so. */
static int read_columns(sqlite3 *db, sqlite3_stmt *s, struct facts_table *t, struct buf *sql, struct err *e)
{
    int step;

    if (sqlite3_reset(s) || sqlite3_bind_text(s, 1, t->name, -1, SQLITE_STATIC))
        return facts_sqlite_error(e, db, t->name);
    buf_printf(sql, "INSERT INTO \"%s\" VALUES (", t->name);
    while ((step = sqlite3_step(s)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        const char *type = (const char *)sqlite3_column_text(s, 1);
        const char *fallback = (const char *)sqlite3_column_text(s, 2);
        if (!name || !type || t->n_columns == FACTS_COLUMNS || strlen(name) >= FACTS_NAME_BYTES)
            return err_set(e, ERR_LIMIT, "%s: too many columns, or too long a name", t->name);
        struct facts_column *c = &t->columns[t->n_columns++];
        memcpy(c->name, name, strlen(name) + 1);
        c->type = type_of(type);
        c->owner = owner_of(t->name, name);
        if (t->n_columns > 1)
            buf_add_c(sql, ", ");
        if (fallback)
            buf_printf(sql, "coalesce(?%zu, %s)", t->n_columns, fallback);
        else
            buf_printf(sql, "?%zu", t->n_columns);
    }
    buf_add_char(sql, ')');
    return step == SQLITE_DONE ? buf_check(sql, t->name, e) : facts_sqlite_error(e, db, t->name);
}

static int read_table(sqlite3 *db, sqlite3_stmt *columns, const char *name, struct facts_table *t,
                      struct err *e)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(16384);

    if (strlen(name) >= FACTS_NAME_BYTES)
        return err_set(e, ERR_LIMIT, "%s: too long a name", name);
    memcpy(t->name, name, strlen(name) + 1);
    int r = read_columns(db, columns, t, &sql, e);
    if (r)
        return r;
    t->insert = strdup(buf_c(&sql));
    return t->insert ? 0 : err_set(e, ERR_NOMEM, "facts: out of memory");
}

static int read_tables(sqlite3 *db, struct facts_schema *schema, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    CLEANUP(facts_statement_done) sqlite3_stmt *columns = NULL;
    int step;

    if (sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid", -1, &s,
                           NULL) ||
        sqlite3_prepare_v2(db, "SELECT name, type, dflt_value FROM pragma_table_info(?1)", -1, &columns,
                           NULL))
        return facts_sqlite_error(e, db, "facts");
    while ((step = sqlite3_step(s)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        if (!name || schema->n_tables == FACTS_TABLES)
            return err_set(e, ERR_LIMIT, "facts: too many tables");
        int r = read_table(db, columns, name, &schema->tables[schema->n_tables++], e);
        if (r)
            return r;
    }
    return step == SQLITE_DONE ? 0 : facts_sqlite_error(e, db, "facts");
}

static void schema_free(struct facts_schema *schema)
{
    for (size_t i = 0; schema && i < schema->n_tables; i++)
        free(schema->tables[i].insert);
    free(schema);
}

static int read_schema(struct facts_schema **ret, struct err *e)
{
    CLEANUP(facts_connection_done) sqlite3 *db = NULL;
    struct facts_schema *schema = calloc(1, sizeof *schema);
    int r = schema ? facts_create(NULL, &db, e) : err_set(e, ERR_NOMEM, "facts: out of memory");

    if (r == 0)
        r = read_tables(db, schema, e);
    if (r < 0)
        schema_free(schema);
    else
        *ret = schema;
    return r;
}

int facts_schema(const struct facts_schema **ret, struct err *e)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct facts_schema *known;
    int r = 0;

    (void)pthread_mutex_lock(&lock);
    if (!known)
        r = read_schema(&known, e);
    *ret = known;
    (void)pthread_mutex_unlock(&lock);
    return r;
}

void facts_inserts_done(struct facts_inserts *inserts)
{
    for (size_t i = 0; i < FACTS_TABLES; i++)
        (void)sqlite3_finalize(inserts->at[i]);
    *inserts = (struct facts_inserts){.db = NULL};
}

sqlite3_stmt *facts_inserts_get(struct facts_inserts *inserts, const struct facts_table *t)
{
    sqlite3_stmt **at = &inserts->at[t - inserts->schema->tables];

    if (!*at)
        (void)sqlite3_prepare_v3(inserts->db, t->insert, -1, SQLITE_PREPARE_PERSISTENT, at, NULL);
    return *at;
}

const struct facts_table *facts_schema_table(const struct facts_schema *schema, struct str name)
{
    for (size_t i = 0; i < schema->n_tables; i++)
        if (str_eq(name, str_from(schema->tables[i].name)))
            return &schema->tables[i];
    return NULL;
}

int facts_table_column(const struct facts_table *t, struct str name)
{
    for (size_t i = 0; i < t->n_columns; i++)
        if (str_eq(name, str_from(t->columns[i].name)))
            return (int)i;
    return -1;
}
