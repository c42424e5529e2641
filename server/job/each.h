/* SPDX-License-Identifier: Apache-2.0
 *
 * each: something to be done for every case, on all processors. */
#ifndef CERTTRIAGE_EACH_H
#define CERTTRIAGE_EACH_H

#include "judge.h"
#include "store.h"

/* Calls one for each case of the store, from several threads at once, each with a judge of its own, and in
 * any order; returns when all are done. */
int job_each_case(struct store *s, const struct ruleset *rules,
                  void (*one)(void *ctx, struct judge *judge, const char *case_id), void *ctx, struct err *e);

#endif
