/* SPDX-License-Identifier: Apache-2.0 */
#include "impact.h"

#include "compiler.h"
#include "each.h"
#include "job.h"
#include "limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { FAILURES = 20 };

struct impact {
    struct store *store;
    const struct ruleset *rules;
    size_t samples;
    json_t *by_rule, *failures;
    size_t n_cases, n_changed, n_failed;
    pthread_mutex_t lock;
};

static const char *text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));

    return s ? s : "";
}

static int add_old(void *ctx, const struct store_finding *one)
{
    return json_array_append_new(ctx,
                                 json_pack("{s:s, s:s, s:s, s:s}", "rule", one->rule, "machine", one->machine,
                                           "subject", one->subject, "fingerprint", one->fingerprint));
}

static int old_findings(struct store *s, const char *case_id, json_t *ret, struct err *e)
{
    const struct store_finding_filter all = {.case_id = str_from(case_id),
                                             .since_ms = TIME_NONE,
                                             .until_ms = TIME_NONE,
                                             .before_ms = TIME_NONE,
                                             .limit = -1};

    return store_finding_list(s, &all, add_old, ret, e);
}

static int new_findings(struct impact *m, struct judge *judge, const char *case_id, json_t **ret,
                        struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_REPORT_BYTES);
    CLEANUP(brief_done) struct brief brief = {0};
    int r = judge_case(judge, m->store, str_from(case_id), false, &text, &brief, NULL, e);

    if (r == 0)
        *ret = json_incref(brief.findings);
    return r;
}

/* The findings of one rule, as {fingerprint: finding}. */
static json_t *of_rule(const json_t *findings, const char *rule)
{
    json_t *set = json_object(), *one;
    size_t i;

    json_array_foreach(findings, i, one)
    {
        if (strcmp(text(one, "rule"), rule) == 0)
            (void)json_object_set(set, text(one, "fingerprint"), one);
    }
    return set;
}

/* 1 when `set` has something that `other` has not; the first of it becomes a sample of the row. */
static bool has_more(const struct impact *m, json_t *row, const char *list, const char *case_id, json_t *set,
                     const json_t *other)
{
    json_t *samples = json_object_get(row, list), *one;
    const char *print;

    json_object_foreach(set, print, one)
    {
        if (json_object_get(other, print))
            continue;
        if (json_array_size(samples) < m->samples)
            (void)json_array_append_new(samples,
                                        json_pack("{s:s, s:s, s:s}", "case", case_id, "machine",
                                                  text(one, "machine"), "subject", text(one, "subject")));
        return true;
    }
    return false;
}

static json_t *row_of(struct impact *m, const char *rule)
{
    json_t *row = json_object_get(m->by_rule, rule);

    if (row)
        return row;
    row = json_pack("{s:s, s:i, s:i, s:i, s:i, s:[], s:[]}", "rule", rule, "gain", 0, "lose", 0, "keep", 0,
                    "change", 0, "gained", "lost");
    return json_object_set_new(m->by_rule, rule, row) < 0 ? NULL : row;
}

/* True: the case has other findings of this rule than before. */
static bool compare_rule(struct impact *m, const char *case_id, const char *rule, const json_t *old,
                         const json_t *now)
{
    json_t *before = of_rule(old, rule), *after = of_rule(now, rule), *row = row_of(m, rule);
    bool gained = has_more(m, row, "gained", case_id, after, before);
    bool lost = has_more(m, row, "lost", case_id, before, after);
    const char *count = !gained && !lost                ? "keep"
                        : json_object_size(before) == 0 ? "gain"
                        : json_object_size(after) == 0  ? "lose"
                                                        : "change";

    (void)json_object_set_new(row, count, json_integer(json_integer_value(json_object_get(row, count)) + 1));
    json_decref(before);
    json_decref(after);
    return gained || lost;
}

static void add_names(json_t *names, const json_t *findings)
{
    json_t *one;
    size_t i;

    json_array_foreach(findings, i, one)
    {
        (void)json_object_set_new(names, text(one, "rule"), json_true());
    }
}

static void compare(struct impact *m, const char *case_id, const json_t *old, const json_t *now)
{
    json_t *names = json_object(), *value;
    const char *rule;
    bool changed = false;

    add_names(names, old);
    add_names(names, now);
    json_object_foreach(names, rule, value)
    {
        changed |= compare_rule(m, case_id, rule, old, now);
    }
    m->n_changed += changed;
    json_decref(names);
}

static void one_case(void *ctx, struct judge *judge, const char *case_id)
{
    struct impact *m = ctx;
    struct err e = {0};
    json_t *old = json_array(), *now = NULL;
    int r = old_findings(m->store, case_id, old, &e);

    if (r == 0)
        r = new_findings(m, judge, case_id, &now, &e);
    (void)pthread_mutex_lock(&m->lock);
    m->n_cases++;
    m->n_failed += r < 0;
    if (r == 0)
        compare(m, case_id, old, now);
    else if (json_array_size(m->failures) < FAILURES)
        (void)json_array_append_new(m->failures, json_pack("{s:s, s:s}", "case", case_id, "reason", e.text));
    (void)pthread_mutex_unlock(&m->lock);
    json_decref(old);
    json_decref(now);
}

static json_int_t touched(const json_t *row)
{
    return json_integer_value(json_object_get(row, "gain")) +
           json_integer_value(json_object_get(row, "lose")) +
           json_integer_value(json_object_get(row, "change"));
}

static int compare_rows(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    json_int_t d = touched(y) - touched(x);

    return d ? (d > 0) - (d < 0) : strcmp(text(x, "rule"), text(y, "rule"));
}

/* The rows, those first that touch the most cases. */
static json_t *sort_rows(json_t *by_rule)
{
    const size_t n = json_object_size(by_rule);
    json_t **rows = calloc(n + 1, sizeof *rows), *list = json_array(), *row;
    const char *rule;
    size_t i = 0;

    json_object_foreach(by_rule, rule, row)
    {
        if (rows)
            rows[i++] = row;
    }
    if (rows)
        qsort(rows, i, sizeof *rows, compare_rows);
    for (size_t k = 0; k < i; k++)
        (void)json_array_append(list, rows[k]);
    free(rows);
    return list;
}

int impact_of(struct store *s, const struct ruleset *rules, size_t samples, json_t **ret, struct err *e)
{
    struct impact m = {.store = s,
                       .rules = rules,
                       .samples = samples,
                       .by_rule = json_object(),
                       .failures = json_array(),
                       .lock = PTHREAD_MUTEX_INITIALIZER};
    int r = job_each_case(s, rules, one_case, &m, e);

    if (r == 0) {
        *ret = json_pack("{s:s, s:I, s:I, s:I, s:o, s:O}", "ruleset", ruleset_version(rules), "cases",
                         (json_int_t)m.n_cases, "changed", (json_int_t)m.n_changed, "failed",
                         (json_int_t)m.n_failed, "rules", sort_rows(m.by_rule), "failures", m.failures);
        r = *ret ? 0 : err_set(e, ERR_NOMEM, "impact");
    }
    json_decref(m.by_rule);
    json_decref(m.failures);
    return r;
}
