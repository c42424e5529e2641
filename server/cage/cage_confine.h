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
};

/* Initialises the libraries that the job uses, then: no new privileges, resource limits, Landlock where the
 * kernel has it, the system call filter. After it only the three descriptors can be used, each in its
 * direction; memory cannot be made executable; a call that is not on the list kills the process. */
int cage_confine(const struct cage_bounds *bounds, struct err *e);

#endif
