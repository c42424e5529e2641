/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_case: bytes as the stream of the case job, which is made of what strangers sent. */
#include <stdint.h>

#include "extract_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int ignore_row(struct bytes frame, void *ctx, struct err *e)
{
    (void)frame;
    (void)ctx;
    (void)e;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(64 << 20);
    struct err e = {0};
    struct sink *s;

    if (sink_open_put(ignore_row, NULL, &s, &e) == 0) {
        (void)extract_case_bytes((struct bytes){data, size}, s, &a, &e);
        (void)sink_close(s, &e);
    }
    arena_done(&a);
    return 0;
}
