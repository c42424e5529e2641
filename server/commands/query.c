/* SPDX-License-Identifier: Apache-2.0
 *
 * facts and query: the facts themselves, for a person who asks a question that no rule asks. */
#include "commands.h"

#include "case.h"
#include "compiler.h"
#include "facts_db.h"
#include "fleet.h"
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

struct rows {
    bool with_case;
};

static int print(void *ctx, const char *case_id, sqlite3_stmt *st, struct err *e)
{
    const struct rows *rows = ctx;

    if (rows->with_case)
        printf("%s\t", case_id ? case_id : "case");
    return print_row(st, case_id == NULL, e);
}

static int query_db(sqlite3 *db, const char *sql, struct err *e)
{
    struct rows rows = {.with_case = false};
    sqlite3_stmt *st = NULL;
    int step = SQLITE_ROW, r = fleet_prepare(db, str_from(sql), &st, e);

    if (r == 0)
        r = print(&rows, NULL, st, e);
    while (r == 0 && (step = sqlite3_step(st)) == SQLITE_ROW)
        r = print(&rows, "", st, e);
    if (r == 0 && step != SQLITE_DONE)
        r = err_set(e, step == SQLITE_INTERRUPT ? ERR_LIMIT : ERR_USAGE, "query: %s", sqlite3_errmsg(db));
    (void)sqlite3_finalize(st);
    return r;
}

static const struct option_row query_options[] = {
    {"--all", NULL, "over every case of the server's store, with the case as the first column", false},
    {"--data", "DIR", "with --all: the server's data folder", false},
    {"--case", "ID", "with --all: of this case only", false},
    {"--limit", "N", "with --all: at most so many rows; 10000, and 0 for any number", false},
    {"--seconds", "N", "with --all: at most so long; 60, and 0 for any time", false},
    {0},
};

static int read_number(const struct options *o, const char *name, int64_t otherwise, int64_t *ret,
                       struct err *e)
{
    uint64_t n = 0;

    *ret = otherwise;
    if (option(o, name) && !str_to_u64(str_from(option(o, name)), INT32_MAX, &n))
        return err_set(e, ERR_USAGE, "%s %s: a number", name, option(o, name));
    if (option(o, name))
        *ret = (int64_t)n;
    return 0;
}

/* What is missing from the answer must not look like an answer: it goes to standard error, and code 2. */
static int tell(const struct fleet_answer *a, struct err *e)
{
    fprintf(stderr, "%zu rows of %zu cases%s\n", a->n_rows, a->n_cases,
            a->is_cut ? "; cut by --limit or --seconds" : "");
    return a->n_failed ? err_set(e, ERR_LIMIT, "query: %zu cases could not be asked, the first: %s",
                                 a->n_failed, a->failure.text)
                       : 0;
}

static int query_all(const struct options *o, struct err *e)
{
    struct fleet_question q = {.case_id = str_from(option(o, "--case"))};
    struct fleet_answer answer = {0};
    struct rows rows = {.with_case = true};
    struct store *s = NULL;
    int r;

    if (o->n_rest != 1 || !option(o, "--data"))
        return err_set(e, ERR_USAGE, "query --all: --data DIR and one SELECT in quotes");
    q.sql = str_from(o->rest[0]);
    if (read_number(o, "--limit", 10000, &q.rows, e) < 0 ||
        read_number(o, "--seconds", 60, &q.seconds, e) < 0 || store_open(option(o, "--data"), &s, e) < 0)
        return -e->code;
    r = fleet_ask(s, &q, print, &rows, &answer, e);
    store_close(s);
    return r < 0 ? r : tell(&answer, e);
}

static int query_bundles(const struct options *o, struct err *e)
{
    sqlite3 *db = NULL;
    int r;

    if (o->n_rest < 2)
        return err_set(e, ERR_USAGE, "query: bundles, then one SELECT in quotes");
    r = command_case(o, o->n_rest - 1, &db, e);
    if (r == 0)
        r = query_db(db, o->rest[o->n_rest - 1], e);
    (void)sqlite3_close(db);
    return r;
}

static int query(const struct options *o)
{
    struct err e = {0};
    int r = option(o, "--all") ? query_all(o, &e) : query_bundles(o, &e);

    return r < 0 ? command_fail(&e) : 0;
}

const struct command command_query = {
    "query",
    "BUNDLE… \"SELECT …\" | --all --data DIR \"SELECT …\"",
    "ask the facts of bundles, or of all stored cases, a question (schema/facts.sql); tab-separated",
    query_options,
    query,
};
