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

static void print_cell(struct str cell, bool last)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(1024 * 1024);

    text_add_printable(&text, cell);
    printf("%s%c", buf_c(&text), last ? '\n' : '\t');
}

static void print_row(sqlite3_stmt *st, bool names)
{
    int n = sqlite3_column_count(st);

    for (int i = 0; i < n; i++) {
        const char *text = names ? sqlite3_column_name(st, i) : (const char *)sqlite3_column_text(st, i);
        print_cell(str_from(text), i == n - 1);
    }
}

static int query_db(sqlite3 *db, const char *sql, struct err *e)
{
    sqlite3_stmt *st = NULL;
    int r;

    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK || !st)
        return err_set(e, ERR_USAGE, "query: %s", sqlite3_errmsg(db));
    print_row(st, true);
    while ((r = sqlite3_step(st)) == SQLITE_ROW)
        print_row(st, false);
    if (r != SQLITE_DONE)
        (void)err_set(e, r == SQLITE_INTERRUPT ? ERR_LIMIT : ERR_USAGE, "query: %s", sqlite3_errmsg(db));
    (void)sqlite3_finalize(st);
    return r == SQLITE_DONE ? 0 : -e->code;
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
