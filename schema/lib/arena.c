/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 65536, ALIGN = _Alignof(max_align_t) };

struct arena_block {
    struct arena_block *next;
    size_t room, used;
    _Alignas(max_align_t) unsigned char data[];
};

void arena_done(struct arena *a)
{
    for (struct arena_block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    *a = ARENA_INIT(a->cap_bytes);
}

/* A large piece gets a block of its own, put behind the current one, whose rest stays in use. */
static struct arena_block *add_block(struct arena *a, size_t need)
{
    size_t room = need > BLOCK_BYTES / 4 ? need : BLOCK_BYTES;
    struct arena_block *b = calloc(1, sizeof *b + room);

    if (!b)
        return NULL;
    b->room = room;
    if (a->blocks && need > BLOCK_BYTES / 4) {
        b->next = a->blocks->next;
        a->blocks->next = b;
    } else {
        b->next = a->blocks;
        a->blocks = b;
    }
    return b;
}

void *arena_alloc(struct arena *a, size_t n_bytes)
{
    if (n_bytes > SIZE_MAX / 2 || n_bytes > a->cap_bytes)
        return NULL;
    size_t need = (n_bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (need == 0)
        need = ALIGN;
    if (need > a->cap_bytes || a->used_bytes > a->cap_bytes - need)
        return NULL;
    struct arena_block *b = a->blocks;
    if (!b || b->room - b->used < need)
        b = add_block(a, need);
    if (!b)
        return NULL;
    void *p = b->data + b->used;
    b->used += need;
    a->used_bytes += need;
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return arena_alloc(a, count * size);
}

struct str arena_keep(struct arena *a, struct str s)
{
    char *p = s.len == SIZE_MAX ? NULL : arena_alloc(a, s.len + 1);

    if (!p)
        return (struct str){NULL, 0};
    if (s.len)
        memcpy(p, s.p, s.len);
    return (struct str){p, s.len};
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (!p)
        return NULL;
    va_start(args, format);
    (void)vsnprintf(p, (size_t)n + 1, format, args);
    va_end(args);
    return p;
}
