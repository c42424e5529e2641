/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "compiler.h"
#include "judge.h"
#include "report.h"
#include "rules.h"
#include "suppress.h"
#include "text.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const struct option_row options[] = {
    {"--format", "text|json|html|sarif", "how to print the report; text", false},
    {"-o", "FILE", "write it there instead of to standard output", false},
    {"--rules", "DIR", "rules of this folder too; they go before built-in ones of their names", false},
    {"--case", "ID", "name of the case in the report; the one in the bundle's manifest", false},
    {"--suppressions", "FILE",
     "findings to live with: a JSON array of {rule, reason, subject, machine, until}", false},
    {"--at", "TIME", "when suppressions are judged; now", false},
    {0},
};

static int read_file(const char *path, struct buf *to, struct err *e)
{
    char piece[65536];
    size_t n;
    FILE *f = fopen(path, "rb");

    if (!f)
        return err_errno(e, "%s", path);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(to, piece, n);
    (void)fclose(f);
    return buf_check(to, path, e);
}

static int write_out(const char *path, struct str text, struct err *e)
{
    FILE *f = path ? fopen(path, "wb") : stdout;
    bool good;

    if (!f)
        return err_errno(e, "%s", path);
    good = fwrite(text.p, 1, text.len, f) == text.len && fflush(f) == 0;
    if (path && fclose(f) != 0)
        good = false;
    return good ? 0 : err_errno(e, "%s: writing", path ? path : "standard output");
}

static int render(const struct options *o, const json_t *report, struct err *e)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(1024 * 1024 * 1024);
    enum report_format format = REPORT_TEXT;
    const char *wanted = option(o, "--format"), *path = option(o, "-o");
    bool colour;

    if (wanted && !report_format_from(str_from(wanted), &format))
        return err_set(e, ERR_USAGE, "--format %s: text, json, html or sarif", wanted);
    colour = format == REPORT_TEXT && !path && isatty(STDOUT_FILENO);
    if (report_render(report, format, colour, &out, e) < 0)
        return -e->code;
    return write_out(path, buf_str(&out), e);
}

static int suppress(const struct options *o, const struct ruleset *rules, json_t *report, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(16 * 1024 * 1024);
    const char *path = option(o, "--suppressions"), *at = option(o, "--at");
    int64_t now_ms = (int64_t)time(NULL) * 1000;
    json_t *list = NULL;
    int r;

    if (!path)
        return 0;
    if (at && !time_parse(str_from(at), &now_ms))
        return err_set(e, ERR_USAGE, "--at %s: write 2027-01-31T12:00:00Z", at);
    r = read_file(path, &text, e);
    if (r == 0)
        r = suppressions_read(rules, buf_str(&text), &list, e);
    if (r == 0)
        r = suppressions_apply(report, list, now_ms, e);
    json_decref(list);
    return r < 0 ? err_wrap(e, "%s", path) : 0;
}

/* Bundles are unpacked in a thread, while this one reads the rules and starts what compiles them. */
struct unpacking {
    const struct options *options;
    sqlite3 *machines[CASE_BUNDLES];
    struct err e;
    int r;
};

static void *unpack(void *ctx)
{
    struct unpacking *u = ctx;

    u->r = command_machines(u->options, u->options->n_rest, u->machines, &u->e);
    return NULL;
}

static int judge(const struct options *o, struct unpacking *u, pthread_t thread, struct ruleset **rules,
                 json_t **ret, struct err *e)
{
    const char *name = option(o, "--case");
    struct judge *judge = NULL;
    int r = ruleset_load(option(o, "--rules"), true, rules, e);

    if (r == 0)
        r = judge_new(*rules, &judge, e);
    (void)pthread_join(thread, NULL);
    if (r == 0 && u->r < 0) {
        *e = u->e;
        r = u->r;
    }
    if (r == 0)
        r = judge_machines(judge, u->machines, o->n_rest, name ? name : "", ret, e);
    judge_free(judge);
    return r;
}

static int lint(const struct options *o, json_t **ret, struct err *e)
{
    struct unpacking u = {.options = o};
    struct ruleset *rules = NULL;
    pthread_t thread;
    int r;

    if (pthread_create(&thread, NULL, unpack, &u) != 0)
        return err_set(e, ERR_NOMEM, "unpacking: no thread");
    r = judge(o, &u, thread, &rules, ret, e);
    if (u.r == 0)
        command_machines_done(u.machines);
    if (r == 0)
        r = suppress(o, rules, *ret, e);
    ruleset_free(rules);
    return r;
}

static int run(const struct options *o)
{
    struct err e = {0};
    json_t *report = NULL;
    int code;

    if (lint(o, &report, &e) < 0 || render(o, report, &e) < 0)
        code = command_fail(&e);
    else
        code = report_exit_code(report);
    json_decref(report);
    return code;
}

const struct command command_lint = {
    "lint", "[options] BUNDLE…", "judge bundles (several are one case) and print the report", options, run,
};
