/* SPDX-License-Identifier: Apache-2.0 */
#include "quote.h"

#include <string.h>

#include "text.h"
#include "utf.h"

/* Ranges whose characters turn into others on the way through an ANSI code page, or look like others. */
static const struct {
    uint32_t first, last;
} UNSAFE[] = {
    {0x2b0, 0x36f},   /* modifier letters, combining marks */
    {0x2000, 0x206f}, /* general punctuation: blanks, quotes, primes, marks of direction */
    {0x20d0, 0x20ff}, /* combining marks for symbols */
    {0x3000, 0x303f}, /* CJK blanks, brackets, quotes */
    {0xa700, 0xa71f}, /* modifier tone letters */
    {0xd800, 0xf8ff}, /* surrogates, private use */
    {0xfe00, 0xfe6f}, /* variation selectors, small and vertical forms */
    {0xff00, 0xffff}, /* half- and full-width forms, specials */
    {0xe0000, 0x10ffff},
};

static bool is_safe(struct str value, const char *refused)
{
    uint32_t code;

    if (!text_is_printable(value))
        return false;
    while (value.len) {
        size_t n = utf8_decode(value, &code);
        if (code == '"' || code == 0xa0 || (code < 0x80 && strchr(refused, (int)code)))
            return false;
        for (size_t i = 0; i < ARRAY_LEN(UNSAFE); i++)
            if (code >= UNSAFE[i].first && code <= UNSAFE[i].last)
                return false;
        value = str_skip(value, n);
    }
    return true;
}

static void add_double_quoted(struct buf *out, struct str value)
{
    buf_add_char(out, '"');
    buf_add_str(out, value);
    for (size_t i = value.len; i > 0 && value.p[i - 1] == '\\'; i--)
        buf_add_char(out, '\\');
    buf_add_char(out, '"');
}

bool quote_cmd(struct buf *out, struct str value)
{
    if (!is_safe(value, "%!"))
        return false;
    add_double_quoted(out, value);
    return true;
}

bool quote_ps(struct buf *out, struct str value)
{
    bool has_blank = value.len && memchr(value.p, ' ', value.len);

    if (!is_safe(value, "") || (has_blank && value.p[value.len - 1] == '\\'))
        return false;
    buf_add_char(out, '\'');
    for (size_t i = 0; i < value.len; i++) {
        if (value.p[i] == '\'')
            buf_add_char(out, '\'');
        buf_add_char(out, value.p[i]);
    }
    buf_add_char(out, '\'');
    return true;
}

static bool is_plain_word(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.p[i];
        bool is_alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_alnum && (i == 0 || (c != '.' && c != ':' && c != '_' && c != '-')))
            return false;
    }
    return value.len > 0;
}

bool quote_netsh(struct buf *out, struct str value)
{
    if (!is_safe(value, "%!$`"))
        return false;
    if (is_plain_word(value))
        buf_add_str(out, value);
    else
        add_double_quoted(out, value);
    return true;
}
