/* SPDX-License-Identifier: Apache-2.0 */
#include "store_upload.h"

#include "compiler.h"
#include "store_db.h"

#include <stdio.h>
#include <string.h>

/* One statement in a transaction of its own. */
#define RUN(s, e, ...)                                                                                       \
    (store_begin((s), (e)) < 0 ? -(e)->code : store_end((s), store_run((s), (e), __VA_ARGS__), (e)))

int store_upload_create(struct store *s, const struct store_upload *u, struct err *e)
{
    return RUN(s, e,
               "INSERT INTO upload(id, token_id, case_id, filename, announced, length, created, expires) "
               "VALUES(?,?,?,?,?,?,?,?)",
               "ccccciii", u->id, u->token_id, u->case_id, u->filename, u->announced, &u->length,
               &u->created_ms, &u->expires_ms);
}

static void take_column(sqlite3_stmt *st, int column, char *ret, size_t room)
{
    (void)snprintf(ret, room, "%s", (const char *)sqlite3_column_text(st, column));
}

static int get(struct store *s, const char *id, struct store_upload *ret, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct store_upload u = {0};
    int r =
        store_prepare(s, &st, e,
                      "SELECT id, token_id, case_id, filename, announced, sha256, length, created, expires, "
                      "checked, done IS NOT NULL FROM upload WHERE id = ?",
                      "c", id);

    if (r < 0 || (r = store_step(s, st.row, e)) < 0)
        return r;
    if (r == 0)
        return err_set(e, ERR_MISSING, "upload: no such upload; it may have expired");
    take_column(st.row, 0, u.id, sizeof u.id);
    take_column(st.row, 1, u.token_id, sizeof u.token_id);
    take_column(st.row, 2, u.case_id, sizeof u.case_id);
    take_column(st.row, 3, u.filename, sizeof u.filename);
    take_column(st.row, 4, u.announced, sizeof u.announced);
    take_column(st.row, 5, u.sha256, sizeof u.sha256);
    u.length = sqlite3_column_int64(st.row, 6);
    u.created_ms = sqlite3_column_int64(st.row, 7);
    u.expires_ms = sqlite3_column_int64(st.row, 8);
    u.checked = sqlite3_column_int64(st.row, 9);
    u.is_done = sqlite3_column_int(st.row, 10);
    *ret = u;
    return 0;
}

int store_upload_get(struct store *s, const char *id, struct store_upload *ret, struct err *e)
{
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = get(s, id, ret, e);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

int store_upload_checked(struct store *s, const char *id, int64_t checked, struct err *e)
{
    return RUN(s, e, "UPDATE upload SET checked = ? WHERE id = ?", "ic", &checked, id);
}

int store_upload_hashed(struct store *s, const char *id, const char *sha256, struct err *e)
{
    return RUN(s, e, "UPDATE upload SET sha256 = ? WHERE id = ?", "cc", sha256, id);
}

static int done(struct store *s, const struct store_upload *u, int64_t now_ms, struct err *e)
{
    int r = store_add_bundle(s, u->sha256, str_from(u->case_id), now_ms, e);

    return r < 0 ? r : store_run(s, e, "UPDATE upload SET done = ? WHERE id = ?", "ic", &now_ms, u->id);
}

int store_upload_done(struct store *s, const struct store_upload *u, struct blob_upload *file, int64_t now_ms,
                      struct err *e)
{
    int r;

    (void)pthread_mutex_lock(&s->files_lock);
    r = file ? blob_upload_commit(file, u->sha256, e) : 0;
    if (r == 0)
        r = store_begin(s, e);
    if (r == 0)
        r = store_end(s, done(s, u, now_ms, e), e);
    (void)pthread_mutex_unlock(&s->files_lock);
    return r;
}

int store_upload_remove(struct store *s, const char *id, struct err *e)
{
    return RUN(s, e, "DELETE FROM upload WHERE id = ?", "c", id);
}

int store_uploads_expired(struct store *s, int64_t now_ms, store_text_fn take, void *ctx, struct err *e)
{
    return store_texts(s, take, ctx, e, "SELECT id FROM upload WHERE expires < ? LIMIT 100", "i", &now_ms);
}

int store_uploads_open(struct store *s, store_text_fn take, void *ctx, struct err *e)
{
    return store_texts(s, take, ctx, e, "SELECT id FROM upload WHERE done IS NULL ORDER BY created", "");
}

int store_uploads_count(struct store *s, const char *token_id, int64_t *ret_own, int64_t *ret_all,
                        struct err *e)
{
    struct store_statement st = {0};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e,
                      "SELECT count(*), coalesce(sum(token_id = ?), 0) FROM upload WHERE done IS NULL", "c",
                      token_id);
    if (r == 0 && (r = store_step(s, st.row, e)) > 0) {
        *ret_all = sqlite3_column_int64(st.row, 0);
        *ret_own = sqlite3_column_int64(st.row, 1);
    }
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r < 0 ? r : 0;
}
