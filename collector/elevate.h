/* SPDX-License-Identifier: Apache-2.0
 *
 * elevate: going on as an administrator, after a double click without an administrator's rights. */
#ifndef CERTTRIAGE_COLLECT_ELEVATE_H
#define CERTTRIAGE_COLLECT_ELEVATE_H

#include "options.h"

struct elevation {
    int code;    /* the exit code of the one that went on */
    bool unsafe; /* a thread hangs, so the program must end by os_end */
};

/* Asks, gathers what is the user's own, and starts the program again as administrator; true when that one has
 * done all. False: go on without. */
bool elevate_offer(const struct options *o, struct elevation *ret);

#endif
