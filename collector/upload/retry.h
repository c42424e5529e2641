/* SPDX-License-Identifier: Apache-2.0
 *
 * retry: when to try again, and when to stop trying; internal to upload/. */
#ifndef CERTTRIAGE_UPLOAD_RETRY_H
#define CERTTRIAGE_UPLOAD_RETRY_H

#include "upload.h"

struct retry {
    const struct upload *upload;
    unsigned n;        /* tries that failed since something got through */
    unsigned since_ms; /* when the first of them failed */
};

void retry_begin(struct retry *r, const struct upload *u);
void retry_got_through(struct retry *r);
/* Waits before the next try: longer each time, by chance a little less, at least wait_s (what the server
 * asked for; 0: nothing). is_met: the server has answered in this run; one that never did is given up sooner,
 * since its address may be wrong. 0: try again. -ERR_TIMEOUT, -ERR_GONE (and *ret_stopped), with what *e said
 * before within the text. */
int retry_wait(struct retry *r, unsigned wait_s, bool is_met, bool *ret_stopped, struct err *e);

#endif
