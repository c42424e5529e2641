/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "compiler.h"
#include "rules.h"

#include <stdio.h>
#include <string.h>

static const struct option_row options[] = {
    {"--rules", "DIR", "rules of this folder too; they go before built-in ones of their names", false},
    {"--format", "text|json", "how list prints; text", false},
    {0},
};

static int list(const struct ruleset *set, bool as_json)
{
    json_t *rows = ruleset_list(set), *row;
    size_t i;

    if (as_json) {
        (void)json_dumpf(rows, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
        putchar('\n');
    }
    json_array_foreach(rows, i, row)
    {
        const char *id = "", *severity = "", *title = "";
        (void)json_unpack(row, "{s?s s?s s?s}", "id", &id, "severity", &severity, "title", &title);
        if (!as_json)
            printf("%-36s %-8s %s\n", id, severity, title);
    }
    json_decref(rows);
    return 0;
}

static int check(const struct ruleset *set, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(16 * 1024 * 1024);
    int r = ruleset_check(set, &text, e);

    fputs(buf_c(&text), r < 0 ? stderr : stdout);
    if (r == 0)
        printf("%zu rules are good, rule set %s\n", ruleset_count(set), ruleset_version(set));
    return r;
}

static int run(const struct options *o)
{
    struct err e = {0};
    struct ruleset *set = NULL;
    const char *what = o->n_rest == 1 ? o->rest[0] : "", *format = option(o, "--format");
    int r = ruleset_load(option(o, "--rules"), true, &set, &e);

    if (r == 0 && strcmp(what, "list") == 0)
        r = list(set, format && strcmp(format, "json") == 0);
    else if (r == 0 && strcmp(what, "check") == 0)
        r = check(set, &e);
    else if (r == 0)
        r = err_set(&e, ERR_USAGE, "rules: list or check");
    ruleset_free(set);
    return r < 0 ? command_fail(&e) : 0;
}

const struct command command_rules = {"rules", "list|check [options]",
                                      "print the rules, or check their files", options, run};
