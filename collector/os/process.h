/* SPDX-License-Identifier: Apache-2.0
 *
 * process: the collector's own process: threads that may be given up, the gate between them and the bundle,
 * its console, its priority, its end. Both backends have it (win32/process.c, win32/thread.c; image/…).
 *
 * A call of the system that hangs may hold any lock, that of the process heap included. So whoever watches
 * uses nothing but this after giving a thread up: no function below that says "no memory" asks the system for
 * any. */
#ifndef CERTTRIAGE_OS_PROCESS_H
#define CERTTRIAGE_OS_PROCESS_H

#include "buf.h"
#include "err.h"

/* --- threads (thread.c) --- */

/* A thread that waits for work. Made beforehand, since making one needs memory. */
struct os_thread;
int os_thread_new(struct os_thread **ret, struct err *e);
void os_thread_run(struct os_thread *t, void (*work)(void *ctx), void *ctx); /* once; no memory */
/* True when the work has ended; false after ms milliseconds. No memory. */
bool os_thread_wait(struct os_thread *t, unsigned ms);
/* Of a thread whose work ended or that never got any. One that was given up is left alone until the process
 * ends. NULL is welcome. */
void os_thread_free(struct os_thread *t);

/* Who may touch what both need: one thread at a time, and only the one that it was given to. */
struct os_gate;
int os_gate_new(struct os_gate **ret, struct err *e); /* given to the caller */
void os_gate_free(struct os_gate *g);                 /* NULL is welcome */
/* Waits until the thread within has left. owner NULL: the caller. No memory. */
void os_gate_give(struct os_gate *g, const struct os_thread *owner);
/* Does not come back for a thread that the gate is not given to. No memory. */
void os_gate_enter(struct os_gate *g);
void os_gate_leave(struct os_gate *g);

unsigned os_ticks_ms(void); /* goes on evenly, wraps after 49 days */
void os_sleep_ms(unsigned ms);

/* --- the process (process.c) --- */

/* The path of a file in the program's own folder. */
int os_beside(const char *file, struct buf *ret, struct err *e);
/* Gives way to others, for processor, memory and disk, where the system can. */
void os_low_priority(void);
/* Whether stderr is a terminal; whether the console was made for us alone (a double click). */
bool os_is_terminal(void);
bool os_has_own_console(void);
/* Writes the question to stderr and reads a line; false at the end of input. */
bool os_ask(const char *question, struct buf *ret);
/* From now on Ctrl+C (SIGINT) does not end the program: os_interrupted tells of it. A second one ends it.
 * False: as before. */
void os_note_interrupt(bool on);
bool os_interrupted(void);
/* The SID of who runs us; empty on Linux. */
void os_own_sid(struct buf *ret);
/* The most that the process ever held in memory (the libraries of the system among it), and of what is its
 * own: committed on Windows, where the system tells. 0: not known. */
struct os_peak {
    int64_t held, own;
};
struct os_peak os_peak(void);
/* The folder that relative paths begin in, whole. */
int os_folder(struct buf *ret, struct err *e);
int os_enter_folder(const char *path, struct err *e);
/* Starts the program again with its arguments and `more` behind them, as administrator, and waits for it.
 * -ERR_DENIED: refused by the user; -ERR_UNSUPPORTED on Linux. ret_code: its exit code. */
int os_restart_elevated(const char *more, int *ret_code, struct err *e);

/* What a process without an administrator's rights hands to the one that goes on with them: bytes in memory,
 * under a random name, for its own user and administrators (handed.c). Unsupported on Linux. */
struct os_handed;
int os_hand(struct bytes data, struct buf *ret_name, struct os_handed **ret, struct err *e);
void os_hand_free(struct os_handed *h); /* NULL is welcome */
/* A copy, at most `room` bytes, which who handed it cannot change any more. -ERR_FORMAT: not such a name, or
 * longer; -ERR_DENIED: it does not belong to the user `sid`. */
int os_handed(const char *name, struct str sid, size_t room, struct buf *ret, struct err *e);

/* Ends at once, without asking anybody: nothing of ours or of the system's runs any more. No memory. */
void os_end(int code) __attribute__((noreturn));

#endif
