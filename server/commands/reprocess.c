/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "compiler.h"
#include "job.h"
#include "text.h"

#include <stdio.h>

static const struct option_row options[] = {
    {"--data", "DIR", "the server's data folder", true},
    {"--rules", "DIR", "rules of this folder too; they go before built-in ones of their names", false},
    {0},
};

struct work {
    struct store *store;
    struct ruleset *rules;
    size_t n_cases, n_changed, n_failed;
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

static int one_case(void *ctx, const char *case_id)
{
    struct work *w = ctx;
    struct err e = {0};
    CLEANUP(buf_done) struct buf changes = BUF_INIT(64 * 1024 * 1024);
    const struct job_how how = {.take = add_change, .ctx = &changes};

    w->n_cases++;
    if (job_lint_case(w->store, w->rules, str_from(case_id), &how, NULL, &e) < 0) {
        w->n_failed++;
        printf("%s: %s\n", case_id, e.text);
    } else if (changes.len) {
        w->n_changed++;
        printf("%s:\n%s", case_id, buf_c(&changes));
    }
    return 0;
}

static int run(const struct options *o)
{
    struct err e = {0};
    struct work w = {0};
    int r = ruleset_load(option(o, "--rules"), true, &w.rules, &e);

    if (r == 0)
        r = store_open(option(o, "--data"), &w.store, &e);
    if (r == 0)
        r = store_cases(w.store, one_case, &w, &e);
    if (r == 0)
        printf("%zu cases judged by rule set %s: findings changed in %zu, %zu could not be judged\n",
               w.n_cases, ruleset_version(w.rules), w.n_changed, w.n_failed);
    store_close(w.store);
    ruleset_free(w.rules);
    return r < 0 ? command_fail(&e) : w.n_failed ? 2 : 0;
}

const struct command command_reprocess = {
    "reprocess", "--data DIR", "judge every stored case again and print which findings changed", options, run,
};
