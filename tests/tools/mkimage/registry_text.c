/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows Registry Editor 5.00 text into the trees: values, deletions, LastWriteTime comments. */
#include "mkimage.h"

#include <string.h>

struct parse {
    struct machine *m;
    struct user *user; /* NULL: a file of the machine */
    struct reg_key *key;
    int64_t modified_ms; /* of the next key */
    struct buf *data;    /* a value's bytes, reused */
};

/* Which hive a full key name lies in, and the rest of its name there. */
static struct reg_key *hive_of(struct parse *p, struct str name, struct str *ret_rest)
{
    static const struct str SOFTWARE = {"HKEY_LOCAL_MACHINE\\SOFTWARE", 27},
                            SYSTEM = {"HKEY_LOCAL_MACHINE\\SYSTEM", 25}, USER = {"HKEY_CURRENT_USER", 17};
    const struct str *prefix = &SOFTWARE;
    struct reg_key *hive = &p->m->software;

    if (str_istarts(name, SYSTEM)) {
        prefix = &SYSTEM;
        hive = &p->m->system;
    } else if (p->user != NULL && str_istarts(name, USER)) {
        prefix = &USER;
        hive = &p->user->hive;
    } else if (!str_istarts(name, SOFTWARE)) {
        return NULL;
    }
    *ret_rest = str_skip(name, prefix->len);
    if (ret_rest->len > 0 && ret_rest->p[0] != '\\')
        return NULL;
    *ret_rest = str_skip(*ret_rest, 1);
    return hive;
}

static struct str real_control_set(struct machine *m, struct str name)
{
    static const struct str CURRENT = {"CurrentControlSet", 17};
    const char *mapped;

    if (!str_istarts(name, CURRENT) || (name.len > CURRENT.len && name.p[CURRENT.len] != '\\'))
        return name;
    name = str_skip(name, CURRENT.len);
    mapped = arena_printf(m->a, "ControlSet001%.*s", (int)name.len, name.p);
    return str_from(mapped);
}

static int take_key(struct parse *p, struct str line, struct err *e)
{
    struct str name = {line.p + 1, line.len - 2}, rest = {NULL, 0};
    bool is_delete = name.len > 0 && name.p[0] == '-';
    struct reg_key *hive = hive_of(p, str_skip(name, is_delete ? 1 : 0), &rest);

    if (hive == NULL)
        return err_set(e, ERR_FORMAT, "a key that no hive of the image holds: %.*s", (int)name.len, name.p);
    if (hive == &p->m->system)
        rest = real_control_set(p->m, rest);
    if (is_delete) {
        p->key = NULL;
        return reg_key_delete(hive, rest)
                   ? 0
                   : err_set(e, ERR_MISSING, "%.*s: not there to delete", (int)rest.len, rest.p);
    }
    p->key = reg_key_make(p->m->a, hive, rest);
    if (p->key == NULL)
        return err_set(e, ERR_NOMEM, "no memory");
    if (p->modified_ms != 0)
        p->key->modified_ms = p->modified_ms;
    p->modified_ms = 0;
    return 0;
}

/* "…" with \\ and \" inside; the text is left in the arena. */
static int take_quoted(struct parse *p, struct str *s, struct str *ret, struct err *e)
{
    char *text = arena_alloc(p->m->a, s->len + 1);
    size_t n = 0, i = 1;

    if (text == NULL)
        return err_set(e, ERR_NOMEM, "no memory");
    for (; i < s->len && s->p[i] != '"'; i++) {
        if (s->p[i] == '\\' && i + 1 < s->len)
            i++;
        text[n++] = s->p[i];
    }
    if (i >= s->len)
        return err_set(e, ERR_FORMAT, "a quotation mark is missing");
    *s = str_skip(*s, i + 1);
    *ret = (struct str){text, n};
    return 0;
}

static bool parse_hex_number(struct str s, uint32_t *ret)
{
    uint32_t v = 0;

    for (size_t i = 0; i < s.len; i++) {
        const char *at = memchr("0123456789abcdefABCDEF", s.p[i], 22);

        if (at == NULL)
            return false;
        uint32_t digit = s.p[i] <= '9' ? (uint32_t)(s.p[i] - '0') : ((uint32_t)s.p[i] | 0x20u) - 'a' + 10u;
        v = v << 4 | digit;
    }
    *ret = v;
    return s.len > 0 && s.len <= 8;
}

static int take_hex_bytes(struct parse *p, struct str s, struct err *e)
{
    buf_clear(p->data);
    while (s.len > 0) {
        struct str item = str_trim(str_cut(s, ',', &s));
        uint32_t v;

        if (item.len == 0 && s.len == 0)
            return 0;
        if (item.len > 2 || !parse_hex_number(item, &v))
            return err_set(e, ERR_FORMAT, "not a hexadecimal byte: %.*s", (int)item.len, item.p);
        buf_add_char(p->data, (char)v);
    }
    return buf_check(p->data, "value", e);
}

/* hex: and hex(n): */
static int take_hex(struct parse *p, struct str s, uint32_t *ret_type, struct err *e)
{
    struct str head = str_cut(s, ':', &s);

    *ret_type = REG_TYPE_BINARY;
    if (head.len > 4 && head.p[3] == '(' &&
        !parse_hex_number((struct str){head.p + 4, head.len - 5}, ret_type))
        return err_set(e, ERR_FORMAT, "not a type: %.*s", (int)head.len, head.p);
    return take_hex_bytes(p, s, e);
}

static int set_value(struct parse *p, struct str name, struct str s, struct err *e)
{
    struct arena *a = p->m->a;
    struct str text;
    uint32_t v;
    bool ok;
    int r = 0;

    if (str_eq(s, STR("-")))
        return reg_value_delete(p->key, name) ? 0
                                              : err_set(e, ERR_MISSING, "the value is not there to delete");
    if (s.len > 0 && s.p[0] == '"') {
        r = take_quoted(p, &s, &text, e);
        ok = r == 0 && reg_value_set_text(a, p->key, name, REG_TYPE_SZ, text);
    } else if (str_istarts(s, STR("dword:"))) {
        if (!parse_hex_number(str_skip(s, 6), &v))
            return err_set(e, ERR_FORMAT, "not a dword: %.*s", (int)s.len, s.p);
        ok = reg_value_set_dword(a, p->key, name, v);
    } else if (str_istarts(s, STR("hex"))) {
        r = take_hex(p, s, &v, e);
        ok = r == 0 &&
             reg_value_set(a, p->key, name, v, (struct bytes){(const uint8_t *)p->data->p, p->data->len});
    } else {
        return err_set(e, ERR_FORMAT, "not a value: %.*s", (int)s.len, s.p);
    }
    return r != 0 || ok ? r : err_set(e, ERR_NOMEM, "no memory");
}

static int take_value(struct parse *p, struct str line, struct err *e)
{
    struct str name = {NULL, 0};
    int r = 0;

    if (p->key == NULL)
        return err_set(e, ERR_FORMAT, "a value without a key");
    if (line.p[0] == '"')
        r = take_quoted(p, &line, &name, e);
    else
        line = str_skip(line, 1); /* @ */
    if (r != 0)
        return r;
    line = str_trim(line);
    if (line.len == 0 || line.p[0] != '=')
        return err_set(e, ERR_FORMAT, "= is missing");
    return set_value(p, name, str_trim(str_skip(line, 1)), e);
}

static int take_comment(struct parse *p, struct str line, struct err *e)
{
    static const struct str TIME = {"LastWriteTime=", 14};
    struct str text = str_trim(str_skip(line, 1));

    if (!str_istarts(text, TIME))
        return 0;
    text = str_skip(text, TIME.len);
    return time_parse(text, &p->modified_ms)
               ? 0
               : err_set(e, ERR_FORMAT, "not a time: %.*s", (int)text.len, text.p);
}

static int take_line(void *ctx, struct str line, struct err *e)
{
    struct parse *p = ctx;

    line = str_trim(line);
    if (line.p[0] == ';')
        return take_comment(p, line, e);
    if (line.p[0] == '[' && line.p[line.len - 1] == ']')
        return take_key(p, line, e);
    if (line.p[0] == '"' || line.p[0] == '@')
        return take_value(p, line, e);
    if (str_starts(line, STR("Windows Registry Editor")))
        return 0;
    return err_set(e, ERR_FORMAT, "not a line of registry text: %.*s", (int)line.len, line.p);
}

/* Puts "\" continuation lines together, then takes the whole line. */
struct joiner {
    struct parse *parse;
    struct buf *joined;
};

static int join_line(void *ctx, struct str line, struct err *e)
{
    struct joiner *j = ctx;
    struct str trimmed = str_trim(line);
    int r;

    if (trimmed.len > 0 && trimmed.p[trimmed.len - 1] == '\\' && trimmed.p[0] != ';') {
        buf_add(j->joined, trimmed.p, trimmed.len - 1);
        return 0;
    }
    if (j->joined->len == 0)
        return take_line(j->parse, line, e);
    buf_add_str(j->joined, trimmed);
    r = buf_check(j->joined, "line", e);
    r = r != 0 ? r : take_line(j->parse, buf_str(j->joined), e);
    buf_clear(j->joined);
    return r;
}

static int read_file(struct machine *m, const char *layer, const char *name, struct err *e)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT(1 << 20), joined = BUF_INIT(4 << 20);
    struct str s = str_from(name);
    struct parse p = {.m = m, .data = &data};
    struct joiner j = {.parse = &p, .joined = &joined};
    const char *path = arena_printf(m->a, "registry/%s", name);

    if (path == NULL)
        return err_set(e, ERR_NOMEM, "%s: no memory", name);
    if (str_starts(s, STR("user-")))
        p.user = machine_user(m, (struct str){s.p + 5, s.len - 9});
    return lines_read(m, layer, path, join_line, &j, e);
}

int registry_read(struct machine *m, struct err *e)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < m->n_layers; i++) {
        const char *dir = arena_printf(m->a, "%s/registry", m->layers[i]);
        const char **names = NULL;
        size_t n = 0;

        r = dir == NULL ? err_set(e, ERR_NOMEM, "no memory") : dir_names(m->a, dir, &names, &n, e);
        for (size_t k = 0; r == 0 && k < n; k++) {
            if (str_iends(str_from(names[k]), STR(".reg")))
                r = read_file(m, m->layers[i], names[k], e);
        }
    }
    return r;
}
