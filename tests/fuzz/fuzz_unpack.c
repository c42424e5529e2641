/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_unpack: bytes as a zip, each entry of which is read.
 *
 * Its seeds are made by seeds.sh. */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int ignore_piece(void *ctx, struct bytes piece)
{
    (void)ctx;
    (void)piece;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(256 << 20);
    struct unpack *u = NULL;
    struct err e = {0};
    int fd = memfd_create("zip", MFD_CLOEXEC);

    if (fd >= 0 && write(fd, data, size) == (ssize_t)size && unpack_open(fd, NULL, &a, &u, &e) == 0) {
        for (size_t i = 0; i < unpack_count(u) && i < 64; i++)
            (void)unpack_stream(u, i, ignore_piece, NULL, &e);
        unpack_close(u);
    }
    if (fd >= 0)
        (void)close(fd);
    arena_done(&a);
    return 0;
}
