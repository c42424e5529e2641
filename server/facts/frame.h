/* SPDX-License-Identifier: Apache-2.0
 *
 * frame: one fact row on the wire from worker to parent (README.md). Writing is sink.c's; this reads, from
 * strangers. */
#ifndef CERTTRIAGE_FRAME_H
#define CERTTRIAGE_FRAME_H

#include "err.h"
#include "str.h"

enum { FRAME_HEAD_BYTES = 4, FRAME_NAME_BYTES = 64, FRAME_COLUMNS = 64 };

enum frame_type { FRAME_NULL = 'N', FRAME_INT = 'I', FRAME_TEXT = 'T', FRAME_BLOB = 'B' };

struct frame_value {
    struct str column;
    enum frame_type type;
    int64_t number;
    struct bytes data; /* text or blob, in the frame */
};

struct frame_row {
    struct str table;
    size_t n_values;
    struct frame_value values[FRAME_COLUMNS];
};

/* The length that a head announces; body follows. 0: the end of the stream. */
uint32_t frame_length(const uint8_t head[FRAME_HEAD_BYTES]);
/* Views into `body`. -ERR_FORMAT: not a row. */
int frame_read(struct bytes body, struct frame_row *ret, struct err *e);

#endif
