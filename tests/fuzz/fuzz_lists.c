/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_lists: bytes as a certificate trust list with its entries and their attributes, and as a revocation
 * list. */
#include <stdint.h>

#include "crl.h"
#include "ctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES = 64 };

static void read_trust_list(struct bytes in, struct arena *a)
{
    struct err e = {0};
    struct ctl list;
    struct ctl_entry entry;
    struct ctl_attribute attribute;

    if (!ctl_is_one(in) || ctl_read(in, a, &list, &e) != 0)
        return;
    for (struct bytes rest = list.entries; ctl_next(&rest, &entry);)
        for (struct bytes more = entry.attributes; ctl_attribute_next(&more, &attribute);)
            continue;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(64 << 20);
    struct bytes in = {data, size};
    struct err e = {0};
    struct crl revoked;

    read_trust_list(in, &a);
    if (crl_read(in, &a, &revoked, &e) == 0) {
        struct crl_entry entry;
        for (int i = 0; i < ENTRIES && crl_entry_at(&revoked, i, &entry); i++)
            continue;
        crl_done(&revoked);
    }
    arena_done(&a);
    return 0;
}
