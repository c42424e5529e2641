/* SPDX-License-Identifier: Apache-2.0
 *
 * store: what the server knows about cases, bundles, reports, tokens and jobs. The seam to where it is kept:
 * SQLite in the data folder today. All calls may be made from any thread; each is one durable transaction.
 * Strings given back are in the caller's buffers. Times: milliseconds UTC. */
#ifndef CERTTRIAGE_STORE_H
#define CERTTRIAGE_STORE_H

#include "blob.h"
#include "buf.h"
#include "err.h"

#include <jansson.h>
#include <stdbool.h>

struct store;

/* Makes the folder and its schema, or opens them; forward migrations only. -ERR_UNSUPPORTED: made by a newer
 * program. */
int store_open(const char *dir, struct store **ret, struct err *e);
/* The same, but makes none. -ERR_MISSING: there is none. */
int store_open_existing(const char *dir, struct store **ret, struct err *e);
/* The same where nothing needs to be written: of a folder that cannot be written it gives what can be read,
 * and functions that write fail. -ERR_UNSUPPORTED: its tables are of an older program. -ERR_MISSING. */
int store_open_to_read(const char *dir, struct store **ret, struct err *e);
void store_close(struct store *s);
struct blobs *store_blobs(struct store *s);

/* --- tokens
 * ------------------------------------------------------------------------------------------------------ */
enum token_role { TOKEN_UPLOAD, TOKEN_TRIAGE, TOKEN_ADMIN };
bool token_role_from(struct str s, enum token_role *ret);

struct token {
    enum token_role role;
    char id[17];      /* public, of hex */
    char case_id[65]; /* "" not bound to a case */
};
/* The secret is in *ret once and never again: the store keeps its SHA-256. label: who gets it. expires_ms
 * TIME_NONE: never. ret_id may be NULL. */
int store_token_create(struct store *s, enum token_role role, struct str case_id, struct str label,
                       int64_t expires_ms, struct buf *ret, char ret_id[17], struct err *e);
/* Notes that it was used, to the minute. -ERR_UNAUTHORIZED: unknown, expired or taken back, without saying
 * which. */
int store_token_check(struct store *s, struct str secret, int64_t now_ms, struct token *ret, struct err *e);
const char *token_role_text(enum token_role role);

/* A token as a list shows it. The texts live until take returns; times may be TIME_NONE. */
struct store_token {
    const char *id, *role, *case_id, *label;
    int64_t created_ms, expires_ms, used_ms, revoked_ms;
};
/* The newest first. */
int store_token_list(struct store *s, int (*take)(void *ctx, const struct store_token *one), void *ctx,
                     struct err *e);
int store_token_revoke(struct store *s, struct str id, int64_t now_ms, struct err *e); /* -ERR_MISSING */

/* --- the audit log: who saw, uploaded, changed, deleted what
 * ------------------------------------------------------------------------------------------------------- */
struct store_audit {
    int64_t id, at_ms;
    const char *token_id, *role, *address, *action, *case_id, *object; /* "" none */
};
/* With once_ms > 0 it is not written when the token did the same to the same within that time. */
int store_audit_add(struct store *s, const struct store_audit *entry, int64_t once_ms, struct err *e);
struct store_audit_filter {
    struct str case_id, token_id, action; /* empty: any */
    int64_t before_id;                    /* INT64_MAX: from the newest on */
    int64_t limit;
};
/* The newest first. */
int store_audit_list(struct store *s, const struct store_audit_filter *f,
                     int (*take)(void *ctx, const struct store_audit *one), void *ctx, struct err *e);

/* --- cases and bundles
 * --------------------------------------------------------------------------------------------- */
/* Commits the spooled bytes as a bundle of the case and queues a lint of it; frees the spool in any case.
 * When it returns 0 all of that is durable and may be acknowledged. The same bundle again in the same case is
 * no error. */
int store_bundle_add(struct store *s, struct blob_spool *spool, const char *sha256, struct str case_id,
                     int64_t now_ms, struct err *e);
typedef int (*store_text_fn)(void *ctx, const char *text);
int store_case_bundles(struct store *s, struct str case_id, store_text_fn take, void *ctx, struct err *e);
struct store_bundle {
    const char *sha256; /* lives until take returns */
    int64_t received_ms;
    int64_t gone_ms; /* when its bytes were deleted; TIME_NONE: they are there */
};
int store_bundle_list(struct store *s, struct str case_id,
                      int (*take)(void *ctx, const struct store_bundle *one), void *ctx, struct err *e);
int store_cases(struct store *s, store_text_fn take, void *ctx,
                struct err *e); /* of all with a bundle; sorted ids */

/* Without bundles. -ERR_CONFLICT: it is there already. */
int store_case_create(struct store *s, struct str case_id, int64_t now_ms, struct err *e);
/* A closed case opens again with its next bundle. -ERR_MISSING. */
int store_case_close(struct store *s, struct str case_id, bool is_closed, int64_t now_ms, struct err *e);
/* What triage was told, as JSON; empty: nothing. A case with bundles is linted again. -ERR_MISSING. */
int store_case_complain(struct store *s, struct str case_id, struct str json, int64_t now_ms, struct err *e);
int store_case_complaint(struct store *s, struct str case_id, struct buf *ret_json,
                         struct err *e); /* "" none */
/* Its rows, then its files, and the bundles that no other case has. What a killed server left of that,
 * store_doomed_remove goes on with. -ERR_MISSING. */
int store_case_delete(struct store *s, struct str case_id, struct err *e);
int store_doomed_remove(struct store *s, struct err *e);

/* A case as a list shows it. The texts live until take returns. */
struct store_case {
    const char *id, *state, *reason; /* of its newest job, "empty" without one; reason "" unless it failed */
    const char *severity, *cause;    /* "" without a report, or when it found none */
    int64_t created_ms, received_ms, n_bundles;
    int64_t closed_ms; /* TIME_NONE: open */
};
struct store_case_filter {
    struct str case_id;         /* this one only; empty: all */
    struct str word;            /* in the id or the cause, without regard to ASCII case; empty: any */
    struct str severity;        /* empty: any */
    struct str state;           /* also "open", "closed"; empty: any */
    int64_t since_ms, until_ms; /* its newest bundle; TIME_NONE or 0: any */
    int64_t before_ms; /* older than this, or TIME_NONE; with before_id the place of the last one shown */
    struct str before_id;
    int64_t limit;
};
/* The newest bundle first. */
int store_case_list(struct store *s, const struct store_case_filter *f,
                    int (*take)(void *ctx, const struct store_case *one), void *ctx, struct err *e);

/* --- jobs: what is to be judged. A lint of new bundles goes before judging again. */
enum job_kind { JOB_LINT, JOB_REPROCESS };
enum { JOB_TRIES = 3 };
struct store_job {
    int64_t id, run; /* run: of JOB_REPROCESS */
    enum job_kind kind;
    int64_t tries; /* this one among them, of JOB_TRIES */
    char case_id[65];
};
/* The next job that is due, marked as running; a case is never judged by two at once. 1: got one, 0: none. */
int store_job_next(struct store *s, int64_t now_ms, struct store_job *ret, struct err *e);
/* To be called once by the process that runs jobs, before the first: a job that was running when its server
 * died is queued again; after JOB_TRIES it is failed with its reason. */
int store_job_requeue(struct store *s, int64_t now_ms, struct err *e);
/* failure NULL: done. What may pass (memory, reading, time, a worker that ended badly) is tried again, later
 * and JOB_TRIES times in all, a disk without room as often as it takes: 1 then; any other failure sets the
 * job aside with its reason: 0.
 */
int store_job_end(struct store *s, const struct store_job *job, const struct err *failure, int64_t now_ms,
                  struct err *e);
/* State of the newest job of a case: "queued", "running", "done", "failed", or "empty" without one;
 * -ERR_MISSING: no such case. */
int store_case_state(struct store *s, struct str case_id, char ret_state[16], struct buf *ret_reason,
                     struct err *e);

struct store_queue {
    int64_t lint_queued, reprocess_queued, running, failed; /* failed: cases whose newest job is */
};
int store_queue_read(struct store *s, struct store_queue *ret, struct err *e);

/* --- runs: every case judged again */
struct store_run {
    int64_t id;
    const char *ruleset, *extractors, *why;
    int64_t started_ms, ended_ms;                         /* TIME_NONE: under way */
    int64_t cases, done, failed, changed, added, removed; /* changed: cases; added, removed: findings */
};
/* Queues a job for every case whose newest report is of other rules or extractors (all: for every case), and
 * takes over what an older run has left. Gives the run's id; 0 when there is nothing to judge. */
int store_run_start(struct store *s, const char *ruleset, const char *extractors, const char *why, bool all,
                    int64_t now_ms, int64_t *ret_run, struct err *e);
/* The newest first; run 0: all, at most limit. The texts live until take returns. */
int store_run_list(struct store *s, int64_t run, int64_t limit,
                   int (*take)(void *ctx, const struct store_run *one), void *ctx, struct err *e);

/* A finding that came ('+') or went ('-'). */
struct store_change {
    const char *case_id, *rule, *severity, *machine, *subject;
    char mark;
};
typedef int (*store_change_fn)(void *ctx, const struct store_change *one);
int store_run_changes(struct store *s, int64_t run, int64_t limit, store_change_fn take, void *ctx,
                      struct err *e);

/* --- reports */
struct store_report {
    struct str json;
    const char *ruleset, *extractors;
    const char *severity, *cause; /* for the list of cases; NULL: none */
    const json_t *findings;       /* the report's array; NULL: none */
};
/* The newest report of the case from now on; the same as before is not kept twice. Its findings become rows;
 * what came and went against the report before is given to take (NULL: nobody asks), and kept with the run
 * (0: none). */
int store_report_put(struct store *s, struct str case_id, const struct store_report *report, int64_t run,
                     int64_t now_ms, store_change_fn take, void *ctx, struct err *e);
/* which: empty the newest, a number the report of that id, else the beginning of a rule set's version: its
 * newest. -ERR_MISSING; -ERR_FORMAT: what is kept of it is damaged. */
int store_report_get(struct store *s, struct str case_id, struct str which, struct buf *ret_json,
                     struct err *e);

struct store_report_row {
    int64_t id, made_ms, findings;
    const char *ruleset, *extractors, *severity, *cause; /* "" none */
};
/* The history of a case, the newest first. */
int store_report_list(struct store *s, struct str case_id,
                      int (*take)(void *ctx, const struct store_report_row *one), void *ctx, struct err *e);

/* --- findings of the newest report of every case */
struct store_finding {
    int64_t id, first_ms; /* first_ms: since when reports of its case have it */
    const char *case_id, *rule, *severity, *machine, *site, *subject, *title, *fingerprint;
};
struct store_finding_filter {
    struct str rule, severity, site, machine,
        case_id;                  /* empty: any; site and machine without regard to case */
    int64_t since_ms, until_ms;   /* first_ms in between; TIME_NONE: open */
    int64_t before_ms, before_id; /* behind that one of an earlier page; TIME_NONE: from the beginning */
    int64_t limit;
};
/* The newest first. */
int store_finding_list(struct store *s, const struct store_finding_filter *f,
                       int (*take)(void *ctx, const struct store_finding *one), void *ctx, struct err *e);

/* --- suppressions of a case: a document as lint --suppressions reads it */
int store_suppressions_put(struct store *s, struct str case_id, struct str json, int64_t now_ms,
                           struct err *e);
/* "[]" when there are none. */
int store_suppressions_get(struct store *s, struct str case_id, struct buf *ret_json, struct err *e);
/* Of each case that has any, changed last first; at most 1000 cases. */
int store_suppressions_list(struct store *s, int (*take)(void *ctx, const char *case_id, const char *json),
                            void *ctx, struct err *e);

#endif
