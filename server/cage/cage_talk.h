/* SPDX-License-Identifier: Apache-2.0
 *
 * cage_talk: a worker that lives on and takes one order after the other: bytes go to it in memory that both
 * have, orders by descriptor 3, answers come back on 4 (cage_talk_wire.h). For one thread. Private to
 * server/cage. */
#ifndef CERTTRIAGE_CAGE_TALK_H
#define CERTTRIAGE_CAGE_TALK_H

#include "buf.h"
#include "cage_spawn.h"
#include "cage_talk_wire.h"

#include <stdbool.h>

struct cage_talk {
    const char *what;      /* the job's name, CAGE_JUDGE or CAGE_QUERY */
    const char *called;    /* in error texts: "judging worker" */
    unsigned char *memory; /* FACTS_IMAGE_BYTES */
    int memory_fd;
    struct cage_child child; /* pid -1: none runs */
    int orders_fd;           /* a socket: to write to one whose reader is gone must not kill */
    bool is_ready;           /* it took its first order; set by the caller, unset when it ends */
    int64_t jobs;            /* orders that this worker had after its first; counted by the caller */
};

int64_t cage_talk_now(void); /* CLOCK_MONOTONIC, ms */

/* *t is empty. Makes the memory; no worker runs yet. -ERR_IO; *t is closed then. */
int cage_talk_open(struct cage_talk *t, const char *what, const char *called, struct err *e);
/* Ends the worker and gives the memory back. */
void cage_talk_close(struct cage_talk *t);

/* -ERR_IO, -ERR_NOMEM. */
int cage_talk_start(struct cage_talk *t, struct err *e);
void cage_talk_stop(struct cage_talk *t); /* however far it is */

/* -ERR_CAGE, -ERR_KILLED: the worker ended. */
int cage_talk_order(struct cage_talk *t, const struct cage_order *order, struct err *e);
/* One answer, until `deadline` of cage_talk_now. *ret gets what it says, at most `most` bytes and what fits.
 * Else -ERR_CAGE or -ERR_KILLED, and the worker is ended; or what the worker says went wrong, any code of
 * err.h. */
int cage_talk_answer(struct cage_talk *t, size_t most, int64_t deadline, struct buf *ret, struct err *e);
/* What it says or does is wrong: ends it. -ERR_CAGE, "the judging worker <why>". */
int cage_talk_give_up(struct cage_talk *t, const char *why, struct err *e);

#endif
