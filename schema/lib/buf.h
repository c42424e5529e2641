/* SPDX-License-Identifier: Apache-2.0
 *
 * buf: a growing byte buffer, born with a cap. Sticky: once an append failed (memory or cap) all further ones
 * are ignored, so that a series may be written and buf_check asked once at the end. p is always
 * NUL-terminated. */
#ifndef CERTTRIAGE_BUF_H
#define CERTTRIAGE_BUF_H

#include "err.h"
#include "str.h"

struct buf {
    char *p; /* NULL until the first append */
    size_t len, room, cap;
    int failed; /* 0 or ERR_NOMEM, ERR_LIMIT */
};

#define BUF_INIT(cap_bytes) ((struct buf){.cap = (size_t)(cap_bytes)})

void buf_done(struct buf *b);  /* frees; usable with CLEANUP; b is then empty and usable again */
void buf_clear(struct buf *b); /* keeps the memory, forgets contents and failure */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_str(struct buf *b, struct str s);
void buf_add_c(struct buf *b, const char *c_string);
void buf_add_char(struct buf *b, char c);
void buf_add_u32le(struct buf *b, uint32_t v);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
/* Makes room for n more bytes and returns where to write them (NULL on failure); follow with buf_wrote. */
char *buf_reserve(struct buf *b, size_t n);
void buf_wrote(struct buf *b, size_t n);
struct str buf_str(const struct buf *b);
const char *buf_c(const struct buf *b); /* never NULL */
/* 0, or the sticky failure as an error named `what`. */
int buf_check(const struct buf *b, const char *what, struct err *e);

#endif
