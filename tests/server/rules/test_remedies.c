/* SPDX-License-Identifier: Apache-2.0
 *
 * Every command of every built-in rule, with hostile values in each place that takes one: what comes out is
 * read again as cmd, PowerShell and a terminal read it. EVIL stands for what somebody wants to be run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts_db.h"
#include "facts_functions.h"
#include "rule.h"
#include "template.h"

static const char *const hostile[] = {
    "a\" & EVIL & \"",
    "a & EVIL",
    "a\" EVIL",
    "%EVIL%",
    "!EVIL!",
    "a|EVIL",
    "a>EVIL",
    "^&EVIL",
    "a'; EVIL; '",
    "$(EVIL)",
    "`EVIL`",
    "a;EVIL",
    "a\nEVIL",
    "a\r\nEVIL",
    "a\x1b[2J & EVIL",
    "a\xe2\x80\xae & EVIL",
    "a\xe2\x80\x99; EVIL; \xe2\x80\x99",
    "a\\\" & EVIL",
    "a\\",
    "my site & EVIL\\",
    "\"EVIL\"",
    "@(EVIL)",
    "a,EVIL",
    "{EVIL}",
};

/* May it be shown as it is? */
static bool is_printable(const char *s)
{
    for (const unsigned char *p = (const unsigned char *)s; *p; p++)
        if (*p < 0x20 || *p == 0x7f || (p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
            (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9))
            return false;
    return true;
}

/* cmd: only what stands in quotes is text, and % and ! are replaced even there. */
static bool is_safe_for_cmd(const char *s)
{
    bool is_quoted = false;

    for (; *s; s++) {
        if (*s == '"')
            is_quoted = !is_quoted;
        if (strncmp(s, "EVIL", 4) == 0 && (!is_quoted || s[4] == '%' || s[4] == '!'))
            return false;
    }
    return !is_quoted;
}

/* One of the quotes that PowerShell takes for '? Its bytes. */
static size_t single_quote(const char *s)
{
    if (*s == '\'')
        return 1;
    return strncmp(s, "\xe2\x80", 2) == 0 && (unsigned char)s[2] >= 0x98 && (unsigned char)s[2] <= 0x9b ? 3
                                                                                                        : 0;
}

/* PowerShell: only what stands in single quotes is text; two of them are one. */
static bool is_safe_for_ps(const char *s)
{
    bool is_quoted = false, is_expanding = false;

    while (*s) {
        size_t quote = is_expanding ? 0 : single_quote(s);
        if (quote) {
            is_quoted = !is_quoted;
            s += quote;
            continue;
        }
        if (*s == '"' && !is_quoted)
            is_expanding = !is_expanding;
        if (strncmp(s, "EVIL", 4) == 0 && !is_quoted)
            return false;
        s++;
    }
    return !is_quoted && !is_expanding;
}

/* A row that has the columns of the line: hostile where they are quoted, empty where a view has put a part
 * of a command together. */
static sqlite3_stmt *row_for(sqlite3 *db, struct str line, const char *value)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(1 << 16);
    struct template_hole hole;
    struct str before;
    sqlite3_stmt *s = NULL;

    buf_add_c(&sql, "SELECT 1");
    while (template_next(&line, &before, &hole))
        buf_printf(&sql, ", %s AS \"%.*s\"", hole.filter == FILTER_COMMAND ? "''" : "?1",
                   (int)hole.column.len, hole.column.p);
    assert_int_equal(sqlite3_prepare_v2(db, buf_c(&sql), -1, &s, NULL), SQLITE_OK);
    if (sqlite3_bind_parameter_count(s))
        sqlite3_bind_text(s, 1, value, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    return s;
}

/* Commands that are not safe with this value. */
static size_t count_unsafe(struct quoter *q, const struct rule *rule, struct str line, bool is_ps,
                           const char *value)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(1 << 16);
    struct template_result result = {0};
    struct err e = {0};
    CLEANUP(arena_done) struct arena arena = ARENA_INIT(1 << 20);
    sqlite3_stmt *s = row_for(statements_db(q->statements), line, value);
    struct row row;
    int r = row_open(&arena, s, &row, &e);

    if (r == 0)
        r = template_expand(q, &row, line, &out, &result, &e);
    sqlite3_finalize(s);
    if (r == 0 && is_printable(buf_c(&out)) && (is_ps ? is_safe_for_ps : is_safe_for_cmd)(buf_c(&out)))
        return 0;
    print_error("%.*s: %s%s\n", (int)rule->id.len, rule->id.p, buf_c(&out), r < 0 ? e.text : "");
    return 1;
}

static size_t try_text(struct quoter *q, const struct rule *rule, const struct rule_text *text, size_t *n)
{
    size_t unsafe = 0;

    for (size_t i = 0; i < text->n; i++) {
        struct str line = str_trim(text->lines[i].text);
        if (str_starts(line, STR("undo: ")))
            line = str_trim(str_skip(line, 6));
        bool is_ps = str_starts(line, STR("PS> "));
        if (!is_ps && !str_starts(line, STR("$ ")))
            continue;
        line = str_skip(line, is_ps ? 4 : 2);
        ++*n;
        for (size_t k = 0; k < ARRAY_LEN(hostile); k++)
            unsafe += count_unsafe(q, rule, line, is_ps, hostile[k]);
    }
    return unsafe;
}

static sqlite3 *open_facts(void)
{
    struct err e = {0};
    sqlite3 *db = NULL;

    assert_int_equal(facts_create(NULL, &db, &e), 0);
    assert_int_equal(facts_functions_register(db), 0);
    return db;
}

static void no_remedy_runs_a_name(void **state)
{
    struct ruleset *set = NULL;
    struct err e = {0};
    struct quoter q = {.statements = NULL};
    sqlite3 *db = open_facts();
    size_t unsafe = 0, n = 0;
    (void)state;

    assert_int_equal(statements_new(db, &q.statements, &e), 0);
    assert_int_equal(ruleset_load(NULL, true, &set, &e), 0);
    for (size_t i = 0; i < set->n_rules; i++) {
        unsafe += try_text(&q, &set->rules[i], &set->rules[i].confirm, &n);
        unsafe += try_text(&q, &set->rules[i], &set->rules[i].remedy, &n);
    }
    print_message("%zu commands, each with %zu values\n", n, ARRAY_LEN(hostile));
    assert_true(n > 500);
    assert_int_equal(unsafe, 0);
    quoter_done(&q);
    statements_free(q.statements);
    sqlite3_close(db);
    ruleset_free(set);
}

/* What is not safe is found. */
static void the_readers_can_fail(void **state)
{
    (void)state;
    assert_false(is_safe_for_cmd("del \"a\" & EVIL & \"\""));
    assert_false(is_safe_for_cmd("del \"%EVIL%\""));
    assert_false(is_safe_for_cmd("reg add \"HKCU\\Zones\\\"a & EVIL\"\" /v x"));
    assert_true(is_safe_for_cmd("del \"a & EVIL\""));
    assert_false(is_safe_for_ps("Set-It 'a'; EVIL; ''"));
    assert_false(is_safe_for_ps("Set-It 'a\xe2\x80\x99; EVIL; \xe2\x80\x99'"));
    assert_false(is_safe_for_ps("Set-It \"$(EVIL)\""));
    assert_true(is_safe_for_ps("Set-It 'a''; EVIL; '''"));
    assert_false(is_printable("a\x1b[2J"));
    assert_false(is_printable("a\xe2\x80\xae"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_remedy_runs_a_name),
        cmocka_unit_test(the_readers_can_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
