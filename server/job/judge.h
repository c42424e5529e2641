/* SPDX-License-Identifier: Apache-2.0
 *
 * judge: the rules over the facts of one stored case after the other, in a worker that keeps what it compiled
 * (server/cage/cage_judge.h). For one thread. */
#ifndef CERTTRIAGE_JUDGE_H
#define CERTTRIAGE_JUDGE_H

#include "brief.h"
#include "rules.h"
#include "store.h"

struct judge;

/* rules: borrowed until judge_free. -ERR_IO, -ERR_NOMEM. */
int judge_new(const struct ruleset *rules, struct judge **ret, struct err *e);
void judge_free(struct judge *j); /* NULL is welcome */
const struct ruleset *judge_rules(const struct judge *j);

/* The report of the case's facts, which are made when they are not there, as JSON text, and what lists show
 * of it (brief_done by the caller). ret_killed: as of job_case_path. Errors as job_lint_case. What was judged
 * before makes no difference. */
int judge_case(struct judge *j, struct store *s, struct str case_id, bool is_last_try, struct buf *ret,
               struct brief *ret_brief, struct err *ret_killed, struct err *e);

/* The report (new reference) of a case of these machines' facts, which are stored nowhere. */
int judge_machines(struct judge *j, sqlite3 *const *machines, size_t n_machines, const char *case_id,
                   json_t **ret, struct err *e);

#endif
