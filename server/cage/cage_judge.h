/* SPDX-License-Identifier: Apache-2.0
 *
 * cage_judge: rules over the facts of one case after the other, in a worker that can do nothing else (cage.h)
 * and that keeps what it compiled. For one thread. */
#ifndef CERTTRIAGE_CAGE_JUDGE_H
#define CERTTRIAGE_CAGE_JUDGE_H

#include "buf.h"
#include "err.h"
#include "rules.h"

struct cage_judge;

/* Starts a worker, which reads the rules and compiles them while the caller goes on. rules: borrowed until
 * cage_judge_free. -ERR_IO, -ERR_NOMEM. */
int cage_judge_new(const struct ruleset *rules, struct cage_judge **ret, struct err *e);
void cage_judge_free(struct cage_judge *j); /* NULL is welcome */

/* Where the facts of the next case go, FACTS_IMAGE_BYTES; waits for the worker, and replaces one that ended
 * or has done its LIMIT_JUDGE_JOBS. Errors as cage_judge_new; -ERR_CAGE: the worker cannot begin. */
int cage_judge_memory(struct cage_judge *j, unsigned char **ret, struct err *e);
/* Judges the `len` bytes of settled facts that lie there now, within LIMIT_JOB_SECONDS or by this thread's
 * deadline (facts_db.h). *ret gets the report
 * as JSON: a stranger's word, too. -ERR_CAGE: the worker broke down or said what is no answer. -ERR_KILLED:
 * it took too much time or memory. -ERR_LIMIT: the report is too large. -ERR_FORMAT: not facts. -ERR_NOMEM.
 */
int cage_judge_run(struct cage_judge *j, size_t len, const char *case_id, struct buf *ret, struct err *e);
/* The same, but how many milliseconds each rule takes, as ruleset_time: the mean of CAGE_JUDGE_ROUNDS. */
enum { CAGE_JUDGE_ROUNDS = 20 };
int cage_judge_time(struct cage_judge *j, size_t len, double *ret_ms, struct err *e);

#endif
