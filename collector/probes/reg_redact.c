/* SPDX-License-Identifier: Apache-2.0
 *
 * A .reg file of an old bundle, or one that somebody exported: again what registry.def lists, and no more. */
#include "reg_text.h"

#include <string.h>

#include "limits.h"
#include "pseudonym.h"
#include "redact.h"
#include "text.h"

struct reader {
    struct str rest;
    struct buf *out;
    struct str written; /* the remark before a key, which goes with it */
    struct str key;     /* below its root; p NULL: nothing of it is listed */
    bool of_user;
    struct pseudonyms *names; /* NULL: names stay */
    bool learns;
};

/* The key without its root; p NULL: a root that nothing is taken of. */
static struct str below_root(struct str key, bool *ret_of_user)
{
    struct str rest, root = str_cut(key, '\\', &rest);

    *ret_of_user = true;
    if (str_ieq(root, STR("HKEY_CURRENT_USER")))
        return rest;
    if (str_ieq(root, STR("HKEY_USERS")))
        (void)str_cut(rest, '\\', &rest);
    *ret_of_user = !str_ieq(root, STR("HKEY_LOCAL_MACHINE"));
    return *ret_of_user && !str_ieq(root, STR("HKEY_USERS")) ? (struct str){NULL, 0} : rest;
}

static size_t levels(struct str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += s.p[i] == '\\';
    return n;
}

static bool fits(const struct reg_row *r, struct str key, bool of_user)
{
    struct str name = str_from(r->key);
    bool open = str_iends(name, STR("*"));

    if ((r->file == REG_FILE_USER) != of_user)
        return false;
    name = of_user ? name : str_skip(name, 5); /* HKLM\ */
    name.len -= open;
    if (!str_istarts(key, name))
        return false;
    key = str_skip(key, name.len);
    return open ? levels(key) == 0 : key.len == 0 || (key.p[0] == '\\' && levels(key) <= r->depth);
}

static bool is_key_listed(struct str key, bool of_user)
{
    for (size_t i = 0; i < n_reg_rows; i++)
        if (fits(&reg_rows[i], key, of_user))
            return true;
    return false;
}

static bool is_value_listed(const struct reader *f, struct str name)
{
    for (size_t i = 0; i < n_reg_rows && f->key.p != NULL; i++)
        if (fits(&reg_rows[i], f->key, f->of_user) &&
            reg_text_is_listed(reg_rows[i].names[0] == 0 ? NULL : reg_rows[i].names, name))
            return true;
    return false;
}

static struct str next_line(struct str *rest)
{
    struct str line = str_cut(*rest, '\n', rest);

    line.len -= line.len > 0 && line.p[line.len - 1] == '\r';
    return line;
}

/* --- values --- */

/* Hexadecimal pairs over as many lines as end in a backslash. */
static bool read_bytes(struct reader *f, struct str line, struct buf *ret)
{
    for (;;) {
        struct str rest = str_trim(line);
        bool more = str_iends(rest, STR("\\"));
        rest.len -= more;
        while (rest.len > 0) {
            uint8_t byte;
            size_t n;
            struct str digits = str_cut(rest, ',', &rest);
            if (digits.len > 0 && !text_unhex(digits, &byte, 1, &n))
                return false;
            if (digits.len > 0)
                buf_add(ret, &byte, n);
        }
        if (!more)
            return true;
        line = next_line(&f->rest);
    }
}

/* Shows the names in a value to whoever gives pseudonyms, as the text that it would be. */
static void learn(struct reader *f, struct str name, struct str text)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT(text.len + name.len + 16);

    buf_add_char(&line, '"');
    buf_add_str(&line, str_ieq(name, STR("WinHttpSettings")) ? STR("ProxyServer") : name);
    buf_add_c(&line, "\"=\"");
    for (size_t i = 0; i < text.len; i++)
        buf_add_char(&line, (uint8_t)text.p[i] < ' ' ? ';' : text.p[i]);
    pseudonyms_learn(f->names, buf_str(&line));
}

/* One of the texts of WinHttpSettings with its length before it, with other names. False: it is not there. */
static bool rename_counted(struct reader *f, const struct buf *data, size_t *at, struct buf *out)
{
    CLEANUP(buf_done) struct buf renamed = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    uint8_t length[4];
    size_t len = 0;

    for (size_t i = 0; data->len - *at >= 4 && i < 4; i++)
        len |= (size_t)(uint8_t)data->p[*at + i] << 8 * i;
    if (data->len - *at < 4 || len > data->len - *at - 4)
        return false;
    pseudonyms_apply(f->names, (struct str){data->p + *at + 4, len}, &renamed);
    for (size_t i = 0; i < 4; i++)
        length[i] = (uint8_t)(renamed.len >> 8 * i & 0xff);
    buf_add(out, length, sizeof(length));
    buf_add_str(out, buf_str(&renamed));
    *at += 4 + len;
    return renamed.failed == 0;
}

/* What netsh winhttp set proxy writes: version, counter, flags (what kind it is), proxy and exceptions with
 * their lengths, and what is not known. False: it does not look so. */
static bool rename_winhttp(struct reader *f, struct buf *data)
{
    enum { FLAGS_END = 12 };
    CLEANUP(buf_done) struct buf out = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    size_t at = FLAGS_END;

    if (data->len < FLAGS_END)
        return false;
    buf_add(&out, data->p, FLAGS_END);
    if (!rename_counted(f, data, &at, &out) || !rename_counted(f, data, &at, &out))
        return false;
    CLEANUP(buf_done) struct buf rest = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    buf_add(&rest, data->p + at, data->len - at);
    pseudonyms_mask(f->names, &rest, 1);
    buf_add_str(&out, buf_str(&rest));
    buf_clear(data);
    buf_add_str(data, buf_str(&out));
    data->failed = data->failed != 0 ? data->failed : out.failed;
    return true;
}

/* Text in UTF-16 gets other names of any length; in other bytes lengths may stand beside them. */
static void rename_bytes(struct reader *f, struct str name, bool is_text, struct buf *data)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(2 * data->len + 16);
    CLEANUP(buf_done) struct buf renamed = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);

    if (is_text)
        text_add_utf16le(&text, buf_c(data), data->len);
    else
        buf_add(&text, data->p, data->len);
    if (f->learns && (is_text || str_ieq(name, STR("WinHttpSettings"))))
        learn(f, name, buf_str(&text));
    if (f->learns || (str_ieq(name, STR("WinHttpSettings")) && rename_winhttp(f, data)))
        return;
    if (!is_text) {
        pseudonyms_mask(f->names, data, 1);
        pseudonyms_mask(f->names, data, 2);
        return;
    }
    pseudonyms_apply(f->names, buf_str(&text), &renamed);
    if (str_eq(buf_str(&text), buf_str(&renamed)))
        return;
    buf_clear(data);
    text_add_as_utf16le(data, buf_str(&renamed));
    data->failed = data->failed != 0 ? data->failed : renamed.failed;
}

static bool add_hex_value(struct reader *f, struct str head, struct str name, struct str value)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    struct str digits, type = str_cut(value, ':', &digits);

    if (digits.p == NULL || type.len > 13 || !read_bytes(f, digits, &data))
        return false;
    if (f->names != NULL)
        rename_bytes(
            f, name,
            str_eq(type, STR("hex(1)")) || str_eq(type, STR("hex(2)")) || str_eq(type, STR("hex(7)")), &data);
    f->out->failed = f->out->failed != 0 ? f->out->failed : data.failed;
    buf_add_str(f->out, head);
    buf_add_str(f->out, type);
    buf_add_char(f->out, ':');
    reg_text_add_bytes(f->out, head.len + type.len + 1, name,
                       (struct bytes){(const uint8_t *)buf_c(&data), data.len});
    return true;
}

/* A text within quotes, which *s begins with; *s becomes what stands behind it. False: it has no end. */
static bool unquote(struct str *s, struct buf *ret)
{
    size_t i = 1;

    for (; i < s->len && s->p[i] != '"'; i++) {
        i += s->p[i] == '\\' && i + 1 < s->len;
        buf_add_char(ret, s->p[i]);
    }
    bool ended = i < s->len;
    *s = str_skip(*s, i + 1);
    return ended;
}

static void add_value(struct reader *f, struct str head, struct str name, struct str value)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(value.len + 1);
    uint8_t dword[4];
    size_t n;

    if (str_starts(value, STR("\"")) && str_iends(value, STR("\"")) && unquote(&value, &text)) {
        buf_add_str(f->out, head);
        reg_text_add_string(f->out, name, buf_str(&text));
    } else if (str_starts(value, STR("dword:")) && text_unhex(str_skip(value, 6), dword, 4, &n)) {
        buf_add_str(f->out, head);
        buf_add_str(f->out, value);
    } else if (!str_starts(value, STR("hex")) || !add_hex_value(f, head, name, value)) {
        return;
    }
    buf_add_c(f->out, "\r\n");
}

/* "name"=value or @=value; what is not listed goes, with the lines that go on from it. */
static void take_value(struct reader *f, struct str line)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(line.len + 1);
    struct str rest = str_skip(line, 1);

    if (line.p[0] == '"') {
        rest = line;
        (void)unquote(&rest, &name);
    }
    if (str_starts(rest, STR("=")) && is_value_listed(f, buf_str(&name)))
        add_value(f, (struct str){line.p, line.len - rest.len + 1}, buf_str(&name), str_skip(rest, 1));
}

/* --- lines --- */

static void take_key(struct reader *f, struct str line)
{
    struct str key = below_root((struct str){line.p + 1, line.len - 2}, &f->of_user);

    f->key = is_key_listed(key, f->of_user) ? key : (struct str){NULL, 0};
    if (f->key.p == NULL)
        return;
    buf_add_c(f->out, "\r\n");
    if (f->written.len > 0) {
        buf_add_str(f->out, f->written);
        buf_add_c(f->out, "\r\n");
    }
    buf_add_str(f->out, line);
    buf_add_c(f->out, "\r\n");
}

/* "; Absent=[HKEY_LOCAL_MACHINE\…]": keys that were looked for. */
static void take_remark(struct reader *f, struct str line)
{
    struct str key, word = str_cut(line, '=', &key);
    bool of_user;
    int64_t ms;

    if (str_eq(word, STR("; LastWriteTime")) && time_parse(key, &ms))
        f->written = line;
    if (!str_eq(word, STR("; Absent")) && !str_eq(word, STR("; Denied")) && !str_eq(word, STR("; Failed")))
        return;
    if (key.len < 3 || key.p[0] != '[' || key.p[key.len - 1] != ']')
        return;
    struct str name = below_root((struct str){key.p + 1, key.len - 2}, &of_user);
    if (is_key_listed(name, of_user) || str_iends(name, STR("\\Component Based Servicing\\Packages"))) {
        buf_add_c(f->out, "\r\n");
        buf_add_str(f->out, line);
        buf_add_c(f->out, "\r\n");
    }
}

static void take_line(struct reader *f, struct str line)
{
    if (line.len > 2 && line.p[0] == '[' && line.p[line.len - 1] == ']')
        take_key(f, line);
    else if (line.len > 0 && line.p[0] == ';')
        take_remark(f, line);
    else if (line.len > 2 && (line.p[0] == '"' || line.p[0] == '@'))
        take_value(f, line);
    if (line.len > 0 && line.p[0] != ';')
        f->written = STR("");
}

int reg_text_redact(struct bytes file, struct pseudonyms *names, bool learns, struct buf *out, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(3 * file.len + 16);
    struct reader f = {.out = out, .names = names, .learns = learns};

    text_add_decoded(&text, file);
    f.rest = buf_str(&text);
    buf_add_c(out, "Windows Registry Editor Version 5.00\r\n");
    while (f.rest.len > 0)
        take_line(&f, next_line(&f.rest));
    return buf_check(&text, "registry text", e) != 0 ? -e->code : buf_check(out, "registry text", e);
}
