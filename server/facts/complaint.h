/* SPDX-License-Identifier: Apache-2.0
 *
 * complaint: what somebody said of a failure, taken apart for the table `complaint`. */
#ifndef CERTTRIAGE_COMPLAINT_H
#define CERTTRIAGE_COMPLAINT_H

#include <stdint.h>

#include "arena.h"
#include "manifest.h"

struct complaint_facts {
    int64_t when_ms;   /* TIME_NONE: not said, or not readable */
    bool is_time_lost; /* said and not readable */
    struct str thumbprint;
    bool has_place; /* url has a host; then: */
    struct str host, path;
    uint64_t port;
};

bool complaint_is_empty(const struct complaint *c);
/* Texts live in `a` or are those of c. */
void complaint_read(const struct complaint *c, struct arena *a, struct complaint_facts *ret);

#endif
