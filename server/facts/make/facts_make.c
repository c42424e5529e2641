/* SPDX-License-Identifier: Apache-2.0
 *
 * facts_make EMPTY TEMPLATE: runs facts.sql once, when the programs are built, since that and settling take
 * longer than judging a case. EMPTY gets facts without a row, TEMPLATE the same settled
 * (../facts_template.h). */
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"

#include "../facts_db.h"
#include "../facts_handles.h"
#include "../facts_schema.h"

extern const char facts_sql[]; /* schema/facts/ */

static uint64_t add_text(uint64_t h, const char *text)
{
    for (text = text ? text : ""; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211u; /* FNV-1a */
    return (h ^ 255) * 1099511628211u;
}

/* What a layout is: every table and index, its text and where it begins. */
static int hash_schema(sqlite3 *db, uint64_t *ret, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    uint64_t h = 14695981039346656037u;
    int step = sqlite3_prepare_v2(db, "SELECT type, name, rootpage, sql FROM sqlite_master", -1, &s, NULL);

    while (step == SQLITE_OK || step == SQLITE_ROW)
        if ((step = sqlite3_step(s)) == SQLITE_ROW)
            for (int i = 0; i < 4; i++)
                h = add_text(h, (const char *)sqlite3_column_text(s, i));
    *ret = h;
    return step == SQLITE_DONE ? 0 : facts_sqlite_error(e, db, "facts.sql");
}

/* Two numbers of the header that SQLite keeps: of the second only that it changes with the schema. */
static int mark(sqlite3 *db, struct err *e)
{
    uint64_t h = 0;
    char sql[128];
    int r = hash_schema(db, &h, e);

    if (r < 0)
        return r;
    (void)sqlite3_snprintf(sizeof sql, sql, "PRAGMA application_id = %d; PRAGMA schema_version = %d",
                           (int)(h >> 33), (int)(h & 0x3fffffff));
    return sqlite3_exec(db, sql, NULL, NULL, NULL) ? facts_sqlite_error(e, db, "facts.sql") : 0;
}

static int write_bytes(sqlite3 *db, const char *path, struct err *e)
{
    sqlite3_int64 len = 0;
    unsigned char *bytes = sqlite3_serialize(db, "main", &len, 0);
    FILE *f = bytes ? fopen(path, "wb") : NULL;
    bool good = f && fwrite(bytes, 1, (size_t)len, f) == (size_t)len;

    if (f && fclose(f) != 0)
        good = false;
    sqlite3_free(bytes);
    return good ? 0 : err_errno(e, "%s", path);
}

/* facts.sql has tables of constants, which come again with the rows of the facts that are laid out. */
static int delete_rows(sqlite3 *db, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    CLEANUP(buf_done) struct buf sql = BUF_INIT(65536);
    int step;

    if (sqlite3_prepare_v2(db,
                           "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                           -1, &s, NULL))
        return facts_sqlite_error(e, db, "facts.sql");
    while ((step = sqlite3_step(s)) == SQLITE_ROW)
        buf_printf(&sql, "DELETE FROM \"%s\";", (const char *)sqlite3_column_text(s, 0));
    (void)sqlite3_reset(s);
    if (step != SQLITE_DONE || sqlite3_exec(db, buf_c(&sql), NULL, NULL, NULL))
        return facts_sqlite_error(e, db, "facts.sql");
    return buf_check(&sql, "facts.sql", e);
}

static int make(const char *empty, const char *template, struct err *e)
{
    CLEANUP(facts_connection_done) sqlite3 *db = NULL;
    int r = 0;

    if (sqlite3_open(":memory:", &db) || sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) ||
        sqlite3_exec(db, facts_sql, NULL, NULL, NULL) || sqlite3_exec(db, "COMMIT", NULL, NULL, NULL))
        return facts_sqlite_error(e, db, "facts.sql");
    if ((r = mark(db, e)) || (r = write_bytes(db, empty, e)) || (r = facts_settle(db, e)) ||
        (r = delete_rows(db, e)) || (r = mark(db, e)))
        return r;
    return write_bytes(db, template, e);
}

int main(int argc, char **argv)
{
    struct err e = {0};

    if (argc != 3 || make(argv[1], argv[2], &e) < 0) {
        (void)fprintf(stderr, "facts_make: %s\n", argc == 3 ? e.text : "EMPTY TEMPLATE");
        return 1;
    }
    return 0;
}
