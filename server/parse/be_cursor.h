/* SPDX-License-Identifier: Apache-2.0
 *
 * be_cursor: numbers in network byte order and length-prefixed parts, from bytes; sticky failure, what is not
 * there reads as zero or as nothing. */
#ifndef CERTTRIAGE_BE_CURSOR_H
#define CERTTRIAGE_BE_CURSOR_H

#include "compiler.h"
#include "str.h"

struct be_cursor {
    const uint8_t *p;
    size_t left;
    bool failed;
};

UNUSED static inline struct be_cursor be_from(struct bytes b)
{
    return (struct be_cursor){b.p, b.len, false};
}

UNUSED static inline struct bytes be_take(struct be_cursor *c, size_t n)
{
    struct bytes b = {c->p, n};

    if (c->failed || n > c->left) {
        c->failed = true;
        return (struct bytes){NULL, 0};
    }
    c->p += n;
    c->left -= n;
    return b;
}

UNUSED static inline uint32_t be_number(struct be_cursor *c, size_t n_bytes)
{
    struct bytes b = be_take(c, n_bytes);
    uint32_t value = 0;

    for (size_t i = 0; i < b.len; i++)
        value = value << 8 | b.p[i];
    return value;
}

UNUSED static inline uint8_t be_u8(struct be_cursor *c)
{
    return (uint8_t)be_number(c, 1);
}

UNUSED static inline uint16_t be_u16(struct be_cursor *c)
{
    return (uint16_t)be_number(c, 2);
}

/* A part that a length of n_bytes stands before. */
UNUSED static inline struct bytes be_part(struct be_cursor *c, size_t n_bytes)
{
    size_t n = be_number(c, n_bytes);

    return be_take(c, n);
}

#endif
