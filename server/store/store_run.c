/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs: every case judged again, as jobs of the lower kind. */
#include "store.h"

#include "compiler.h"
#include "store_db.h"
#include "text.h"

/* A case that waits for a lint is judged by the new rules anyway. What an older run has not done is done by
 * this one. */
static const char jobs_sql[] =
    "INSERT INTO job(case_id, state, kind, run, added)"
    " SELECT id, 'queued', 'reprocess', ?1, ?2 FROM cases c WHERE (?3 OR NOT EXISTS (SELECT 1 FROM report r"
    "  WHERE r.id = (SELECT max(id) FROM report WHERE case_id = c.id) AND r.ruleset = ?4 AND r.extractors = "
    "?5))"
    " AND NOT EXISTS (SELECT 1 FROM job j WHERE j.case_id = c.id AND j.state = 'queued')"
    " AND EXISTS (SELECT 1 FROM bundle b WHERE b.case_id = c.id) ORDER BY id";

static int queue_jobs(struct store *s, int64_t run, const char *ruleset, const char *extractors, bool all,
                      int64_t now_ms, struct err *e)
{
    int64_t every = all;
    int r =
        store_run(s, e, "UPDATE job SET run = ? WHERE state = 'queued' AND kind = 'reprocess'", "i", &run);

    if (r >= 0)
        r = store_run(s, e, "UPDATE run SET ended = ? WHERE ended IS NULL AND id <> ?", "ii", &now_ms, &run);
    if (r >= 0)
        r = store_run(s, e, jobs_sql, "iiicc", &run, &now_ms, &every, ruleset, extractors);
    return r < 0 ? r
                 : store_run(s, e,
                             "UPDATE run SET cases = (SELECT count(*) FROM job WHERE run = ?1) WHERE id = ?1",
                             "i", &run);
}

static int count_cases(struct store *s, int64_t run, int64_t *ret, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    int r = store_prepare(s, &st, e, "SELECT cases FROM run WHERE id = ?", "i", &run);

    if (r == 0)
        r = store_step(s, st.row, e);
    *ret = r > 0 ? sqlite3_column_int64(st.row, 0) : 0;
    return r;
}

static int start(struct store *s, const char *ruleset, const char *extractors, const char *why, bool all,
                 int64_t now_ms, int64_t *ret_run, struct err *e)
{
    int64_t run, cases = 0;
    int r = store_run(s, e, "INSERT INTO run(ruleset, extractors, why, started, cases) VALUES(?,?,?,?,0)",
                      "ccci", ruleset, extractors, why, &now_ms);

    run = sqlite3_last_insert_rowid(s->db);
    if (r >= 0)
        r = queue_jobs(s, run, ruleset, extractors, all, now_ms, e);
    if (r >= 0)
        r = count_cases(s, run, &cases, e);
    if (r >= 0 && cases == 0)
        r = store_run(s, e, "DELETE FROM run WHERE id = ?", "i", &run);
    *ret_run = cases ? run : 0;
    return r < 0 ? r : 0;
}

int store_run_start(struct store *s, const char *ruleset, const char *extractors, const char *why, bool all,
                    int64_t now_ms, int64_t *ret_run, struct err *e)
{
    int r = store_begin(s, e);

    return r < 0 ? r : store_end(s, start(s, ruleset, extractors, why, all, now_ms, ret_run, e), e);
}

struct run_lister {
    int (*take)(void *ctx, const struct store_run *one);
    void *ctx;
};

static int run_row(void *ctx, sqlite3_stmt *row)
{
    const struct run_lister *l = ctx;
    bool has_ended = sqlite3_column_type(row, 5) != SQLITE_NULL;
    const struct store_run one = {.id = sqlite3_column_int64(row, 0),
                                  .ruleset = store_text(row, 1),
                                  .extractors = store_text(row, 2),
                                  .why = store_text(row, 3),
                                  .started_ms = sqlite3_column_int64(row, 4),
                                  .ended_ms = has_ended ? sqlite3_column_int64(row, 5) : TIME_NONE,
                                  .cases = sqlite3_column_int64(row, 6),
                                  .done = sqlite3_column_int64(row, 7),
                                  .failed = sqlite3_column_int64(row, 8),
                                  .changed = sqlite3_column_int64(row, 9),
                                  .added = sqlite3_column_int64(row, 10),
                                  .removed = sqlite3_column_int64(row, 11)};

    return l->take(l->ctx, &one);
}

static const char list_sql[] = "SELECT id, ruleset, extractors, why, started, ended, cases,"
                               " (SELECT count(*) FROM job WHERE run = r.id AND state = 'done'),"
                               " (SELECT count(*) FROM job WHERE run = r.id AND state = 'failed'),"
                               " (SELECT count(DISTINCT case_id) FROM change WHERE run = r.id),"
                               " (SELECT count(*) FROM change WHERE run = r.id AND mark = '+'),"
                               " (SELECT count(*) FROM change WHERE run = r.id AND mark = '-')"
                               " FROM run r WHERE (?1 = 0 OR id = ?1) ORDER BY id DESC LIMIT ?2";

int store_run_list(struct store *s, int64_t run, int64_t limit,
                   int (*take)(void *ctx, const struct store_run *one), void *ctx, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct run_lister l = {take, ctx};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e, list_sql, "ii", &run, &limit);
    if (r == 0)
        r = store_each(s, st.row, run_row, &l, e);
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

struct change_lister {
    store_change_fn take;
    void *ctx;
};

static int change_row(void *ctx, sqlite3_stmt *row)
{
    const struct change_lister *l = ctx;
    const struct store_change one = {.case_id = store_text(row, 0),
                                     .mark = store_text(row, 1)[0],
                                     .rule = store_text(row, 2),
                                     .severity = store_text(row, 3),
                                     .machine = store_text(row, 4),
                                     .subject = store_text(row, 5)};

    return l->take(l->ctx, &one);
}

int store_run_changes(struct store *s, int64_t run, int64_t limit, store_change_fn take, void *ctx,
                      struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct change_lister l = {take, ctx};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(
        s, &st, e,
        "SELECT case_id, mark, rule, severity, machine, subject FROM change WHERE run = ? ORDER BY "
        "rule, mark, case_id, machine, subject LIMIT ?",
        "ii", &run, &limit);
    if (r == 0)
        r = store_each(s, st.row, change_row, &l, e);
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}
