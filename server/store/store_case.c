/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include "compiler.h"
#include "names.h"
#include "store_db.h"
#include "text.h"

int store_add_bundle(struct store *s, const char *sha256, struct str case_id, int64_t now_ms, struct err *e)
{
    int r =
        store_run(s, e,
                  "INSERT INTO cases(id, created, received) VALUES(?1, ?2, ?2) ON CONFLICT(id) DO UPDATE SET "
                  "received = ?2, closed = NULL",
                  "si", &case_id, &now_ms);

    if (r >= 0)
        r = store_run(
            s, e,
            "INSERT INTO bundle(case_id, sha256, received) VALUES(?,?,?) ON CONFLICT DO UPDATE SET gone = "
            "NULL",
            "sci", &case_id, sha256, &now_ms);
    if (r >= 0)
        r = store_run(s, e,
                      "INSERT INTO job(case_id, state, kind, added) SELECT ?1, 'queued', 'lint', ?2 "
                      "WHERE NOT EXISTS"
                      "(SELECT 1 FROM job WHERE case_id = ?1 AND state = 'queued' AND kind = 'lint')",
                      "si", &case_id, &now_ms);
    return r;
}

/* The bytes first: a row must never name a bundle that is not there. The files' lock keeps the deletion of
 * another case from taking them away in between. */
int store_bundle_add(struct store *s, struct blob_spool *spool, const char *sha256, struct str case_id,
                     int64_t now_ms, struct err *e)
{
    int r;

    if (!case_id_is_legal(case_id)) {
        blob_spool_drop(spool);
        return err_set(e, ERR_USAGE, "case id: 1 to 64 of letters, digits, '.', '_', '-'");
    }
    if (blob_spool_sync(spool, e) < 0) {
        blob_spool_drop(spool);
        return -e->code;
    }
    (void)pthread_mutex_lock(&s->files_lock);
    r = blob_spool_commit(spool, e);
    if (r == 0)
        r = store_begin(s, e);
    if (r == 0)
        r = store_end(s, store_add_bundle(s, sha256, case_id, now_ms, e), e);
    (void)pthread_mutex_unlock(&s->files_lock);
    return r;
}

int store_case_bundles(struct store *s, struct str case_id, store_text_fn take, void *ctx, struct err *e)
{
    return store_texts(s, take, ctx, e,
                       "SELECT sha256 FROM bundle WHERE case_id = ? ORDER BY received, sha256", "s",
                       &case_id);
}

struct bundle_lister {
    int (*take)(void *ctx, const struct store_bundle *one);
    void *ctx;
};

static int bundle_row(void *ctx, sqlite3_stmt *row)
{
    const struct bundle_lister *l = ctx;
    bool is_gone = sqlite3_column_type(row, 2) != SQLITE_NULL;
    const struct store_bundle one = {.sha256 = store_text(row, 0),
                                     .received_ms = sqlite3_column_int64(row, 1),
                                     .gone_ms = is_gone ? sqlite3_column_int64(row, 2) : TIME_NONE};

    return l->take(l->ctx, &one);
}

int store_bundle_list(struct store *s, struct str case_id,
                      int (*take)(void *ctx, const struct store_bundle *one), void *ctx, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct bundle_lister l = {take, ctx};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e,
                      "SELECT sha256, received, gone FROM bundle WHERE case_id = ? ORDER BY received, sha256",
                      "s", &case_id);
    if (r == 0)
        r = store_each(s, st.row, bundle_row, &l, e);
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

int store_cases(struct store *s, store_text_fn take, void *ctx, struct err *e)
{
    return store_texts(
        s, take, ctx, e,
        "SELECT id FROM cases WHERE EXISTS (SELECT 1 FROM bundle WHERE case_id = cases.id) ORDER BY id", "");
}

static struct store_case case_of(sqlite3_stmt *st)
{
    return (struct store_case){
        .id = (const char *)sqlite3_column_text(st, 0),
        .received_ms = sqlite3_column_int64(st, 1),
        .severity = (const char *)sqlite3_column_text(st, 2),
        .cause = (const char *)sqlite3_column_text(st, 3),
        .state = (const char *)sqlite3_column_text(st, 4),
        .reason = (const char *)sqlite3_column_text(st, 5),
        .n_bundles = sqlite3_column_int64(st, 6),
        .created_ms = sqlite3_column_int64(st, 7),
        .closed_ms = sqlite3_column_type(st, 8) == SQLITE_NULL ? TIME_NONE : sqlite3_column_int64(st, 8)};
}

static const char list_sql[] =
    "SELECT c.id, c.received, coalesce(c.severity, ''), coalesce(c.cause, ''), coalesce(j.state, 'empty'),"
    " coalesce(j.reason, ''), (SELECT count(*) FROM bundle b WHERE b.case_id = c.id), c.created, c.closed"
    " FROM cases c LEFT JOIN job j ON j.id = (SELECT max(id) FROM job WHERE case_id = c.id)"
    " WHERE (?1 = '' OR instr(lower(c.id || ' ' || coalesce(c.cause, '')), lower(?1)) > 0)"
    " AND (?2 = '' OR c.severity = ?2) AND CASE ?3 WHEN '' THEN 1 WHEN 'open' THEN c.closed IS NULL"
    " WHEN 'closed' THEN c.closed IS NOT NULL ELSE coalesce(j.state, 'empty') = ?3 END"
    " AND (?4 IS NULL OR (c.received, c.id) < (?4, ?5)) AND (?7 = '' OR c.id = ?7)"
    " AND (?8 IS NULL OR c.received >= ?8) AND (?9 IS NULL OR c.received <= ?9)"
    " ORDER BY c.received DESC, c.id DESC LIMIT ?6";

static const int64_t *unless_none(const int64_t *ms)
{
    return *ms == TIME_NONE || *ms == 0 ? NULL : ms;
}

int store_case_list(struct store *s, const struct store_case_filter *f,
                    int (*take)(void *ctx, const struct store_case *one), void *ctx, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e, list_sql, "sssisisii", &f->word, &f->severity, &f->state,
                      unless_none(&f->before_ms), &f->before_id, &f->limit, &f->case_id,
                      unless_none(&f->since_ms), unless_none(&f->until_ms));
    while (r >= 0 && (r = store_step(s, st.row, e)) > 0) {
        struct store_case one = case_of(st.row);
        if (take(ctx, &one) < 0)
            r = err_set(e, ERR_NOMEM, "list of cases");
    }
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}
