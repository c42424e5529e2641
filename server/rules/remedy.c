/* SPDX-License-Identifier: Apache-2.0
 *
 * remedy: the steps that a rule advises, with this machine's values. */
#include "run.h"

#include <string.h>

#include "step.h"
#include "text.h"

enum { TEXT_BYTES = 65536 };

json_t *json_text(struct str s)
{
    struct buf b = BUF_INIT(4 * TEXT_BYTES);
    json_t *text;

    if (text_is_utf8(s))
        return json_stringn_nocheck(s.p ? s.p : "", s.len);
    text_add_utf8_lossy(&b, s);
    text = json_stringn_nocheck(buf_c(&b), b.len);
    buf_done(&b);
    return text;
}

int text_build(struct run *run, const struct rule_text *lines, const struct row *row, struct str *ret,
               struct err *e)
{
    CLEANUP(buf_done) struct buf all = BUF_INIT(TEXT_BYTES);
    CLEANUP(buf_done) struct buf line = BUF_INIT(TEXT_BYTES);

    for (size_t i = 0; i < lines->n; i++) {
        struct template_result result;
        buf_clear(&line);
        int r = template_expand(&run->quoter, row, lines->lines[i].text, &line, &result, e);
        if (r < 0)
            return err_wrap(e, "line %d", lines->lines[i].number);
        if (result.has_null || !line.len)
            continue;
        if (all.len)
            buf_add_char(&all, ' ');
        buf_add_str(&all, str_trim(buf_str(&line)));
    }
    *ret = arena_keep(&run->arena, buf_str(&all));
    return ret->p ? buf_check(&all, "text of a finding", e) : err_set(e, ERR_NOMEM, "text of a finding");
}

/* A value goes into a command only through a quoting filter; that is also true of a rule that nobody has
 * checked. */
static int check_quoted(struct str text, int line, struct err *e)
{
    struct template_hole hole;
    struct str before;

    while (template_next(&text, &before, &hole))
        if (hole.filter == FILTER_NONE || hole.filter == FILTER_TIME)
            return err_set(e, ERR_FORMAT, "line %d: {%.*s} in a command wants |cmd, |ps, |netsh or |command",
                           line, (int)hole.column.len, hole.column.p);
    return 0;
}

static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return true;
    return false;
}

static json_t *new_step(const char *kind, const char *shell, struct str text)
{
    json_t *step = json_object();

    put(step, "kind", json_word(kind));
    if (shell)
        put(step, "shell", json_word(shell));
    put(step, "text", json_text(text));
    return step;
}

/* A line of words goes on with the words before it. */
static bool joins_last(json_t *steps, const struct step *step, bool after_blank)
{
    json_t *last = json_array_get(steps, json_array_size(steps) - 1);

    return !after_blank && !step->shell && strcmp(step->kind, "text") == 0 && last &&
           strcmp(json_string_value(json_object_get(last, "kind")), "text") == 0;
}

static void append(json_t *steps, const struct step *step, struct str text, bool after_blank)
{
    CLEANUP(buf_done) struct buf both = BUF_INIT(4 * TEXT_BYTES);
    json_t *last = json_array_get(steps, json_array_size(steps) - 1);

    if (!joins_last(steps, step, after_blank)) {
        json_array_append_new(steps, new_step(step->kind, step->shell, text));
        return;
    }
    buf_add_c(&both, json_string_value(json_object_get(last, "text")));
    buf_add_char(&both, ' ');
    buf_add_str(&both, text);
    put(last, "text", json_text(buf_str(&both)));
}

/* Where the build is not known, what the newer ones have. */
static bool is_for_machine(const struct run *run, const struct step *step, const struct row *row)
{
    struct str machine = row_text(row, "machine");
    sqlite3_stmt *s = NULL;
    int64_t build = 0;

    if (machine.p &&
        statements_take(run->statements, "SELECT build FROM machine WHERE machine = ?1", &s) == SQLITE_OK) {
        sqlite3_bind_text(s, 1, machine.p, (int)machine.len, SQLITE_STATIC);
        if (sqlite3_step(s) == SQLITE_ROW)
            build = sqlite3_column_int64(s, 0);
    }
    statements_give(s);
    return build > 0 ? build >= step->from && build <= step->until : step->until == INT64_MAX;
}

static int add_line(struct run *run, const struct rule_line *line, const struct row *row, bool after_blank,
                    json_t *steps, bool *placeholder, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
    struct step step = step_read(line->text);
    struct template_result result;

    if (step.is_for_builds && !is_for_machine(run, &step, row))
        return 0;
    int r = step.shell ? check_quoted(step.text, line->number, e) : 0;

    if (r == 0)
        r = template_expand(&run->quoter, row, step.text, &text, &result, e);
    if (r < 0)
        return err_wrap(e, "line %d", line->number);
    if (result.has_null)
        return 0;
    if (step.shell && has_control(buf_str(&text)))
        return err_set(e, ERR_FORMAT, "line %d: a control character in a command", line->number);
    *placeholder = *placeholder || (step.shell && (result.has_placeholder || strchr(buf_c(&text), '<')));
    append(steps, &step, buf_str(&text), after_blank);
    return 0;
}

int steps_build(struct run *run, const struct rule_text *lines, const struct row *row, json_t **ret,
                struct err *e)
{
    json_t *steps = json_array();
    bool placeholder = false, after_blank = true;

    for (size_t i = 0; i < lines->n; i++) {
        const struct rule_line *line = &lines->lines[i];
        if (line->text.len) {
            int r = add_line(run, line, row, after_blank, steps, &placeholder, e);
            if (r < 0) {
                json_decref(steps);
                return r;
            }
        }
        after_blank = line->text.len == 0;
    }
    if (placeholder)
        json_array_append_new(
            steps, new_step("note", NULL,
                            STR("Where <...> stands in a command, put the value in by "
                                "hand: it is not known, or cannot be written safely into a command.")));
    *ret = steps;
    return 0;
}

int remedy_build(struct run *run, const struct rule *rule, const struct row *row, json_t **ret, struct err *e)
{
    int r = steps_build(run, &rule->remedy, row, ret, e);

    if (r == 0 && rule->interrupts.len)
        json_array_append_new(*ret, new_step("note", NULL, rule->interrupts));
    return r;
}
