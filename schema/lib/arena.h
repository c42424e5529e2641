/* SPDX-License-Identifier: Apache-2.0
 *
 * arena: the memory of one job, freed at once, capped. Nothing allocated from it is freed singly. */
#ifndef CERTTRIAGE_ARENA_H
#define CERTTRIAGE_ARENA_H

#include "compiler.h"
#include "str.h"

struct arena_block;
struct arena {
    struct arena_block *blocks;
    size_t used_bytes, cap_bytes;
};

#define ARENA_INIT(cap) ((struct arena){.cap_bytes = (size_t)(cap)})

void arena_done(struct arena *a);
/* Zeroed, aligned for any type. NULL when memory or the cap is exhausted. */
void *arena_alloc(struct arena *a, size_t n_bytes);
void *arena_array(struct arena *a, size_t count, size_t size); /* overflow-checked */
/* Copies; the copy is NUL-terminated. p is NULL when exhausted. */
struct str arena_keep(struct arena *a, struct str s);
char *arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
