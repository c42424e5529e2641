/* SPDX-License-Identifier: Apache-2.0 */
#include "json_text.h"

#include "utf.h"

#include <string.h>

struct at {
    const char *p, *end;
    size_t depth;
};

static char peek(const struct at *a)
{
    return a->p < a->end ? *a->p : 0;
}

static bool take(struct at *a, char c)
{
    bool is = a->p < a->end && *a->p == c;

    a->p += is;
    return is;
}

static void skip_blanks(struct at *a)
{
    while (a->p < a->end && (*a->p == ' ' || *a->p == '\t' || *a->p == '\n' || *a->p == '\r'))
        a->p++;
}

static size_t skip_digits(struct at *a)
{
    const char *begin = a->p;

    while (a->p < a->end && *a->p >= '0' && *a->p <= '9')
        a->p++;
    return (size_t)(a->p - begin);
}

static bool read_number(struct at *a)
{
    bool is_zero;
    size_t whole, part;

    (void)take(a, '-');
    is_zero = peek(a) == '0';
    whole = skip_digits(a);
    if (whole == 0 || whole > JSON_TEXT_DIGITS || (is_zero && whole > 1))
        return false;
    if (!take(a, '.'))
        return true;
    part = skip_digits(a);
    return part > 0 && part <= JSON_TEXT_DIGITS;
}

static bool read_word(struct at *a, struct str word)
{
    bool is = str_starts((struct str){a->p, (size_t)(a->end - a->p)}, word);

    a->p += is ? word.len : 0;
    return is;
}

/* The four digits of \uXXXX; -1 none. */
static long read_unit(struct at *a)
{
    long unit = 0;

    for (int i = 0; i < 4; i++, a->p++) {
        char c = peek(a);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* After \u: a code point that is not NUL, in two parts where UTF-16 needs two. */
static bool read_code(struct at *a)
{
    long first = read_unit(a), second;

    if (first <= 0 || (first >= 0xdc00 && first <= 0xdfff))
        return false;
    if (first < 0xd800 || first > 0xdfff)
        return true;
    if (!take(a, '\\') || !take(a, 'u'))
        return false;
    second = read_unit(a);
    return second >= 0xdc00 && second <= 0xdfff;
}

static bool read_escape(struct at *a)
{
    char c = peek(a);

    a->p += c != 0;
    return c == 'u' ? read_code(a) : c && strchr("\"\\/bfnrt", c);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* After the quote that begins it; *ret: between the quotes. */
static bool read_string(struct at *a, struct str *ret)
{
    const char *begin = a->p;
    uint32_t code;

    for (;;) {
        while (a->p < a->end && is_plain((unsigned char)*a->p))
            a->p++;
        *ret = (struct str){begin, (size_t)(a->p - begin)};
        if (take(a, '"'))
            return true;
        if (take(a, '\\')) {
            if (!read_escape(a))
                return false;
            continue;
        }
        size_t n = (unsigned char)peek(a) < 0x80
                       ? 0
                       : utf8_decode((struct str){a->p, (size_t)(a->end - a->p)}, &code);
        if (!n)
            return false;
        a->p += n;
    }
}

static bool is_among(const struct str *names, size_t n, struct str name)
{
    while (n > 0)
        if (str_eq(names[--n], name))
            return true;
    return false;
}

static bool read_value(struct at *a);

/* Two spellings of one name would be two names here: none is written with an escape. */
static bool read_members(struct at *a)
{
    struct str names[JSON_TEXT_MEMBERS];
    size_t n = 0;

    do {
        skip_blanks(a);
        if (n == JSON_TEXT_MEMBERS || !take(a, '"') || !read_string(a, &names[n]) ||
            memchr(names[n].p, '\\', names[n].len) || is_among(names, n, names[n]))
            return false;
        n++;
        skip_blanks(a);
        if (!take(a, ':') || !read_value(a))
            return false;
    } while (take(a, ','));
    return take(a, '}');
}

static bool read_elements(struct at *a)
{
    do
        if (!read_value(a))
            return false;
    while (take(a, ','));
    return take(a, ']');
}

static bool read_inside(struct at *a, char close, bool (*read)(struct at *))
{
    bool ok;

    if (a->depth == JSON_TEXT_DEPTH)
        return false;
    a->depth++;
    skip_blanks(a);
    ok = take(a, close) || read(a);
    a->depth--;
    return ok;
}

/* With the blanks around it. */
static bool read_value(struct at *a)
{
    struct str ignored;
    bool ok;

    skip_blanks(a);
    ok = take(a, '"')     ? read_string(a, &ignored)
         : take(a, '{')   ? read_inside(a, '}', read_members)
         : take(a, '[')   ? read_inside(a, ']', read_elements)
         : peek(a) == 't' ? read_word(a, STR("true"))
         : peek(a) == 'f' ? read_word(a, STR("false"))
         : peek(a) == 'n' ? read_word(a, STR("null"))
                          : read_number(a);
    skip_blanks(a);
    return ok;
}

int json_text_check(struct str text, struct err *e)
{
    struct at a = {text.p, text.len ? text.p + text.len : NULL, 0};

    skip_blanks(&a);
    if (peek(&a) == '{' && read_value(&a) && a.p == a.end)
        return 0;
    return err_set(e, ERR_FORMAT, "not such JSON as a report is, at byte %zu of %zu", (size_t)(a.p - text.p),
                   text.len);
}

static void skip_string(struct at *a)
{
    while (a->p < a->end && *a->p != '"')
        a->p += *a->p == '\\' && a->end - a->p > 1 ? 2 : 1;
    (void)take(a, '"');
}

/* Brackets of checked text fit each other: to count them is enough. */
static struct str skip_value(struct at *a)
{
    const char *begin;
    size_t open = 0;

    skip_blanks(a);
    for (begin = a->p; a->p < a->end; a->p++) {
        char c = *a->p;
        if (c == '"') {
            a->p++;
            skip_string(a);
            a->p--;
        } else if (c == '{' || c == '[') {
            open++;
        } else if (c == '}' || c == ']' || c == ',') {
            if (open == 0)
                break;
            open -= c != ',';
        }
    }
    return str_trim((struct str){begin, (size_t)(a->p - begin)});
}

static struct str skip_name(struct at *a)
{
    const char *begin;
    struct str name;

    skip_blanks(a);
    (void)take(a, '"');
    begin = a->p;
    skip_string(a);
    name = (struct str){begin, (size_t)(a->p - begin)};
    name.len -= name.len > 0;
    skip_blanks(a);
    (void)take(a, ':');
    return name;
}

/* What stands behind *at, which is 0 before the first one. */
static bool step(struct str text, size_t at, char first, struct at *ret)
{
    if (at >= text.len)
        return false;
    *ret = (struct at){text.p + at, text.p + text.len, 0};
    return take(ret, at ? ',' : first);
}

bool json_text_pair(struct str object, size_t *at, struct str *ret_name, struct str *ret)
{
    struct at a;

    if (!step(object, *at, '{', &a))
        return false;
    *ret_name = skip_name(&a);
    *ret = skip_value(&a);
    *at = (size_t)(a.p - object.p);
    return ret->len > 0;
}

bool json_text_next(struct str array, size_t *at, struct str *ret)
{
    struct at a;

    if (!step(array, *at, '[', &a))
        return false;
    *ret = skip_value(&a);
    *at = (size_t)(a.p - array.p);
    return ret->len > 0;
}

struct str json_text_member(struct str object, struct str name)
{
    struct str found, value;
    size_t at = 0;

    while (json_text_pair(object, &at, &found, &value))
        if (str_eq(found, name))
            return value;
    return (struct str){NULL, 0};
}
