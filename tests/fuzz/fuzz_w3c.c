/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_w3c: a log in pieces whose size its first byte tells, as a site's log and as HTTPERR. Whatever it is:
 * every line is taken, a header, empty, or skipped. seeds: *.log */
#include <stdint.h>
#include <stdlib.h>

#include "w3c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    int64_t lines;
    uint64_t sum;
};

static int take(const struct w3c_line *line, void *ctx)
{
    struct seen *s = ctx;
    int64_t number = 0;

    s->lines++;
    for (int i = 0; i < W3C_FIELD_COUNT; i++) {
        struct str v = w3c_get(line, (enum w3c_field)i);
        for (size_t k = 0; k < v.len; k++)
            s->sum += (uint8_t)v.p[k];
        (void)w3c_number(line, (enum w3c_field)i, &number);
        s->sum += (uint64_t)number;
    }
    return 0;
}

static void read_as(enum w3c_flavour flavour, const uint8_t *data, size_t size, size_t step)
{
    struct seen s = {0};
    struct w3c w;

    w3c_init(&w, flavour, STR("logs/w3svc/1/u_ex150906.log"), take, &s);
    for (size_t i = 0; i < size; i += step)
        if (w3c_feed(&w, (struct bytes){data + i, size - i < step ? size - i : step}) != 0)
            abort();
    if (w3c_finish(&w) != 0 || s.lines + w.skipped > w.lines || w.too_long > w.skipped)
        abort();
    w3c_done(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    read_as(W3C_IIS, data + 1, size - 1, (size_t)data[0] * 16 + 1);
    read_as(W3C_HTTPERR, data + 1, size - 1, (size_t)data[0] * 16 + 1);
    return 0;
}
