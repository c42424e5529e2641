/* SPDX-License-Identifier: Apache-2.0
 *
 * zip_reader: reads our own zips by their local headers, from the beginning, so also those whose writing was
 * cut off. The central directory is never looked at. */
#ifndef CERTTRIAGE_ZIP_READER_H
#define CERTTRIAGE_ZIP_READER_H

#include "buf.h"
#include "err.h"

struct zip_input {
    void *ctx;
    int64_t size;
    /* At most room bytes from `offset`; 0 at the end; negative: -ERR_x. */
    int64_t (*read)(void *ctx, int64_t offset, void *data, size_t room, struct err *e);
};

struct zip_found {
    struct buf name;
    int64_t data_at, packed, size;
    uint32_t crc;
    unsigned method; /* 0 stored, 8 deflated */
};

/* The entry at *at, which moves behind it; folders, which other programs write, are passed over. 1; 0 when
 * none begins there that was finished (the central directory, the end, an entry without its sizes, one that
 * is no entry of ours); -ERR_x when the file cannot be read. */
int zip_reader_next(const struct zip_input *in, int64_t *at, struct zip_found *ret, struct err *e);
/* Does the central directory begin at `at`? Then what stands before it are all entries. */
bool zip_reader_is_end(const struct zip_input *in, int64_t at);
/* Its bytes in pieces. A non-zero answer of take ends it and is returned. -ERR_FORMAT: damaged (length, CRC,
 * deflate). take NULL: checks alone. */
int zip_reader_stream(const struct zip_input *in, const struct zip_found *entry,
                      int (*take)(void *ctx, const void *data, size_t len, struct err *e), void *ctx,
                      struct err *e);

#endif
