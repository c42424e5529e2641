/* SPDX-License-Identifier: Apache-2.0 */
#include "json_write.h"

#include <stdlib.h>
#include <string.h>

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static void add_escaped(struct buf *to, char c)
{
    static const char short_ones[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *at = strchr(short_ones, c);

    if (c && at)
        buf_printf(to, "\\%c", letters[at - short_ones]);
    else
        buf_printf(to, "\\u%04X", (unsigned)c);
}

static size_t count_plain(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && is_plain(s[n]))
        n++;
    return n;
}

static void add_string(struct buf *to, const char *s, size_t len)
{
    size_t n = count_plain(s, len);
    char *room = n == len ? buf_reserve(to, len + 2) : NULL;

    if (room) { /* nothing to escape: nearly all are such */
        room[0] = '"';
        memcpy(room + 1, s, len);
        room[len + 1] = '"';
        buf_wrote(to, len + 2);
        return;
    }
    buf_add_char(to, '"');
    for (size_t at = 0; at < len; at += n + 1, n = count_plain(s + at, len - at)) {
        buf_add(to, s + at, n);
        if (at + n == len)
            break;
        add_escaped(to, s[at + n]);
    }
    buf_add_char(to, '"');
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
        buf_add_char(to, before);
        add_string(to, json_object_iter_key(at), json_object_iter_key_len(at));
        buf_add_char(to, ':');
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
        add_string(to, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        buf_printf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        add_real(to, value);
        break;
    default:
        buf_add_c(to, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
    }
}
