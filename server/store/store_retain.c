/* SPDX-License-Identifier: Apache-2.0 */
#include "store_keep.h"

#include "compiler.h"
#include "store_db.h"

#include "text.h"

#include <stdio.h>

static const char next_sql[] = "SELECT id FROM cases WHERE coalesce(retain_days, ?1) > 0"
                               " AND received < ?2 - coalesce(retain_days, ?1) * 86400000 AND NOT EXISTS "
                               "(SELECT 1 FROM job WHERE case_id = "
                               "cases.id AND state IN ('queued', 'running')) AND EXISTS (SELECT 1 FROM "
                               "bundle WHERE case_id = cases.id) LIMIT 1";

static int next_case(struct store *s, int64_t days, int64_t now_ms, char ret[65], struct err *e)
{
    struct store_statement st = {0};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e, next_sql, "ii", &days, &now_ms);
    if (r == 0 && (r = store_step(s, st.row, e)) > 0)
        (void)snprintf(ret, 65, "%s", store_text(st.row, 0));
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

int store_retain(struct store *s, int64_t days, int64_t now_ms, int64_t *ret_deleted, struct err *e)
{
    char id[65];
    int r;

    *ret_deleted = 0;
    while ((r = next_case(s, days, now_ms, id, e)) > 0) {
        if (store_case_delete(s, str_from(id), e) < 0)
            return -e->code;
        ++*ret_deleted;
    }
    return r;
}

int store_case_retain(struct store *s, struct str case_id, int64_t days, struct err *e)
{
    int r = store_begin(s, e);

    if (r < 0)
        return r;
    r = store_run(s, e, "UPDATE cases SET retain_days = ?2 WHERE id = ?1", "si", &case_id,
                  days == TIME_NONE ? NULL : &days);
    if (r >= 0 && sqlite3_changes(s->db) == 0)
        r = err_set(e, ERR_MISSING, "case %.*s: no such case", (int)case_id.len, case_id.p);
    return store_end(s, r, e);
}

static int read_days(struct store *s, struct str case_id, int64_t *ret_days, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    int r = store_prepare(s, &st, e, "SELECT retain_days FROM cases WHERE id = ?", "s", &case_id);

    if (r < 0 || (r = store_step(s, st.row, e)) < 0)
        return r;
    if (r == 0)
        return err_set(e, ERR_MISSING, "case %.*s: no such case", (int)case_id.len, case_id.p);
    *ret_days = sqlite3_column_type(st.row, 0) == SQLITE_NULL ? TIME_NONE : sqlite3_column_int64(st.row, 0);
    return 0;
}

int store_case_retained(struct store *s, struct str case_id, int64_t *ret_days, struct err *e)
{
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = read_days(s, case_id, ret_days, e);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

struct lister {
    int (*take)(void *ctx, const char *place, int64_t made_ms);
    void *ctx;
};

static int backup_row(void *ctx, sqlite3_stmt *row)
{
    const struct lister *l = ctx;

    return l->take(l->ctx, store_text(row, 0), sqlite3_column_int64(row, 1));
}

int store_case_backups(struct store *s, struct str case_id,
                       int (*take)(void *ctx, const char *place, int64_t made_ms), void *ctx, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct lister l = {take, ctx};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(
        s, &st, e,
        "SELECT b.place, max(b.made) FROM backup b, cases c WHERE c.id = ? AND b.made >= c.created GROUP BY "
        "b.place ORDER BY 2 DESC",
        "s", &case_id);
    if (r == 0)
        r = store_each(s, st.row, backup_row, &l, e);
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}
