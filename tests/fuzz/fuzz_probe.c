/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_probe: bytes as tls/<n>.json. */
#include <stdint.h>

#include "tls_probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static volatile size_t sum; /* so that the bytes are read */
    struct arena a = ARENA_INIT(64 << 20);
    struct tls_probe p;
    struct err e = {0};

    if (tls_probe_read((struct bytes){data, size}, &a, &p, &e) == 0) {
        for (size_t i = 0; i < p.n_chunks; i++)
            sum += p.chunks[i].len;
        for (size_t i = 0; i < p.issuers.n; i++)
            sum += p.issuers.p[i].len;
    }
    (void)sum;
    arena_done(&a);
    return 0;
}
