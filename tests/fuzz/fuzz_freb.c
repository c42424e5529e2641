/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_freb: a failed-request trace in pieces whose size its last byte tells.
 * seeds: fr*.xml */
#include <stdint.h>
#include <stdlib.h>

#include "freb.h"
#include "hresult.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t sum;

static void add(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        sum += (uint8_t)s.p[i];
}

static int see_request(const struct freb_request *r, void *ctx)
{
    (void)ctx;
    add(r->url);
    add(r->status);
    return 0;
}

static int see_event(const struct freb_event *e, void *ctx)
{
    (void)ctx;
    add(e->name);
    add(e->module);
    add(e->notification);
    add(e->error_text);
    add(e->detail);
    sum += hresult_text(e->error_code) != NULL;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct freb_handler handler = {.request = see_request, .event = see_event};
    struct freb *f = freb_new(&handler);
    struct err e = {0};
    size_t step = size ? (size_t)data[size - 1] * 4 + 1 : 1;
    int r = 0;

    if (!f)
        abort();
    for (size_t i = 0; r == 0 && i < size; i += step)
        r = freb_feed(f, (struct bytes){data + i, size - i < step ? size - i : step}, &e);
    if (r == 0)
        (void)freb_finish(f, &e);
    freb_free(f);
    return 0;
}
