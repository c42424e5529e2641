/* SPDX-License-Identifier: Apache-2.0
 *
 * Registry Editor text, line by line, into a registry. */
#include <ctype.h>
#include <string.h>

#include "limits.h"
#include "registry_store.h"

/* One text being read. */
struct reader {
    struct registry *r;
    struct str rest, entry;
    int64_t line; /* of the logical line */
    int64_t next_line;
    bool is_ansi;     /* REGEDIT4: hex(2) and hex(7) hold ANSI text */
    int64_t modified; /* of the next key, from its comment */
    struct registry_key *key;
    registry_problem_fn problem;
    void *ctx;
};

/* The next physical line, without its end. */
static bool next_line(struct reader *x, struct str *ret)
{
    struct str line;

    if (!x->rest.p || x->rest.len == 0)
        return false;
    line = str_cut(x->rest, '\n', &x->rest);
    if (line.len > 0 && line.p[line.len - 1] == '\r')
        line.len--;
    x->line++;
    *ret = line;
    return true;
}

static void tell(struct reader *x, int64_t line, const char *what)
{
    if (x->problem)
        x->problem(line, what, x->ctx);
}

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "registry: out of memory");
}

/* --- keys --- */

/* HKLM\SYSTEM\ControlSet001\… is HKLM\SYSTEM\CurrentControlSet\…; a second set keeps its own name. */
static void fold_control_set(struct registry *r, struct buf *key)
{
    const struct str prefix = STR("HKLM\\SYSTEM\\ControlSet");
    struct str s = buf_str(key), rest = str_skip(s, prefix.len);
    CLEANUP(buf_done) struct buf tail = BUF_INIT(key->cap);

    if (!str_istarts(s, prefix) || rest.len < 3 || (rest.len > 3 && rest.p[3] != '\\'))
        return;
    for (size_t i = 0; i < 3; i++)
        if (!isdigit((unsigned char)rest.p[i]))
            return;
    if (!r->control_set[0])
        memcpy(r->control_set, rest.p, 3);
    if (memcmp(r->control_set, rest.p, 3) != 0)
        return;
    buf_add_str(&tail, str_skip(rest, 3));
    key->len = 0;
    buf_add_c(key, "HKLM\\SYSTEM\\CurrentControlSet");
    buf_add_str(key, buf_str(&tail));
}

static void fold_root(struct str as_written, struct buf *out)
{
    static const char *const roots[][2] = {{"HKEY_LOCAL_MACHINE", "HKLM"},
                                           {"HKEY_CURRENT_USER", "HKCU"},
                                           {"HKEY_USERS", "HKU"},
                                           {"HKEY_CLASSES_ROOT", "HKCR"},
                                           {"HKEY_CURRENT_CONFIG", "HKCC"}};
    struct str rest, root = str_cut(as_written, '\\', &rest);

    for (size_t i = 0; i < ARRAY_LEN(roots); i++)
        if (str_ieq(root, str_from(roots[i][0])))
            root = str_from(roots[i][1]);
    buf_add_str(out, root);
    if (rest.p) {
        buf_add_char(out, '\\');
        buf_add_str(out, rest);
    }
    while (out->len > 0 && out->p[out->len - 1] == '\\')
        out->p[--out->len] = 0;
}

/* '[HKEY_…]', '[-HKEY_…]' (deleted by this file), '; Absent=[HKEY_…]'. */
static int read_key(struct reader *x, struct str line, bool is_absent, struct err *e)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(LIMIT_TEXT_BYTES);
    struct str inner = str_trim(line);
    struct registry_key *k;
    bool is_deleted = false;

    x->key = NULL;
    if (inner.len < 3 || inner.p[inner.len - 1] != ']') {
        tell(x, x->line, "a key line without its closing bracket");
        return 0;
    }
    inner = (struct str){inner.p + 1, inner.len - 2};
    if (inner.p[0] == '-') {
        is_deleted = is_absent = true;
        inner = str_skip(inner, 1);
    }
    fold_root(inner, &name);
    fold_control_set(x->r, &name);
    if (name.failed == ERR_LIMIT) {
        tell(x, x->line, "a key name that is too long");
        return 0;
    }
    k = name.failed ? NULL : registry_store_key(x->r, buf_str(&name));
    if (!k && x->r->n_keys >= (size_t)LIMIT_REG_TEXT_KEYS)
        return err_set(e, ERR_LIMIT, "more than %lld registry keys", (long long)LIMIT_REG_TEXT_KEYS);
    if (!k)
        return no_memory(e);
    if (!is_absent || !k->entry.p) {
        k->entry = x->entry;
        k->line = x->line;
        k->modified_ms = x->modified;
        k->is_absent = is_absent;
        k->named = ++x->r->n_lines;
    }
    if (is_deleted)
        registry_store_delete(x->r, k);
    x->modified = TIME_NONE;
    x->key = is_absent ? NULL : k;
    return 0;
}

static int read_comment(struct reader *x, struct str line, struct err *e)
{
    const struct str written = STR("LastWriteTime="), absent = STR("Absent=");
    struct str s = str_trim(str_skip(line, 1));

    if (str_istarts(s, absent))
        return read_key(x, str_skip(s, absent.len), true, e);
    if (str_istarts(s, written) && !time_parse(str_trim(str_skip(s, written.len)), &x->modified))
        x->modified = TIME_NONE;
    return 0;
}

/* --- values --- */

/* Text after the opening quote up to the closing one, with \\ and \" undone; goes on over line ends. *line
 * gets what is behind the quote. False: the quote is never closed. */
static bool read_quoted(struct reader *x, struct str *line, struct buf *out)
{
    struct str s = *line;

    for (;;) {
        while (s.len > 0 && s.p[0] != '"') {
            if (s.p[0] == '\\' && s.len > 1)
                s = str_skip(s, 1);
            buf_add_char(out, s.p[0]);
            s = str_skip(s, 1);
        }
        if (s.len > 0) {
            *line = str_skip(s, 1);
            return true;
        }
        if (out->failed || !next_line(x, &s))
            return false;
        buf_add_char(out, '\n');
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 'aa,bb,\' and the lines that it continues on. False when something else stands there. */
static bool read_hex(struct reader *x, struct str s, struct buf *out)
{
    for (;;) {
        s = str_trim(s);
        while (s.len > 0 && s.p[0] != '\\') {
            int high = hex_digit(s.p[0]), low = s.len > 1 ? hex_digit(s.p[1]) : -1;
            if (s.p[0] == ',' || s.p[0] == ' ') {
                s = str_skip(s, 1);
                continue;
            }
            if (high < 0)
                return false;
            buf_add_char(out, (char)(low < 0 ? high : high * 16 + low));
            s = str_skip(s, low < 0 ? 1 : 2);
        }
        if (s.len == 0 || out->failed)
            return true;
        if (!next_line(x, &s))
            return true;
    }
}

/* Bytes of a string type to UTF-8: UTF-16LE, or ANSI in REGEDIT4; trailing NULs go, inner ones become
 * newlines. */
static void add_string_bytes(const struct reader *x, struct str raw, struct buf *out)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);

    for (size_t step = x->is_ansi ? 1 : 2; raw.len >= step && raw.p[raw.len - 1] == 0;) {
        if (step == 2 && raw.p[raw.len - 2] != 0)
            break;
        raw.len -= step;
    }
    if (x->is_ansi) {
        for (size_t i = 0; i < raw.len; i++) {
            char c = raw.p[i];
            buf_add_str(out, c ? (struct str){&c, 1} : STR("\n"));
        }
        return;
    }
    for (size_t i = 0; i + 1 < raw.len; i += 2) {
        bool is_nul = raw.p[i] == 0 && raw.p[i + 1] == 0;
        buf_add_str(&text, is_nul ? (struct str){"\n\0", 2} : (struct str){raw.p + i, 2});
    }
    text_add_utf16le(out, text.p, text.len);
    if (text.failed)
        out->failed = text.failed;
}

static uint64_t read_le(const uint8_t *p, size_t n)
{
    uint64_t v = 0;

    while (n > 0)
        v = v << 8 | p[--n];
    return v;
}

static int keep_text(struct registry *r, const struct buf *text, struct str *ret, struct err *e)
{
    *ret = arena_keep(r->arena, text->p ? buf_str(text) : STR(""));
    return ret->p ? 0 : no_memory(e);
}

static int set_bytes(struct reader *x, struct registry_value *v, const struct buf *raw, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    CLEANUP(buf_done) struct buf clean = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    struct str kept = arena_keep(x->r->arena, raw->p ? buf_str(raw) : STR(""));

    if (!kept.p)
        return no_memory(e);
    v->raw = (struct bytes){(const uint8_t *)kept.p, kept.len};
    if (v->type == REGISTRY_SZ || v->type == REGISTRY_EXPAND_SZ || v->type == REGISTRY_MULTI_SZ ||
        v->type == REGISTRY_LINK) {
        add_string_bytes(x, kept, &text);
        text_add_utf8_lossy(&clean, buf_str(&text));
        return keep_text(x->r, &clean, &v->text, e);
    }
    if ((v->type == REGISTRY_DWORD && kept.len == 4) || (v->type == REGISTRY_QWORD && kept.len == 8)) {
        v->number = read_le(v->raw.p, kept.len);
        v->has_number = true;
    }
    return 0;
}

/* 'hex:', 'hex(b):' → the type, and the text behind the colon. */
static bool read_hex_head(struct str s, uint32_t *ret_type, struct str *ret_rest)
{
    uint32_t type = 0;
    size_t i = 4;

    if (!str_istarts(s, STR("hex")) || s.len < 4)
        return false;
    if (s.p[3] == ':') {
        *ret_type = REGISTRY_BINARY;
        *ret_rest = str_skip(s, 4);
        return true;
    }
    if (s.p[3] != '(')
        return false;
    for (; i < s.len && i < 12 && hex_digit(s.p[i]) >= 0; i++)
        type = type << 4 | (uint32_t)hex_digit(s.p[i]);
    if (i == 4 || i + 1 >= s.len || s.p[i] != ')' || s.p[i + 1] != ':')
        return false;
    *ret_type = type;
    *ret_rest = str_skip(s, i + 2);
    return true;
}

static bool read_dword(struct str s, struct registry_value *v)
{
    s = str_trim(s);
    if (s.len == 0 || s.len > 8)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (hex_digit(s.p[i]) < 0)
            return false;
        v->number = v->number << 4 | (uint64_t)hex_digit(s.p[i]);
    }
    v->type = REGISTRY_DWORD;
    v->has_number = true;
    return true;
}

/* What stands behind '='. 1 when it is a value, 0 when it is not (told). */
static int read_data(struct reader *x, struct str s, struct registry_value *v, struct err *e)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    CLEANUP(buf_done) struct buf clean = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    bool is_good;
    int r = 0;

    s = str_trim(s);
    if (s.len > 0 && s.p[0] == '"') {
        s = str_skip(s, 1);
        is_good = read_quoted(x, &s, &b);
        v->type = REGISTRY_SZ;
        text_add_utf8_lossy(&clean, buf_str(&b));
        r = keep_text(x->r, &clean, &v->text, e);
    } else if (str_istarts(s, STR("dword:"))) {
        is_good = read_dword(str_skip(s, 6), v);
    } else if (read_hex_head(s, &v->type, &s)) {
        is_good = read_hex(x, s, &b);
        r = is_good ? set_bytes(x, v, &b, e) : 0;
    } else {
        is_good = false;
    }
    if (r || buf_check(&b, "registry value", e) || buf_check(&clean, "registry value", e))
        return -e->code;
    if (!is_good)
        tell(x, v->line, "a value that is not registry text");
    return is_good;
}

static int add_value(struct reader *x, const struct registry_value *v, struct err *e)
{
    struct registry_value *old = registry_store_value(x->key, v->name), *next = old ? old->next : NULL;
    struct registry_value *into = old;

    if (!old && x->key->n_values++ >= (size_t)LIMIT_REG_TEXT_VALUES) {
        if (x->key->n_values == (size_t)LIMIT_REG_TEXT_VALUES + 1)
            tell(x, v->line, "more values in one key than are read");
        return 0;
    }
    into = old ? old : arena_alloc(x->r->arena, sizeof(*into));
    if (!into)
        return no_memory(e);
    *into = *v;
    into->next = next;
    if (old)
        return 0;
    *x->key->last_value = into;
    x->key->last_value = &into->next;
    return 0;
}

/* '"name"=…' or '@=…'. */
static int read_value(struct reader *x, struct str line, struct err *e)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(LIMIT_TEXT_BYTES);
    CLEANUP(buf_done) struct buf clean = BUF_INIT(LIMIT_TEXT_BYTES);
    struct registry_value v = {.entry = x->entry, .line = x->line};
    int r;

    line = str_skip(line, 1);
    if (line.p[-1] == '"' && !read_quoted(x, &line, &name)) {
        tell(x, v.line, "a value name whose quote is not closed");
        return 0;
    }
    line = str_trim(line);
    if (line.len == 0 || line.p[0] != '=') {
        tell(x, v.line, "a value name that no '=' follows");
        return 0;
    }
    text_add_utf8_lossy(&clean, buf_str(&name));
    if (name.failed == ERR_LIMIT || clean.failed == ERR_LIMIT)
        return 0;
    r = keep_text(x->r, &clean, &v.name, e);
    line = str_trim(str_skip(line, 1));
    if (r == 0 && line.len == 1 && line.p[0] == '-') {
        if (x->key)
            registry_store_drop(x->key, v.name);
        return 0;
    }
    r = r ? r : read_data(x, line, &v, e);
    if (r <= 0 || !x->key)
        return r < 0 ? r : 0;
    return add_value(x, &v, e);
}

/* --- the file --- */

static int read_header(struct reader *x, struct err *e)
{
    struct str line = STR("");

    while (next_line(x, &line) && str_trim(line).len == 0)
        continue;
    line = str_trim(line);
    if (str_ieq(line, STR("REGEDIT4")))
        x->is_ansi = true;
    else if (!str_istarts(line, STR("Windows Registry Editor Version")))
        return err_set(e, ERR_FORMAT, "not registry text: the first line is not that of the registry editor");
    return 0;
}

static int read_line(struct reader *x, struct str raw, struct err *e)
{
    struct str line = str_trim(raw);

    if (line.len == 0)
        return 0;
    if (line.p[0] == '[')
        return read_key(x, line, false, e);
    if (line.p[0] == ';')
        return read_comment(x, line, e);
    if (line.p[0] == '"' || line.p[0] == '@')
        return read_value(x, line, e);
    tell(x, x->line, "a line that is not registry text");
    return 0;
}

int registry_parse(struct registry *r, struct bytes file, struct str entry, registry_problem_fn problem,
                   void *ctx, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(2 * LIMIT_WHOLE_ENTRY_BYTES);
    struct reader x = {.r = r, .entry = entry, .problem = problem, .ctx = ctx, .modified = TIME_NONE};
    struct str line;
    int code;

    text_add_decoded(&text, file);
    if (buf_check(&text, "registry text", e))
        return -e->code;
    x.rest = buf_str(&text);
    code = read_header(&x, e);
    while (code == 0 && next_line(&x, &line))
        code = read_line(&x, line, e);
    registry_store_settle(r);
    return code;
}
