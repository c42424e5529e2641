/* SPDX-License-Identifier: Apache-2.0
 *
 * ahead: a second thread that makes the pieces of a stream before they are asked for, so that one core
 * inflates while another reads what was inflated. The cage lets no thread be started: who wants one starts it
 * before, and it sleeps until a stream begins. */
#ifndef CERTTRIAGE_AHEAD_H
#define CERTTRIAGE_AHEAD_H

#include "err.h"
#include "str.h"

enum { AHEAD_PIECE_BYTES = 131072, AHEAD_PIECES = 4 };

struct ahead;

/* Writes the next piece to `to`, at most AHEAD_PIECE_BYTES; *ret 0 at the end. Called by the second thread,
 * one call at a time, and no longer once ahead_end has returned. Allocates nothing. */
typedef int (*ahead_make)(void *ctx, uint8_t *to, size_t *ret, struct err *e);

/* Returns when the thread runs and has made all its system calls but waiting. -ERR_NOMEM. */
int ahead_start(struct ahead **ret, struct err *e);
/* Ends the thread. NULL is fine. */
void ahead_stop(struct ahead *);

/* One stream at a time, `ctx` is the thread's until ahead_end. */
void ahead_begin(struct ahead *, ahead_make make, void *ctx);
/* The next piece, which is valid until the next call; empty at the end. Errors are those of `make`, each
 * after the pieces before it. */
int ahead_next(struct ahead *, struct bytes *ret, struct err *e);
/* Waits for the call of `make` that may be going on. No stream: nothing. */
void ahead_end(struct ahead *);

#endif
