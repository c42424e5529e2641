/* SPDX-License-Identifier: Apache-2.0
 *
 * rule_parse: the header of a rule file. Fields are a table; what a field does is a function in its row. */
#include "rule.h"

#include "buf.h"
#include "compiler.h"

#include <string.h>

struct field {
    struct str name;
    struct rule_text value;
    int line;
};

struct parser {
    struct arena *arena;
    struct rule *rule;
    struct str file;
    unsigned seen; /* a bit for each row of the table */
};

typedef int (*field_take_fn)(struct parser *p, const struct field *field, struct err *e);

static int wrong(const struct parser *p, int line, struct err *e, const char *what, struct str value)
{
    return err_set(e, ERR_FORMAT, "%.*s:%d: %s%s%.*s", (int)p->file.len, p->file.p, line, what,
                   value.len ? ": " : "", (int)(value.len < 80 ? value.len : 80), value.p ? value.p : "");
}

/* The words of all lines of a field, one after the other. */
static bool next_word(const struct field *field, size_t *line, struct str *rest, struct str *ret)
{
    while (*line < field->value.n) {
        if (rest->p == NULL)
            *rest = field->value.lines[*line].text;
        while (rest->len && (rest->p[0] == ' ' || rest->p[0] == '\t'))
            *rest = str_skip(*rest, 1);
        if (rest->len) {
            *ret = str_cut(*rest, ' ', rest);
            if (rest->p == NULL)
                *rest = (struct str){"", 0};
            return true;
        }
        *rest = (struct str){NULL, 0};
        (*line)++;
    }
    return false;
}

static size_t count_words(const struct field *field)
{
    struct str rest = {NULL, 0}, word;
    size_t line = 0, n = 0;

    while (next_word(field, &line, &rest, &word))
        n++;
    return n;
}

static struct str one_line(const struct field *field)
{
    return field->value.n ? field->value.lines[0].text : (struct str){"", 0};
}

static int take_text(struct parser *p, const struct field *field, struct str *ret, struct err *e)
{
    if (field->value.n != 1 || one_line(field).len == 0)
        return wrong(p, field->line, e, "wants one line of text", field->name);
    *ret = one_line(field);
    return 0;
}

static int take_rule(struct parser *p, const struct field *field, struct err *e)
{
    int r = take_text(p, field, &p->rule->id, e);
    size_t n = strspn(p->rule->id.p ? p->rule->id.p : "", "abcdefghijklmnopqrstuvwxyz0123456789-");

    if (r == 0 && (n < p->rule->id.len || p->rule->id.len > RULE_NAME_BYTES - 8))
        return wrong(p, field->line, e, "an id is lower-case letters, digits and '-'", p->rule->id);
    return r;
}

static int take_code(struct parser *p, const struct field *field, struct err *e)
{
    return take_text(p, field, &p->rule->code, e);
}

static int take_title(struct parser *p, const struct field *field, struct err *e)
{
    return take_text(p, field, &p->rule->title, e);
}

static int take_interrupts(struct parser *p, const struct field *field, struct err *e)
{
    return take_text(p, field, &p->rule->interrupts, e);
}

static int take_tags(struct parser *p, const struct field *field, struct err *e)
{
    return take_text(p, field, &p->rule->tags, e);
}

static int take_uses(struct parser *p, const struct field *field, struct err *e)
{
    return take_text(p, field, &p->rule->uses, e);
}

static int take_severity(struct parser *p, const struct field *field, struct err *e)
{
    if (!severity_from(one_line(field), &p->rule->severity))
        return wrong(p, field->line, e, "severity is error, warning or info, not", one_line(field));
    return 0;
}

static int take_strength(struct parser *p, const struct field *field, struct err *e)
{
    if (!strength_from(one_line(field), &p->rule->strength))
        return wrong(p, field->line, e, "strength is seen, must or may, not", one_line(field));
    return 0;
}

static int take_confidence(struct parser *p, const struct field *field, struct err *e)
{
    static const char letters[] = "IPV";
    struct str s = one_line(field);
    const char *at = s.len == 1 ? strchr(letters, s.p[0]) : NULL;

    if (!at || !*at)
        return wrong(p, field->line, e, "confidence is V, P or I, not", s);
    p->rule->confidence = (enum confidence)(at - letters);
    return 0;
}

static bool role_from(struct str s, enum rule_role *ret)
{
    *ret = str_eq(s, STR("client")) ? RULE_CLIENT : RULE_SERVER;
    return str_eq(s, STR("client")) || str_eq(s, STR("server"));
}

static int take_role(struct parser *p, const struct field *field, struct err *e)
{
    if (!role_from(one_line(field), &p->rule->role))
        return wrong(p, field->line, e, "role is server or client, not", one_line(field));
    return 0;
}

/* "server/cert-store:Root!" */
static int read_need(struct parser *p, const struct field *field, struct str word, struct rule_need *ret,
                     struct err *e)
{
    struct str kind, role = str_cut(word, '/', &kind);

    ret->whole = word.len && word.p[word.len - 1] == '!';
    ret->text = (struct str){word.p, word.len - (ret->whole ? 1 : 0)};
    if (!role_from(role, &ret->role) || !kind.len)
        return wrong(p, field->line, e, "a need is server/<kind> or client/<kind>, not", word);
    kind.len -= ret->whole ? 1 : 0;
    kind = str_cut(kind, ':', &ret->store);
    if (!kind_from(kind, &ret->kind))
        return wrong(p, field->line, e, "no such kind of evidence (schema/bundle.md)", kind);
    if (ret->store.len && ret->kind != KIND_CERT_STORE)
        return wrong(p, field->line, e, "only cert-store is followed by a store", word);
    return 0;
}

static int read_alternatives(struct parser *p, const struct field *field, struct str word, size_t group,
                             struct err *e)
{
    int r = 0;

    while (r == 0 && word.len) {
        struct rule_need *need = &p->rule->needs[p->rule->n_needs];
        r = read_need(p, field, str_cut(word, '|', &word), need, e);
        need->group = group;
        p->rule->n_needs++;
    }
    return r;
}

static size_t count_char(const struct field *field, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < field->value.n; i++)
        for (size_t k = 0; k < field->value.lines[i].text.len; k++)
            n += field->value.lines[i].text.p[k] == c;
    return n;
}

static int take_needs(struct parser *p, const struct field *field, struct err *e)
{
    CLEANUP(buf_done) struct buf all = BUF_INIT(65536);
    struct str rest = {NULL, 0}, word;
    size_t line = 0, group = 0;
    int r = 0;

    p->rule->needs =
        arena_array(p->arena, count_words(field) + count_char(field, '|') + 1, sizeof *p->rule->needs);
    if (!p->rule->needs)
        return err_set(e, ERR_NOMEM, "%.*s: needs", (int)p->file.len, p->file.p);
    while (r == 0 && next_word(field, &line, &rest, &word)) {
        buf_printf(&all, "%.*s ", (int)word.len, word.p);
        r = read_alternatives(p, field, word, group++, e);
    }
    p->rule->needs_text = arena_keep(p->arena, buf_str(&all)).p;
    return r || p->rule->needs_text ? r : err_set(e, ERR_NOMEM, "%.*s: needs", (int)p->file.len, p->file.p);
}

static bool read_number(struct str s, int64_t *ret)
{
    uint64_t n = 0;

    if (str_eq(s, STR("*"))) {
        *ret = -1;
        return true;
    }
    if (!str_to_u64(s, UINT32_MAX, &n))
        return false;
    *ret = (int64_t)n;
    return true;
}

static bool read_pattern(struct str word, struct rule_pattern *ret)
{
    struct str rest, status = str_cut(word, '.', &rest), substatus = str_cut(rest, '.', &rest);

    return read_number(status, &ret->status) && read_number(substatus, &ret->substatus) &&
           read_number(rest, &ret->win32);
}

static int take_explains(struct parser *p, const struct field *field, struct err *e)
{
    struct str rest = {NULL, 0}, word;
    size_t line = 0;

    p->rule->explains = arena_array(p->arena, count_words(field) + 1, sizeof *p->rule->explains);
    if (!p->rule->explains)
        return err_set(e, ERR_NOMEM, "%.*s: explains", (int)p->file.len, p->file.p);
    while (next_word(field, &line, &rest, &word)) {
        if (!read_pattern(word, &p->rule->explains[p->rule->n_explains++]))
            return wrong(p, field->line, e, "a symptom is status.substatus.win32, each a number or *, not",
                         word);
    }
    return 0;
}

static int take_words(struct parser *p, const struct field *field, struct rule_text *ret, struct err *e)
{
    struct str rest = {NULL, 0}, word;
    size_t line = 0;

    ret->lines = arena_array(p->arena, count_words(field) + 1, sizeof *ret->lines);
    if (!ret->lines)
        return err_set(e, ERR_NOMEM, "%.*s", (int)p->file.len, p->file.p);
    while (next_word(field, &line, &rest, &word))
        ret->lines[ret->n++] = (struct rule_line){word, field->line};
    return 0;
}

static int take_outranks(struct parser *p, const struct field *field, struct err *e)
{
    return take_words(p, field, &p->rule->outranks, e);
}

static int take_references(struct parser *p, const struct field *field, struct err *e)
{
    return take_words(p, field, &p->rule->references, e);
}

static int take_lines(struct parser *p, const struct field *field, struct rule_text *ret, struct err *e)
{
    *ret = field->value;
    while (ret->n && ret->lines[0].text.len == 0) {
        ret->lines++;
        ret->n--;
    }
    return ret->n ? 0 : wrong(p, field->line, e, "is empty", field->name);
}

static int take_message(struct parser *p, const struct field *field, struct err *e)
{
    return take_lines(p, field, &p->rule->message, e);
}

static int take_confirm(struct parser *p, const struct field *field, struct err *e)
{
    return take_lines(p, field, &p->rule->confirm, e);
}

static int take_why(struct parser *p, const struct field *field, struct err *e)
{
    return take_lines(p, field, &p->rule->why, e);
}

static int take_remedy(struct parser *p, const struct field *field, struct err *e)
{
    return take_lines(p, field, &p->rule->remedy, e);
}

static int take_applies(struct parser *p, const struct field *field, struct err *e)
{
    struct buf b = BUF_INIT(65536);
    struct str kept;

    for (size_t i = 0; i < field->value.n; i++) {
        buf_add_str(&b, field->value.lines[i].text);
        buf_add_char(&b, '\n');
    }
    kept = arena_keep(p->arena, buf_str(&b));
    buf_done(&b);
    if (!kept.p)
        return err_set(e, ERR_NOMEM, "%.*s: applies", (int)p->file.len, p->file.p);
    p->rule->applies = kept.p;
    p->rule->applies_line = field->line;
    return 0;
}

static int take_since(struct parser *p, const struct field *field, struct err *e)
{
    if (!read_number(one_line(field), &p->rule->since) || p->rule->since < 1)
        return wrong(p, field->line, e, "since is the facts version that the rule first needs, not",
                     one_line(field));
    return 0;
}

static int take_nothing(struct parser *p, const struct field *field, struct err *e)
{
    (void)p, (void)field, (void)e;
    return 0;
}

static const struct {
    const char *name;
    field_take_fn take;
    bool required;
} fields[] = {
    {"rule", take_rule, true},
    {"SPDX-License-Identifier", take_nothing, false},
    {"code", take_code, true},
    {"title", take_title, true},
    {"severity", take_severity, true},
    {"confidence", take_confidence, true},
    {"role", take_role, true},
    {"needs", take_needs, true},
    {"uses", take_uses, false},
    {"applies", take_applies, false},
    {"explains", take_explains, false},
    {"strength", take_strength, false},
    {"outranks", take_outranks, false},
    {"tags", take_tags, false},
    {"message", take_message, true},
    {"why", take_why, false},
    {"confirm", take_confirm, false},
    {"remedy", take_remedy, true},
    {"interrupts", take_interrupts, false},
    {"references", take_references, true},
    {"since", take_since, true},
};

static int dispatch(struct parser *p, const struct field *field, struct err *e)
{
    for (unsigned i = 0; i < ARRAY_LEN(fields); i++) {
        if (!str_eq(field->name, str_from(fields[i].name)))
            continue;
        if (p->seen & (1u << i))
            return wrong(p, field->line, e, "stands twice", field->name);
        p->seen |= 1u << i;
        return fields[i].take(p, field, e);
    }
    return wrong(p, field->line, e, "no such header field (schema/rule-format.md)", field->name);
}

static int check_required(const struct parser *p, struct err *e)
{
    for (unsigned i = 0; i < ARRAY_LEN(fields); i++)
        if (fields[i].required && !(p->seen & (1u << i)))
            return wrong(p, 1, e, "header field is missing", str_from(fields[i].name));
    if (!(p->rule->file.len == p->rule->id.len + 4 && str_starts(p->rule->file, p->rule->id)))
        return wrong(p, 1, e, "the file must be called <id>.sql, and its id is", p->rule->id);
    if (p->rule->confidence == CONFIDENCE_INFERRED && p->rule->severity != SEVERITY_INFO)
        return wrong(p, 1, e, "confidence I allows severity info only", p->rule->id);
    return 0;
}

/* A line of the header is "-- name: value", or "--   text" that goes on with the field before. */
static bool starts_field(struct str line, struct str *ret_name, struct str *ret_value)
{
    struct str rest = str_skip(line, 3), value, name;

    if (!str_starts(line, STR("-- ")) || (rest.len && rest.p[0] == ' '))
        return false;
    name = str_cut(rest, ':', &value);
    if (value.p == NULL || memchr(name.p, ' ', name.len))
        return false;
    *ret_name = name;
    *ret_value = str_trim(value);
    return true;
}

static struct str continuation(struct str line)
{
    struct str rest = str_skip(line, 2);

    while (rest.len && rest.p[rest.len - 1] == '\r')
        rest.len--;
    for (int i = 0; i < 3 && rest.len && rest.p[0] == ' '; i++)
        rest = str_skip(rest, 1);
    return rest;
}

static size_t count_lines(struct str text)
{
    size_t n = 1;

    for (size_t i = 0; i < text.len; i++)
        n += text.p[i] == '\n';
    return n;
}

static int parse_header(struct parser *p, struct str *text, int *number, struct err *e)
{
    struct field field = {0};
    struct rule_line *lines = arena_array(p->arena, count_lines(*text), sizeof *lines);
    size_t used = 0;
    int r = 0;

    if (!lines)
        return err_set(e, ERR_NOMEM, "%.*s", (int)p->file.len, p->file.p);
    for (; r == 0 && str_starts(*text, STR("--")); (*number)++) {
        struct str name, value, line = str_cut(*text, '\n', text);
        if (starts_field(line, &name, &value)) {
            if (field.name.len)
                r = dispatch(p, &field, e);
            field = (struct field){name, {lines + used, 0}, *number};
        } else {
            value = continuation(line);
        }
        if (!field.name.len)
            return wrong(p, *number, e, "the first line must be '-- rule: <id>'", (struct str){"", 0});
        lines[used++] = (struct rule_line){value, *number};
        field.value.n++;
    }
    return r == 0 && field.name.len ? dispatch(p, &field, e) : r;
}

int rule_parse(struct str file, struct str text, struct arena *a, struct rule *ret, struct err *e)
{
    struct rule rule = {.strength = STRENGTH_MAY};
    struct parser p = {a, &rule, file, 0};
    struct str kept = arena_keep(a, text);
    int number = 1, r;

    rule.file = arena_keep(a, file);
    if (!kept.p || !rule.file.p)
        return err_set(e, ERR_NOMEM, "%.*s", (int)file.len, file.p);
    if (!str_starts(kept, STR("-- rule: ")))
        return wrong(&p, 1, e, "the first line must be '-- rule: <id>'", (struct str){"", 0});
    r = parse_header(&p, &kept, &number, e);
    if (r < 0)
        return r;
    rule.sql = kept.p ? kept.p : ""; /* arena_keep ended it with NUL */
    rule.sql_line = number;
    if (str_trim(kept).len == 0)
        return wrong(&p, number, e, "there is no SELECT after the header", (struct str){"", 0});
    r = check_required(&p, e);
    if (r == 0)
        *ret = rule;
    return r;
}
