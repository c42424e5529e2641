/* SPDX-License-Identifier: Apache-2.0
 *
 * cage_spawn: starts a worker with its descriptors and nothing else: no other descriptor, no environment.
 */
#ifndef CERTTRIAGE_CAGE_SPAWN_H
#define CERTTRIAGE_CAGE_SPAWN_H

#include "err.h"

#include <sys/types.h>

struct cage_child {
    pid_t pid;
    int rows_fd, error_fd; /* to read from; the caller closes them, and reaps */
};

/* memory_fd: what the worker maps before it is confined; -1: none. Both are borrowed. -ERR_IO, -ERR_NOMEM;
 * nothing is left open then. */
int cage_spawn(const char *what, int input_fd, int memory_fd, struct cage_child *ret, struct err *e);

void cage_count_failed(void); /* one more worker that ended badly, for cage_count */
/* -ERR_CAGE, with what it means that a worker ended by this signal; -ERR_KILLED when that may have been the
 * machine's fault. */
int cage_killed_by(int number, struct err *e);

#endif
