/* SPDX-License-Identifier: Apache-2.0
 *
 * What the judging worker and its parent, which are the same program, say to each other over two pipes; the
 * bytes of rules and facts lie in memory that both have. Private to server/cage. */
#ifndef CERTTRIAGE_CAGE_JUDGE_WIRE_H
#define CERTTRIAGE_CAGE_JUDGE_WIRE_H

#include "err.h"

#include <stdint.h>

#define CAGE_JUDGE "judge" /* the job's name */

enum judge_what { JUDGE_RULES, JUDGE_CASE };

/* To the worker. JUDGE_RULES, once, first: the memory holds `len` bytes of ruleset_write. JUDGE_CASE: it
 * holds `len` bytes of settled facts; `name` is the case's. */
struct judge_order {
    uint32_t what;
    uint64_t len;
    int64_t deadline; /* of the monotonic clock, ms */
    char name[72];    /* ends with NUL */
};

/* From it, before `len` bytes: of the report when code is 0, else of why not. To JUDGE_RULES none: from then
 * on the memory is free. */
struct judge_answer {
    uint32_t code, len;
};

/* The worker: maps the memory, confines itself, then takes orders until their pipe is closed. */
int worker_judge(struct err *e);

#endif
