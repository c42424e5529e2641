/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the *.test files beside it (README.md): a machine of tests/machines with a change, through
 * mkimage, certtriage-collect and the server's extraction, and what the rule must say. An argument names the
 * one rule to run. Cases of the same evidence share a report; a process for each processor takes them.
 *
 * label: ordinary
 * (under sanitizers hundreds of machines take longer than all other tests together) */
#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cage.h"
#include "evidence.h"

enum { WORKERS = 8, SUBJECT_BYTES = 400 };

static const char reports[] = CT_BUILD_DIR "/tests/rule-reports"; /* of a run over all rules */

/* Cases of the same evidence. */
struct group {
    const char *key;
    size_t first, n;
    bool keep[CASE_MACHINES];
};

/* What the processes share. */
struct board {
    atomic_size_t next;
    char wrong[][WRONG_BYTES];
};

struct plan {
    struct rule_case **cases; /* sorted by evidence */
    size_t n_cases, n_groups;
    bool keeps_reports;
    struct group *groups;
    struct board *board;
};

static const char *member(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));

    return s ? s : "";
}

static bool contains(const json_t *texts, const char *text)
{
    size_t i;
    json_t *one;

    json_array_foreach(texts, i, one)
    {
        const char *s = json_is_object(one) ? member(one, "text") : json_string_value(one);
        if (s && strstr(s, text))
            return true;
    }
    return false;
}

/* "finding MACHINE[ SUBJECT]", "pass -" */
static bool has_verdict(const struct rule_case *c, const json_t *report, const char *text)
{
    char verdict[32] = "", machine[64] = "";
    int used = 0;
    size_t i;
    json_t *v;

    if (sscanf(text, "%31s %63s %n", verdict, machine, &used) < 2)
        return false;
    const char *subject = used ? text + used : "";
    json_array_foreach(json_object_get(report, "verdicts"), i, v)
    {
        const char *its = *member(v, "machine") ? member(v, "machine") : "-";
        if (strcmp(member(v, "rule"), c->rule) == 0 && strcmp(member(v, "verdict"), verdict) == 0 &&
            strcmp(its, machine) == 0 && (!*subject || strcmp(member(v, "subject"), subject) == 0))
            return true;
    }
    return false;
}

static bool finding_says(const struct rule_case *c, const json_t *report, const struct expectation *e)
{
    size_t i;
    json_t *f;

    json_array_foreach(json_object_get(report, "findings"), i, f)
    {
        if (strcmp(member(f, "rule"), c->rule) != 0)
            continue;
        if ((strcmp(e->word, "message") == 0 && strstr(member(f, "message"), e->text)) ||
            (strcmp(e->word, "severity") == 0 && strcmp(member(f, "severity"), e->text) == 0) ||
            (strcmp(e->word, "remedy") == 0 && contains(json_object_get(f, "remedy"), e->text)))
            return true;
    }
    return false;
}

static bool item_says(const struct rule_case *c, const json_t *report, const char *text)
{
    size_t i;
    json_t *v;

    json_array_foreach(json_object_get(report, "verdicts"), i, v)
    {
        if (strcmp(member(v, "rule"), c->rule) == 0 && contains(json_object_get(v, "items"), text))
            return true;
    }
    return false;
}

static bool is_first_cause(const json_t *report, const char *rule)
{
    const json_t *diagnosis = json_array_get(json_object_get(report, "diagnoses"), 0);

    return strcmp(member(json_array_get(json_object_get(diagnosis, "causes"), 0), "rule"), rule) == 0;
}

static bool holds(const struct rule_case *c, const json_t *report, const struct expectation *e)
{
    if (strcmp(e->word, "expect") == 0)
        return has_verdict(c, report, e->text);
    if (strcmp(e->word, "item") == 0)
        return item_says(c, report, e->text);
    if (strcmp(e->word, "cause") == 0)
        return is_first_cause(report, e->text);
    return finding_says(c, report, e);
}

/* What the rule did say is what one wants to know first. */
static void tell(const struct rule_case *c, const json_t *report, char *wrong)
{
    size_t i, used = strlen(wrong);
    json_t *one;

    json_array_foreach(json_object_get(report, "findings"), i, one)
    {
        if (strcmp(member(one, "rule"), c->rule) == 0 && used < WRONG_BYTES - 1)
            used += (size_t)snprintf(wrong + used, WRONG_BYTES - used, "\n     %s %s: %s: %s",
                                     member(one, "severity"), member(one, "machine"), member(one, "subject"),
                                     member(one, "message"));
    }
    json_array_foreach(json_object_get(report, "verdicts"), i, one)
    {
        if (strcmp(member(one, "rule"), c->rule) == 0 && used < WRONG_BYTES - 1)
            used += (size_t)snprintf(wrong + used, WRONG_BYTES - used, "\n     %s %s %s %s",
                                     member(one, "verdict"), member(one, "machine"), member(one, "subject"),
                                     json_string_value(json_array_get(json_object_get(one, "items"), 0))
                                         ? json_string_value(json_array_get(json_object_get(one, "items"), 0))
                                         : "");
    }
}

static void judge(struct rule_case *c, const json_t *report)
{
    for (size_t i = 0; report && i < c->n_expectations && !c->wrong[0]; i++) {
        char what[600];
        (void)snprintf(what, sizeof what, "%s %s", c->expectations[i].word, c->expectations[i].text);
        if (holds(c, report, &c->expectations[i]))
            continue;
        rule_case_complain(c, "the report does not hold", what);
        tell(c, report, c->wrong);
    }
}

/* Where the evidence of a case that failed is, and its report. */
static void leave(const struct rule_case *c, const json_t *report, char *wrong)
{
    char path[1024], name[] = "/tmp/certtriage-rule-XXXXXX.json";
    int fd = mkstemps(name, 5);
    size_t used = strlen(wrong);

    if (fd >= 0 && report)
        (void)json_dumpfd(report, fd, JSON_INDENT(1));
    if (fd >= 0)
        (void)close(fd);
    if (used < WRONG_BYTES)
        used += (size_t)snprintf(wrong + used, WRONG_BYTES - used, "\n     %s", name);
    for (size_t i = 0; i < c->n_machines && used < WRONG_BYTES; i++) {
        evidence_path(&c->machines[i], path, sizeof path);
        used += (size_t)snprintf(wrong + used, WRONG_BYTES - used, " %s", path);
    }
}

static void run_group(const struct plan *p, const struct ruleset *set, const struct group *g)
{
    struct rule_case *first = p->cases[g->first];
    json_t *report = evidence_report(first, set, g->keep);

    for (size_t i = g->first; i < g->first + g->n; i++) {
        struct rule_case *c = p->cases[i];
        if (!report)
            rule_case_complain(c, "no report", first->wrong);
        judge(c, report);
        if (c->wrong[0])
            leave(c, report, c->wrong);
        (void)snprintf(p->board->wrong[i], WRONG_BYTES, "%s", c->wrong);
    }
    if (report && p->keeps_reports) {
        char name[256];
        (void)snprintf(name, sizeof name, "%s, %s", first->rule, first->name);
        evidence_leave(first, report, name, reports, (size_t)(g - p->groups));
    }
    json_decref(report);
}

static int work(const struct plan *p)
{
    struct ruleset *set = NULL;
    struct err e = {0};
    size_t at;

    if (ruleset_load(NULL, true, &set, &e) < 0) {
        (void)fprintf(stderr, "test_rules: %s\n", e.text);
        return 1;
    }
    while ((at = atomic_fetch_add(&p->board->next, 1)) < p->n_groups)
        run_group(p, set, &p->groups[at]);
    ruleset_free(set);
    evidence_close();
    return 0;
}

static bool run_workers(const struct plan *p)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    int status;
    bool is_good = true;

    n = n < 1 ? 1 : n > WORKERS ? WORKERS : n;
    for (long i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid == 0)
            exit(work(p));
        is_good = is_good && pid > 0;
    }
    while (wait(&status) > 0)
        is_good = is_good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return is_good;
}

static int compare_evidence(const struct rule_case *a, const struct rule_case *b)
{
    int r = a->n_machines < b->n_machines ? -1 : a->n_machines > b->n_machines;

    for (size_t i = 0; r == 0 && i < a->n_machines; i++)
        r = strcmp(a->machines[i].key, b->machines[i].key);
    return r;
}

static int compare_cases(const void *a, const void *b)
{
    return compare_evidence(*(struct rule_case *const *)a, *(struct rule_case *const *)b);
}

/* Is a machine asked for by another group as well? */
static bool is_shared(const struct plan *p, size_t group, const char *key)
{
    for (size_t g = 0; g < p->n_groups; g++) {
        const struct rule_case *c = p->cases[p->groups[g].first];
        for (size_t i = 0; g != group && i < c->n_machines; i++)
            if (strcmp(c->machines[i].key, key) == 0)
                return true;
    }
    return false;
}

static void make_groups(struct plan *p)
{
    qsort(p->cases, p->n_cases, sizeof *p->cases, compare_cases);
    for (size_t i = 0; i < p->n_cases; i++) {
        if (i && compare_evidence(p->cases[i - 1], p->cases[i]) == 0)
            p->groups[p->n_groups - 1].n++;
        else
            p->groups[p->n_groups++] = (struct group){.first = i, .n = 1};
    }
    for (size_t g = 0; g < p->n_groups; g++) {
        const struct rule_case *c = p->cases[p->groups[g].first];
        for (size_t i = 0; i < c->n_machines; i++)
            p->groups[g].keep[i] = is_shared(p, g, c->machines[i].key);
    }
}

/* Those of the run before are gone then. */
static bool open_reports(void)
{
    struct dirent **names = NULL;
    char path[1024];
    int n;

    (void)mkdir(reports, 0777);
    n = scandir(reports, &names, NULL, NULL);
    for (int i = 0; i < n; i++) {
        (void)snprintf(path, sizeof path, "%s/%.250s", reports, names[i]->d_name);
        if (strstr(names[i]->d_name, ".json"))
            (void)unlink(path);
        free(names[i]);
    }
    free(names);
    return n >= 0;
}

/* In the order of the files. */
static size_t print_results(const struct plan *p, const struct rule_case *list)
{
    size_t n_wrong = 0;

    for (; list; list = list->next) {
        const char *wrong = "";
        for (size_t i = 0; i < p->n_cases; i++)
            if (p->cases[i] == list)
                wrong = p->board->wrong[i];
        n_wrong += *wrong != '\0';
        printf("%-4s %s %s%s%s\n", *wrong ? "FAIL" : "ok", list->rule, list->name, *wrong ? ": " : "", wrong);
    }
    return n_wrong;
}

static size_t run_all(struct rule_case *list, bool keeps_reports)
{
    struct plan p = {.keeps_reports = keeps_reports && open_reports()};
    size_t bytes, n_wrong = 1;

    for (struct rule_case *c = list; c; c = c->next)
        p.n_cases++;
    bytes = sizeof *p.board + p.n_cases * WRONG_BYTES;
    p.cases = calloc(p.n_cases + 1, sizeof(struct rule_case *));
    p.groups = calloc(p.n_cases + 1, sizeof *p.groups);
    p.board = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p.cases && p.groups && p.board != MAP_FAILED) {
        size_t n = 0;
        for (struct rule_case *c = list; c; c = c->next)
            p.cases[n++] = c;
        for (size_t i = 0; i < n; i++)
            (void)snprintf(p.board->wrong[i], WRONG_BYTES, "was not run");
        make_groups(&p);
        n_wrong = run_workers(&p) ? 0 : 1;
        n_wrong += print_results(&p, list);
        (void)munmap(p.board, bytes);
    }
    printf("%zu cases, %zu reports, %zu wrong\n", p.n_cases, p.n_groups, n_wrong);
    free(p.cases);
    free(p.groups);
    return p.n_cases ? n_wrong : 1;
}

static size_t read_rule(const char *rule, struct rule_case ***end)
{
    static const char *const names[] = {"fires", "quiet", "denied"};
    char path[700];
    size_t n_missing = 0;

    (void)snprintf(path, sizeof path, "%s/tests/rules/%s.test", CT_SOURCE_DIR, rule);
    unsigned seen = rule_case_read(path, rule, end);
    for (unsigned i = 0; i < 3; i++) {
        if (seen & (1u << i))
            continue;
        printf("FAIL %s: there is no case %s\n", rule, names[i]);
        n_missing++;
    }
    return n_missing;
}

static int is_rule(const struct dirent *d)
{
    return strstr(d->d_name, ".sql") != NULL;
}

int main(int argc, char **argv)
{
    struct dirent **names = NULL;
    struct rule_case *list = NULL, **end = &list;
    size_t n_wrong = 0;

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    if (!evidence_open("rule-bundles"))
        return 1;
    int n = scandir(CT_SOURCE_DIR "/server/rules/pack", &names, is_rule, alphasort);
    for (int i = 0; i < n; i++) {
        names[i]->d_name[strlen(names[i]->d_name) - 4] = '\0';
        if (argc < 2 || strcmp(argv[1], names[i]->d_name) == 0)
            n_wrong += read_rule(names[i]->d_name, &end);
        free(names[i]);
    }
    free(names);
    (void)fflush(stdout);
    n_wrong += run_all(list, argc < 2);
    if (argc < 2)
        evidence_prune(list);
    rule_case_free(list);
    return n_wrong ? 1 : 0;
}
