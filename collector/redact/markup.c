/* SPDX-License-Identifier: Apache-2.0 */
#include "markup.h"

#include <string.h>

enum { REFERENCE_BYTES = 12 }; /* &#x10FFFF; is the longest that there is */

void markup_init(struct markup *x, struct str text)
{
    x->rest = text;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Bytes of UTF-8 sequences count as letters. */
static bool is_name(char c, bool first)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || (unsigned char)c >= 0x80)
        return true;
    return !first && ((c >= '0' && c <= '9') || c == '-' || c == '.');
}

static struct str cut_blanks(struct str *s)
{
    size_t n = 0;

    while (n < s->len && is_blank(s->p[n]))
        n++;
    struct str head = {s->p, n};
    *s = str_skip(*s, n);
    return head;
}

static struct str cut_name(struct str *s)
{
    size_t n = 0;

    while (n < s->len && is_name(s->p[n], n == 0))
        n++;
    struct str head = {s->p, n};
    *s = str_skip(*s, n);
    return head;
}

static bool find(struct str s, struct str what, size_t *ret)
{
    const char *p = s.p;

    while (s.len >= what.len && (p = memchr(s.p, what.p[0], s.len - what.len + 1)) != NULL) {
        if (memcmp(p, what.p, what.len) == 0) {
            *ret += (size_t)(p - s.p);
            return true;
        }
        *ret += (size_t)(p - s.p) + 1;
        s = str_skip(s, (size_t)(p - s.p) + 1);
    }
    return false;
}

/* The length of the reference at the beginning of s (which starts with '&'), 0 when it is none. */
static size_t reference_length(struct str s)
{
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    size_t n = 2;

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_starts(s, str_from(names[i])))
            return strlen(names[i]);
    if (s.len < 4 || s.p[1] != '#')
        return 0;
    bool hex = s.p[2] == 'x';
    size_t digits = n += hex;
    for (; n < s.len && n < REFERENCE_BYTES && s.p[n] != ';'; n++)
        if (!((s.p[n] >= '0' && s.p[n] <= '9') || (hex && ((s.p[n] | 32) >= 'a' && (s.p[n] | 32) <= 'f'))))
            return 0;
    return n > digits && n < s.len && s.p[n] == ';' ? n + 1 : 0;
}

/* What a parser would refuse in text or in a value: it must stay visible that it does. */
static bool is_sound(struct str s, bool value)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 && !is_blank(s.p[i]))
            return false;
        if (c == '<' && value)
            return false;
        if (c == '&' && reference_length(str_skip(s, i)) == 0)
            return false;
    }
    return true;
}

bool markup_attribute_next(struct str *inner, struct markup_attribute *ret)
{
    struct str rest = *inner;
    const char *begin = rest.p;

    cut_blanks(&rest);
    struct str name = cut_name(&rest);
    cut_blanks(&rest);
    if (name.len == 0 || rest.len == 0 || rest.p[0] != '=')
        return false;
    rest = str_skip(rest, 1);
    cut_blanks(&rest);
    if (rest.len == 0 || (rest.p[0] != '"' && rest.p[0] != '\''))
        return false;
    char quote = rest.p[0];
    rest = str_skip(rest, 1);
    const char *end = memchr(rest.p, quote, rest.len);
    if (end == NULL)
        return false;
    ret->before = (struct str){begin, (size_t)(rest.p - begin)};
    ret->name = name;
    ret->value = (struct str){rest.p, (size_t)(end - rest.p)};
    *inner = str_skip(rest, ret->value.len + 1);
    return true;
}

bool markup_attribute_find(struct str inner, struct str name, struct str *ret)
{
    struct markup_attribute a;

    while (markup_attribute_next(&inner, &a))
        if (str_eq(a.name, name)) {
            *ret = a.value;
            return true;
        }
    return false;
}

/* rest stands behind "<name". Leaves it behind the tag's '>'. */
static bool cut_tag(struct str *rest, struct markup_token *t)
{
    struct markup_attribute a;
    const char *begin = rest->p;

    while (rest->len > 0 && is_blank(rest->p[0]) && markup_attribute_next(rest, &a))
        if (!is_sound(a.value, true))
            return false;
    cut_blanks(rest);
    t->inner = (struct str){begin, (size_t)(rest->p - begin)};
    t->kind = rest->len > 0 && rest->p[0] == '/' ? MARKUP_EMPTY : MARKUP_START;
    *rest = str_skip(*rest, t->kind == MARKUP_EMPTY);
    if (rest->len == 0 || rest->p[0] != '>')
        return false;
    *rest = str_skip(*rest, 1);
    return true;
}

static bool cut_close(struct str *rest, struct markup_token *t)
{
    t->name = cut_name(rest);
    cut_blanks(rest);
    if (t->name.len == 0 || rest->len == 0 || rest->p[0] != '>')
        return false;
    *rest = str_skip(*rest, 1);
    t->kind = MARKUP_CLOSE;
    return true;
}

/* Something that stands between `open` (already skipped) and `end`. */
static bool cut_until(struct str *rest, struct str end, enum markup_kind kind, struct markup_token *t)
{
    size_t n = 0;

    if (!find(*rest, end, &n))
        return false;
    t->kind = kind;
    t->inner = (struct str){rest->p, n};
    *rest = str_skip(*rest, n + end.len);
    return true;
}

/* A document type with its internal subset; quotes and brackets count. */
static bool cut_doctype(struct str *rest, struct markup_token *t)
{
    char quote = 0;
    int depth = 0;

    for (size_t i = 0; i < rest->len; i++) {
        char c = rest->p[i];
        if (quote != 0)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '[' || c == ']')
            depth += c == '[' ? 1 : -1;
        else if (c == '>' && depth == 0) {
            t->kind = MARKUP_DOCTYPE;
            *rest = str_skip(*rest, i + 1);
            return true;
        }
    }
    return false;
}

static bool cut_markup(struct str *rest, struct markup_token *t)
{
    static const struct {
        const char *open, *end;
        enum markup_kind kind;
    } pairs[] = {{"<!--", "-->", MARKUP_COMMENT}, {"<![CDATA[", "]]>", MARKUP_CDATA}};

    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (str_starts(*rest, str_from(pairs[i].open))) {
            *rest = str_skip(*rest, strlen(pairs[i].open));
            return cut_until(rest, str_from(pairs[i].end), pairs[i].kind, t);
        }
    if (str_starts(*rest, STR("<!DOCTYPE"))) {
        *rest = str_skip(*rest, 9);
        return cut_doctype(rest, t);
    }
    char second = rest->len > 1 ? rest->p[1] : 0;
    *rest = str_skip(*rest, second == '/' || second == '?' ? 2 : 1);
    if (second == '/')
        return cut_close(rest, t);
    t->name = cut_name(rest);
    if (t->name.len == 0)
        return false;
    return second == '?' ? cut_until(rest, STR("?>"), MARKUP_PI, t) : cut_tag(rest, t);
}

static bool cut_text(struct str *rest, struct markup_token *t)
{
    const char *end = memchr(rest->p, '<', rest->len);

    t->kind = MARKUP_TEXT;
    t->inner = (struct str){rest->p, end == NULL ? rest->len : (size_t)(end - rest->p)};
    *rest = str_skip(*rest, t->inner.len);
    return is_sound(t->inner, false);
}

enum markup_kind markup_next(struct markup *x, struct markup_token *ret)
{
    struct str rest = x->rest;
    bool sound;

    *ret = (struct markup_token){.kind = MARKUP_END, .raw = rest};
    if (rest.len == 0)
        return MARKUP_END;
    sound = rest.p[0] == '<' ? cut_markup(&rest, ret) : cut_text(&rest, ret);
    if (!sound) {
        *ret = (struct markup_token){.kind = MARKUP_BROKEN, .raw = x->rest};
        rest = str_skip(x->rest, x->rest.len);
    }
    ret->raw.len = x->rest.len - rest.len;
    x->rest = rest;
    return ret->kind;
}

static void add_code_point(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_add_char(out, (char)c);
    } else if (c < 0x800) {
        buf_add_char(out, (char)(0xc0 | (c >> 6)));
        buf_add_char(out, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        buf_add_char(out, (char)(0xe0 | (c >> 12)));
        buf_add_char(out, (char)(0x80 | ((c >> 6) & 63)));
        buf_add_char(out, (char)(0x80 | (c & 63)));
    } else {
        buf_add_char(out, (char)(0xf0 | ((c >> 18) & 7)));
        buf_add_char(out, (char)(0x80 | ((c >> 12) & 63)));
        buf_add_char(out, (char)(0x80 | ((c >> 6) & 63)));
        buf_add_char(out, (char)(0x80 | (c & 63)));
    }
}

/* &#NNN; or &#xNNN; what is no character of Unicode becomes U+FFFD. */
static uint32_t numeric(struct str reference)
{
    bool hex = reference.p[2] == 'x';
    uint32_t v = 0;

    for (size_t i = hex ? 3 : 2; i + 1 < reference.len && v < 0x110000; i++) {
        char c = reference.p[i];
        uint32_t digit = (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
        v = v * (hex ? 16 : 10) + digit;
    }
    return v == 0 || v > 0x10ffff || (v >= 0xd800 && v < 0xe000) ? 0xfffd : v;
}

void markup_unescape(struct buf *out, struct str escaped)
{
    static const struct {
        char second, third, is;
    } named[] = {{'a', 'm', '&'}, {'l', 't', '<'}, {'g', 't', '>'}, {'q', 'u', '"'}, {'a', 'p', '\''}};

    while (escaped.len > 0) {
        size_t n = escaped.p[0] == '&' ? reference_length(escaped) : 0;
        if (n == 0)
            buf_add_char(out, escaped.p[0]);
        else if (escaped.p[1] == '#')
            add_code_point(out, numeric((struct str){escaped.p, n}));
        for (size_t i = 0; n > 0 && i < ARRAY_LEN(named); i++)
            if (escaped.p[1] == named[i].second && escaped.p[2] == named[i].third)
                buf_add_char(out, named[i].is);
        escaped = str_skip(escaped, n == 0 ? 1 : n);
    }
}
