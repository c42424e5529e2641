/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include "compiler.h"
#include "store_db.h"

#include <string.h>

enum { JOB_TRIES = 3 };

static int take_job(struct store *s, char ret_case_id[65], int64_t *ret_job, struct err *e)
{
    CLEANUP(store_finalize) sqlite3_stmt *st = NULL;
    int64_t job = 0;
    int r = store_prepare(s, &st, e, "SELECT id, case_id FROM job WHERE state = 'queued' ORDER BY id LIMIT 1",
                          "");

    if (r < 0 || (r = store_step(s, st, e)) <= 0)
        return r;
    job = sqlite3_column_int64(st, 0);
    strncpy(ret_case_id, (const char *)sqlite3_column_text(st, 1), 64);
    ret_case_id[64] = 0;
    store_finalize(&st);
    r = store_run(s, e, "UPDATE job SET state = 'running', tries = tries + 1 WHERE id = ?", "i", &job);
    if (r < 0)
        return r;
    *ret_job = job;
    return 1;
}

int store_job_next(struct store *s, char ret_case_id[65], int64_t *ret_job, struct err *e)
{
    int r = store_begin(s, e);

    if (r < 0)
        return r;
    return store_end(s, take_job(s, ret_case_id, ret_job, e), e);
}

int store_job_end(struct store *s, int64_t job, const struct err *failure, struct err *e)
{
    int r = store_begin(s, e);

    if (r < 0)
        return r;
    r = store_run(s, e, "UPDATE job SET state = ?, reason = ? WHERE id = ?", "cci",
                  failure ? "failed" : "done", failure ? failure->text : NULL, &job);
    return store_end(s, r, e);
}

int store_job_requeue(struct store *s, struct err *e)
{
    int64_t tries = JOB_TRIES;
    int r = store_begin(s, e);

    if (r < 0)
        return r;
    r = store_run(
        s, e,
        "UPDATE job SET state = 'failed', reason = 'the server ended while it was linted, several times' "
        "WHERE state = 'running' AND tries >= ?",
        "i", &tries);
    if (r >= 0)
        r = store_run(s, e, "UPDATE job SET state = 'queued' WHERE state = 'running'", "");
    return store_end(s, r, e);
}

static int read_state(struct store *s, struct str case_id, char ret_state[16], struct buf *ret_reason,
                      struct err *e)
{
    CLEANUP(store_finalize) sqlite3_stmt *st = NULL;
    int r = store_prepare(
        s, &st, e, "SELECT state, coalesce(reason, '') FROM job WHERE case_id = ? ORDER BY id DESC LIMIT 1",
        "s", &case_id);

    if (r < 0 || (r = store_step(s, st, e)) < 0)
        return r;
    if (r == 0)
        return err_set(e, ERR_MISSING, "case %.*s: no such case", (int)case_id.len, case_id.p);
    strncpy(ret_state, (const char *)sqlite3_column_text(st, 0), 15);
    ret_state[15] = 0;
    buf_add_c(ret_reason, (const char *)sqlite3_column_text(st, 1));
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
