/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include "compiler.h"
#include "store_db.h"

#include <string.h>

/* Before the second try, and four times as long before each further one. */
enum { RETRY_MS = 30000 };

static void copy_id(char ret[65], const char *id)
{
    strncpy(ret, id, 64);
    ret[64] = 0;
}

static int take_job(struct store *s, int64_t now_ms, struct store_job *ret, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct store_job job = {0};
    int r = store_prepare(
        s, &st, e,
        "SELECT id, case_id, kind = 'reprocess', coalesce(run, 0), tries + 1 FROM job j WHERE state = "
        "'queued' AND "
        "not_before <= ? AND NOT EXISTS (SELECT 1 FROM job b WHERE b.state = 'running' AND b.case_id = "
        "j.case_id) ORDER BY kind, id LIMIT 1",
        "i", &now_ms);

    if (r < 0 || (r = store_step(s, st.row, e)) <= 0)
        return r;
    job.id = sqlite3_column_int64(st.row, 0);
    copy_id(job.case_id, store_text(st.row, 1));
    job.kind = sqlite3_column_int(st.row, 2) ? JOB_REPROCESS : JOB_LINT;
    job.run = sqlite3_column_int64(st.row, 3);
    job.tries = sqlite3_column_int64(st.row, 4);
    store_give_back(&st);
    r = store_run(s, e, "UPDATE job SET state = 'running', tries = tries + 1, started = ? WHERE id = ?", "ii",
                  &now_ms, &job.id);
    if (r < 0)
        return r;
    *ret = job;
    return 1;
}

int store_job_next(struct store *s, int64_t now_ms, struct store_job *ret, struct err *e)
{
    int r = store_begin_lazy(s, e);

    return r < 0 ? r : store_end(s, take_job(s, now_ms, ret, e), e);
}

/* A run ends with its last job. */
static int end_runs(struct store *s, int64_t run, int64_t now_ms, struct err *e)
{
    return store_run(s, e,
                     "UPDATE run SET ended = ?2 WHERE ended IS NULL AND (?1 = 0 OR id = ?1) AND NOT EXISTS "
                     "(SELECT 1 FROM job WHERE job.run = run.id AND state IN ('queued', 'running'))",
                     "ii", &run, &now_ms);
}

static bool may_pass(const struct err *failure)
{
    return failure->code == ERR_NOMEM || failure->code == ERR_IO || failure->code == ERR_STORAGE ||
           failure->code == ERR_TIMEOUT || failure->code == ERR_CAGE || failure->code == ERR_KILLED;
}

/* A disk without room is no fault of the bundle: that try does not count, however long it lasts. */
static bool is_counted(const struct err *failure)
{
    return failure->code != ERR_STORAGE;
}

static int64_t pause_after(int64_t tries)
{
    int64_t pause = RETRY_MS;

    while (tries-- > 1)
        pause *= 4;
    return pause;
}

static int tries_of(struct store *s, int64_t job, int64_t *ret, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    int r = store_prepare(s, &st, e, "SELECT tries FROM job WHERE id = ?", "i", &job);

    if (r == 0)
        r = store_step(s, st.row, e);
    *ret = r > 0 ? sqlite3_column_int64(st.row, 0) : JOB_TRIES;
    return r;
}

static int end_job(struct store *s, const struct store_job *job, const struct err *failure, int64_t now_ms,
                   struct err *e)
{
    int64_t tries = 0, due;
    int r = failure ? tries_of(s, job->id, &tries, e) : 0;
    int64_t uncounted = failure && !is_counted(failure);
    bool again = failure && may_pass(failure) && (uncounted || tries < JOB_TRIES);

    due = now_ms + (again ? pause_after(tries - uncounted) : 0);
    if (r >= 0)
        r = store_run(
            s, e,
            "UPDATE job SET state = ?1, reason = ?2, not_before = ?3, ended = ?4, tries = tries - ?6 "
            "WHERE id = ?5",
            "cciiii",
            again     ? "queued"
            : failure ? "failed"
                      : "done",
            failure ? failure->text : NULL, &due, &now_ms, &job->id, &uncounted);
    if (r >= 0 && job->run)
        r = end_runs(s, job->run, now_ms, e);
    return r < 0 ? r : again;
}

int store_job_end(struct store *s, const struct store_job *job, const struct err *failure, int64_t now_ms,
                  struct err *e)
{
    int r = store_begin_lazy(s, e);

    return r < 0 ? r : store_end(s, end_job(s, job, failure, now_ms, e), e);
}

int store_job_requeue(struct store *s, int64_t now_ms, struct err *e)
{
    int64_t tries = JOB_TRIES;
    int r = store_begin(s, e);

    if (r < 0)
        return r;
    r = store_run(
        s, e,
        "UPDATE job SET state = 'failed', ended = ?2, reason = 'the server ended while it was linted, "
        "several times' WHERE state = 'running' AND tries >= ?1",
        "ii", &tries, &now_ms);
    if (r >= 0)
        r = store_run(s, e, "UPDATE job SET state = 'queued' WHERE state = 'running'", "");
    if (r >= 0)
        r = end_runs(s, 0, now_ms, e);
    return store_end(s, r, e);
}

static int read_state(struct store *s, struct str case_id, char ret_state[16], struct buf *ret_reason,
                      struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    int r = store_prepare(
        s, &st, e,
        "SELECT coalesce(j.state, 'empty'), coalesce(j.reason, '') FROM cases c LEFT JOIN job j ON j.id = "
        "(SELECT max(id) FROM job WHERE case_id = c.id) WHERE c.id = ?",
        "s", &case_id);

    if (r < 0 || (r = store_step(s, st.row, e)) < 0)
        return r;
    if (r == 0)
        return err_set(e, ERR_MISSING, "case %.*s: no such case", (int)case_id.len, case_id.p);
    strncpy(ret_state, store_text(st.row, 0), 15);
    ret_state[15] = 0;
    buf_add_c(ret_reason, store_text(st.row, 1));
    return buf_check(ret_reason, "state of a job", e);
}

int store_case_state(struct store *s, struct str case_id, char ret_state[16], struct buf *ret_reason,
                     struct err *e)
{
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = read_state(s, case_id, ret_state, ret_reason, e);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

int store_queue_read(struct store *s, struct store_queue *ret, struct err *e)
{
    struct store_statement st = {0};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e,
                      "SELECT (SELECT count(*) FROM job WHERE state = 'queued' AND kind = 'lint'),"
                      " (SELECT count(*) FROM job WHERE state = 'queued' AND kind = 'reprocess'),"
                      " (SELECT count(*) FROM job WHERE state = 'running'),"
                      " (SELECT count(*) FROM job j WHERE state = 'failed' AND NOT EXISTS"
                      "  (SELECT 1 FROM job n WHERE n.case_id = j.case_id AND n.id > j.id))",
                      "");
    if (r == 0 && (r = store_step(s, st.row, e)) > 0)
        *ret = (struct store_queue){sqlite3_column_int64(st.row, 0), sqlite3_column_int64(st.row, 1),
                                    sqlite3_column_int64(st.row, 2), sqlite3_column_int64(st.row, 3)};
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r < 0 ? r : 0;
}
