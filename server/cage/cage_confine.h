/* SPDX-License-Identifier: Apache-2.0
 *
 * cage_confine: what the worker gives up before it reads a stranger's byte. */
#ifndef CERTTRIAGE_CAGE_CONFINE_H
#define CERTTRIAGE_CAGE_CONFINE_H

#include "err.h"

#include <stdint.h>

enum { CAGE_INPUT_FD = 3, CAGE_ROWS_FD = 4, CAGE_ERROR_FD = 5, CAGE_MEMORY_FD = 6 };

struct cage_bounds {
    int64_t memory_bytes; /* of address space */
    int64_t seconds;      /* of processor time */
    /* Starts the threads that the job needs, since none can be started later; NULL: none. They are confined
     * like the caller, and make no system call but waiting until cage_confine has returned. */
    int (*start)(void *ctx, struct err *e);
    void *ctx;
};

/* Initialises the libraries that the job uses, then: no new privileges, Landlock where the kernel has it, the
 * job's threads, resource limits, the system call filter for all threads. After it only the three descriptors
 * can be used, each in its direction; memory cannot be made executable; a call that is not on the list kills
 * the process. */
int cage_confine(const struct cage_bounds *bounds, struct err *e);

#endif
