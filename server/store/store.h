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

#include <stdbool.h>

struct store;

/* Makes the folder and its schema, or opens them; forward migrations only. -ERR_UNSUPPORTED: made by a newer
 * program. */
int store_open(const char *dir, struct store **ret, struct err *e);
void store_close(struct store *s);
struct blobs *store_blobs(struct store *s);

/* --- tokens
 * ------------------------------------------------------------------------------------------------------ */
enum token_role { TOKEN_UPLOAD, TOKEN_TRIAGE, TOKEN_ADMIN };
bool token_role_from(struct str s, enum token_role *ret);

struct token {
    enum token_role role;
    char case_id[65]; /* "" not bound to a case */
};
/* The secret is in *ret once and never again: the store keeps its SHA-256. expires_ms TIME_NONE: never. */
int store_token_create(struct store *s, enum token_role role, struct str case_id, int64_t expires_ms,
                       struct buf *ret, struct err *e);
/* -ERR_UNAUTHORIZED: unknown or expired, without saying which. */
int store_token_check(struct store *s, struct str secret, int64_t now_ms, struct token *ret, struct err *e);

/* --- cases and bundles
 * --------------------------------------------------------------------------------------------- */
/* Commits the spooled bytes as a bundle of the case and queues a lint of it; frees the spool in any case.
 * When it returns 0 all of that is durable and may be acknowledged. The same bundle again in the same case is
 * no error. */
int store_bundle_add(struct store *s, struct blob_spool *spool, const char *sha256, struct str case_id,
                     int64_t now_ms, struct err *e);
typedef int (*store_text_fn)(void *ctx, const char *text);
int store_case_bundles(struct store *s, struct str case_id, store_text_fn take, void *ctx, struct err *e);
int store_cases(struct store *s, store_text_fn take, void *ctx, struct err *e); /* case ids, sorted */

/* A case as a list shows it. The texts live until take returns. */
struct store_case {
    const char *id, *state, *reason; /* of its newest job; reason "" unless it failed */
    const char *severity, *cause;    /* "" without a report, or when it found none */
    int64_t received_ms, n_bundles;
};
struct store_case_filter {
    struct str case_id;  /* this one only; empty: all */
    struct str word;     /* in the id or the cause, without regard to ASCII case; empty: any */
    struct str severity; /* empty: any */
    struct str state;    /* empty: any */
    int64_t before_ms;   /* older than this, or TIME_NONE; with before_id the place of the last one shown */
    struct str before_id;
    int64_t limit;
};
/* The newest bundle first. */
int store_case_list(struct store *s, const struct store_case_filter *f,
                    int (*take)(void *ctx, const struct store_case *one), void *ctx, struct err *e);

/* --- jobs
 * ----------------------------------------------------------------------------------------------------------
 */
/* The oldest queued lint, marked as running. 1: got one, 0: none. */
int store_job_next(struct store *s, char ret_case_id[65], int64_t *ret_job, struct err *e);
/* To be called once by the process that runs jobs, before the first: a job that was running when its server
 * died is queued again; after 3 tries it is failed with its reason. */
int store_job_requeue(struct store *s, struct err *e);
int store_job_end(struct store *s, int64_t job, const struct err *failure /* NULL: done */, struct err *e);
/* State of the newest job of a case: "queued", "running", "done", "failed"; -ERR_MISSING: no such case. */
int store_case_state(struct store *s, struct str case_id, char ret_state[16], struct buf *ret_reason,
                     struct err *e);

/* --- reports
 * ------------------------------------------------------------------------------------------------------- */
struct store_report {
    struct str json;
    const char *ruleset, *extractors;
    const char *severity, *cause; /* for the list of cases; NULL: none */
};
int store_report_put(struct store *s, struct str case_id, const struct store_report *report, int64_t now_ms,
                     struct err *e);
int store_report_get(struct store *s, struct str case_id, struct buf *ret_json,
                     struct err *e); /* the newest; -ERR_MISSING */

#endif
