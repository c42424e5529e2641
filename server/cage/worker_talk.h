/* SPDX-License-Identifier: Apache-2.0
 *
 * worker_talk: the other side of cage_talk, in the worker. Private to server/cage. */
#ifndef CERTTRIAGE_WORKER_TALK_H
#define CERTTRIAGE_WORKER_TALK_H

#include "cage_talk_wire.h"
#include "str.h"

#include <stdbool.h>

/* Maps the memory that both have, FACTS_IMAGE_BYTES, and confines the process. */
int worker_talk_begin(unsigned char **ret_memory, struct err *e);
/* Waits for the next one; false: there is none. */
bool worker_talk_order(struct cage_order *ret);
/* code: 0, or of err.h and text says why. False: nobody hears it. */
bool worker_talk_answer(int code, struct str text);

/* Workers: take orders until their pipe is closed. */
int worker_judge(struct err *e);
int worker_query(struct err *e);

#endif
