/* SPDX-License-Identifier: Apache-2.0
 *
 * check: is every rule sound? Compiled against an empty facts database, its texts against the columns that it
 * selects. */
#include "rule.h"

#include <string.h>

#include "check_needs.h"
#include "facts_db.h"
#include "facts_functions.h"
#include "step.h"
#include "template.h"

struct checker {
    const struct ruleset *set;
    sqlite3 *db;    /* confined, as rules run */
    sqlite3 *names; /* not confined: what tables and columns are called */
    struct buf *out;
    size_t n_wrong;
};

static void wrong(struct checker *c, const struct rule *rule, int line, const char *what, const char *detail)
{
    buf_printf(c->out, "%.*s:%d: %s%s%s\n", (int)rule->file.len, rule->file.p, line, what,
               *detail ? ": " : "", detail);
    c->n_wrong++;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits between two short words (Levenshtein), words longer than the row never match. */
static size_t distance(const char *a, const char *b)
{
    enum { WORD = 64 };
    size_t row[WORD + 1], n = strlen(b);

    if (n > WORD || strlen(a) > WORD)
        return WORD;
    for (size_t k = 0; k <= n; k++)
        row[k] = k;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t k = 1; k <= n; k++) {
            size_t above = row[k];
            row[k] = least(least(above, row[k - 1]) + 1, corner + (a[i - 1] != b[k - 1]));
            corner = above;
        }
    }
    return row[n];
}

/* The table or column of the facts that is written most like `word`. */
static bool nearest(sqlite3 *db, const char *word, char ret[RULE_NAME_BYTES])
{
    sqlite3_stmt *s = NULL;
    size_t best = 3; /* more than two edits is another word */

    if (sqlite3_prepare_v2(db,
                           "SELECT name FROM sqlite_master UNION SELECT p.name FROM sqlite_master m,"
                           " pragma_table_info(m.name) p ORDER BY 1",
                           -1, &s, NULL) == SQLITE_OK) {
        while (sqlite3_step(s) == SQLITE_ROW) {
            const char *name = (const char *)sqlite3_column_text(s, 0);
            size_t d = name ? distance(word, name) : best;
            if (d < best) {
                best = d;
                sqlite3_snprintf(RULE_NAME_BYTES, ret, "%s", name);
            }
        }
    }
    sqlite3_finalize(s);
    return best < 3;
}

/* SQLite's own words, and what was probably meant. */
static void wrong_sql(struct checker *c, const struct rule *rule, int line, const char *sql)
{
    const char *message = sqlite3_errmsg(c->db), *at;
    int offset = sqlite3_error_offset(c->db);
    char guess[RULE_NAME_BYTES], text[1024];

    for (int i = 0; i < offset && sql[i]; i++)
        line += sql[i] == '\n';
    sqlite3_snprintf(sizeof text, text, "%s", message);
    at = strrchr(text, ' ');
    if (strncmp(text, "no such", 7) == 0 && at) {
        const char *dot = strrchr(at, '.');
        if (nearest(c->names, dot ? dot + 1 : at + 1, guess)) {
            char full[1400];
            sqlite3_snprintf(sizeof full, full, "%s; did you mean %s?", text, guess);
            wrong(c, rule, line, full, "");
            return;
        }
    }
    wrong(c, rule, line, text, "");
}

static bool is_allowed(enum template_filter filter, bool in_command)
{
    return in_command ? filter >= FILTER_CMD : filter == FILTER_NONE || filter == FILTER_TIME;
}

/* Is a quote open behind this part of a command? A quoted value there would close it. */
static bool flip_quote(struct str part, bool is_open)
{
    for (size_t i = 0; i < part.len; i++)
        is_open ^= part.p[i] == '"';
    return is_open;
}

/* What a machine's Windows does not have yet is advised to none. */
static void check_builds(struct checker *c, const struct rule *rule, int line, const struct step *step)
{
    const char *word = NULL;
    int64_t since = command_since(step->text, &word);
    char text[160];

    if (since <= step->from)
        return;
    sqlite3_snprintf(sizeof text, text, "Windows has \"%s\" from build %lld on: begin the line with [%lld-]",
                     word, since, since);
    wrong(c, rule, line, text, "");
}

static void check_text(struct checker *c, const struct rule *rule, const struct rule_text *text,
                       const struct row *row)
{
    for (size_t i = 0; i < text->n; i++) {
        struct str rest = text->lines[i].text, before;
        struct step step = step_read(rest);
        struct template_hole hole;
        bool in_command = step.shell != NULL, is_open = false;
        if (in_command)
            check_builds(c, rule, text->lines[i].number, &step);
        while (template_next(&rest, &before, &hole)) {
            is_open = flip_quote(before, is_open);
            char name[RULE_NAME_BYTES];
            sqlite3_snprintf(sizeof name, name, "{%.*s}", (int)hole.column.len, hole.column.p);
            if (row_column(row, hole.column) < 0)
                wrong(c, rule, text->lines[i].number, "a text names a column that is not selected", name);
            else if (!hole.known)
                wrong(c, rule, text->lines[i].number, "no such filter (cmd, ps, netsh, command, time)", name);
            else if (!is_allowed(hole.filter, in_command))
                wrong(c, rule, text->lines[i].number,
                      in_command ? "a value in a command wants |cmd, |ps, |netsh or |command"
                                 : "a value in words takes no quoting filter",
                      name);
            else if (in_command && is_open && hole.filter != FILTER_COMMAND)
                wrong(c, rule, text->lines[i].number,
                      "a quoted value within quotes: select the whole text as one column", name);
        }
    }
}

static void check_columns(struct checker *c, const struct rule *rule, sqlite3_stmt *s)
{
    CLEANUP(arena_done) struct arena arena = ARENA_INIT(1 << 20);
    struct err e = {0};
    struct row row;

    if (row_open(&arena, s, &row, &e) < 0) {
        wrong(c, rule, rule->sql_line, "out of memory", "");
        return;
    }
    if (row_column(&row, STR("machine")) < 0 || row_column(&row, STR("subject")) < 0)
        wrong(c, rule, rule->sql_line, "must select machine and subject", "");
    check_text(c, rule, &rule->message, &row);
    check_text(c, rule, &rule->why, &row);
    check_text(c, rule, &rule->confirm, &row);
    check_text(c, rule, &rule->remedy, &row);
}

static void check_select(struct checker *c, const struct rule *rule)
{
    sqlite3_stmt *s = NULL;
    const char *tail = "";

    if (sqlite3_prepare_v2(c->db, rule->sql, -1, &s, &tail) != SQLITE_OK) {
        wrong_sql(c, rule, rule->sql_line, rule->sql);
        return;
    }
    if (!s || !sqlite3_stmt_readonly(s) || sqlite3_column_count(s) == 0)
        wrong(c, rule, rule->sql_line, "not a SELECT", "");
    else if (str_trim(str_from(tail)).len)
        wrong(c, rule, rule->sql_line, "more than one statement", "");
    else if (sqlite3_bind_parameter_count(s))
        wrong(c, rule, rule->sql_line,
              "a SELECT takes no parameter; it gives all machines, in its column machine", "");
    else
        check_columns(c, rule, s);
    sqlite3_finalize(s);
}

static void check_applies(struct checker *c, const struct rule *rule)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(1 << 17);
    sqlite3_stmt *s = NULL;

    if (!rule->applies)
        return;
    buf_printf(&sql, "SELECT (%s)", rule->applies);
    if (sqlite3_prepare_v2(c->db, buf_c(&sql), -1, &s, NULL) != SQLITE_OK)
        wrong_sql(c, rule, rule->applies_line, buf_c(&sql));
    sqlite3_finalize(s);
}

static void check_outranks(struct checker *c, const struct rule *rule)
{
    for (size_t i = 0; i < rule->outranks.n; i++) {
        char name[RULE_NAME_BYTES];
        struct str id = rule->outranks.lines[i].text;
        sqlite3_snprintf(sizeof name, name, "%.*s", (int)id.len, id.p);
        if (!ruleset_find(c->set, id))
            wrong(c, rule, rule->outranks.lines[i].number, "outranks a rule that is not there", name);
    }
}

static void check_needs(struct checker *c, const struct rule *rule)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(1 << 17);
    struct table_reads reads = {0};
    const char *kinds = "", *table;
    char text[RULE_NAME_BYTES];

    buf_printf(&sql, "SELECT (%s)", rule->applies ? rule->applies : "1");
    if (table_reads_add(c->names, rule->sql, &reads) || table_reads_add(c->names, buf_c(&sql), &reads))
        return; /* told already */
    for (size_t i = 0; i < rule->n_needs; i++) {
        struct str need = rule->needs[i].text;
        sqlite3_snprintf(sizeof text, text, "%.*s", (int)need.len, need.p);
        if (!need_is_read(&reads, need))
            wrong(c, rule, 1, "needs evidence of which it reads no table", text);
    }
    table = table_without_need(&reads, rule, &kinds);
    if (table) {
        sqlite3_snprintf(sizeof text, text, "%s (%s)", table, kinds);
        wrong(c, rule, rule->sql_line, "reads a table whose evidence is neither in needs nor in uses", text);
    }
}

/* What is told as a cause must be decidable. */
static void check_confirm(struct checker *c, const struct rule *rule)
{
    if (rule->n_explains && rule->severity != SEVERITY_INFO && !rule->confirm.n)
        wrong(c, rule, 1, "explains symptoms, and does not say what would confirm or refute it: confirm", "");
}

int ruleset_check(const struct ruleset *set, struct buf *ret_text, struct err *e)
{
    struct checker c = {.set = set, .out = ret_text};
    int r = facts_create(NULL, &c.db, e);

    if (r == 0)
        r = facts_create(NULL, &c.names, e);
    if (r == 0 && facts_functions_register(c.names)) /* the views call them */
        r = err_set(e, ERR_NOMEM, "facts: functions");
    if (r == 0)
        r = facts_confine(c.db, e);
    for (size_t i = 0; r == 0 && i < set->n_rules; i++) {
        check_select(&c, &set->rules[i]);
        check_applies(&c, &set->rules[i]);
        check_outranks(&c, &set->rules[i]);
        check_confirm(&c, &set->rules[i]);
        check_needs(&c, &set->rules[i]);
    }
    sqlite3_close(c.db);
    sqlite3_close(c.names);
    if (r < 0)
        return r;
    if (buf_check(ret_text, "rules", e) < 0)
        return -e->code;
    if (c.n_wrong)
        return err_set(e, ERR_FORMAT, "rules: %zu thing%s wrong", c.n_wrong, c.n_wrong == 1 ? "" : "s");
    return 0;
}
