/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_sddl: bytes as a security descriptor, and what it allows somebody whose groups are not known. */
#include <stdint.h>

#include "sddl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str sids[] = {STR("S-1-5-21-1-2-3-1001"), STR("S-1-1-0")};
    const struct sddl_token token = {.sids = sids, .n_sids = 2};
    struct arena a = ARENA_INIT(16 << 20);
    struct err e = {0};
    struct sddl d;
    const struct sddl_ace *by;

    if (sddl_parse((struct str){(const char *)data, size}, &a, &d, &e) == 0)
        (void)sddl_can_read(&d, &token, &by);
    arena_done(&a);
    return 0;
}
