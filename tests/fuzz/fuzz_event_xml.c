/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_event_xml: event XML in pieces whose size its last byte tells. */
#include <stdint.h>
#include <stdlib.h>

#include "event_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t sum;

static void add(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        sum += (uint8_t)s.p[i];
}

static int see(const struct event *e, void *ctx)
{
    (void)ctx;
    add(e->provider);
    add(e->channel);
    add(e->computer);
    add(e->user_sid);
    for (size_t i = 0; i < e->n_items; i++) {
        add(e->items[i].name);
        add(e->items[i].value);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(8 << 20);
    struct event_xml *x = event_xml_new(&a, see, NULL);
    struct err e = {0};
    size_t step = size ? (size_t)data[size - 1] * 4 + 1 : 1;
    int r = 0;

    if (!x)
        abort();
    for (size_t i = 0; r == 0 && i < size; i += step)
        r = event_xml_feed(x, (struct bytes){data + i, size - i < step ? size - i : step}, &e);
    if (r == 0)
        (void)event_xml_finish(x, &e);
    event_xml_free(x);
    arena_done(&a);
    return 0;
}
