/* SPDX-License-Identifier: Apache-2.0
 *
 * The asking worker: one SELECT over the facts of one case after the other. Both are somebody else's words;
 * neither can do more than read those facts. */
#include "worker_talk.h"

#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "facts_db.h"
#include "facts_image.h"
#include "limits.h"
#include "text.h"

enum { PIECE_BYTES = 65536 };

struct worker {
    unsigned char *memory;
    char *sql;
    struct facts_image *image;
    sqlite3_stmt *kept; /* of the image's connection */
};

static void close_db(sqlite3 **db)
{
    (void)sqlite3_close(*db);
}

static void finalize(sqlite3_stmt **st)
{
    (void)sqlite3_finalize(*st);
}

static int why(sqlite3 *db, int result, struct err *e)
{
    switch (result & 0xff) {
    case SQLITE_INTERRUPT:
        return err_set(e, ERR_LIMIT, "query: stopped, it takes more than %lld steps or %lld seconds",
                       (long long)LIMIT_RULE_STEPS, (long long)LIMIT_RULE_SECONDS);
    case SQLITE_NOMEM:
        return err_set(e, ERR_LIMIT, "query: stopped, it takes more memory than it may");
    case SQLITE_AUTH:
        return err_set(e, ERR_USAGE, "query: %s; a query can read the tables of schema/facts.sql and no more",
                       sqlite3_errmsg(db));
    default:
        return err_set(e, ERR_USAGE, "query: %s", sqlite3_errmsg(db));
    }
}

/* One statement and nothing behind it. */
static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret, struct err *e)
{
    const char *rest = NULL;
    sqlite3_stmt *st = NULL;
    int result = sqlite3_prepare_v2(db, sql, -1, &st, &rest);

    if (result != SQLITE_OK)
        return why(db, result, e);
    if (!st || str_trim(str_from(rest)).len > 0) {
        (void)sqlite3_finalize(st);
        return err_set(e, ERR_USAGE, "query: one SELECT, in quotes");
    }
    *ret = st;
    return 0;
}

static void add_head(struct buf *to, enum cage_cell_type type, size_t len)
{
    buf_add_char(to, (char)type);
    buf_add_u32le(to, (uint32_t)len);
}

static void add_text(struct buf *to, struct str s)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_QUERY_ROW_BYTES);

    text_add_printable(&text, s);
    if (text.failed)
        to->failed = text.failed;
    add_head(to, CAGE_CELL_TEXT, text.len);
    buf_add_str(to, buf_str(&text));
}

static void add_cell(struct buf *to, sqlite3_stmt *st, int i)
{
    int type = sqlite3_column_type(st, i);
    const void *p = sqlite3_column_blob(st, i);
    struct str cell = {p, p ? (size_t)sqlite3_column_bytes(st, i) : 0};

    if (type == SQLITE_NULL) {
        add_head(to, CAGE_CELL_NULL, 0);
    } else if (type == SQLITE_BLOB) {
        add_head(to, CAGE_CELL_BLOB, cell.len);
        buf_add_str(to, cell);
    } else {
        add_text(to, cell);
    }
}

static int add_row(struct buf *to, sqlite3_stmt *st, struct err *e)
{
    int n = sqlite3_column_count(st);

    buf_add_u32le(to, (uint32_t)n);
    for (int i = 0; i < n; i++)
        add_cell(to, st, i);
    return buf_check(to, "query: a row", e);
}

static int add_names(struct buf *to, sqlite3_stmt *st, struct err *e)
{
    int n = sqlite3_column_count(st);

    buf_add_u32le(to, (uint32_t)n);
    for (int i = 0; i < n; i++)
        add_text(to, str_from(sqlite3_column_name(st, i)));
    return buf_check(to, "query: the columns", e);
}

/* Rows go out piece by piece; the rest is left in *to. A parent that does not hear ends this process. */
static int send_rows(sqlite3 *db, sqlite3_stmt *st, struct buf *to, struct err *e)
{
    int result, r = 0;

    while (r == 0 && (result = sqlite3_step(st)) == SQLITE_ROW) {
        r = add_row(to, st, e);
        if (r == 0 && to->len >= PIECE_BYTES) {
            if (!worker_talk_answer(0, buf_str(to)))
                return err_set(e, ERR_IO, "query: nobody listens");
            buf_clear(to);
        }
    }
    return r < 0 || result == SQLITE_DONE ? r : why(db, result, e);
}

static int ask_alone(struct worker *w, const struct cage_order *order, struct buf *to, struct err *e)
{
    CLEANUP(close_db) sqlite3 *db = NULL;
    CLEANUP(finalize) sqlite3_stmt *st = NULL;
    int r = facts_open_bytes(w->memory, (size_t)order->len, &db, e);

    if (r == 0)
        r = facts_confine(db, e);
    if (r == 0)
        r = prepare(db, w->sql, &st, e);
    return r < 0 ? r : send_rows(db, st, to, e);
}

static int ask(struct worker *w, const struct cage_order *order, struct buf *to, struct err *e)
{
    int r;

    facts_deadline(order->deadline);
    r = facts_image_show(w->image, (size_t)order->len, e);
    if (r == -ERR_UNSUPPORTED)
        return ask_alone(w, order, to, e);
    if (r == 0)
        r = send_rows(facts_image_db(w->image), w->kept, to, e);
    (void)sqlite3_reset(w->kept);
    return r;
}

/* Over facts without a row: what is wrong with the question is said before any are there. */
static int begin(struct worker *w, const struct cage_order *order, struct buf *to, struct err *e)
{
    int r;

    w->sql = strndup((const char *)w->memory, (size_t)order->len);
    r = w->sql ? facts_image_new(w->memory, &w->image, e) : err_set(e, ERR_NOMEM, "query: out of memory");
    if (r == 0)
        r = prepare(facts_image_db(w->image), w->sql, &w->kept, e);
    return r < 0 ? r : add_names(to, w->kept, e);
}

static bool obey(struct worker *w, const struct cage_order *order)
{
    CLEANUP(buf_done) struct buf rows = BUF_INIT(PIECE_BYTES + LIMIT_QUERY_ROW_BYTES);
    struct err e = {0};
    bool is_first = order->what == CAGE_ORDER_BEGIN;
    int r = order->len > FACTS_IMAGE_BYTES ? err_set(&e, ERR_LIMIT, "facts: too large")
            : is_first                     ? begin(w, order, &rows, &e)
                                           : ask(w, order, &rows, &e);

    if (r < 0)
        return worker_talk_answer(e.code, str_from(e.text));
    if (rows.len > 0 && !worker_talk_answer(0, buf_str(&rows)))
        return false;
    return is_first || worker_talk_answer(0, (struct str){NULL, 0});
}

int worker_query(struct err *e)
{
    struct worker w = {0};
    struct cage_order order;
    int r = worker_talk_begin(&w.memory, e);

    if (r < 0)
        return r;
    while (worker_talk_order(&order) && obey(&w, &order))
        continue;
    return 0; /* the process ends here: what it has goes with it */
}
