/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_diagnosis [NAME | --reports DIR]: every machine with a fault of tests/machines/scenarios, through
 * image, collector, extraction, rules and diagnosis; a table of what was expected and what was said first.
 * The bar: the first cause is the expected one in 95 of 100, and no error that is none. Exit code 1 below the
 * bar. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cage.h"
#include "evidence.h"

enum { WORKERS = 2, BAR_PERCENT = 95, TEXT = 160, CASES_MAX = 1000 };

static const char SCENARIOS[] = CT_SOURCE_DIR "/tests/machines/scenarios";

static const char *reports; /* the folder that they are left in; NULL: they are not */

struct result {
    int rank;      /* of the expected first cause among those of its diagnosis, from 1; 0: not there */
    int n_missing; /* other expected causes that head no diagnosis and are not among the first three */
    int n_false;   /* errors that are neither expected nor their company; of a healthy machine warnings too */
    bool is_none;  /* nothing is expected */
    char said[TEXT], false_error[TEXT], wrong[WRONG_BYTES];
};

static const char *member(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));

    return s ? s : "";
}

static bool is_in(const struct rule_case *c, const char *word, const char *rule)
{
    for (size_t i = 0; i < c->n_expectations; i++)
        if (strcmp(c->expectations[i].word, word) == 0 && strcmp(c->expectations[i].text, rule) == 0)
            return true;
    return false;
}

static int rank_in(const json_t *report, size_t diagnosis, const char *rule)
{
    const json_t *causes =
        json_object_get(json_array_get(json_object_get(report, "diagnoses"), diagnosis), "causes");

    for (size_t i = 0; i < json_array_size(causes); i++)
        if (strcmp(member(json_array_get(causes, i), "rule"), rule) == 0)
            return (int)i + 1;
    return 0;
}

/* A second cause of a pair heads another diagnosis, or stands among the first three. */
static bool is_told(const json_t *report, const char *rule)
{
    for (size_t i = 0; i < json_array_size(json_object_get(report, "diagnoses")); i++) {
        int rank = rank_in(report, i, rule);
        if (rank == 1 || (i == 0 && rank > 0 && rank <= 3))
            return true;
    }
    return false;
}

static void count_false(const struct rule_case *c, const json_t *report, struct result *ret)
{
    size_t i;
    json_t *f;

    json_array_foreach(json_object_get(report, "findings"), i, f)
    {
        const char *rule = member(f, "rule");
        bool is_false = strcmp(member(f, "severity"), "error") == 0 ||
                        (ret->is_none && strcmp(member(f, "severity"), "warning") == 0);
        if (!is_false || is_in(c, "cause", rule) || is_in(c, "error", rule))
            continue;
        ret->n_false++;
        (void)snprintf(ret->false_error, TEXT, "%s", rule);
    }
}

static void judge(const struct rule_case *c, const json_t *report, struct result *ret)
{
    const json_t *causes = json_object_get(json_array_get(json_object_get(report, "diagnoses"), 0), "causes");
    size_t n = 0;
    bool is_any = false;

    (void)snprintf(ret->said, TEXT, "%s %s %s", member(json_array_get(causes, 0), "rule"),
                   member(json_array_get(causes, 1), "rule"), member(json_array_get(causes, 2), "rule"));
    for (size_t i = 0; i < c->n_expectations; i++) {
        const struct expectation *e = &c->expectations[i];
        if (strcmp(e->word, "cause") != 0)
            continue;
        if (strcmp(e->text, "none") == 0)
            ret->is_none = true;
        else if (strcmp(e->text, "any") == 0)
            is_any = true;
        else if (is_any && rank_in(report, 0, e->text) == 1)
            ret->rank = 1;
        else if (!is_any && n++ == 0)
            ret->rank = rank_in(report, 0, e->text);
        else
            ret->n_missing += !is_told(report, e->text);
    }
    if (ret->is_none)
        ret->rank = json_array_size(causes) == 0;
    count_false(c, report, ret);
}

static void work(struct rule_case *list, struct result *results, size_t from)
{
    static const bool keep[CASE_MACHINES] = {true, true, true, true, true, true};
    struct ruleset *set = NULL;
    struct err e = {0};
    size_t i = 0;

    if (ruleset_load(NULL, true, &set, &e) < 0)
        (void)fprintf(stderr, "bench_diagnosis: %s\n", e.text);
    for (struct rule_case *c = list; set && c; c = c->next, i++) {
        json_t *report = i % WORKERS == from ? evidence_report(c, set, keep) : NULL;
        if (i % WORKERS != from)
            continue;
        (void)snprintf(results[i].wrong, WRONG_BYTES, "%s", c->wrong);
        if (report)
            judge(c, report, &results[i]);
        if (report && reports)
            evidence_leave(c, report, c->name, reports, i);
        json_decref(report);
    }
    ruleset_free(set);
    evidence_close();
}

static void run_workers(struct rule_case *list, struct result *results)
{
    (void)fflush(NULL);
    for (size_t k = 0; k < WORKERS; k++) {
        if (fork() == 0) {
            work(list, results, k);
            exit(0);
        }
    }
    while (wait(NULL) > 0) {
    }
}

static const char *expected(const struct rule_case *c)
{
    for (size_t i = 0; i < c->n_expectations; i++)
        if (strcmp(c->expectations[i].word, "cause") == 0)
            return c->expectations[i].text;
    return "";
}

static void print_row(const struct rule_case *c, const struct result *r)
{
    bool is_good = r->rank == 1 && r->n_missing == 0;

    (void)printf("%-4s %-52s %-34s %s%s%s\n",
                 is_good                       ? "1"
                 : r->rank > 0 && r->rank <= 3 ? "2-3"
                                               : "MISS",
                 c->name, expected(c), is_good ? "" : r->said, *r->wrong ? " WRONG " : "", r->wrong);
    if (r->n_false)
        (void)printf("     %d false error(s): %s\n", r->n_false, r->false_error);
}

/* Exit code. */
static int print_table(const struct rule_case *list, const struct result *results)
{
    int n = 0, top1 = 0, top3 = 0, n_false = 0;

    (void)printf("top  %-52s %-34s said first, where it is another\n", "scenario", "expected first");
    for (const struct rule_case *c = list; c; c = c->next, n++) {
        const struct result *r = &results[n];
        print_row(c, r);
        top1 += r->rank == 1 && r->n_missing == 0;
        top3 += r->rank > 0 && r->rank <= 3;
        n_false += r->n_false;
    }
    if (n == 0)
        return 1;
    (void)printf(
        "\n%d scenarios: top-1 %d (%.1f %%), top-3 %d (%.1f %%), false errors %d; the bar: top-1 %d %%, "
        "no false error\n",
        n, top1, 100.0 * top1 / n, top3, 100.0 * top3 / n, n_false, BAR_PERCENT);
    return 100 * top1 < BAR_PERCENT * n || n_false > 0;
}

static int is_scenario(const struct dirent *d)
{
    return strstr(d->d_name, ".test") != NULL;
}

static struct rule_case *read_all(void)
{
    struct dirent **names = NULL;
    struct rule_case *list = NULL, **end = &list;
    int n = scandir(SCENARIOS, &names, is_scenario, alphasort);

    for (int i = 0; i < n; i++) {
        char path[700];
        (void)snprintf(path, sizeof path, "%.400s/%.250s", SCENARIOS, names[i]->d_name);
        (void)rule_case_read(path, names[i]->d_name, &end);
        free(names[i]);
    }
    free(names);
    return list;
}

/* Only those whose name contains it. */
static void keep_named(struct rule_case **list, const char *name)
{
    while (*list) {
        struct rule_case *c = *list;
        if (strstr(c->name, name)) {
            list = &c->next;
            continue;
        }
        *list = c->next;
        c->next = NULL;
        rule_case_free(c);
    }
}

int main(int argc, char **argv)
{
    struct rule_case *list;
    struct result *results;
    int code;

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    if (!evidence_open("scenario-bundles"))
        return 1;
    list = read_all();
    if (argc > 2 && strcmp(argv[1], "--reports") == 0) {
        reports = argv[2];
        argc = 1;
    }
    if (argc > 1)
        keep_named(&list, argv[1]);
    results =
        mmap(NULL, CASES_MAX * sizeof *results, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (results == MAP_FAILED)
        return 1;
    run_workers(list, results);
    code = print_table(list, results);
    if (argc == 1)
        evidence_prune(list);
    rule_case_free(list);
    (void)munmap(results, CASES_MAX * sizeof *results);
    return code;
}
