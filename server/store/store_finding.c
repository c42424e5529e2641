/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings across cases, and what a team has decided to live with. */
#include "store.h"

#include "compiler.h"
#include "store_db.h"
#include "text.h"

struct lister {
    int (*take)(void *ctx, const struct store_finding *one);
    void *ctx;
};

static int list_row(void *ctx, sqlite3_stmt *row)
{
    const struct lister *l = ctx;
    const struct store_finding one = {.id = sqlite3_column_int64(row, 0),
                                      .first_ms = sqlite3_column_int64(row, 1),
                                      .case_id = store_text(row, 2),
                                      .rule = store_text(row, 3),
                                      .severity = store_text(row, 4),
                                      .machine = store_text(row, 5),
                                      .site = store_text(row, 6),
                                      .subject = store_text(row, 7),
                                      .title = store_text(row, 8),
                                      .fingerprint = store_text(row, 9)};

    return l->take(l->ctx, &one);
}

/* Of one case they are found by it, of all by their time. */
#define LIST(cases)                                                                                          \
    "SELECT id, first, case_id, rule, severity, machine, site, subject, title, fingerprint FROM finding"     \
    " WHERE " cases                                                                                          \
    " AND (?1 = '' OR rule = ?1) AND (?2 = '' OR severity = ?2) AND (?3 = '' OR lower(site) = lower(?3))"    \
    " AND (?4 = '' OR lower(machine) = lower(?4))"                                                           \
    " AND first >= coalesce(?6, first) AND first <= coalesce(?7, first)"                                     \
    " AND (?8 IS NULL OR (first, id) < (?8, ?9)) ORDER BY first DESC, id DESC LIMIT ?10"

static const char list_sql[] = LIST("?5 = ''"), case_sql[] = LIST("case_id = ?5");

static const int64_t *given(const int64_t *ms)
{
    return *ms == TIME_NONE ? NULL : ms;
}

int store_finding_list(struct store *s, const struct store_finding_filter *f,
                       int (*take)(void *ctx, const struct store_finding *one), void *ctx, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct lister l = {take, ctx};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e, f->case_id.len ? case_sql : list_sql, "sssssiiiii", &f->rule, &f->severity,
                      &f->site, &f->machine, &f->case_id, given(&f->since_ms), given(&f->until_ms),
                      given(&f->before_ms), &f->before_id, &f->limit);
    if (r == 0)
        r = store_each(s, st.row, list_row, &l, e);
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

int store_suppressions_put(struct store *s, struct str case_id, struct str json, int64_t now_ms,
                           struct err *e)
{
    int r = store_begin(s, e);

    if (r < 0)
        return r;
    r = store_run(
        s, e,
        "INSERT INTO suppression(case_id, json, changed) SELECT id, ?2, ?3 FROM cases WHERE id = ?1 "
        "ON CONFLICT(case_id) DO UPDATE SET json = excluded.json, changed = excluded.changed",
        "ssi", &case_id, &json, &now_ms);
    if (r >= 0 && sqlite3_changes(s->db) == 0)
        r = err_set(e, ERR_MISSING, "case %.*s: no such case", (int)case_id.len, case_id.p);
    return store_end(s, r, e);
}

static int read_suppressions(struct store *s, struct str case_id, struct buf *ret, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    int r = store_prepare(s, &st, e,
                          "SELECT coalesce(p.json, '[]') FROM cases c LEFT JOIN suppression p ON p.case_id = "
                          "c.id WHERE c.id = ?",
                          "s", &case_id);

    if (r < 0 || (r = store_step(s, st.row, e)) < 0)
        return r;
    if (r == 0)
        return err_set(e, ERR_MISSING, "case %.*s: no such case", (int)case_id.len, case_id.p);
    buf_add_c(ret, store_text(st.row, 0));
    return buf_check(ret, "suppressions", e);
}

int store_suppressions_get(struct store *s, struct str case_id, struct buf *ret_json, struct err *e)
{
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = read_suppressions(s, case_id, ret_json, e);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

struct suppression_lister {
    int (*take)(void *ctx, const char *case_id, const char *json);
    void *ctx;
};

static int suppression_row(void *ctx, sqlite3_stmt *row)
{
    const struct suppression_lister *l = ctx;

    return l->take(l->ctx, store_text(row, 0), store_text(row, 1));
}

int store_suppressions_list(struct store *s, int (*take)(void *ctx, const char *case_id, const char *json),
                            void *ctx, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct suppression_lister l = {take, ctx};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(
        s, &st, e,
        "SELECT case_id, json FROM suppression WHERE json <> '[]' ORDER BY changed DESC, case_id LIMIT 1000",
        "");
    if (r == 0)
        r = store_each(s, st.row, suppression_row, &l, e);
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}
