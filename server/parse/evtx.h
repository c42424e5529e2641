/* SPDX-License-Identifier: Apache-2.0
 *
 * evtx: Windows event log files. A file is a header of 4 KiB and chunks of 64 KiB; each chunk stands for
 * itself: names and templates that its records need are in it. evtx_feed finds the chunks in a stream,
 * evtx_read_chunk reads one, so memory is one chunk and one event. Pure. Whatever is damaged is skipped and
 * counted, and what stands behind it is read. The format: [MS-EVEN6] 2.2.12 (binary XML) and
 * https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc
 *
 * Debian 12's libevtx (20181227) gives up a file at the first attribute with a character reference, as CAPI2
 * writes them (24 of 340 events of a real log), so this is our own. */
#ifndef CERTTRIAGE_EVTX_H
#define CERTTRIAGE_EVTX_H

#include "event.h"

enum { EVTX_CHUNK_BYTES = 65536 };

struct evtx_chunk {
    struct bytes bytes; /* at most EVTX_CHUNK_BYTES; fewer: the file is cut off */
    int64_t offset;     /* in the file */
    uint64_t last_record;
};

struct evtx_damage {
    int64_t bytes;   /* that belong to no chunk */
    int64_t records; /* that could not be read, at least */
};

struct evtx;
/* `take` returns 0, or negative to stop, which is handed through. NULL: no memory. Lives in `a`. */
struct evtx *evtx_new(struct arena *a, int (*take)(const struct evtx_chunk *chunk, void *ctx), void *ctx);
int evtx_feed(struct evtx *x, struct bytes piece);
int evtx_finish(struct evtx *x, struct evtx_damage *ret);

struct evtx_reader;
/* NULL: no memory. Lives in `a`, but for buffers that evtx_reader_free frees. */
struct evtx_reader *evtx_reader_new(struct arena *a);
void evtx_reader_free(struct evtx_reader *r); /* NULL is fine */
/* Its events, in the order of the chunk. Counts into damage->records. 0, or what `take` returned. */
int evtx_read_chunk(struct evtx_reader *r, struct bytes chunk, event_take_fn take, void *ctx,
                    struct evtx_damage *damage);

#endif
