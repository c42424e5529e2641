/* SPDX-License-Identifier: Apache-2.0
 *
 * What the statements of one run cost, counted rather than timed: the same on every machine. */
#include "bench_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATEMENTS = 1024 };

struct cost {
    sqlite3_stmt *statement;
    int steps, scanned, sorts, automatic;
};

static int compare(const void *a, const void *b)
{
    const struct cost *x = a, *y = b;

    return (x->steps < y->steps) - (x->steps > y->steps);
}

void bench_steps_print_name(const struct ruleset *set, const char *sql)
{
    json_t *list = ruleset_list(set), *one;
    size_t i;
    bool is_found = false;

    json_array_foreach(list, i, one)
    {
        const char *id = json_string_value(json_object_get(one, "id"));
        json_t *rule = ruleset_describe(set, (struct str){id, strlen(id)});
        is_found = strcmp(json_string_value(json_object_get(rule, "select")), sql) == 0;
        json_decref(rule);
        if (is_found) {
            (void)printf(" %s\n", id);
            break;
        }
    }
    if (!is_found)
        (void)printf(" %.90s\n", sql);
    json_decref(list);
}

void bench_steps_begin(sqlite3 *db)
{
    static const int counters[] = {SQLITE_STMTSTATUS_VM_STEP, SQLITE_STMTSTATUS_FULLSCAN_STEP,
                                   SQLITE_STMTSTATUS_SORT, SQLITE_STMTSTATUS_AUTOINDEX};

    for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s; s = sqlite3_next_stmt(db, s))
        for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
            (void)sqlite3_stmt_status(s, counters[i], 1);
}

void bench_steps_print(sqlite3 *db, const struct ruleset *set, size_t most)
{
    struct cost *list = calloc(STATEMENTS, sizeof *list), sum = {NULL, 0, 0, 0, 0};
    size_t n = 0;

    for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); list && s && n < STATEMENTS;
         s = sqlite3_next_stmt(db, s), n++) {
        struct cost *c = &list[n];
        *c = (struct cost){s, sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 0),
                           sqlite3_stmt_status(s, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0),
                           sqlite3_stmt_status(s, SQLITE_STMTSTATUS_SORT, 0),
                           sqlite3_stmt_status(s, SQLITE_STMTSTATUS_AUTOINDEX, 0)};
        sum = (struct cost){NULL, sum.steps + c->steps, sum.scanned + c->scanned, sum.sorts + c->sorts,
                            sum.automatic + c->automatic};
    }
    (void)printf("%zu statements           %8d steps, %d rows of full scans, %d sorts, %d rows of automatic "
                 "indexes\n",
                 n, sum.steps, sum.scanned, sum.sorts, sum.automatic);
    if (n)
        qsort(list, n, sizeof *list, compare);
    for (size_t i = 0; i < n && i < most; i++) {
        (void)printf("  %8d %6d %3d %6d", list[i].steps, list[i].scanned, list[i].sorts, list[i].automatic);
        bench_steps_print_name(set, sqlite3_sql(list[i].statement));
    }
    free(list);
}
