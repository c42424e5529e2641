/* SPDX-License-Identifier: Apache-2.0
 *
 * rate: how often something may happen, by key (an address, a token), in constant memory. The generic cell
 * rate algorithm ("virtual scheduling", ITU-T I.371, Annex A): a key may spend a minute's worth at once and
 * then goes on at the steady rate. From any thread. */
#ifndef CERTTRIAGE_RATE_H
#define CERTTRIAGE_RATE_H

#include "err.h"
#include "str.h"

#include <stdint.h>

struct rate;

/* per_minute 0: no limit, *ret is NULL then, which the others take. Up to 4096 keys are known at a time;
 * where more come together, the one that used least of late begins anew. -ERR_NOMEM. */
int rate_new(int64_t per_minute, struct rate **ret, struct err *e);
void rate_free(struct rate *r);
/* One more of the key. 0: it may, and is counted. Else the microseconds until it may; it is not counted. */
int64_t rate_take(struct rate *r, struct str key, int64_t now_us);

#endif
