/* SPDX-License-Identifier: Apache-2.0
 *
 * sink: where extractors put fact rows. An extractor names a table and columns of schema/facts.sql; it does
 * not know whether the rows go down a pipe to the parent (the worker) or into a database (tests).
 *
 *   sink_begin(s, "binding");
 *   sink_text(s, "site", site);
 *   sink_int(s, "port", 443);
 *   sink_end(s);
 *
 * Columns that are not given are NULL. `machine` is never given: the parent puts it in. Errors are sticky:
 * after one, every call does nothing, and sink_check says what it was. */
#ifndef CERTTRIAGE_SINK_H
#define CERTTRIAGE_SINK_H

#include "err.h"
#include "str.h"
#include "text.h"

struct sink;

void sink_begin(struct sink *s, const char *table);
void sink_text(struct sink *s, const char *column,
               struct str value); /* p == NULL: NULL; not UTF-8: made so; longer than LIMIT_TEXT_BYTES: cut */
void sink_c(struct sink *s, const char *column, const char *value); /* the same; NULL: NULL */
void sink_int(struct sink *s, const char *column, int64_t value);
void sink_time(struct sink *s, const char *column, int64_t ms); /* TIME_NONE: NULL */
void sink_blob(struct sink *s, const char *column, struct bytes value);
void sink_hex(struct sink *s, const char *column, struct bytes value); /* as lower-case hex text */
void sink_end(struct sink *s);
int sink_check(const struct sink *s, struct err *e);

/* One row of bundle_problem. entry may be empty (the whole bundle), line 0 (none). */
void sink_problem(struct sink *s, struct str entry, int64_t line, const char *format, ...) PRINTF_LIKE(4, 5);

/* Opening and closing one; extractors do not.
 * The frame (server/facts/README.md) of each row goes to `put`, which keeps nothing of it; 0, or negative to
 * stop. */
typedef int (*sink_put_fn)(struct bytes frame, void *ctx, struct err *e);

/* Rows as frames to `fd` (borrowed), gathered into pieces of 64 KiB. */
int sink_open_fd(int fd, struct sink **ret, struct err *e);
/* Rows as frames to a function, one by one. */
int sink_open_put(sink_put_fn put, void *ctx, struct sink **ret, struct err *e);
/* Writes what is gathered and the frame that says "this is all", frees. 0, or the first error there was. NULL
 * is fine. */
int sink_close(struct sink *s, struct err *e);

/* Table `machine`: the first row of a stream makes the one row; every later row of that table changes the
 * columns that it gives and are not NULL. The columns `machine`, `leaf_machine` and `bundle` are the
 * parent's: what a worker says there is overwritten, except in a case job (extract.h). */

#endif
