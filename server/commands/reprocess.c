/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "compiler.h"
#include "each.h"
#include "impact.h"
#include "job.h"
#include "text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row options[] = {
    {"--data", "DIR", "the server's data folder", true},
    {"--rules", "DIR", "rules of this folder too; they go before built-in ones of their names", false},
    {"--dry-run", NULL, "print what would change, rule by rule, and change nothing", false},
    {"--samples", "N", "with --dry-run: so many examples a rule; 3", false},
    {"--format", "text|json", "with --dry-run: how to print it; text", false},
    {0},
};

struct work {
    struct store *store;
    struct ruleset *rules;
    size_t n_cases, n_changed, n_failed;
    pthread_mutex_t lock;
};

static int add_change(void *ctx, const struct store_change *one)
{
    struct buf *out = ctx;

    buf_printf(out, "%c %s  ", one->mark, one->rule);
    text_add_printable(out, str_from(one->machine));
    buf_add_c(out, "  ");
    text_add_printable(out, str_from(one->subject));
    buf_add_char(out, '\n');
    return 0;
}

static void one_case(void *ctx, struct judge *judge, const char *case_id)
{
    struct work *w = ctx;
    struct err e = {0};
    CLEANUP(buf_done) struct buf changes = BUF_INIT(64 * 1024 * 1024);
    const struct job_how how = {.judge = judge, .take = add_change, .ctx = &changes};
    int r = job_lint_case(w->store, w->rules, str_from(case_id), &how, NULL, &e);

    (void)pthread_mutex_lock(&w->lock);
    w->n_cases++;
    w->n_failed += r < 0;
    w->n_changed += r == 0 && changes.len > 0;
    if (r < 0)
        printf("%s: %s\n", case_id, e.text);
    else if (changes.len)
        printf("%s:\n%s", case_id, buf_c(&changes));
    (void)pthread_mutex_unlock(&w->lock);
}

static long long count(const json_t *row, const char *name)
{
    return (long long)json_integer_value(json_object_get(row, name));
}

static void print_samples(const json_t *row, const char *list, char mark)
{
    size_t i;
    json_t *one;

    json_array_foreach(json_object_get(row, list), i, one)
    {
        CLEANUP(buf_done) struct buf line = BUF_INIT(1 << 20);
        const char *machine = "", *subject = "", *id = "";
        (void)json_unpack(one, "{s:s, s:s, s:s}", "case", &id, "machine", &machine, "subject", &subject);
        text_add_printable(&line, str_from(machine));
        buf_add_c(&line, "  ");
        text_add_printable(&line, str_from(subject));
        printf("    %c %s  %s\n", mark, id, buf_c(&line));
    }
}

static void print_impact(const json_t *impact)
{
    size_t i, n_same = 0;
    json_t *row;

    printf("%-40s %8s %8s %8s %8s\n", "cases that", "gain", "lose", "differ", "keep");
    json_array_foreach(json_object_get(impact, "rules"), i, row)
    {
        if (count(row, "gain") + count(row, "lose") + count(row, "change") == 0) {
            n_same++;
            continue;
        }
        printf("%-40s %8lld %8lld %8lld %8lld\n", json_string_value(json_object_get(row, "rule")),
               count(row, "gain"), count(row, "lose"), count(row, "change"), count(row, "keep"));
        print_samples(row, "gained", '+');
        print_samples(row, "lost", '-');
    }
    json_array_foreach(json_object_get(impact, "failures"), i, row)
    {
        printf("%s: %s\n", json_string_value(json_object_get(row, "case")),
               json_string_value(json_object_get(row, "reason")));
    }
    printf("%lld cases judged by rule set %s: findings would change in %lld, %lld could not be judged; "
           "%zu other rules keep all they find\n",
           count(impact, "cases"), json_string_value(json_object_get(impact, "ruleset")),
           count(impact, "changed"), count(impact, "failed"), n_same);
}

static int dry_run(const struct options *o, struct work *w, struct err *e)
{
    const char *samples = option(o, "--samples"), *format = option(o, "--format");
    json_t *impact = NULL;
    uint64_t n = 3;
    int r;

    if (samples && !str_to_u64(str_from(samples), 100, &n))
        return err_set(e, ERR_USAGE, "--samples %s: 0 to 100", samples);
    if (format && strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
        return err_set(e, ERR_USAGE, "--format %s: text or json", format);
    r = impact_of(w->store, w->rules, (size_t)n, &impact, e);
    if (r < 0)
        return r;
    w->n_failed = (size_t)count(impact, "failed");
    if (format && strcmp(format, "json") == 0)
        (void)json_dumpf(impact, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
    else
        print_impact(impact);
    json_decref(impact);
    return 0;
}

static int for_good(struct work *w, struct err *e)
{
    int r = job_each_case(w->store, w->rules, one_case, w, e);

    if (r == 0)
        printf("%zu cases judged by rule set %s: findings changed in %zu, %zu could not be judged\n",
               w->n_cases, ruleset_version(w->rules), w->n_changed, w->n_failed);
    return r;
}

static int run(const struct options *o)
{
    struct err e = {0};
    struct work w = {.lock = PTHREAD_MUTEX_INITIALIZER};
    int r = ruleset_load(option(o, "--rules"), true, &w.rules, &e);

    if (r == 0)
        r = store_open_existing(option(o, "--data"), &w.store, &e);
    if (r == 0)
        r = option(o, "--dry-run") ? dry_run(o, &w, &e) : for_good(&w, &e);
    store_close(w.store);
    ruleset_free(w.rules);
    return r < 0 ? command_fail(&e) : w.n_failed ? 2 : 0;
}

const struct command command_reprocess = {
    "reprocess",
    "--data DIR [--dry-run] [--rules DIR]",
    "judge every stored case again and print which findings changed",
    options,
    run,
};
