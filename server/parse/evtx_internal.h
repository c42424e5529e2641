/* SPDX-License-Identifier: Apache-2.0
 *
 * evtx_internal: what the files evtx*.c share, nobody else's. */
#ifndef CERTTRIAGE_EVTX_INTERNAL_H
#define CERTTRIAGE_EVTX_INTERNAL_H

#include "evtx.h"

/* A cursor in a chunk: positions are those of the chunk. Reading beyond the end is sticky. */
struct evtx_cursor {
    struct bytes chunk;
    size_t at, end;
    bool bad;
};
uint8_t evtx_u8(struct evtx_cursor *c);
uint16_t evtx_u16(struct evtx_cursor *c);
uint32_t evtx_u32(struct evtx_cursor *c);
uint64_t evtx_u64(struct evtx_cursor *c);
struct bytes evtx_bytes(struct evtx_cursor *c, size_t len); /* len 0 when there are fewer */

enum { EVTX_NULL = 0, EVTX_STRING = 1, EVTX_ANSI = 2, EVTX_BINXML = 0x21, EVTX_ARRAY = 0x80 };
/* evtx_value.c: as Windows writes it into event XML; types of [MS-EVEN6] 2.2.12. Unknown ones as hex. */
void evtx_value_text(uint8_t type, struct bytes value, struct buf *out);

struct evtx_reader {
    struct event_builder *builder;
    struct bytes chunk;
    int64_t steps, chunk_steps, depth;
    bool has_dependency; /* elements carry a dependency identifier: all but those of a value */
    bool in_attribute;
    struct buf name, element, attribute, text;
};
/* evtx_binxml.c: one record's binary XML, into r->builder. false: damaged. */
bool evtx_binxml_read(struct evtx_reader *r, struct evtx_cursor *c);

#endif
