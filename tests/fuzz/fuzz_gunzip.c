/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_gunzip: bytes that may be gzip'd, in pieces whose size the last byte tells; what is not passes
 * through. */
#include <stdint.h>
#include <stdlib.h>

#include "gunzip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count(void *ctx, struct bytes piece)
{
    *(size_t *)ctx += piece.len;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = 0, step = size ? (size_t)data[size - 1] + 1 : 1;
    struct gunzip *g = gunzip_new(count, &n);
    struct err e = {0};
    int r = 0;

    if (!g)
        abort();
    for (size_t i = 0; r == 0 && i < size; i += step)
        r = gunzip_feed(g, (struct bytes){data + i, size - i < step ? size - i : step}, &e);
    if (r == 0)
        r = gunzip_finish(g, &e);
    if (r == 0 && !gunzip_was_packed(g) && n != size)
        abort();
    gunzip_free(g);
    return 0;
}
