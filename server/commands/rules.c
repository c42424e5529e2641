/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "cage_judge.h"
#include "case.h"
#include "compiler.h"
#include "job.h"
#include "rules.h"
#include "rules_print.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

static const struct option_row options[] = {
    {"--rules", "DIR", "rules of this folder too; they go before built-in ones of their names", false},
    {"--format", "text|json|md", "how list prints; text", false},
    {"--tests", "DIR",
     "where explain looks for the tests of a rule; tests/rules. check: each rule must have its three cases "
     "there",
     false},
    {"--corpus", NULL, "check: the bundles named behind it must fill every column that a rule reads", false},
    {0},
};

static int list(const struct ruleset *set, const char *format, struct err *e)
{
    json_t *rows = ruleset_list(set);
    int r = 0;

    if (!format || strcmp(format, "text") == 0)
        rules_print_text(rows);
    else if (strcmp(format, "md") == 0)
        rules_print_markdown(rows);
    else if (strcmp(format, "json") != 0)
        r = err_set(e, ERR_USAGE, "--format %s: text, json or md", format);
    else if (json_dumpf(rows, stdout, JSON_INDENT(2) | JSON_SORT_KEYS) == 0)
        putchar('\n');
    json_decref(rows);
    return r;
}

/* Its tests are its examples. */
static void print_tests(const char *folder, const char *id)
{
    char path[PATH_BYTES], line[65536];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s.test", folder ? folder : "tests/rules", id);
    f = fopen(path, "r");
    if (!f)
        return;
    printf("\nExamples, its tests (%s)\n", path);
    while (fgets(line, sizeof line, f))
        if (strlen(line) < 300)
            printf("  %s", line);
    (void)fclose(f);
}

static int explain(const struct ruleset *set, const struct options *o, struct err *e)
{
    json_t *rule = o->n_rest == 2 ? ruleset_describe(set, str_from(o->rest[1])) : NULL;

    if (o->n_rest != 2)
        return err_set(e, ERR_USAGE, "rules explain: which rule?");
    if (!rule)
        return err_set(e, ERR_MISSING, "%s: no such rule; see rules list", o->rest[1]);
    rules_print_page(rule);
    print_tests(option(o, "--tests"), o->rest[1]);
    json_decref(rule);
    return 0;
}

static void print_times(const struct ruleset *set, double *each)
{
    json_t *rows = ruleset_list(set);
    double sum = 0;

    for (size_t i = 0; i < ruleset_count(set); i++)
        sum += each[i];
    for (size_t n = 0; n < ruleset_count(set); n++) {
        size_t at = 0;
        for (size_t i = 1; i < ruleset_count(set); i++)
            if (each[i] > each[at])
                at = i;
        printf("%8.3f ms %5.1f %%  %s\n", each[at], sum > 0 ? 100 * each[at] / sum : 0,
               json_string_value(json_object_get(json_array_get(rows, at), "id")));
        each[at] = -1;
    }
    printf("%8.3f ms in all, %zu rules, mean of %d runs\n", sum, ruleset_count(set), CAGE_JUDGE_ROUNDS);
    json_decref(rows);
}

/* The bundles are behind the word. */
static struct options behind_word(const struct options *o)
{
    struct options bundles = *o;

    bundles.rest++;
    bundles.n_rest--;
    return bundles;
}

static int time_case(const struct ruleset *set, sqlite3 *const *machines, size_t n, double *each,
                     struct err *e)
{
    struct cage_judge *judge = NULL;
    unsigned char *memory = NULL;
    size_t len = 0;
    int r = cage_judge_new(set, &judge, e);

    if (r == 0)
        r = cage_judge_memory(judge, &memory, e);
    if (r == 0)
        r = case_facts_image(machines, n, memory, &len, e);
    if (r == 0)
        r = cage_judge_time(judge, len, each, e);
    cage_judge_free(judge);
    return r;
}

static int time_rules(const struct ruleset *set, const struct options *o, struct err *e)
{
    struct options bundles = behind_word(o);
    sqlite3 *machines[CASE_BUNDLES];
    double *each = calloc(ruleset_count(set) + 1, sizeof *each);
    int r = each ? command_machines(&bundles, bundles.n_rest, machines, e) : err_set(e, ERR_NOMEM, "rules");

    if (r == 0) {
        r = time_case(set, machines, bundles.n_rest, each, e);
        command_machines_done(machines);
    }
    if (r == 0)
        print_times(set, each);
    free(each);
    return r;
}

/* A column is filled when any row of the machine has a value in it: it is taken out of `open`. */
static void take_filled(sqlite3 *facts, json_t *open)
{
    const char *name;
    json_t *rule;
    void *next;

    json_object_foreach_safe(open, next, name, rule)
    {
        char sql[300];
        const char *dot = strchr(name, '.');
        sqlite3_stmt *s = NULL;
        sqlite3_snprintf(sizeof sql, sql, "SELECT 1 FROM \"%.*w\" WHERE \"%w\" IS NOT NULL LIMIT 1",
                         (int)(dot - name), name, dot + 1);
        if (sqlite3_prepare_v2(facts, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
            json_object_del(open, name);
        (void)sqlite3_finalize(s);
    }
}

/* Where a fact stands is no evidence of its own: an entry that is JSON or DER has no lines. */
static void leave_lines(json_t *open)
{
    const char *name;
    json_t *rule;
    void *next;

    json_object_foreach_safe(open, next, name, rule)
    {
        const char *dot = strchr(name, '.');
        if (dot && strcmp(dot, ".line") == 0)
            json_object_del(open, name);
    }
}

static int check_corpus(const struct ruleset *set, const struct options *o, struct err *e)
{
    struct options one = behind_word(o);
    json_t *open = NULL, *rule;
    const char *name;
    int r = ruleset_reads(set, &open, e);

    if (r == 0)
        leave_lines(open);
    for (size_t n = one.n_rest; r == 0 && n > 0; n--, one.rest++) {
        sqlite3 *facts = NULL;
        r = command_case(&one, 1, &facts, e);
        if (r == 0)
            take_filled(facts, open);
        (void)sqlite3_close(facts);
    }
    if (r == 0) {
        json_object_foreach(open, name, rule)
        {
            printf("%s: no bundle fills it, and the rule %s reads it\n", name, json_string_value(rule));
        }
        if (json_object_size(open))
            r = err_set(e, ERR_FORMAT, "rules: %zu columns that rules read are filled by no bundle",
                        json_object_size(open));
    }
    json_decref(open);
    return r;
}

/* Which of its three cases does a rule lack? NULL: none. */
static const char *missing_case(const char *folder, const char *id)
{
    static const char *const cases[] = {"case fires\n", "case quiet\n", "case denied\n"};
    bool seen[ARRAY_LEN(cases)] = {false};
    char path[PATH_BYTES], line[65536];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s.test", folder, id);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
            seen[i] = seen[i] || strcmp(line, cases[i]) == 0;
    if (f)
        (void)fclose(f);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (!seen[i])
            return cases[i];
    return NULL;
}

static int check_tests(const struct ruleset *set, const char *folder, struct err *e)
{
    json_t *rows = ruleset_list(set), *row;
    size_t i, n_wrong = 0;

    json_array_foreach(rows, i, row)
    {
        const char *id = json_string_value(json_object_get(row, "id")), *lacks = missing_case(folder, id);
        if (!lacks)
            continue;
        fprintf(stderr, "%s.sql:1: %s/%s.test has no %s", id, folder, id, lacks);
        n_wrong++;
    }
    json_decref(rows);
    return n_wrong ? err_set(e, ERR_FORMAT, "rules: %zu lack tests", n_wrong) : 0;
}

static int check(const struct ruleset *set, const struct options *o, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(16 * 1024 * 1024);
    int r = ruleset_check(set, &text, e);

    fputs(buf_c(&text), r < 0 ? stderr : stdout);
    if (r == 0 && option(o, "--tests"))
        r = check_tests(set, option(o, "--tests"), e);
    if (r == 0 && option(o, "--corpus"))
        r = check_corpus(set, o, e);
    if (r == 0)
        printf("%zu rules are good, rule set %s\n", ruleset_count(set), ruleset_version(set));
    return r;
}

/* The runner makes machines, so it is a program of the build and not of this one. */
static int test(const struct ruleset *set, const struct options *o, struct err *e)
{
    char self[PATH_BYTES], path[PATH_BYTES + 32];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    json_t *rule = o->n_rest == 2 ? ruleset_describe(set, str_from(o->rest[1])) : NULL;
    char *slash;

    if (o->n_rest > 2)
        return err_set(e, ERR_USAGE, "rules test: one rule at a time, or all of them");
    if (o->n_rest == 2 && !rule)
        return err_set(e, ERR_MISSING, "%s: no such rule; see rules list", o->rest[1]);
    json_decref(rule);
    self[n > 0 ? n : 0] = '\0';
    slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    (void)snprintf(path, sizeof path, "%s/../tests/test_rules", self);
    char *argv[] = {path, o->n_rest > 1 ? o->rest[1] : NULL, NULL};
    (void)execv(path, argv);
    if (errno == ENOENT)
        return err_set(e, ERR_MISSING, "rules test: %s is not there: rules are tested in a build folder",
                       path);
    return err_errno(e, "%s", path);
}

static int dispatch(const struct ruleset *set, const struct options *o, struct err *e)
{
    const char *what = o->n_rest ? o->rest[0] : "";

    if (strcmp(what, "list") == 0)
        return list(set, option(o, "--format"), e);
    if (strcmp(what, "check") == 0)
        return check(set, o, e);
    if (strcmp(what, "explain") == 0)
        return explain(set, o, e);
    if (strcmp(what, "time") == 0)
        return time_rules(set, o, e);
    if (strcmp(what, "test") == 0)
        return test(set, o, e);
    return err_set(e, ERR_USAGE, "rules: list, explain ID, check, test [ID] or time BUNDLE…");
}

static int run(const struct options *o)
{
    struct err e = {0};
    struct ruleset *set = NULL;
    int r = ruleset_load(option(o, "--rules"), true, &set, &e);

    if (r == 0)
        r = dispatch(set, o, &e);
    ruleset_free(set);
    return r < 0 ? command_fail(&e) : 0;
}

const struct command command_rules = {"rules", "list|explain ID|check|test [ID]|time BUNDLE… [options]",
                                      "print the rules, explain one, check, test or time them", options, run};
