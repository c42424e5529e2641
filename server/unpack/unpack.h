/* SPDX-License-Identifier: Apache-2.0
 *
 * unpack: the entries of a bundle, a zip from strangers. Names are legal and unique; what is encrypted,
 * overlaps, lies about its size or is packed in a way of its own is not among the entries, and a problem says
 * so. Output is counted while it is inflated, across all entries; the CRC-32 is always checked. A zip that
 * was cut off is read by its local headers. */
#ifndef CERTTRIAGE_UNPACK_H
#define CERTTRIAGE_UNPACK_H

#include "arena.h"
#include "err.h"
#include "str.h"

struct ahead;
struct unpack;

struct unpack_entry {
    struct str name;
    int64_t size;    /* as declared; an entry that inflates to anything else is an error */
    int64_t time_ms; /* DOS time of the entry taken as UTC; TIME_NONE */
};

struct unpack_problem {
    struct str entry; /* printable; empty: the zip as a whole */
    struct str text;  /* one line */
};

/* fd: borrowed, a regular file. ahead: a thread that inflates large entries while the caller reads them
 * (ahead.h), borrowed; NULL: the caller's own does both. All memory is in `a`, which outlives *ret.
 * -ERR_FORMAT: not a zip, or nothing usable in it; -ERR_LIMIT: too many entries, too large; -ERR_NOMEM;
 * -ERR_IO. */
int unpack_open(int fd, struct ahead *ahead, struct arena *a, struct unpack **ret, struct err *e);
void unpack_close(struct unpack *u); /* NULL is fine */

size_t unpack_count(const struct unpack *u);
const struct unpack_entry *unpack_entry(const struct unpack *u, size_t i);
size_t unpack_problem_count(const struct unpack *u);
const struct unpack_problem *unpack_problem(const struct unpack *u, size_t i);

/* Whole entry in `a`, at most LIMIT_WHOLE_ENTRY_BYTES. -ERR_FORMAT (broken, CRC), -ERR_LIMIT, -ERR_NOMEM,
 * -ERR_IO. */
int unpack_read(struct unpack *u, size_t i, struct arena *a, struct bytes *ret, struct err *e);
/* In pieces of at most 256 KiB; `take` returns 0, or negative to stop, which is then returned. A failure
 * after some pieces (the CRC-32 is known at the end) comes after these were taken. */
int unpack_stream(struct unpack *u, size_t i, int (*take)(void *ctx, struct bytes piece), void *ctx,
                  struct err *e);

/* The same for one who asks for the pieces: begin, next until a piece is empty (the end, and all was right),
 * end. One entry at a time, and neither unpack_read nor unpack_stream in between. Errors as above. */
int unpack_begin(struct unpack *u, size_t i, struct err *e);
int unpack_next(struct unpack *u, struct bytes *ret, struct err *e);
void unpack_end(struct unpack *u);

#endif
