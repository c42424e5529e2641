/* SPDX-License-Identifier: Apache-2.0
 *
 * counts: what was answered, by route and class of status. In constant memory; from any thread. */
#ifndef CERTTRIAGE_COUNTS_H
#define CERTTRIAGE_COUNTS_H

#include "err.h"

#include <stdint.h>

enum { STATUS_CLASSES = 5 /* 1xx … 5xx */ };

struct route;
struct request_counts;

int request_counts_new(struct request_counts **ret, struct err *e);
void request_counts_free(struct request_counts *c); /* NULL is allowed */
/* route NULL: there is none for what was asked. upload_bytes: of a bundle, that came with it. */
void request_counts_add(struct request_counts *c, const struct route *route, unsigned status,
                        uint64_t upload_bytes);
/* status_class 1 to 5. */
uint64_t request_counts_of(const struct request_counts *c, const struct route *route, unsigned status_class);
uint64_t request_counts_upload_bytes(const struct request_counts *c);

#endif
