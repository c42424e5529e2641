/* SPDX-License-Identifier: Apache-2.0 */
#include "reg_text.h"

#include "limits.h"
#include "redact.h"

enum {
    REG_SZ = 1,
    REG_BINARY = 3,
    REG_DWORD = 4,
    FLUSH_BYTES = 65536,
    LINE_END = 77 /* regedit breaks a hex line behind the byte that passes this column */
};

void reg_text_start(struct reg_text *t, struct probe_run *run)
{
    *t = (struct reg_text){.run = run, .out = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES)};
    buf_add_c(&t->out, "Windows Registry Editor Version 5.00\r\n");
}

void reg_text_done(struct reg_text *t)
{
    buf_done(&t->out);
}

int reg_text_flush(struct reg_text *t, struct err *e)
{
    if (buf_check(&t->out, "registry text", e) != 0 ||
        bundle_write(t->run->bundle, buf_c(&t->out), t->out.len, e) != 0)
        return -e->code;
    buf_clear(&t->out);
    return 0;
}

/* "HKLM\…" as regedit writes it. */
static void add_key(struct buf *out, struct str key)
{
    bool users = str_istarts(key, STR("HKU\\"));

    buf_add_c(out, users ? "HKEY_USERS" : "HKEY_LOCAL_MACHINE");
    buf_add_str(out, str_skip(key, users ? 3 : 4));
}

/* Within quotes a backslash and a quote are escaped. */
static void add_quoted(struct buf *out, struct str s)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, s.p[i]);
    }
    buf_add_char(out, '"');
}

static void add_hex(struct buf *out, size_t column, struct bytes data)
{
    for (size_t i = 0; i < data.len; i++) {
        bool last = i + 1 == data.len;
        buf_printf(out, "%02x%s", data.p[i], last ? "" : ",");
        column += 3;
        if (!last && column >= LINE_END) {
            buf_add_c(out, "\\\r\n  ");
            column = 2;
        }
    }
}

/* A REG_SZ that regedit can read back as text: UTF-16 with one final NUL and no line end inside. */
static bool is_plain(struct bytes data)
{
    if (data.len < 2 || data.len % 2 != 0)
        return false;
    for (size_t i = 0; i + 1 < data.len; i += 2) {
        unsigned unit = data.p[i] | (unsigned)data.p[i + 1] << 8;
        bool last = i + 2 == data.len;
        if (last != (unit == 0) || (!last && unit < ' ') || (unit >= 0xd800 && unit < 0xe000))
            return false;
    }
    return true;
}

/* Firefox takes all of its settings as one value of JSON, passwords of proxies among them. */
static bool is_json(struct str name)
{
    return str_ieq(name, STR("Preferences"));
}

void reg_text_add_string(struct buf *out, struct str name, struct str text)
{
    CLEANUP(buf_done) struct buf listed = BUF_INIT(8 * text.len + 64);
    CLEANUP(buf_done) struct buf clean = BUF_INIT(8 * text.len + 64);

    reg_json_add(&listed, text, is_json(name));
    redact_secrets(&clean, buf_str(&listed));
    if (listed.failed != 0 || clean.failed != 0)
        out->failed = ERR_NOMEM;
    add_quoted(out, buf_str(&clean));
}

/* A REG_MULTI_SZ with JSON in it, line by line. */
static void add_json_lines(struct buf *out, struct str name, struct bytes data)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(2 * data.len + 16);
    CLEANUP(buf_done) struct buf listed = BUF_INIT(16 * data.len + 64);
    size_t n;

    text_add_utf16le(&text, data.p, data.len);
    for (n = text.len; n > 0 && text.p[n - 1] == 0;)
        n--;
    for (size_t i = 0; i < n; i++)
        if (text.p[i] == 0)
            text.p[i] = '\n';
    struct str before = {text.p, n};
    reg_json_add(&listed, before, is_json(name));
    if (text.failed != 0 || listed.failed != 0)
        out->failed = ERR_NOMEM;
    else if (str_eq(before, buf_str(&listed)))
        buf_add(out, data.p, data.len);
    else { /* with its NUL and that of the list */
        text_add_as_utf16le(out, buf_str(&listed));
        buf_add(out, "\0\0\0", 4);
    }
}

void reg_text_add_bytes(struct buf *out, size_t column, struct str name, struct bytes data)
{
    CLEANUP(buf_done) struct buf clean = BUF_INIT(16 * data.len + 64);

    if (data.len > 4 && (is_json(name) || (data.p[0] == '{' && data.p[1] == 0)))
        add_json_lines(&clean, name, data);
    else
        buf_add(&clean, data.p, data.len);
    redact_secrets_in_place(&clean, 1);
    redact_secrets_in_place(&clean, 2);
    if (clean.failed != 0)
        out->failed = clean.failed; /* no value is not an empty value */
    add_hex(out, column, (struct bytes){(const uint8_t *)buf_c(&clean), clean.len});
}

bool reg_text_is_listed(const char *names, struct str name)
{
    struct str rest = str_from(names);

    if (names == NULL)
        return true;
    while (rest.p != NULL)
        if (str_ieq(str_cut(rest, '|', &rest), name))
            return true;
    return false;
}

static int take_key(void *ctx, struct str key, int64_t modified_ms)
{
    struct reg_text *t = ctx;
    char time[32];

    t->skips = t->only.len > 0 && !str_istarts(key, t->only);
    if (t->skips)
        return 0;
    if (t->out.len >= FLUSH_BYTES && reg_text_flush(t, &t->fatal) != 0)
        return -t->fatal.code;
    time_format(modified_ms, time);
    buf_add_c(&t->out, "\r\n");
    if (time[0] != 0)
        buf_printf(&t->out, "; LastWriteTime=%s\r\n", time);
    buf_add_char(&t->out, '[');
    add_key(&t->out, key);
    buf_add_c(&t->out, "]\r\n");
    return 0;
}

static int take_value(void *ctx, struct str name, uint32_t type, struct bytes data)
{
    struct reg_text *t = ctx;
    size_t before = t->out.len;

    if (t->skips || !reg_text_is_listed(t->names, name))
        return 0;
    if (name.len == 0)
        buf_add_char(&t->out, '@');
    else
        add_quoted(&t->out, name);
    buf_add_char(&t->out, '=');
    if (type == REG_SZ && is_plain(data)) {
        CLEANUP(buf_done) struct buf text = BUF_INIT(2 * data.len + 16);
        text_add_utf16le(&text, data.p, data.len - 2);
        reg_text_add_string(&t->out, name, buf_str(&text));
    } else if (type == REG_DWORD && data.len == 4) {
        uint32_t v =
            data.p[0] | (uint32_t)data.p[1] << 8 | (uint32_t)data.p[2] << 16 | (uint32_t)data.p[3] << 24;
        buf_printf(&t->out, "dword:%08x", (unsigned)v);
    } else {
        if (type == REG_BINARY)
            buf_add_c(&t->out, "hex:");
        else
            buf_printf(&t->out, "hex(%x):", (unsigned)type);
        reg_text_add_bytes(&t->out, t->out.len - before, name, data);
    }
    buf_add_c(&t->out, "\r\n");
    return 0;
}

/* `word` is Absent, Denied or Failed; readers that do not know it see a remark. */
static void add_remark(struct reg_text *t, const char *word, struct str key)
{
    buf_printf(&t->out, "\r\n; %s=[", word);
    add_key(&t->out, key);
    buf_add_c(&t->out, "]\r\n");
}

static int take_failed(void *ctx, struct str key, const struct err *why)
{
    struct reg_text *t = ctx;

    add_remark(t, why->code == ERR_DENIED ? "Denied" : "Failed", key);
    if (t->n_failed++ == 0)
        t->failed = *why;
    return 0;
}

int reg_text_add(struct reg_text *t, struct str key, unsigned depth, const char *names, struct err *e)
{
    const struct os_reg_visitor visitor = {
        .ctx = t, .key = take_key, .value = take_value, .failed = take_failed};
    struct err why = {0};

    t->names = names;
    t->only = STR("");
    t->skips = false;
    if (str_iends(key, STR("*"))) {
        t->only = (struct str){key.p, key.len - 1};
        while (key.len > 0 && key.p[key.len - 1] != '\\')
            key.len--;
        key.len -= key.len > 0;
    }
    if (os_reg_walk(t->run->os, key, depth, &visitor, &why) != 0) {
        if (t->fatal.code != 0) {
            *e = t->fatal;
            return -e->code;
        }
        if (why.code == ERR_MISSING)
            add_remark(t, "Absent", key);
        else
            (void)take_failed(t, key, &why);
    }
    return 0;
}
