/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include "compiler.h"
#include "store_db.h"

static const char insert_sql[] =
    "INSERT INTO audit(at, token_id, role, address, action, case_id, object) VALUES(?,?,?,?,?,?,?)";

/* 1: the token did the same to the same not long ago. */
static int was_noted(struct store *s, const struct store_audit *a, int64_t once_ms, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    int64_t since = a->at_ms - once_ms;
    int r = store_prepare(
        s, &st, e,
        "SELECT 1 FROM audit WHERE token_id = ? AND action = ? AND object = ? AND case_id = ? AND at > ?"
        " LIMIT 1",
        "cccci", a->token_id, a->action, a->object, a->case_id, &since);

    return r < 0 ? r : store_step(s, st.row, e);
}

int store_audit_add(struct store *s, const struct store_audit *a, int64_t once_ms, struct err *e)
{
    int r = 0;

    if (once_ms > 0) {
        (void)pthread_mutex_lock(&s->lock);
        r = was_noted(s, a, once_ms, e);
        (void)pthread_mutex_unlock(&s->lock);
    }
    if (r != 0)
        return r < 0 ? r : 0;
    if (store_begin(s, e) < 0)
        return -e->code;
    r = store_run(s, e, insert_sql, "icccccc", &a->at_ms, a->token_id, a->role, a->address, a->action,
                  a->case_id, a->object);
    return store_end(s, r, e);
}

static const char list_sql[] =
    "SELECT id, at, token_id, role, address, action, case_id, object FROM audit WHERE id < ?1"
    " AND (?2 = '' OR case_id = ?2) AND (?3 = '' OR token_id = ?3) AND (?4 = '' OR action = ?4)"
    " ORDER BY id DESC LIMIT ?5";

static struct store_audit audit_of(sqlite3_stmt *st)
{
    return (struct store_audit){.id = sqlite3_column_int64(st, 0),
                                .at_ms = sqlite3_column_int64(st, 1),
                                .token_id = (const char *)sqlite3_column_text(st, 2),
                                .role = (const char *)sqlite3_column_text(st, 3),
                                .address = (const char *)sqlite3_column_text(st, 4),
                                .action = (const char *)sqlite3_column_text(st, 5),
                                .case_id = (const char *)sqlite3_column_text(st, 6),
                                .object = (const char *)sqlite3_column_text(st, 7)};
}

int store_audit_list(struct store *s, const struct store_audit_filter *f,
                     int (*take)(void *ctx, const struct store_audit *one), void *ctx, struct err *e)
{
    struct store_statement st = {0};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e, list_sql, "isssi", &f->before_id, &f->case_id, &f->token_id, &f->action,
                      &f->limit);
    while (r >= 0 && (r = store_step(s, st.row, e)) > 0) {
        struct store_audit one = audit_of(st.row);
        if (take(ctx, &one) < 0)
            r = err_set(e, ERR_NOMEM, "audit log");
    }
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}
