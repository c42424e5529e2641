/* SPDX-License-Identifier: Apache-2.0 */
#include "counts.h"

#include "request.h"

#include <stdatomic.h>
#include <stdlib.h>

struct request_counts {
    size_t n_routes;
    _Atomic uint64_t upload_bytes;
    _Atomic uint64_t of[][STATUS_CLASSES]; /* by route_at; the last one: no route */
};

int request_counts_new(struct request_counts **ret, struct err *e)
{
    size_t n = 0;
    struct request_counts *c;

    while (route_at(n))
        n++;
    c = calloc(1, sizeof *c + (n + 1) * sizeof c->of[0]);
    if (!c)
        return err_set(e, ERR_NOMEM, "counts of requests");
    c->n_routes = n;
    *ret = c;
    return 0;
}

void request_counts_free(struct request_counts *c)
{
    free(c);
}

static size_t index_of(const struct request_counts *c, const struct route *route)
{
    size_t i = 0;

    while (i < c->n_routes && route_at(i) != route)
        i++;
    return i;
}

void request_counts_add(struct request_counts *c, const struct route *route, unsigned status,
                        uint64_t upload_bytes)
{
    unsigned status_class = status / 100;

    if (status_class >= 1 && status_class <= STATUS_CLASSES)
        atomic_fetch_add(&c->of[index_of(c, route)][status_class - 1], 1);
    atomic_fetch_add(&c->upload_bytes, upload_bytes);
}

uint64_t request_counts_of(const struct request_counts *c, const struct route *route, unsigned status_class)
{
    return atomic_load(&c->of[index_of(c, route)][status_class - 1]);
}

uint64_t request_counts_upload_bytes(const struct request_counts *c)
{
    return atomic_load(&c->upload_bytes);
}
