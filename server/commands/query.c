/* SPDX-License-Identifier: Apache-2.0
 *
 * facts and query: the facts themselves, for a person who asks a question that no rule asks. */
#include "commands.h"

#include "case.h"
#include "compiler.h"
#include "facts_db.h"
#include "text.h"

#include <stdio.h>
#include <unistd.h>

static const struct option_row facts_options[] = {
    {"-o", "FILE.sqlite", "where to write them; must not exist", true},
    {0},
};

static int facts(const struct options *o)
{
    struct err e = {0};
    sqlite3 *db = NULL, *file = NULL;
    const char *path = option(o, "-o");
    int r = command_case(o, o->n_rest, &db, &e);

    if (r == 0 && access(path, F_OK) == 0)
        r = err_set(&e, ERR_CONFLICT, "%s: is there already", path);
    if (r == 0 && sqlite3_open(path, &file) != SQLITE_OK)
        r = err_set(&e, ERR_IO, "%s: %s", path, sqlite3_errmsg(file));
    if (r == 0) {
        sqlite3_backup *backup = sqlite3_backup_init(file, "main", db, "main");
        if (!backup || sqlite3_backup_step(backup, -1) != SQLITE_DONE)
            r = err_set(&e, ERR_IO, "%s: %s", path, sqlite3_errmsg(file));
        (void)sqlite3_backup_finish(backup);
    }
    (void)sqlite3_close(file);
    (void)sqlite3_close(db);
    return r < 0 ? command_fail(&e) : 0;
}

const struct command command_facts = {
    "facts", "BUNDLE… -o FILE.sqlite", "write the facts of bundles as a database", facts_options, facts,
};

enum { ROW_BYTES = 64 << 20 };

/* A BLOB (the DER of a name, a key id) in hex; everything else as text without control characters. */
static void add_cell(sqlite3_stmt *st, int i, struct buf *row)
{
    const void *p = sqlite3_column_blob(st, i);
    struct str cell = {p, p ? (size_t)sqlite3_column_bytes(st, i) : 0};

    if (sqlite3_column_type(st, i) == SQLITE_BLOB)
        text_hex(row, cell.p, cell.len);
    else
        text_add_printable(row, cell);
}

static int print_row(sqlite3_stmt *st, bool names, struct err *e)
{
    CLEANUP(buf_done) struct buf row = BUF_INIT(ROW_BYTES);

    for (int i = 0, n = sqlite3_column_count(st); i < n; i++) {
        if (i)
            buf_add_char(&row, '\t');
        if (names)
            text_add_printable(&row, str_from(sqlite3_column_name(st, i)));
        else
            add_cell(st, i, &row);
    }
    if (buf_check(&row, "query: a row", e) < 0)
        return -e->code;
    printf("%s\n", buf_c(&row));
    return 0;
}

static int print_rows(sqlite3 *db, sqlite3_stmt *st, struct err *e)
{
    int step, r = print_row(st, true, e);

    while (r == 0 && (step = sqlite3_step(st)) != SQLITE_DONE) {
        if (step != SQLITE_ROW)
            return err_set(e, step == SQLITE_INTERRUPT ? ERR_LIMIT : ERR_USAGE, "query: %s",
                           sqlite3_errmsg(db));
        r = print_row(st, false, e);
    }
    return r;
}

static int query_db(sqlite3 *db, const char *sql, struct err *e)
{
    sqlite3_stmt *st = NULL;
    const char *rest = NULL;
    int r = 0;

    if (sqlite3_prepare_v2(db, sql, -1, &st, &rest) != SQLITE_OK)
        return err_set(e, ERR_USAGE, "query: %s", sqlite3_errmsg(db));
    if (!st || str_trim(str_from(rest)).len > 0)
        r = err_set(e, ERR_USAGE, "query: one SELECT, in quotes");
    else
        r = print_rows(db, st, e);
    (void)sqlite3_finalize(st);
    return r;
}

static const struct option_row query_options[] = {{0}};

static int query(const struct options *o)
{
    struct err e = {0};
    sqlite3 *db = NULL;
    int r;

    if (o->n_rest < 2)
        r = err_set(&e, ERR_USAGE, "query: bundles, then one SELECT in quotes");
    else
        r = command_case(o, o->n_rest - 1, &db, &e);
    if (r == 0)
        r = query_db(db, o->rest[o->n_rest - 1], &e);
    (void)sqlite3_close(db);
    return r < 0 ? command_fail(&e) : 0;
}

const struct command command_query = {
    "query",
    "BUNDLE… \"SELECT …\"",
    "ask the facts of bundles a question (schema/facts.sql); tab-separated",
    query_options,
    query,
};
