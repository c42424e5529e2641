/* SPDX-License-Identifier: Apache-2.0
 *
 * capture: packets of a pcap or pcapng file, by libpcap, from bytes that the caller hands out: no file is
 * opened. What libpcap does not read (a pcapng whose interfaces are of several kinds, a damaged record) ends
 * the file there. */
#ifndef CERTTRIAGE_CAPTURE_H
#define CERTTRIAGE_CAPTURE_H

#include "err.h"
#include "str.h"

#include <stdint.h>
#include <sys/types.h>

struct capture_packet {
    int64_t time_ms; /* TIME_NONE: the record's time is none */
    int link;        /* libpcap's DLT_ number */
    struct bytes data;
    uint32_t wire_bytes; /* as long as it was on the wire */
};

/* The next bytes of the file: their number, 0 at its end, -1 when it cannot be read on. */
typedef ssize_t (*capture_next_fn)(void *ctx, uint8_t *to, size_t room);
/* 0, or negative to stop, which is handed through. */
typedef int (*capture_take_fn)(void *ctx, const struct capture_packet *packet);

struct capture_result {
    int64_t packets;
    int link;
    char why[256]; /* "": read to its end; else why what stands behind the last packet could not be read */
};

/* 0, also when it broke off (ret->why); -ERR_FORMAT: no capture at all; -ERR_NOMEM; what `take` returned. */
int capture_read(capture_next_fn next, void *ctx, capture_take_fn take, void *take_ctx,
                 struct capture_result *ret, struct err *e);
/* "EN10MB" for a link type; never NULL. */
const char *capture_link_name(int link);

#endif
