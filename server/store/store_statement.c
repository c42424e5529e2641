/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements, kept from one use to the next: preparing one takes longer than most of them run. */
#include "store_db.h"

#include "compiler.h"

#include <string.h>

static bool is_of(const struct store_kept *k, const char *sql)
{
    return k->sql == sql && strcmp(sqlite3_sql(k->statement), sql) == 0;
}

/* An idle one with this text, else the idle one that was not used for the longest; NULL: all are in use. */
static struct store_kept *find_kept(struct store *s, const char *sql)
{
    struct store_kept *oldest = NULL;

    for (struct store_kept *k = s->kept; k < s->kept + ARRAY_LEN(s->kept); k++) {
        if (k->in_use)
            continue;
        if (is_of(k, sql))
            return k;
        if (!oldest || k->used < oldest->used)
            oldest = k;
    }
    return oldest;
}

/* A code of SQLite. After a change of the schema SQLite prepares a kept one anew itself
 * (https://www.sqlite.org/c3ref/prepare.html). */
static int take(struct store *s, const char *sql, struct store_statement *ret)
{
    struct store_kept *k = find_kept(s, sql);
    int r;

    if (!k)
        return sqlite3_prepare_v2(s->db, sql, -1, &ret->row, NULL);
    if (!is_of(k, sql)) {
        (void)sqlite3_finalize(k->statement);
        *k = (struct store_kept){0};
        if ((r = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &k->statement, NULL)))
            return r;
        k->sql = sql;
    }
    k->in_use = true;
    k->used = ++s->n_used;
    *ret = (struct store_statement){k->statement, &k->in_use};
    return SQLITE_OK;
}

void store_give_back(struct store_statement *st)
{
    if (st->in_use) {
        (void)sqlite3_reset(st->row);
        (void)sqlite3_clear_bindings(st->row);
        *st->in_use = false;
    } else {
        (void)sqlite3_finalize(st->row);
    }
    *st = (struct store_statement){0};
}

void store_forget_statements(struct store *s)
{
    for (size_t i = 0; i < ARRAY_LEN(s->kept); i++) {
        (void)sqlite3_finalize(s->kept[i].statement);
        s->kept[i] = (struct store_kept){0};
    }
}

static int bind_values(sqlite3_stmt *st, const char *format, va_list values, sqlite3_destructor_type how)
{
    int r = SQLITE_OK;

    for (int i = 1; *format && r == SQLITE_OK; i++, format++) {
        const void *p = va_arg(values, const void *);
        if (!p)
            r = sqlite3_bind_null(st, i);
        else if (*format == 's')
            r = sqlite3_bind_text64(st, i, ((const struct str *)p)->len ? ((const struct str *)p)->p : "",
                                    ((const struct str *)p)->len, how, SQLITE_UTF8);
        else if (*format == 'b')
            r = sqlite3_bind_blob64(st, i, ((const struct str *)p)->p, ((const struct str *)p)->len, how);
        else if (*format == 'c')
            r = sqlite3_bind_text(st, i, p, -1, how);
        else
            r = sqlite3_bind_int64(st, i, *(const int64_t *)p);
    }
    return r;
}

static int prepare_values(struct store *s, struct store_statement *ret, struct err *e, const char *sql,
                          const char *format, va_list values, sqlite3_destructor_type how)
{
    return take(s, sql, ret) != SQLITE_OK || bind_values(ret->row, format, values, how) != SQLITE_OK
               ? store_fail(s, e, "preparing")
               : 0;
}

int store_prepare(struct store *s, struct store_statement *ret, struct err *e, const char *sql,
                  const char *format, ...)
{
    va_list values;
    int r;

    va_start(values, format);
    r = prepare_values(s, ret, e, sql, format, values, SQLITE_TRANSIENT);
    va_end(values);
    return r;
}

int store_step(struct store *s, sqlite3_stmt *st, struct err *e)
{
    int r = sqlite3_step(st);

    if (r == SQLITE_ROW)
        return 1;
    return r == SQLITE_DONE ? 0 : store_fail(s, e, "writing or reading");
}

const char *store_text(sqlite3_stmt *st, int column)
{
    const unsigned char *p = sqlite3_column_text(st, column);

    return p ? (const char *)p : "";
}

int store_each(struct store *s, sqlite3_stmt *st, store_row_fn take_row, void *ctx, struct err *e)
{
    int r;

    while ((r = store_step(s, st, e)) > 0) {
        if (take_row(ctx, st) < 0)
            return e->code ? -e->code : err_set(e, ERR_NOMEM, "list of the store");
    }
    return r;
}

int store_run(struct store *s, struct err *e, const char *sql, const char *format, ...)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    va_list values;
    int r;

    va_start(values, format);
    r = prepare_values(s, &st, e, sql, format, values, SQLITE_STATIC);
    va_end(values);
    while (r >= 0 && (r = store_step(s, st.row, e)) > 0)
        continue;
    return r;
}

static int gather_texts(struct store *s, sqlite3_stmt *st, struct buf *ret, struct err *e)
{
    int r = 0;

    while ((r = store_step(s, st, e)) > 0) {
        buf_add_c(ret, (const char *)sqlite3_column_text(st, 0));
        buf_add_char(ret, 0);
    }
    return r < 0 ? r : buf_check(ret, "list of the store", e);
}

int store_texts(struct store *s, store_text_fn take_text, void *ctx, struct err *e, const char *sql,
                const char *format, ...)
{
    CLEANUP(buf_done) struct buf all = BUF_INIT(64 * 1024 * 1024);
    struct store_statement st = {0};
    va_list values;
    int r;

    va_start(values, format);
    (void)pthread_mutex_lock(&s->lock);
    r = prepare_values(s, &st, e, sql, format, values, SQLITE_STATIC);
    if (r == 0)
        r = gather_texts(s, st.row, &all, e);
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    va_end(values);
    for (size_t at = 0; r == 0 && at < all.len; at += str_from(all.p + at).len + 1)
        r = take_text(ctx, all.p + at);
    return r;
}
