/* SPDX-License-Identifier: Apache-2.0
 *
 * zip_bytes: the headers of a zip as bytes, for what libzip does not tell (where entries stand) and cannot do
 * (a zip without its central directory). Numbers are little-endian; APPNOTE.TXT of the format names the
 * fields. */
#ifndef CERTTRIAGE_ZIP_BYTES_H
#define CERTTRIAGE_ZIP_BYTES_H

#include "arena.h"
#include "err.h"
#include "str.h"

/* One entry by its local or central header. */
struct zip_head {
    struct str name; /* in the arena */
    uint16_t flags, method, time, date;
    uint32_t crc;
    uint64_t packed, size;
    uint64_t offset; /* of the local header */
    uint64_t end;    /* of the packed data, by the local header; 0 not known */
};

enum { ZIP_FLAG_ENCRYPTED = 1, ZIP_FLAG_DESCRIPTOR = 8 };

struct zip_heads {
    struct zip_head *heads;
    size_t n_heads;
    uint64_t stop;  /* central: where the directory begins; walk: where the walk ended */
    struct str why; /* walk: why it ended before the end of the file; empty: it did not */
};

/* Exactly len bytes at `offset`; false at the end of file or on an error. */
bool zip_pread(int fd, void *to, size_t len, uint64_t offset);

/* The central directory; also reads each local header for `end`. -ERR_FORMAT when it is not there or
 * contradicts itself. */
int zip_central_read(int fd, uint64_t file_bytes, struct arena *a, struct zip_heads *ret, struct err *e);
/* All entries that stand whole in the file, one behind the other from byte 0, by their local headers. */
int zip_local_walk(int fd, uint64_t file_bytes, struct arena *a, struct zip_heads *ret, struct err *e);
/* A central directory for these heads, as if it stood at `at`. */
int zip_central_make(const struct zip_heads *heads, uint64_t at, struct arena *a, struct bytes *ret,
                     struct err *e);

#endif
