/* SPDX-License-Identifier: Apache-2.0
 *
 * job: one case of the store, from stored bundles to a stored report. This is where the server's way of the
 * data reads from top to bottom; serve and reprocess both go through it. */
#ifndef CERTTRIAGE_JOB_H
#define CERTTRIAGE_JOB_H

#include "judge.h"
#include "rules.h"
#include "store.h"
#include "text.h"

enum { CASE_BUNDLES = 64 }; /* more than a farm of a dozen servers, collected a few times */

struct job_how {
    struct judge *judge;  /* of this thread and of these rules; NULL: one for this case */
    int64_t run;          /* that it is a part of; 0: none */
    int64_t most_ms;      /* how long it may take; 0: LIMIT_JOB_SECONDS */
    bool is_last_try;     /* a worker that was killed is taken for the bundle's fault; else -ERR_KILLED */
    bool may_be_partial;  /* a report without the bundle whose worker was killed is stored meanwhile */
    store_change_fn take; /* gets what came and went against the report before; NULL: nobody asks. It must not
                             call the store */
    void *ctx;
};

/* Lints the case and stores its report: facts that are there already, of these extractors, are used again,
 * others are extracted anew. A bundle that cannot be used at all is said in the report's coverage;
 * -ERR_MISSING: no bundle; -ERR_TIMEOUT: longer than it may take; no further bundle is begun then. how NULL:
 * by itself. *ret_report (new reference; may be NULL) gets the report, also the partial one of -ERR_KILLED.
 */
int job_lint_case(struct store *s, const struct ruleset *rules, struct str case_id, const struct job_how *how,
                  json_t **ret_report, struct err *e);

/* Where the facts of the case as the rules see them are kept, made when they were not there. ret_killed (may
 * be NULL): what to do when a bundle's worker was killed and others can be used: its code is ERR_KILLED then,
 * and *ret a file of the others' facts, which the caller removes; NULL: -ERR_KILLED. Errors as
 * job_lint_case. */
int job_case_path(struct store *s, struct str case_id, bool is_last_try, struct buf *ret,
                  struct err *ret_killed, struct err *e);
/* The facts that are stored of a bundle; close with sqlite3_close. -ERR_MISSING: none of these extractors. */
int job_stored_facts(struct store *s, const char *sha256, sqlite3 **ret, struct err *e);

/* What is kept with a report: which versions of facts and extractors made it. */
const char *job_extractors(void);

#endif
