/* SPDX-License-Identifier: Apache-2.0
 *
 * judge: the rules over the facts of one stored case after the other; what can be kept from one to the next
 * is kept. For one thread. */
#ifndef CERTTRIAGE_JUDGE_H
#define CERTTRIAGE_JUDGE_H

#include "rules.h"
#include "store.h"

struct judge;

/* rules: borrowed until judge_free. -ERR_NOMEM. */
int judge_new(const struct ruleset *rules, struct judge **ret, struct err *e);
void judge_free(struct judge *j); /* NULL is welcome */
const struct ruleset *judge_rules(const struct judge *j);

/* The report (new reference) of the case's facts, which are made when they are not there. Errors as
 * job_lint_case. What was judged before makes no difference. */
int judge_case(struct judge *j, struct store *s, struct str case_id, json_t **ret, struct err *e);

#endif
