/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include "compiler.h"
#include "names.h"
#include "store_db.h"
#include "text.h"

static int add_rows(struct store *s, const char *sha256, struct str case_id, int64_t now_ms, struct err *e)
{
    int r =
        store_run(s, e,
                  "INSERT INTO cases(id, created, received) VALUES(?1, ?2, ?2) ON CONFLICT(id) DO UPDATE SET "
                  "received = ?2",
                  "si", &case_id, &now_ms);

    if (r >= 0)
        r = store_run(s, e, "INSERT OR IGNORE INTO bundle(case_id, sha256, received) VALUES(?,?,?)", "sci",
                      &case_id, sha256, &now_ms);
    if (r >= 0)
        r = store_run(s, e,
                      "INSERT INTO job(case_id, state) SELECT ?1, 'queued' WHERE NOT EXISTS"
                      "(SELECT 1 FROM job WHERE case_id = ?1 AND state = 'queued')",
                      "s", &case_id);
    return r;
}

int store_bundle_add(struct store *s, struct blob_spool *spool, const char *sha256, struct str case_id,
                     int64_t now_ms, struct err *e)
{
    if (!case_id_is_legal(case_id)) {
        blob_spool_drop(spool);
        return err_set(e, ERR_USAGE, "case id: 1 to 64 of letters, digits, '.', '_', '-'");
    }
    /* The bytes first: a row must never name a bundle that is not there. */
    if (blob_spool_commit(spool, e) < 0 || store_begin(s, e) < 0)
        return -e->code;
    return store_end(s, add_rows(s, sha256, case_id, now_ms, e), e);
}

/* Gives column 0 of each row. Texts are gathered first, so that take may call the store again. */
static int take_texts(struct store *s, const char *sql, const struct str *case_id, store_text_fn take,
                      void *ctx, struct err *e)
{
    CLEANUP(store_finalize) sqlite3_stmt *st = NULL;
    CLEANUP(buf_done) struct buf all = BUF_INIT(64 * 1024 * 1024);
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e, sql, case_id ? "s" : "", case_id);
    while (r >= 0 && (r = store_step(s, st, e)) > 0) {
        buf_add_c(&all, (const char *)sqlite3_column_text(st, 0));
        buf_add_char(&all, 0);
    }
    (void)pthread_mutex_unlock(&s->lock);
    if (r < 0 || (r = buf_check(&all, "list of the store", e)) < 0)
        return r;
    for (size_t at = 0; at < all.len; at += str_from(all.p + at).len + 1) {
        r = take(ctx, all.p + at);
        if (r != 0)
            return r;
    }
    return 0;
}

int store_case_bundles(struct store *s, struct str case_id, store_text_fn take, void *ctx, struct err *e)
{
    return take_texts(s, "SELECT sha256 FROM bundle WHERE case_id = ? ORDER BY received, sha256", &case_id,
                      take, ctx, e);
}

int store_cases(struct store *s, store_text_fn take, void *ctx, struct err *e)
{
    return take_texts(s, "SELECT id FROM cases ORDER BY id", NULL, take, ctx, e);
}

static struct store_case case_of(sqlite3_stmt *st)
{
    return (struct store_case){.id = (const char *)sqlite3_column_text(st, 0),
                               .received_ms = sqlite3_column_int64(st, 1),
                               .severity = (const char *)sqlite3_column_text(st, 2),
                               .cause = (const char *)sqlite3_column_text(st, 3),
                               .state = (const char *)sqlite3_column_text(st, 4),
                               .reason = (const char *)sqlite3_column_text(st, 5),
                               .n_bundles = sqlite3_column_int64(st, 6)};
}

static const char list_sql[] =
    "SELECT c.id, c.received, coalesce(c.severity, ''), coalesce(c.cause, ''), coalesce(j.state, ''),"
    " coalesce(j.reason, ''), (SELECT count(*) FROM bundle b WHERE b.case_id = c.id)"
    " FROM cases c LEFT JOIN job j ON j.id = (SELECT max(id) FROM job WHERE case_id = c.id)"
    " WHERE (?1 = '' OR instr(lower(c.id || ' ' || coalesce(c.cause, '')), lower(?1)) > 0)"
    " AND (?2 = '' OR c.severity = ?2) AND (?3 = '' OR j.state = ?3)"
    " AND (?4 IS NULL OR (c.received, c.id) < (?4, ?5)) AND (?7 = '' OR c.id = ?7) ORDER BY c.received DESC, "
    "c.id DESC LIMIT ?6";

int store_case_list(struct store *s, const struct store_case_filter *f,
                    int (*take)(void *ctx, const struct store_case *one), void *ctx, struct err *e)
{
    CLEANUP(store_finalize) sqlite3_stmt *st = NULL;
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e, list_sql, "sssisis", &f->word, &f->severity, &f->state,
                      f->before_ms == TIME_NONE ? NULL : &f->before_ms, &f->before_id, &f->limit,
                      &f->case_id);
    while (r >= 0 && (r = store_step(s, st, e)) > 0) {
        struct store_case one = case_of(st);
        if (take(ctx, &one) < 0)
            r = err_set(e, ERR_NOMEM, "list of cases");
    }
    store_finalize(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

static int put_report(struct store *s, struct str case_id, const struct store_report *report, int64_t now_ms,
                      struct err *e)
{
    int r = store_run(s, e, "INSERT INTO report(case_id, ruleset, extractors, made, json) VALUES(?,?,?,?,?)",
                      "sccis", &case_id, report->ruleset, report->extractors, &now_ms, &report->json);

    return r < 0 ? r
                 : store_run(s, e, "UPDATE cases SET severity = ?, cause = ? WHERE id = ?", "ccs",
                             report->severity, report->cause, &case_id);
}

int store_report_put(struct store *s, struct str case_id, const struct store_report *report, int64_t now_ms,
                     struct err *e)
{
    int r = store_begin(s, e);

    return r < 0 ? r : store_end(s, put_report(s, case_id, report, now_ms, e), e);
}

static int read_report(struct store *s, struct str case_id, struct buf *ret, struct err *e)
{
    CLEANUP(store_finalize) sqlite3_stmt *st = NULL;
    int r = store_prepare(s, &st, e, "SELECT json FROM report WHERE case_id = ? ORDER BY id DESC LIMIT 1",
                          "s", &case_id);

    if (r == 0)
        r = store_step(s, st, e);
    if (r < 0)
        return r;
    if (r == 0)
        return err_set(e, ERR_MISSING, "case %.*s: no report", (int)case_id.len, case_id.p);
    buf_add(ret, sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0));
    return buf_check(ret, "report", e);
}

int store_report_get(struct store *s, struct str case_id, struct buf *ret_json, struct err *e)
{
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = read_report(s, case_id, ret_json, e);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}
