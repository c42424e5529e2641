/* SPDX-License-Identifier: Apache-2.0
 *
 * inflater: deflate data, faster than libzip's zlib: ISA-L, fed with libzip's raw entries. Where the build
 * has no ISA-L there is none, and libzip inflates. */
#ifndef CERTTRIAGE_INFLATER_H
#define CERTTRIAGE_INFLATER_H

#include "arena.h"
#include "err.h"

#include <zip.h>

struct inflater;

/* NULL: none in this build, or no memory. */
struct inflater *inflater_new(struct arena *a);
/* Before each entry. `raw` is opened with ZIP_FL_COMPRESSED, borrowed. */
void inflater_begin(struct inflater *in, zip_file_t *raw);
/* The next bytes of output; 0 at the end. -ERR_FORMAT, -ERR_IO. */
int inflater_next(struct inflater *in, uint8_t *to, size_t room, size_t *ret, struct err *e);
/* CRC-32 of all output so far. */
uint32_t inflater_crc(const struct inflater *in);

#endif
