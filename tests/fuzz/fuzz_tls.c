/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_tls: bytes as pieces of a connection: a byte of direction (bit 0), gap (bit 1), then two of length,
 * then the piece. */
#include <stdint.h>
#include <stdlib.h>

#include "tls_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct tls_flow *f)
{
    static volatile size_t sum; /* so that the bytes are read */
    struct bytes rest = {f->seen.request.authorities.p, f->seen.request.authorities.len}, one;

    while (tls_next_authority(&rest, &one))
        sum += one.len;
    for (size_t i = 0; i < 2; i++) {
        rest = (struct bytes){f->seen.chains[i].list.p, f->seen.chains[i].list.len};
        while (tls_next_certificate(&rest, &one))
            sum += one.len > 0 ? one.p[one.len - 1] : 0;
    }
    (void)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tls_budget budget = {.cap = 1 << 20};
    struct tls_flow f;
    size_t at = 0;

    tls_flow_init(&f, &budget);
    if (size > 0 && data[0] & 4)
        tls_midway(&f);
    while (at + 3 <= size) {
        size_t n = (size_t)data[at + 1] << 8 | data[at + 2];
        int way = data[at] & 1;
        if (data[at] & 2) {
            tls_gap(&f, way, (uint32_t)n);
            at += 3;
            continue;
        }
        at += 3;
        n = n < size - at ? n : size - at;
        tls_feed(&f, way, (struct bytes){data + at, n}, (int64_t)at);
        at += n;
    }
    walk(&f);
    tls_flow_done(&f);
    if (budget.used != 0)
        abort();
    return 0;
}
