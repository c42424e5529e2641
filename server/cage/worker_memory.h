/* SPDX-License-Identifier: Apache-2.0
 *
 * worker_memory: where SQLite and Jansson take memory from in a worker that judges one case after the other.
 * Each case takes the same some 22,000 small pieces as the one before: those of a size are kept in a list and
 * given out again, last ones first. With malloc an ordinary case, 14.4 million instructions in 2.5 ms, would
 * be 2.4 million and 0.5 ms more; with malloc's own lists as long as it allows, 1.5 million. Nothing goes
 * back to the system but large pieces; the cage's limit holds for all of it, and the worker is replaced after
 * so many cases. For a process of one thread. */
#ifndef CERTTRIAGE_WORKER_MEMORY_H
#define CERTTRIAGE_WORKER_MEMORY_H

#include "err.h"

#include <stddef.h>

/* Pieces are aligned for any type; NULL is out of memory, or a size of 0. */
void *worker_memory_take(size_t size);
void worker_memory_give(void *piece); /* NULL is welcome */
/* What a piece has room for: at least what was asked. */
size_t worker_memory_room(const void *piece);
/* Bytes that are kept for pieces, whether somebody has them or not. */
size_t worker_memory_kept(void);

/* From here on both libraries take theirs there; before either was used. Sanitizer builds keep malloc, which
 * sees what is misused. -ERR_NOMEM. */
int worker_memory_begin(struct err *e);

#endif
