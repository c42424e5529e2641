/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include "compiler.h"
#include "facts_db.h"
#include "job.h"
#include "log.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 16, LOOK_AGAIN_SECONDS = 5 };

struct job_pool {
    struct job_pool_options options;
    pthread_t threads[THREADS];
    int n_threads;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t woken; /* how often */
    struct job_counts counts;
    bool ending;
};

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void job_pool_wake(struct job_pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    p->woken++;
    (void)pthread_cond_broadcast(&p->changed);
    (void)pthread_mutex_unlock(&p->lock);
}

/* Until somebody wakes the pool after *seen, or it is time to look for what is to be tried again. False: it
 * ends. */
static bool wait_for_work(struct job_pool *p, uint64_t *seen)
{
    struct timespec until;
    bool go_on;
    int r = 0;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LOOK_AGAIN_SECONDS;
    (void)pthread_mutex_lock(&p->lock);
    while (p->woken == *seen && !p->ending && r != ETIMEDOUT)
        r = pthread_cond_timedwait(&p->changed, &p->lock, &until);
    *seen = p->woken;
    go_on = !p->ending;
    (void)pthread_mutex_unlock(&p->lock);
    return go_on;
}

static bool is_ending(struct job_pool *p)
{
    bool ending;

    (void)pthread_mutex_lock(&p->lock);
    ending = p->ending;
    (void)pthread_mutex_unlock(&p->lock);
    return ending;
}

static json_t *last_report(struct store *s, const char *case_id)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(256 << 20);
    struct err none = {0};

    return store_report_get(s, str_from(case_id), (struct str){0}, &json, &none) < 0
               ? NULL
               : json_loadb(json.p, json.len, 0, NULL);
}

struct count {
    int64_t added, removed;
};

static int count_change(void *ctx, const struct store_change *one)
{
    struct count *c = ctx;

    c->added += one->mark == '+';
    c->removed += one->mark == '-';
    return 0;
}

/* While jobs follow each other their thread keeps what the last one compiled; the rules of now are held by
 * it. */
struct worker {
    struct job_pool *pool;
    struct judge *judge;
};

static void forget_judge(struct worker *w)
{
    const struct ruleset *rules = w->judge ? judge_rules(w->judge) : NULL;

    judge_free(w->judge);
    w->judge = NULL;
    if (rules)
        rules_now_release(w->pool->options.rules, rules);
}

/* NULL: each case has one of its own. */
static struct judge *judge_now(struct worker *w)
{
    const struct ruleset *rules = rules_now_hold(w->pool->options.rules);
    struct err none = {0};

    if (w->judge && judge_rules(w->judge) != rules)
        forget_judge(w);
    if (w->judge || judge_new(rules, &w->judge, &none) < 0)
        rules_now_release(w->pool->options.rules, rules);
    return w->judge;
}

static int lint(struct worker *w, const struct store_job *job, struct count *count, struct err *why)
{
    const struct job_pool_options *o = &w->pool->options;
    struct judge *judge = judge_now(w);
    const struct ruleset *rules = judge ? judge_rules(judge) : rules_now_hold(o->rules);
    const struct job_how how = {.judge = judge,
                                .run = job->run,
                                .most_ms = o->job_ms,
                                .is_last_try = job->tries >= JOB_TRIES,
                                .may_be_partial = job->kind == JOB_LINT,
                                .take = count_change,
                                .ctx = count};
    json_t *before = o->tell ? last_report(o->store, job->case_id) : NULL, *after = NULL;
    int r = job_lint_case(o->store, rules, str_from(job->case_id), &how, o->tell ? &after : NULL, why);

    if (!judge)
        rules_now_release(o->rules, rules);
    if (after)
        o->tell(o->ctx, job->case_id, before, after);
    json_decref(before);
    json_decref(after);
    return r;
}

static void log_job(const struct store_job *job, int r, bool again, const struct count *c,
                    const struct err *why, int64_t took_ms)
{
    log_event(r < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, job->kind == JOB_LINT ? "linted" : "reprocessed",
              (const struct log_field[]){LOG_TEXT("case", job->case_id), LOG_NUMBER("job", job->id),
                                         LOG_NUMBER("run", job->run), LOG_NUMBER("added", c->added),
                                         LOG_NUMBER("removed", c->removed), LOG_NUMBER("ms", took_ms),
                                         LOG_TEXT("reason", r < 0 ? why->text : ""),
                                         LOG_TEXT("then", !r      ? ""
                                                          : again ? "tried again"
                                                                  : "set aside"),
                                         LOG_END});
}

/* Until it is written down how the job ended: a full disk may be in the way, and nobody else would end it. 1:
 * it is tried again. */
static int end_job(struct job_pool *p, const struct store_job *job, const struct err *failure)
{
    struct err e = {0};
    uint64_t seen = 0;
    int r;

    while ((r = store_job_end(p->options.store, job, failure, now_ms(), &e)) < 0) {
        log_outcome("queue", r, &e);
        if (!wait_for_work(p, &seen))
            break;
    }
    return r;
}

static void count_job(struct job_pool *p, enum job_kind kind, bool is_done, bool again, int64_t took_ms)
{
    static const int64_t bounds[JOB_BUCKETS] = JOB_BUCKET_MS;
    struct job_kind_counts *c = &p->counts.of[kind];
    size_t bucket = 0;

    while (took_ms > bounds[bucket])
        bucket++;
    (void)pthread_mutex_lock(&p->lock);
    c->done += is_done;
    c->again += !is_done && again;
    c->set_aside += !is_done && !again;
    c->within[bucket]++;
    c->sum_ms += took_ms;
    (void)pthread_mutex_unlock(&p->lock);
}

void job_pool_count(struct job_pool *p, struct job_counts *ret)
{
    (void)pthread_mutex_lock(&p->lock);
    *ret = p->counts;
    (void)pthread_mutex_unlock(&p->lock);
}

/* One job; false when there is none. */
static bool do_next(struct worker *w)
{
    struct job_pool *p = w->pool;
    struct err e = {0}, why = {0};
    struct store_job job;
    struct count count = {0};
    int64_t begin = now_ms(), took;
    int r = store_job_next(p->options.store, begin, &job, &e), ended;

    if (r <= 0) {
        if (r < 0)
            log_outcome("queue", r, &e);
        return false;
    }
    r = lint(w, &job, &count, &why);
    ended = end_job(p, &job, r < 0 ? &why : NULL);
    took = now_ms() - begin;
    count_job(p, job.kind, r == 0, ended != 0, took > 0 ? took : 0);
    log_job(&job, r, ended != 0, &count, &why, took);
    return ended >= 0;
}

/* What rules and reports took: a server at rest is small. Under a sanitizer, whose allocator keeps its own,
 * the C library's is not in use, and two threads that call it for the first time at once end the program. */
static void give_memory_back(void)
{
#ifndef CERTTRIAGE_SANITIZED
    (void)malloc_trim(0);
#endif
}

static void *do_jobs(void *ctx)
{
    struct worker w = {.pool = ctx};
    uint64_t seen = 0;

    do {
        while (!is_ending(w.pool) && do_next(&w))
            continue;
        forget_judge(&w);
        give_memory_back();
    } while (wait_for_work(w.pool, &seen));
    return NULL;
}

int job_pool_reprocess(struct job_pool *p, const char *why, bool all, int64_t *ret_run, struct err *e)
{
    const struct ruleset *rules = rules_now_hold(p->options.rules);
    int r = store_run_start(p->options.store, ruleset_version(rules), job_extractors(), why, all, now_ms(),
                            ret_run, e);

    if (r == 0 && *ret_run)
        log_event(LOG_LEVEL_INFO, "reprocess",
                  (const struct log_field[]){LOG_NUMBER("run", *ret_run), LOG_TEXT("why", why),
                                             LOG_TEXT("ruleset", ruleset_version(rules)), LOG_END});
    rules_now_release(p->options.rules, rules);
    job_pool_wake(p);
    return r;
}

int job_pool_reload(struct job_pool *p, const char *why, bool *ret_changed, int64_t *ret_run, struct err *e)
{
    int r = rules_now_reload(p->options.rules, ret_changed, e);

    return r == 0 && *ret_changed ? job_pool_reprocess(p, why, false, ret_run, e) : r;
}

static int start_threads(struct job_pool *p, struct err *e)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int wanted = p->options.threads ? p->options.threads : (int)processors;

    for (int i = 0; i < wanted && i < THREADS; i++) {
        if (pthread_create(&p->threads[i], NULL, do_jobs, p) != 0)
            break;
        p->n_threads++;
    }
    return p->n_threads ? 0 : err_set(e, ERR_NOMEM, "jobs: starting a thread");
}

int job_pool_start(const struct job_pool_options *o, struct job_pool **ret, struct err *e)
{
    struct job_pool *p = calloc(1, sizeof *p);
    pthread_condattr_t monotonic;
    int64_t run = 0;

    if (!p || pthread_condattr_init(&monotonic) != 0) {
        free(p);
        return err_set(e, ERR_NOMEM, "jobs: starting");
    }
    p->options = *o;
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (store_job_requeue(o->store, now_ms(), e) < 0 || job_pool_reprocess(p, "start", false, &run, e) < 0 ||
        start_threads(p, e) < 0) {
        job_pool_stop(p);
        return -e->code;
    }
    *ret = p;
    return 0;
}

void job_pool_stop(struct job_pool *p)
{
    if (!p)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->ending = true;
    (void)pthread_cond_broadcast(&p->changed);
    (void)pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n_threads; i++)
        (void)pthread_join(p->threads[i], NULL);
    (void)pthread_cond_destroy(&p->changed);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}
