/* SPDX-License-Identifier: Apache-2.0 */
#include "json_write.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The buffer's room that is still to be written. */
struct out {
    struct buf *to;
    char *at, *end;
};

static void give_back(struct out *o)
{
    if (o->at)
        buf_wrote(o->to, (size_t)(o->at - (o->to->p + o->to->len)));
    o->at = o->end = NULL;
}

/* Where n bytes go; NULL: they do not fit, which the buffer remembers. */
static char *take(struct out *o, size_t n)
{
    char *at;

    if (!o->at || (size_t)(o->end - o->at) < n) {
        give_back(o);
        o->at = buf_reserve(o->to, n);
        if (!o->at)
            return NULL;
        o->end = o->to->p + o->to->room - 1; /* the NUL behind it */
    }
    at = o->at;
    o->at += n;
    return at;
}

static void add(struct out *o, const char *s, size_t len)
{
    char *at = take(o, len);

    if (at && len)
        memcpy(at, s, len);
}

static void add_char(struct out *o, char c)
{
    char *at = take(o, 1);

    if (at)
        *at = c;
}

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

static void add_escaped(struct out *o, char c)
{
    static const char short_ones[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt", hex[] = "0123456789ABCDEF";
    const char *at = c ? strchr(short_ones, c) : NULL;

    if (at)
        add(o, (const char[]){'\\', letters[at - short_ones]}, 2);
    else
        add(o, (const char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

static void add_string(struct out *o, const char *s, size_t len)
{
    char *at = is_plain_text(s, len) ? take(o, len + 2) : NULL;

    if (at) { /* nearly always */
        at[0] = '"';
        memcpy(at + 1, s, len);
        at[len + 1] = '"';
        return;
    }
    add_char(o, '"');
    for (size_t from = 0, n = 0; from < len; from += n + 1) {
        n = count_plain(s + from, len - from);
        add(o, s + from, n);
        if (from + n < len)
            add_escaped(o, s[from + n]);
    }
    add_char(o, '"');
}

static void add_value(struct out *o, const json_t *value);

static void add_object(struct out *o, const json_t *object)
{
    /* Only asked: to iterate Jansson wants it without const. */
    json_t *all = (json_t *)(uintptr_t)object;
    void *at = json_object_iter(all);
    char before = '{';

    if (!at)
        add_char(o, before);
    for (; at; at = json_object_iter_next(all, at), before = ',') {
        add_char(o, before);
        add_string(o, json_object_iter_key(at), json_object_iter_key_len(at));
        add_char(o, ':');
        add_value(o, json_object_iter_value(at));
    }
    add_char(o, '}');
}

static void add_array(struct out *o, const json_t *array)
{
    size_t n = json_array_size(array);

    add_char(o, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            add_char(o, ',');
        add_value(o, json_array_get(array, i));
    }
    add_char(o, ']');
}

static void add_real(struct out *o, const json_t *real)
{
    char text[64];
    size_t n = json_dumpb(real, text, sizeof text, JSON_ENCODE_ANY);

    add(o, text, n < sizeof text ? n : 0);
}

static void add_integer(struct out *o, json_int_t value)
{
    char text[24];

    add(o, text, (size_t)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, value));
}

static void add_word(struct out *o, const char *word)
{
    add(o, word, strlen(word));
}

static void add_value(struct out *o, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        add_object(o, value);
        break;
    case JSON_ARRAY:
        add_array(o, value);
        break;
    case JSON_STRING:
        add_string(o, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        add_integer(o, json_integer_value(value));
        break;
    case JSON_REAL:
        add_real(o, value);
        break;
    default:
        add_word(o, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
    }
}

void json_write(const json_t *value, struct buf *to)
{
    struct out o = {.to = to};

    add_value(&o, value);
    give_back(&o);
}
