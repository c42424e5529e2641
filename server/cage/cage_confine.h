/* SPDX-License-Identifier: Apache-2.0
 *
 * cage_confine: what the worker gives up before it reads a stranger's byte. */
#ifndef CERTTRIAGE_CAGE_CONFINE_H
#define CERTTRIAGE_CAGE_CONFINE_H

#include "err.h"

enum { CAGE_INPUT_FD = 3, CAGE_ROWS_FD = 4, CAGE_ERROR_FD = 5 };

/* Initialises the libraries that the job uses, then: no new privileges, resource limits, Landlock where the
 * kernel has it, the system call filter. After it only the three descriptors can be used, each in its
 * direction; memory cannot be made executable; a call that is not on the list kills the process. */
int cage_confine(struct err *e);

#endif
