/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "case.h"
#include "compiler.h"
#include "diff.h"
#include "judge.h"
#include "rules.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option_row options[] = {
    {"--rules", "DIR", "of bundles: rules of this folder too; they go before built-in ones of their names",
     false},
    {"--format", "text|json", "how to print it; text", false},
    {0},
};

/* Facts of a bundle and the report on it alone; of a report only that. */
struct side {
    sqlite3 *facts;
    json_t *report;
};

static void side_done(const struct side *s)
{
    (void)sqlite3_close(s->facts);
    json_decref(s->report);
}

static bool is_report(const char *path)
{
    size_t n = strlen(path);

    return n > 5 && strcmp(path + n - 5, ".json") == 0;
}

static int open_side(const char *path, struct judge *judge, struct side *ret, struct err *e)
{
    const char *slash = strrchr(path, '/');
    struct err killed = {0};
    json_error_t why;
    int fd, r;

    if (is_report(path)) {
        ret->report = json_load_file(path, 0, &why);
        return ret->report ? 0 : err_set(e, ERR_FORMAT, "%s: line %d: %s", path, why.line, why.text);
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, "%s", path);
    r = case_extract(fd, slash ? slash + 1 : path, NULL, &ret->facts, &killed, e);
    (void)close(fd);
    if (r == 0 && killed.code) { /* what is missing would look like a change */
        *e = killed;
        return -killed.code;
    }
    return r < 0 ? r : judge_machines(judge, &ret->facts, 1, "", &ret->report, e);
}

static int compare(const struct side *a, const struct side *b, json_t **ret, struct err *e)
{
    json_t *findings = NULL, *facts = NULL;
    int r = diff_reports(a->report, b->report, &findings, e);

    if (r == 0 && a->facts && b->facts)
        r = diff_facts(a->facts, b->facts, &facts, e);
    if (r == 0)
        *ret = json_pack("{s:O, s:O*}", "findings", findings, "facts", facts);
    json_decref(findings);
    json_decref(facts);
    return r < 0 || *ret ? r : err_set(e, ERR_NOMEM, "diff");
}

static int print(const json_t *diff, const char *format, struct err *e)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(256 << 20);

    if (format && strcmp(format, "json") == 0) {
        (void)json_dumpf(diff, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
        return puts("") < 0 ? err_errno(e, "standard output") : 0;
    }
    if (json_object_get(diff, "facts"))
        diff_facts_print(json_object_get(diff, "facts"), &out);
    diff_reports_print(json_object_get(diff, "findings"), &out);
    if (buf_check(&out, "diff", e) < 0)
        return -e->code;
    return fputs(buf_c(&out), stdout) < 0 ? err_errno(e, "standard output") : 0;
}

static int diff(const struct options *o, struct err *e)
{
    CLEANUP(side_done) struct side a = {0}, b = {0};
    const char *format = option(o, "--format");
    struct ruleset *rules = NULL;
    struct judge *judge = NULL;
    json_t *result = NULL;
    int r;

    if (o->n_rest != 2 || is_report(o->rest[0]) != is_report(o->rest[1]))
        return err_set(e, ERR_USAGE, "diff: two reports (.json), or two bundles");
    if (format && strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
        return err_set(e, ERR_USAGE, "--format %s: text or json", format);
    r = ruleset_load(option(o, "--rules"), true, &rules, e);
    if (r == 0)
        r = judge_new(rules, &judge, e);
    if (r == 0)
        r = open_side(o->rest[0], judge, &a, e);
    if (r == 0)
        r = open_side(o->rest[1], judge, &b, e);
    if (r == 0)
        r = compare(&a, &b, &result, e);
    if (r == 0)
        r = print(result, format, e);
    json_decref(result);
    judge_free(judge);
    ruleset_free(rules);
    return r;
}

static int run(const struct options *o)
{
    struct err e = {0};

    return diff(o, &e) < 0 ? command_fail(&e) : 0;
}

const struct command command_diff = {
    "diff",
    "BEFORE AFTER",
    "what changed between two reports (.json), or two bundles of one machine",
    options,
    run,
};
