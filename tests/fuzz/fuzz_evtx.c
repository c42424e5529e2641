/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_evtx: the bytes as a file, and as one chunk whose signature is right. */
#include <stdint.h>
#include <stdlib.h>

#include "evtx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t sum;

struct reading {
    struct evtx_reader *reader;
    struct evtx_damage damage;
};

static int see(const struct event *e, void *ctx)
{
    (void)ctx;
    for (size_t i = 0; i < e->n_items; i++) {
        for (size_t k = 0; k < e->items[i].name.len; k++)
            sum += (uint8_t)e->items[i].name.p[k];
        for (size_t k = 0; k < e->items[i].value.len; k++)
            sum += (uint8_t)e->items[i].value.p[k];
    }
    return 0;
}

static int see_chunk(const struct evtx_chunk *chunk, void *ctx)
{
    struct reading *r = ctx;

    return evtx_read_chunk(r->reader, chunk->bytes, see, NULL, &r->damage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(8 << 20);
    struct reading r = {.reader = evtx_reader_new(&a)};
    struct evtx *x = evtx_new(&a, see_chunk, &r);

    if (!x || !r.reader)
        abort();
    if (evtx_feed(x, (struct bytes){data, size}) == 0)
        (void)evtx_finish(x, &r.damage);
    (void)evtx_read_chunk(r.reader, (struct bytes){data, size < EVTX_CHUNK_BYTES ? size : EVTX_CHUNK_BYTES},
                          see, NULL, &r.damage);
    evtx_reader_free(r.reader);
    arena_done(&a);
    return 0;
}
