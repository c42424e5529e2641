/* SPDX-License-Identifier: Apache-2.0 */
#include "cage_query.h"

#include <stdlib.h>
#include <string.h>

#include "cage_talk.h"
#include "compiler.h"
#include "facts_db.h"
#include "limits.h"
#include "text.h"

/* What a worker may take beyond a deadline that it knows itself; to begin; the columns that facts_confine
 * allows; a piece of rows. */
enum { GRACE_MS = 5000, BEGIN_MS = 60000, COLUMNS = 256, PIECE_BYTES = 65536 };

struct cage_query {
    struct str sql;
    struct cage_talk talk;
    struct buf names; /* a row */
    size_t n_columns;
};

static const char NO_ROWS[] = "sent what are no rows";

static size_t take_number(struct str *rest)
{
    const unsigned char *p = (const unsigned char *)rest->p;
    size_t n = (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;

    *rest = str_skip(*rest, 4);
    return n;
}

static bool take_cell(struct str *rest, struct query_cell *ret)
{
    char type;
    size_t len;

    if (rest->len < CAGE_CELL_HEAD_BYTES)
        return false;
    type = rest->p[0];
    *rest = str_skip(*rest, 1);
    len = take_number(rest);
    if (len > rest->len)
        return false;
    ret->data = (struct str){rest->p, len};
    *rest = str_skip(*rest, len);
    switch (type) {
    case CAGE_CELL_NULL:
        ret->type = QUERY_NULL;
        return len == 0;
    case CAGE_CELL_TEXT:
        ret->type = QUERY_TEXT;
        return text_is_printable(ret->data);
    case CAGE_CELL_BLOB:
        ret->type = QUERY_BLOB;
        return true;
    default:
        return false;
    }
}

static bool take_row(struct str *rest, struct query_cell cells[COLUMNS], size_t *ret_n)
{
    if (rest->len < CAGE_ROW_HEAD_BYTES)
        return false;
    *ret_n = take_number(rest);
    if (*ret_n == 0 || *ret_n > COLUMNS)
        return false;
    for (size_t i = 0; i < *ret_n; i++)
        if (!take_cell(rest, &cells[i]))
            return false;
    return true;
}

/* A worker that takes the place of another has the same columns. */
static int take_names(struct cage_query *q, struct err *e)
{
    struct query_cell cells[COLUMNS];
    struct str rest = buf_str(&q->names);
    size_t n = 0;

    if (!take_row(&rest, cells, &n) || rest.len > 0 || (q->n_columns && q->n_columns != n))
        return cage_talk_give_up(&q->talk, "sent what are no columns", e);
    for (size_t i = 0; i < n; i++)
        if (cells[i].type != QUERY_TEXT)
            return cage_talk_give_up(&q->talk, "sent what are no columns", e);
    q->n_columns = n;
    q->talk.is_ready = true;
    return 0;
}

static int start(struct cage_query *q, struct err *e)
{
    const struct cage_order order = {.what = CAGE_ORDER_BEGIN, .len = q->sql.len};
    int r = cage_talk_start(&q->talk, e);

    if (r < 0)
        return r;
    memcpy(q->talk.memory, q->sql.p, q->sql.len);
    buf_clear(&q->names);
    r = cage_talk_order(&q->talk, &order, e);
    if (r == 0)
        r = cage_talk_answer(&q->talk, (size_t)LIMIT_QUERY_ROW_BYTES, cage_talk_now() + BEGIN_MS, &q->names,
                             e);
    if (r == 0)
        return take_names(q, e);
    cage_talk_stop(&q->talk);
    return r;
}

int cage_query_new(struct str sql, struct cage_query **ret, struct err *e)
{
    struct cage_query *q;
    int r;

    if ((int64_t)sql.len >= LIMIT_QUERY_BYTES)
        return err_set(e, ERR_USAGE, "query: %zu bytes; a SELECT has less than %lld", sql.len,
                       (long long)LIMIT_QUERY_BYTES);
    if (!(q = calloc(1, sizeof *q)))
        return err_set(e, ERR_NOMEM, "query: out of memory");
    q->sql = sql;
    q->names = BUF_INIT(LIMIT_QUERY_ROW_BYTES);
    r = cage_talk_open(&q->talk, CAGE_QUERY, "asking worker", e);
    if (r < 0) {
        free(q);
        return r;
    }
    r = start(q, e);
    if (r < 0) {
        cage_query_free(q);
        return r;
    }
    *ret = q;
    return 0;
}

void cage_query_free(struct cage_query *q)
{
    if (!q)
        return;
    cage_talk_close(&q->talk);
    buf_done(&q->names);
    free(q);
}

int cage_query_columns(const struct cage_query *q, query_row_fn take, void *ctx, struct err *e)
{
    struct query_cell cells[COLUMNS];
    struct str rest = buf_str(&q->names);
    size_t n = 0;

    if (!take_row(&rest, cells, &n))
        return err_set(e, ERR_CAGE, "query: no columns");
    return take(ctx, cells, n, e);
}

int cage_query_memory(struct cage_query *q, unsigned char **ret, struct err *e)
{
    int r = 0;

    if (q->talk.child.pid > 0 && q->talk.jobs >= LIMIT_JUDGE_JOBS)
        cage_talk_stop(&q->talk);
    if (q->talk.child.pid < 0)
        r = start(q, e);
    *ret = q->talk.memory;
    return r;
}

struct rows {
    query_row_fn take;
    void *ctx;
    int64_t n, bytes;
};

static int take_rows(struct cage_query *q, struct str piece, struct rows *rows, struct err *e)
{
    struct query_cell cells[COLUMNS];
    int r = 0;

    rows->bytes += (int64_t)piece.len;
    while (r == 0 && piece.len > 0) {
        size_t n = 0;
        if (!take_row(&piece, cells, &n) || n != q->n_columns)
            return cage_talk_give_up(&q->talk, NO_ROWS, e);
        if (++rows->n > LIMIT_ROWS || rows->bytes > LIMIT_ROWS_BYTES)
            r = err_set(e, ERR_LIMIT, "query: more than %lld rows or %lld MiB; end it with LIMIT",
                        (long long)LIMIT_ROWS, (long long)(LIMIT_ROWS_BYTES >> 20));
        else
            r = rows->take(rows->ctx, cells, n, e);
    }
    if (r != 0)
        cage_talk_stop(&q->talk); /* it may have more to say */
    return r;
}

int cage_query_run(struct cage_query *q, size_t len, query_row_fn take, void *ctx, struct err *e)
{
    CLEANUP(buf_done) struct buf piece = BUF_INIT(PIECE_BYTES + 2 * LIMIT_QUERY_ROW_BYTES);
    struct rows rows = {.take = take, .ctx = ctx};
    struct cage_order order = {.what = CAGE_ORDER_CASE,
                               .len = len,
                               .deadline = facts_deadline_or(cage_talk_now() + LIMIT_RULE_SECONDS * 1000)};
    int r;

    if (!q->talk.is_ready)
        return err_set(e, ERR_CAGE, "the asking worker is not ready");
    q->talk.jobs++;
    r = cage_talk_order(&q->talk, &order, e);
    while (r == 0) {
        buf_clear(&piece);
        r = cage_talk_answer(&q->talk, PIECE_BYTES + (size_t)LIMIT_QUERY_ROW_BYTES, order.deadline + GRACE_MS,
                             &piece, e);
        if (r == 0 && piece.len == 0)
            return 0;
        if (r == 0)
            r = take_rows(q, buf_str(&piece), &rows, e);
    }
    return r;
}
