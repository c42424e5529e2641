/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_growth SERVER.zip CLIENT.zip [NAME]: the facts of a case made larger in one respect after the other,
 * and four times as large. Steps of SQLite's virtual machine are counted of everything that is worked out,
 * views and rules: none may take more than its bound times as many, no view may be given up, no rule may end
 * in an error. Exit code 1 where one does. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench_grow.h"
#include "bench_steps.h"
#include "cage.h"
#include "case.h"
#include "facts_db.h"
#include "facts_image.h"
#include "rules.h"
#include "statements.h"
#include "worker_memory.h"

#define GROWTHS CT_SOURCE_DIR "/tests/bench/growth.json"

enum {
    STATEMENTS = 2048,
    TIMES = 4,
    MOST = 5,     /* times as many steps */
    SLACK = 20000 /* steps that are not looked at: what is done once, small tables, a plan for few rows */
};

struct cost {
    char *sql;
    long steps;
};

struct costs {
    struct cost list[STATEMENTS];
    size_t n;
};

static int fail(const struct err *e)
{
    (void)fprintf(stderr, "bench_growth: %s\n", e->text);
    return -1;
}

static void add_cost(struct costs *to, const char *sql, long steps)
{
    for (size_t i = 0; i < to->n; i++)
        if (strcmp(to->list[i].sql, sql) == 0) {
            if (steps > to->list[i].steps)
                to->list[i].steps = steps;
            return;
        }
    if (to->n < STATEMENTS)
        to->list[to->n++] = (struct cost){strdup(sql), steps};
}

static void costs_clear(struct costs *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->list[i].sql);
    c->n = 0;
}

/* What builds the facts of a case is run once each, on connections that nobody else sees. */
static struct costs *building;

static int count_statement(unsigned what, void *ctx, void *statement, void *ns)
{
    (void)what, (void)ctx, (void)ns;
    if (building && sqlite3_sql(statement) && !strstr(sqlite3_sql(statement), "VALUES (?1"))
        add_cost(building, sqlite3_sql(statement),
                 sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1));
    return 0;
}

static int watch(sqlite3 *db, const char **error, const void *api)
{
    (void)error, (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, count_statement, NULL);
}

static sqlite3 *extract(const char *path)
{
    struct err e = {0}, killed = {0};
    sqlite3 *db = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        (void)err_errno(&e, "%s", path);
    else if (case_extract(fd, path, NULL, &db, &killed, &e) == 0) {
        (void)close(fd);
        return db;
    }
    (void)fail(&e);
    return NULL;
}

static int count_views(sqlite3 *db)
{
    sqlite3_stmt *s = NULL;
    int n = -1;

    if (sqlite3_prepare_v2(db,
                           "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name <> 'path_item'",
                           -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        n = sqlite3_column_int(s, 0);
    (void)sqlite3_finalize(s);
    return n;
}

static int count_errors(const json_t *report)
{
    const json_t *verdict;
    size_t i;
    int n = 0;

    json_array_foreach(json_object_get(report, "verdicts"), i, verdict)
    {
        if (strcmp(json_string_value(json_object_get(verdict, "verdict")), "error") != 0)
            continue;
        (void)printf("  %s: %s\n", json_string_value(json_object_get(verdict, "rule")),
                     json_string_value(json_array_get(json_object_get(verdict, "items"), 0)));
        n++;
    }
    return n;
}

struct bench {
    const char *server, *client;
    struct ruleset *set;
};

/* ret_bad: views that were given up, and rules that ended in an error. */
static int judge(const struct bench *b, sqlite3 *db, struct costs *ret, int *ret_bad)
{
    struct err e = {0};
    struct statements *kept = NULL;
    json_t *report = NULL;
    int r = statements_new(db, &kept, &e);

    if (r == 0)
        r = ruleset_run_kept(b->set, kept, "", &report, &e);
    if (r < 0)
        return fail(&e);
    for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s; s = sqlite3_next_stmt(db, s))
        add_cost(ret, sqlite3_sql(s), sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 0));
    *ret_bad = count_views(db) + count_errors(report);
    json_decref(report);
    statements_free(kept);
    return 0;
}

/* As the judging worker does, whose facts lie in one piece of memory. */
static int run_case(const struct bench *b, sqlite3 **machines, struct costs *ret, int *ret_bad)
{
    struct err e = {0};
    unsigned char *memory = facts_image_map(&e);
    sqlite3 *db = NULL;
    size_t len = 0;
    int r = memory ? 0 : -1;

    building = ret;
    if (r == 0)
        r = case_facts_image(machines, 2, memory, &len, &e);
    building = NULL;
    if (r == 0)
        r = facts_open_bytes(memory, len, &db, &e);
    if (r == 0)
        r = facts_confine(db, &e);
    r = r < 0 ? fail(&e) : judge(b, db, ret, ret_bad);
    (void)sqlite3_close(db);
    if (memory)
        (void)munmap(memory, FACTS_IMAGE_BYTES);
    return r;
}

static const char *name_of(const json_t *growth)
{
    return json_string_value(json_object_get(growth, "name"));
}

static int each_of(const json_t *growth)
{
    return (int)json_integer_value(json_object_get(growth, "each"));
}

static int grow_case(const struct bench *b, const json_t *g, int factor, struct costs *ret, int *ret_bad)
{
    sqlite3 *machines[2] = {extract(b->server), extract(b->client)};
    bool is_client = strcmp(json_string_value(json_object_get(g, "machine")), "client") == 0;
    int r = machines[0] && machines[1] ? bench_grow(machines[is_client], g, factor * each_of(g)) : -1;

    if (r == 0)
        r = run_case(b, machines, ret, ret_bad);
    for (int i = 0; i < 2; i++)
        (void)sqlite3_close(machines[i]);
    return r;
}

static const struct cost *find(const struct costs *in, const char *sql)
{
    for (size_t i = 0; i < in->n; i++)
        if (strcmp(in->list[i].sql, sql) == 0)
            return &in->list[i];
    return NULL;
}

/* How many grow faster than they may. */
static int compare(const struct bench *b, const struct costs *one, const struct costs *four)
{
    int bad = 0;

    for (size_t i = 0; i < four->n; i++) {
        const struct cost *now = &four->list[i], *then = find(one, now->sql);
        long before = then ? then->steps : 0;
        if (now->steps <= SLACK || now->steps <= before * MOST)
            continue;
        (void)printf("  %8ld steps, %8ld before:", now->steps, before);
        bench_steps_print_name(b->set, now->sql);
        bad++;
    }
    return bad;
}

static long sum(const struct costs *c)
{
    long n = 0;

    for (size_t i = 0; i < c->n; i++)
        n += c->list[i].steps;
    return n;
}

/* How many are bad; -1: it could not be run. */
static int run_growth(const struct bench *b, const json_t *g)
{
    struct costs *one = calloc(1, sizeof *one), *four = calloc(1, sizeof *four);
    int bad = -1, bad_one = 0, bad_four = 0;

    if (one && four && grow_case(b, g, 1, one, &bad_one) == 0 &&
        grow_case(b, g, TIMES, four, &bad_four) == 0) {
        bad = bad_one + bad_four + compare(b, one, four);
        (void)printf("%-10s %4d %9ld steps, %4d %9ld steps: %.1f times, %d bad\n", name_of(g), each_of(g),
                     sum(one), TIMES * each_of(g), sum(four), (double)sum(four) / (double)sum(one), bad);
    }
    if (one && four) {
        costs_clear(one);
        costs_clear(four);
    }
    free(one);
    free(four);
    return bad;
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    struct err e = {0};
    json_error_t why;
    json_t *list = NULL, *growth;
    size_t i;
    int bad = 0;

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    if (argc < 3) {
        (void)fprintf(stderr, "bench_growth SERVER.zip CLIENT.zip [NAME]\n");
        return 2;
    }
    b = (struct bench){argv[1], argv[2], NULL};
    if (worker_memory_begin(&e) < 0 || ruleset_load(NULL, true, &b.set, &e) < 0)
        return fail(&e) != 0;
    (void)sqlite3_auto_extension((void (*)(void))watch);
    list = json_load_file(GROWTHS, 0, &why);
    if (!list)
        (void)fprintf(stderr, "bench_growth: %s: %s\n", GROWTHS, why.text);
    json_array_foreach(list, i, growth)
    {
        if (argc < 4 || strcmp(argv[3], name_of(growth)) == 0)
            bad |= run_growth(&b, growth);
    }
    bad |= !list;
    json_decref(list);
    ruleset_free(b.set);
    return bad != 0;
}
