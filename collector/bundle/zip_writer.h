/* SPDX-License-Identifier: Apache-2.0
 *
 * zip_writer: a zip that is written strictly forward, so that after a kill every finished entry can be found
 * by its local header. Sizes and CRC stand in the local header: it is patched once, when its entry ends.
 * Memory does not grow with the data: one buffer, and some 100 bytes an entry for the central directory. No
 * zip64: the whole stays below LIMIT_COLLECT_ZIP_BYTES. */
#ifndef CERTTRIAGE_ZIP_WRITER_H
#define CERTTRIAGE_ZIP_WRITER_H

#include "err.h"
#include "str.h"

/* Where the bytes go. Each answers 0 or -ERR_x. */
struct zip_sink {
    void *ctx;
    int (*write)(void *ctx, const void *data, size_t len, struct err *e); /* all, at the current position */
    int (*seek)(void *ctx, int64_t offset, struct err *e);
};

struct zip_writer;
/* `sink` is copied; time_ms is the modification time of all entries. */
int zip_writer_new(const struct zip_sink *sink, int64_t time_ms, struct zip_writer **ret, struct err *e);
void zip_writer_free(struct zip_writer *z); /* NULL is welcome */

/* One entry at a time. -ERR_FORMAT for an illegal name, -ERR_CONFLICT for one that is taken (without regard
 * to case), -ERR_LIMIT when there are too many; after any of these the writer goes on. Any other failure is
 * final. */
int zip_writer_begin(struct zip_writer *z, struct str name, struct err *e);
int zip_writer_add(struct zip_writer *z, const void *data, size_t len, struct err *e);
/* The entry is now complete in what the sink has taken. */
int zip_writer_end(struct zip_writer *z, struct err *e);
/* The central directory. Nothing may follow. */
int zip_writer_finish(struct zip_writer *z, struct err *e);

int64_t zip_writer_size(const struct zip_writer *z);       /* bytes of the file so far */
int64_t zip_writer_entry_size(const struct zip_writer *z); /* bytes given to the entry, open or last */
size_t zip_writer_entries(const struct zip_writer *z);
/* CRC-32 of the compressed bytes of each entry that ended, 4 bytes (little endian) each; the writer's. */
struct bytes zip_writer_sums(const struct zip_writer *z);

#endif
