/* SPDX-License-Identifier: Apache-2.0
 *
 * cage: strangers' bytes are handled in a worker process that has no network, no file system, bounded memory
 * and time (design.md decision 6). The worker is this same program started with the hidden command `worker`;
 * it gets the input as a file descriptor and gives back rows in a length-prefixed stream
 * (server/facts/frame.h), which the parent checks against the tables of our own facts.sql before it inserts
 * them. What comes out is hostile too. */
#ifndef CERTTRIAGE_CAGE_H
#define CERTTRIAGE_CAGE_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

struct cage_job {
    const char
        *what; /* "extract" (fd: a bundle), "case" (fd: a stream of certificates and stores, server/case) */
    int input_fd;     /* borrowed; read-only, seekable */
    const char *name; /* for error texts: the bundle's file name */
    int64_t seconds;  /* of wall time; 0: LIMIT_WORKER_SECONDS */
};

/* Runs the job and inserts its rows into `db`, in one transaction, with `machine` set to *label where label
 * is given; else to the name in the stream's first row, which is one of `machine`. db was made by
 * facts_create. -ERR_CAGE: the worker made a forbidden call, broke down or sent something that is not a row;
 * -ERR_KILLED: it took too much time or memory or was killed, for which a busy machine may be to blame. Rows
 * that were good up to there stay, and a bundle_problem row says what happened. -ERR_FORMAT: not a bundle at
 * all (*e says why). -ERR_LIMIT, -ERR_NOMEM, -ERR_IO. */
int cage_run(const struct cage_job *job, const char *label, sqlite3 *db, struct err *e);

/* The same in two steps, for what the parent can do while the worker runs. The job's texts are borrowed until
 * cage_end, which frees *ret whatever it returns. cage_begin: -ERR_IO, -ERR_NOMEM. */
struct cage_worker;
int cage_begin(const struct cage_job *job, struct cage_worker **ret, struct err *e);
int cage_end(struct cage_worker *w, const char *label, sqlite3 *db, struct err *e);
void cage_cancel(struct cage_worker *w); /* instead of cage_end: kills it */

/* Since the start. failed: ended by -ERR_CAGE or -ERR_KILLED. */
struct cage_counts {
    uint64_t started, failed;
};
void cage_count(struct cage_counts *ret);

/* The worker's main; the last argument is the job's name: fd 3 input, fd 4 rows, fd 5 error text. Confines
 * itself before it reads a byte. Returns the exit code. */
int cage_worker_main(int argc, char **argv);

/* The program that has cage_worker_main behind its hidden command; /proc/self/exe unless said otherwise
 * (tests). Borrowed; set before the first job. */
void cage_set_program(const char *path);
/* Does this kernel let the cage shut the file system out by Landlock as well? Without it the system call
 * filter does alone. */
bool cage_has_landlock(void);

#endif
