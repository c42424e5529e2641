/* SPDX-License-Identifier: Apache-2.0
 *
 * Hexadecimal, and UTF-8 as it comes in and goes out. UTF-16 is in utf16.c, times are in time.c. */
#include "text.h"
#include "utf.h"

#include <stdio.h>
#include <string.h>

void text_hex(struct buf *out, const void *data, size_t len)
{
    static const char DIGITS[] = "0123456789abcdef";
    const uint8_t *p = data;
    char *to = len > SIZE_MAX / 2 ? NULL : buf_reserve(out, len * 2);

    if (!to)
        return;
    for (size_t i = 0; i < len; i++) {
        to[2 * i] = DIGITS[p[i] >> 4];
        to[2 * i + 1] = DIGITS[p[i] & 15];
    }
    buf_wrote(out, len * 2);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool text_unhex(struct str s, uint8_t *out, size_t room, size_t *ret_len)
{
    if (s.len % 2 || s.len / 2 > room)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (hex_digit(s.p[i]) < 0)
            return false;
    for (size_t i = 0; i < s.len / 2; i++)
        out[i] = (uint8_t)(hex_digit(s.p[2 * i]) << 4 | hex_digit(s.p[2 * i + 1]));
    *ret_len = s.len / 2;
    return true;
}

/* What the first byte of a sequence says: its length, and the bounds of the second byte (Unicode, table 3-7),
 * which shut out overlong forms, surrogates and what is past U+10FFFF. */
static size_t lead(uint8_t c, uint8_t *ret_low, uint8_t *ret_high)
{
    *ret_low = 0x80;
    *ret_high = 0xbf;
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if (c >= 0xe0 && c <= 0xef) {
        *ret_low = c == 0xe0 ? 0xa0 : 0x80;
        *ret_high = c == 0xed ? 0x9f : 0xbf;
        return 3;
    }
    if (c >= 0xf0 && c <= 0xf4) {
        *ret_low = c == 0xf0 ? 0x90 : 0x80;
        *ret_high = c == 0xf4 ? 0x8f : 0xbf;
        return 4;
    }
    return 0;
}

size_t utf8_decode(struct str s, uint32_t *ret)
{
    const uint8_t *p = (const uint8_t *)s.p;
    uint8_t low, high;
    size_t n = s.len ? lead(p[0], &low, &high) : 0;

    if (n == 0 || n > s.len || (n > 1 && (p[1] < low || p[1] > high)))
        return 0;
    uint32_t code = n == 1 ? p[0] : p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3f);
    }
    *ret = code;
    return n;
}

void utf8_add(struct buf *out, uint32_t code)
{
    char c[4];
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    if (n == 1) {
        buf_add_char(out, (char)code);
        return;
    }
    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        c[i] = (char)(0x80 | (code & 0x3f));
    c[0] = (char)(0xf00u >> n | code);
    buf_add(out, c, n);
}

/* How many bytes from the beginning are ASCII, or nearly: most texts are nothing else, and long. */
static size_t count_ascii(struct str s)
{
    uint64_t eight;
    size_t n = 0;

    for (; s.len - n >= sizeof eight; n += sizeof eight) {
        memcpy(&eight, s.p + n, sizeof eight);
        if (eight & 0x8080808080808080u)
            break;
    }
    return n;
}

bool text_is_utf8(struct str s)
{
    uint32_t code;

    for (size_t n; s.len; s = str_skip(s, n)) {
        n = count_ascii(s);
        if (n == 0 && (n = utf8_decode(s, &code)) == 0)
            return false;
    }
    return true;
}

void text_add_utf8_lossy(struct buf *out, struct str s)
{
    uint32_t code;

    while (s.len) {
        size_t n = utf8_decode(s, &code);
        if (!n)
            utf8_add(out, 0xfffd);
        else if (code)
            buf_add(out, s.p, n);
        s = str_skip(s, n ? n : 1);
    }
}

/* Characters that a reader does not see, or that change the order or the line of what is around them. */
static bool is_hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

bool text_is_printable(struct str s)
{
    uint32_t code;

    while (s.len) {
        size_t n = utf8_decode(s, &code);
        if (!n || is_hidden(code))
            return false;
        s = str_skip(s, n);
    }
    return true;
}

void text_add_printable(struct buf *out, struct str s)
{
    uint32_t code;

    while (s.len) {
        size_t n = utf8_decode(s, &code);
        if (!n)
            buf_printf(out, "\\x%02x", (unsigned)(uint8_t)s.p[0]);
        else if (!is_hidden(code))
            buf_add(out, s.p, n);
        else
            buf_printf(out, code < 0x80 ? "\\x%02x" : "\\u{%04x}", (unsigned)code);
        s = str_skip(s, n ? n : 1);
    }
}
