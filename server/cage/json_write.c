/* SPDX-License-Identifier: Apache-2.0 */
#include "json_write.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

/* Of eight bytes at once: whether one of them is 0. */
static bool has_zero(uint64_t eight)
{
    return ((eight - 0x0101010101010101u) & ~eight & 0x8080808080808080u) != 0;
}

static bool is_plain_eight(const char *s)
{
    uint64_t eight;

    memcpy(&eight, s, sizeof eight);
    return ((eight - 0x2020202020202020u) & ~eight & 0x8080808080808080u) == 0 &&
           !has_zero(eight ^ 0x2222222222222222u) && !has_zero(eight ^ 0x5c5c5c5c5c5c5c5cu);
}

static size_t count_plain(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && is_plain(s[n]))
        n++;
    return n;
}

/* Eight at a time, the last eight once more where others are among them. */
static bool is_plain_text(const char *s, size_t len)
{
    if (len < sizeof(uint64_t))
        return count_plain(s, len) == len;
    for (size_t n = 0; len - n >= sizeof(uint64_t); n += sizeof(uint64_t))
        if (!is_plain_eight(s + n))
            return false;
    return is_plain_eight(s + len - sizeof(uint64_t));
}

static void add_escaped(struct buf *to, char c)
{
    static const char short_ones[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *at = c ? strchr(short_ones, c) : NULL;

    if (at)
        buf_add(to, (const char[]){'\\', letters[at - short_ones]}, 2);
    else
        buf_printf(to, "\\u%04X", (unsigned)c);
}

static void add_with_escapes(struct buf *to, const char *s, size_t len)
{
    for (size_t at = 0, n = 0; at < len; at += n + 1) {
        n = count_plain(s + at, len - at);
        buf_add(to, s + at, n);
        if (at + n < len)
            add_escaped(to, s[at + n]);
    }
}

/* With a character more before and after it; 0: none. */
static void add_string(struct buf *to, char before, const char *s, size_t len, char after)
{
    bool is_plain_all = is_plain_text(s, len); /* nearly all are */
    char *room = buf_reserve(to, len + 4), *at = room;

    if (!room)
        return;
    if (before)
        *at++ = before;
    *at++ = '"';
    if (is_plain_all) {
        memcpy(at, s, len);
        at += len;
    } else {
        buf_wrote(to, (size_t)(at - room));
        add_with_escapes(to, s, len);
        at = room = buf_reserve(to, 2);
        if (!room)
            return;
    }
    *at++ = '"';
    if (after)
        *at++ = after;
    buf_wrote(to, (size_t)(at - room));
}

static void add_object(struct buf *to, const json_t *object)
{
    /* Only asked: to iterate Jansson wants it without const. */
    json_t *all = (json_t *)(uintptr_t)object;
    void *at = json_object_iter(all);
    char before = '{';

    if (!at)
        buf_add_char(to, before);
    for (; at; at = json_object_iter_next(all, at), before = ',') {
        add_string(to, before, json_object_iter_key(at), json_object_iter_key_len(at), ':');
        json_write(json_object_iter_value(at), to);
    }
    buf_add_char(to, '}');
}

static void add_array(struct buf *to, const json_t *array)
{
    size_t n = json_array_size(array);

    buf_add_char(to, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(to, ',');
        json_write(json_array_get(array, i), to);
    }
    buf_add_char(to, ']');
}

static void add_real(struct buf *to, const json_t *real)
{
    char text[64];
    size_t n = json_dumpb(real, text, sizeof text, JSON_ENCODE_ANY);

    buf_add(to, text, n < sizeof text ? n : 0);
}

static void add_integer(struct buf *to, json_int_t value)
{
    char text[24];

    buf_add(to, text, (size_t)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, value));
}

void json_write(const json_t *value, struct buf *to)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        add_object(to, value);
        break;
    case JSON_ARRAY:
        add_array(to, value);
        break;
    case JSON_STRING:
        add_string(to, 0, json_string_value(value), json_string_length(value), 0);
        break;
    case JSON_INTEGER:
        add_integer(to, json_integer_value(value));
        break;
    case JSON_REAL:
        add_real(to, value);
        break;
    default:
        buf_add_c(to, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
    }
}
