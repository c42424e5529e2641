/* SPDX-License-Identifier: Apache-2.0 */
#include "mkimage.h"

#include <openssl/evp.h>

/* What a word may look at: the argument behind its colon, and what stands before it on its line. */
struct word {
    struct machine *m;
    struct str argument, before;
    struct buf *out;
};

static int add_sha1(const struct word *w, struct err *e)
{
    struct cert c;
    int r = cert_read(w->m, w->argument, &c, e);

    if (r == 0)
        text_hex(w->out, c.sha1, sizeof c.sha1);
    return r;
}

static int add_hex_list(const struct word *w, struct err *e)
{
    struct cert c;
    int r = cert_read(w->m, w->argument, &c, e);

    for (size_t i = 0; r == 0 && i < sizeof c.sha1; i++)
        buf_printf(w->out, i == 0 ? "%02x" : ",%02x", c.sha1[i]);
    return r;
}

static int add_base64(const struct word *w, struct err *e)
{
    struct cert c;
    int r = cert_read(w->m, w->argument, &c, e);
    char *room;

    if (r != 0)
        return r;
    room = buf_reserve(w->out, (c.der.len + 2) / 3 * 4 + 1);
    if (room == NULL)
        return err_set(e, ERR_NOMEM, "base64: no memory");
    buf_wrote(w->out, (size_t)EVP_EncodeBlock((unsigned char *)room, c.der.p, (int)c.der.len));
    return 0;
}

static bool contains(struct str s, struct str what)
{
    for (; s.len >= what.len; s = str_skip(s, 1)) {
        if (str_istarts(s, what))
            return true;
    }
    return false;
}

static int add_key(const struct word *w, struct err *e)
{
    bool is_capi = contains(w->before, STR("\\RSA\\")) || contains(w->before, STR("\\DSS\\"));

    return key_file_name(w->m, w->argument, !is_capi, w->out, e);
}

static int add_pool(const struct word *w, struct err *e)
{
    return pool_sid(w->argument, w->out, e);
}

static int add_sid(const struct word *w, struct err *e)
{
    const struct user *u = machine_user(w->m, w->argument);

    if (u == NULL)
        return err_set(e, ERR_MISSING, "%.*s: no such user", (int)w->argument.len, w->argument.p);
    buf_add_c(w->out, u->sid);
    return 0;
}

static const struct word_row {
    const char *prefix;
    int (*add)(const struct word *w, struct err *e);
} WORDS[] = {
    {"{sha1:", add_sha1}, {"{hex:", add_hex_list}, {"{base64:", add_base64},
    {"{key:", add_key},   {"{pool:", add_pool},    {"{sid:", add_sid},
};

static const struct word_row *word_at(struct str s)
{
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        if (str_starts(s, str_from(WORDS[i].prefix)))
            return &WORDS[i];
    }
    return NULL;
}

/* A word's argument may itself hold one pair of braces: {key:{GUID}}. */
static struct str cut_argument(struct str s, struct str *rest)
{
    unsigned depth = 0;

    for (size_t i = 0; i < s.len && s.p[i] != '\n'; i++) {
        if (s.p[i] == '{')
            depth++;
        if (s.p[i] == '}' && depth-- == 0) {
            *rest = str_skip(s, i + 1);
            return (struct str){s.p, i};
        }
    }
    *rest = (struct str){NULL, 0};
    return (struct str){NULL, 0};
}

int words_expand(struct machine *m, struct str text, struct str *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(64 << 20);
    size_t line_start = 0;
    int r = 0;

    if (!text_is_utf8(text))
        return err_set(e, ERR_FORMAT, "not UTF-8");
    while (r == 0 && text.len > 0) {
        const struct word_row *row = text.p[0] == '{' ? word_at(text) : NULL;

        if (row == NULL) {
            buf_add_char(&out, text.p[0]);
            line_start = text.p[0] == '\n' ? out.len : line_start;
            text = str_skip(text, 1);
            continue;
        }
        struct str argument = cut_argument(str_skip(text, str_from(row->prefix).len), &text);
        CLEANUP(buf_done) struct buf line = BUF_INIT(1 << 20);

        buf_add(&line, out.p + line_start, out.len - line_start);
        struct word w = {.m = m, .argument = argument, .before = buf_str(&line), .out = &out};
        r = argument.p == NULL ? err_set(e, ERR_FORMAT, "%s without an end", row->prefix) : row->add(&w, e);
    }
    if (r == 0)
        r = buf_check(&out, "text", e);
    if (r == 0)
        *ret = arena_keep(m->a, buf_str(&out));
    return r;
}
