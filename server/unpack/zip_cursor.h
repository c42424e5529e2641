/* SPDX-License-Identifier: Apache-2.0
 *
 * zip_cursor: little-endian numbers from bytes; sticky failure, what is not there reads as zero. */
#ifndef CERTTRIAGE_ZIP_CURSOR_H
#define CERTTRIAGE_ZIP_CURSOR_H

#include "compiler.h"
#include "str.h"

struct zip_cursor {
    const uint8_t *p;
    size_t left;
    bool failed;
};

UNUSED static inline struct bytes zip_take(struct zip_cursor *c, size_t n)
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

UNUSED static inline uint64_t zip_number(struct zip_cursor *c, size_t n_bytes)
{
    struct bytes b = zip_take(c, n_bytes);
    uint64_t value = 0;

    for (size_t i = b.len; i > 0; i--)
        value = value << 8 | b.p[i - 1];
    return value;
}

UNUSED static inline uint16_t zip_u16(struct zip_cursor *c)
{
    return (uint16_t)zip_number(c, 2);
}

UNUSED static inline uint32_t zip_u32(struct zip_cursor *c)
{
    return (uint32_t)zip_number(c, 4);
}

/* The 64-bit numbers of extra field 1, in their order, for each field that says "look there". */
UNUSED static inline void zip_extra64(struct bytes extra, uint64_t *const *fields, size_t n_fields,
                                      bool *failed)
{
    struct zip_cursor c = {extra.p, extra.len, false};

    while (!c.failed && c.left >= 4) {
        uint16_t id = zip_u16(&c);
        struct bytes data = zip_take(&c, zip_u16(&c));
        if (id != 1)
            continue;
        struct zip_cursor in = {data.p, data.len, false};
        for (size_t i = 0; i < n_fields; i++)
            if (*fields[i] == UINT32_MAX)
                *fields[i] = zip_number(&in, 8);
        *failed |= in.failed;
        return;
    }
}

#endif
