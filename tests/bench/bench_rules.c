/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_rules SERVER.zip CLIENT.zip [DEAREST [ROUNDS]]: all rules over the facts of one ordinary case. The
 * two bundles are filled up to three sites, 300 certificates and 1,000 sampled requests. The peer in the same
 * run: SQLite reading every row of those facts once. Timed on a quiet machine; on any other the steps of so
 * many dearest statements tell. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench_case.h"
#include "bench_steps.h"
#include "cage.h"
#include "case.h"
#include "facts_image.h"
#include "rules.h"
#include "worker_memory.h"

enum { ROUNDS = 40 };

struct options {
    const char *server, *client;
    size_t dearest;
    int rounds; /* up to ROUNDS: fewer under valgrind */
};

/* Of this thread's own work, which is all there is: on a machine that does nothing else it is the time of the
 * wall. */
static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int fail(const struct err *e)
{
    (void)fprintf(stderr, "bench_rules: %s\n", e->text);
    return -1;
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

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *list, int n)
{
    qsort(list, (size_t)n, sizeof *list, compare);
    return list[n / 2];
}

/* Statements are compiled in the round before the first. */
static double time_rules(const struct options *o, const struct ruleset *set, sqlite3 *db, double *ret_ms)
{
    double took[ROUNDS];
    struct statements *kept = NULL;
    struct err e = {0};

    if (statements_new(db, &kept, &e) < 0)
        return fail(&e);
    for (int i = -1; i < o->rounds; i++) {
        bench_steps_begin(db);
        json_t *report = NULL;
        double begin = now_ms();
        if (ruleset_time(set, kept, "", ret_ms, &report, &e) < 0)
            return fail(&e);
        took[i < 0 ? 0 : i] = now_ms() - begin;
        json_decref(report);
    }
    bench_steps_print(db, set, o->dearest);
    statements_free(kept);
    return median(took, o->rounds);
}

static void print_slowest(const struct ruleset *set, double *ms)
{
    json_t *list = ruleset_list(set);
    double sum = 0;

    for (size_t i = 0; i < ruleset_count(set); i++)
        sum += ms[i];
    (void)printf("  %8.2f ms of it in rules, the rest in the report; the slowest five:\n", sum);
    for (int k = 0; k < 5; k++) {
        size_t at = 0;
        for (size_t i = 1; i < ruleset_count(set); i++)
            if (ms[i] > ms[at])
                at = i;
        (void)printf("  %8.2f ms %s\n", ms[at],
                     json_string_value(json_object_get(json_array_get(list, at), "id")));
        ms[at] = -1;
    }
    json_decref(list);
}

static int ignore_row(void *ctx, int n, char **values, char **names)
{
    (void)values, (void)names;
    *(long *)ctx += n > 0;
    return 0;
}

/* Every row of every table, once. */
static double time_reading(sqlite3 *db, long *ret_rows)
{
    double took[ROUNDS];
    char tables[200][64], sql[128];
    int n = 0;
    sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type = 'table'", -1, &s, NULL) !=
        SQLITE_OK)
        return -1;
    while (sqlite3_step(s) == SQLITE_ROW && n < 200)
        (void)snprintf(tables[n++], 64, "%s", (const char *)sqlite3_column_text(s, 0));
    (void)sqlite3_finalize(s);
    for (int i = 0; i < ROUNDS; i++) {
        double begin = now_ms();
        *ret_rows = 0;
        for (int t = 0; t < n; t++) {
            (void)snprintf(sql, sizeof sql, "SELECT * FROM %.63s", tables[t]);
            (void)sqlite3_exec(db, sql, ignore_row, ret_rows, NULL);
        }
        took[i] = now_ms() - begin;
    }
    return median(took, ROUNDS);
}

/* As the judging worker has them: laid out in its memory, in one transaction. */
static int show(sqlite3 **machines, struct facts_image **ret, struct err *e)
{
    unsigned char *memory = facts_image_map(e);
    size_t len = 0;

    if (!memory || facts_image_new(memory, ret, e) < 0 ||
        case_facts_image(machines, 2, memory, &len, e) < 0 || facts_image_show(*ret, len, e) < 0)
        return -1;
    return 0;
}

static int run(const struct options *o)
{
    struct err e = {0};
    struct facts_image *image = NULL;
    sqlite3 *machines[2] = {extract(o->server), extract(o->client)}, *db = NULL;
    struct ruleset *set = NULL;
    long rows = 0;

    if (!machines[0] || !machines[1] || bench_fill_server(machines[0]) < 0 ||
        bench_fill_client(machines[1]) < 0)
        return -1;
    double begin = now_ms();
    if (ruleset_load(NULL, true, &set, &e) < 0 || show(machines, &image, &e) < 0)
        return fail(&e);
    db = facts_image_db(image);
    double building = now_ms() - begin, reading = time_reading(db, &rows), rules;
    double *each = calloc(ruleset_count(set) + 1, sizeof *each);
    rules = each ? time_rules(o, set, db, each) : -1;
    (void)printf("facts of the case        %8.2f ms to build, %ld rows\n", building, rows);
    (void)printf("SQLite reads every row   %8.2f ms\n", reading);
    (void)printf("%3zu rules                %8.2f ms, %.2f times that (the bar: 6 ms)\n", ruleset_count(set),
                 rules, rules / reading);
    if (each)
        print_slowest(set, each);
    free(each);
    for (int i = 0; i < 2; i++)
        (void)sqlite3_close(machines[i]);
    facts_image_free(image);
    ruleset_free(set);
    return rules < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    if (argc < 3 || argc > 5) {
        (void)fprintf(stderr, "bench_rules SERVER.zip CLIENT.zip [DEAREST [ROUNDS]]\n");
        return 2;
    }
    struct options o = {argv[1], argv[2], 0, ROUNDS};
    if (argc > 3)
        o.dearest = (size_t)strtoul(argv[3], NULL, 10);
    if (argc > 4)
        o.rounds = (int)strtol(argv[4], NULL, 10);
    if (o.rounds < 1 || o.rounds > ROUNDS)
        o.rounds = ROUNDS;
    struct err e = {0};
    /* as the judging worker, where rules run */
    if (worker_memory_begin(&e) < 0)
        return fail(&e) != 0;
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return run(&o) < 0;
}
