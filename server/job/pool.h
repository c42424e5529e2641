/* SPDX-License-Identifier: Apache-2.0
 *
 * pool: threads that take jobs out of the store's queue and do them, new bundles before judging again. */
#ifndef CERTTRIAGE_POOL_H
#define CERTTRIAGE_POOL_H

#include "rules_now.h"
#include "store.h"

struct job_pool;

struct job_pool_options {
    struct store *store; /* borrowed, as is rules */
    struct rules_now *rules;
    int threads;    /* 0: one for each processor, at most 16 */
    int64_t job_ms; /* how long one case may take; 0: LIMIT_JOB_SECONDS */
    /* Told when a case has another report; before NULL: its first one. From the pool's threads; NULL:
     * nobody asks. */
    void (*tell)(void *ctx, const char *case_id, const json_t *before, const json_t *after);
    void *ctx;
};

/* Takes up again what an earlier process left, and judges again what the rules and extractors of now have not
 * judged yet. */
int job_pool_start(const struct job_pool_options *o, struct job_pool **ret, struct err *e);
/* There is work: after an upload, after store_run_start. */
void job_pool_wake(struct job_pool *p);
/* Every case by the rules in force, at low priority (all: those that were judged by them, too). Gives the
 * run's id, 0 when there is nothing to do. */
int job_pool_reprocess(struct job_pool *p, const char *why, bool all, int64_t *ret_run, struct err *e);
/* Reads the rules again; when they are others, every case is judged by them. On failure the old ones stay. */
int job_pool_reload(struct job_pool *p, const char *why, bool *ret_changed, int64_t *ret_run, struct err *e);
/* Since the start. Upper bounds of the buckets in seconds; the last one has none. */
#define JOB_BUCKET_SECONDS                                                                                   \
    {                                                                                                        \
        "0.01", "0.05", "0.1", "0.5", "1", "5", "10", "60", "300", "+Inf"                                    \
    }
#define JOB_BUCKET_MS                                                                                        \
    {                                                                                                        \
        10, 50, 100, 500, 1000, 5000, 10000, 60000, 300000, INT64_MAX                                        \
    }
enum { JOB_KINDS = 2, JOB_BUCKETS = 10 };
struct job_counts {
    struct job_kind_counts {
        uint64_t done, again, set_aside;
        uint64_t within[JOB_BUCKETS]; /* how many took that long, each in one bucket */
        int64_t sum_ms;
    } of[JOB_KINDS]; /* by enum job_kind */
};
void job_pool_count(struct job_pool *p, struct job_counts *ret);

/* Waits for the jobs under way; what is queued stays in the store. NULL is fine. */
void job_pool_stop(struct job_pool *p);

#endif
