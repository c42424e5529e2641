/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256 };

void buf_done(struct buf *b)
{
    free(b->p);
    *b = BUF_INIT(b->cap);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = 0;
    if (b->p)
        b->p[0] = 0;
}

/* Room for n more bytes and the NUL. Doubles, so that a series of appends is linear. */
static bool grow(struct buf *b, size_t n)
{
    if (b->failed)
        return false;
    if (n > b->cap || b->len > b->cap - n) {
        b->failed = ERR_LIMIT;
        return false;
    }
    size_t need = b->len + n + 1;
    if (b->p && need <= b->room)
        return true;
    size_t room = b->room ? b->room : FIRST_ROOM;
    while (room < need)
        room = room > SIZE_MAX / 2 ? need : room * 2;
    if (room > b->cap + 1)
        room = b->cap + 1;
    char *p = realloc(b->p, room);
    if (!p) {
        b->failed = ERR_NOMEM;
        return false;
    }
    b->p = p;
    b->room = room;
    return true;
}

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->p && !b->failed && n < b->room - b->len) /* nearly always: the room is at most the cap */
        return b->p + b->len;
    return grow(b, n) ? b->p + b->len : NULL;
}

void buf_wrote(struct buf *b, size_t n)
{
    if (b->failed || !b->p)
        return;
    b->len += n;
    b->p[b->len] = 0;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
    char *to = buf_reserve(b, len);

    if (!to)
        return;
    if (len)
        memcpy(to, data, len);
    buf_wrote(b, len);
}

void buf_add_str(struct buf *b, struct str s)
{
    buf_add(b, s.p, s.len);
}

void buf_add_c(struct buf *b, const char *c_string)
{
    buf_add_str(b, str_from(c_string));
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_add_u32le(struct buf *b, uint32_t v)
{
    uint8_t bytes[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};

    buf_add(b, bytes, sizeof bytes);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    size_t room = b->p && !b->failed ? b->room - b->len : 0;
    va_list args;

    va_start(args, format);
    int n = vsnprintf(room ? b->p + b->len : NULL, room, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < room) { /* mostly there is room already */
        buf_wrote(b, (size_t)n);
        return;
    }
    if (room)
        b->p[b->len] = 0; /* part of it was written there */
    char *to = n < 0 ? NULL : buf_reserve(b, (size_t)n);
    if (!to)
        return;
    va_start(args, format);
    (void)vsnprintf(to, (size_t)n + 1, format, args);
    va_end(args);
    buf_wrote(b, (size_t)n);
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->p, b->len};
}

const char *buf_c(const struct buf *b)
{
    return b->p ? b->p : "";
}

int buf_check(const struct buf *b, const char *what, struct err *e)
{
    if (!b->failed)
        return 0;
    if (b->failed == ERR_LIMIT)
        return err_set(e, ERR_LIMIT, "%s: longer than %zu bytes", what, b->cap);
    return err_set(e, b->failed, "%s: out of memory", what);
}
