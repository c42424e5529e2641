/* SPDX-License-Identifier: Apache-2.0
 *
 * facts and query: the facts themselves, for a person who asks a question that no rule asks. */
#include "commands.h"

#include "cage_query.h"
#include "case.h"
#include "compiler.h"
#include "fleet.h"
#include "limits.h"
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

/* A BLOB (the DER of a name, a key id) in hex. */
static void add_cell(const struct query_cell *cell, struct buf *row)
{
    if (cell->type == QUERY_BLOB)
        text_hex(row, cell->data.p, cell->data.len);
    else
        buf_add_str(row, cell->data);
}

static int print_row(void *ctx, const struct query_cell *cells, size_t n, struct err *e)
{
    CLEANUP(buf_done) struct buf row = BUF_INIT(2 * LIMIT_QUERY_ROW_BYTES);
    (void)ctx;

    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(&row, '\t');
        add_cell(&cells[i], &row);
    }
    if (buf_check(&row, "query: a row", e) < 0)
        return -e->code;
    printf("%s\n", buf_c(&row));
    return 0;
}

static int print_case_row(void *ctx, const char *case_id, const struct query_cell *cells, size_t n,
                          struct err *e)
{
    printf("%s\t", case_id ? case_id : "case");
    return print_row(ctx, cells, n, e);
}

static int query_machines(struct cage_query *q, sqlite3 *const *machines, size_t n, struct err *e)
{
    unsigned char *memory = NULL;
    size_t len = 0;
    int r = cage_query_memory(q, &memory, e);

    if (r == 0)
        r = case_facts_image(machines, n, memory, &len, e);
    if (r == 0)
        r = cage_query_columns(q, print_row, NULL, e);
    return r < 0 ? r : cage_query_run(q, len, print_row, NULL, e);
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
    struct store *s = NULL;
    int r;

    if (o->n_rest != 1 || !option(o, "--data"))
        return err_set(e, ERR_USAGE, "query --all: --data DIR and one SELECT in quotes");
    q.sql = str_from(o->rest[0]);
    if (read_number(o, "--limit", 10000, &q.rows, e) < 0 ||
        read_number(o, "--seconds", 60, &q.seconds, e) < 0 ||
        store_open_existing(option(o, "--data"), &s, e) < 0)
        return -e->code;
    r = fleet_ask(s, &q, print_case_row, NULL, &answer, e);
    store_close(s);
    return r < 0 ? r : tell(&answer, e);
}

/* What is wrong with the question is said before a bundle is unpacked. */
static int query_bundles(const struct options *o, struct err *e)
{
    sqlite3 *machines[CASE_BUNDLES];
    struct cage_query *q = NULL;
    int r;

    if (o->n_rest < 2)
        return err_set(e, ERR_USAGE, "query: bundles, then one SELECT in quotes");
    r = cage_query_new(str_from(o->rest[o->n_rest - 1]), &q, e);
    if (r < 0)
        return r;
    r = command_machines(o, o->n_rest - 1, machines, e);
    if (r == 0) {
        r = query_machines(q, machines, o->n_rest - 1, e);
        command_machines_done(machines);
    }
    cage_query_free(q);
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
