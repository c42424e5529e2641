/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet.h"

#include "compiler.h"
#include "facts_db.h"

#include <string.h>
#include <time.h>

struct fleet {
    struct store *store;
    const struct fleet_question *question;
    fleet_row_fn take;
    void *ctx;
    struct fleet_answer *answer;
    struct err *e;
    int64_t deadline; /* of the monotonic clock, ms; 0: none */
};

static void close_db(sqlite3 **db)
{
    (void)sqlite3_close(*db);
}

static void finalize(sqlite3_stmt **st)
{
    (void)sqlite3_finalize(*st);
}

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int fleet_prepare(sqlite3 *db, struct str sql, sqlite3_stmt **ret, struct err *e)
{
    const char *rest = NULL;
    sqlite3_stmt *st = NULL;

    if (sqlite3_prepare_v2(db, sql.p, (int)sql.len, &st, &rest) != SQLITE_OK)
        return err_set(e, ERR_USAGE, "query: %s", sqlite3_errmsg(db));
    if (!st || str_trim(str_skip(sql, (size_t)(rest - sql.p))).len > 0) {
        (void)sqlite3_finalize(st);
        return err_set(e, ERR_USAGE, "query: one SELECT, in quotes");
    }
    *ret = st;
    return 0;
}

/* Against facts without rows: what is wrong with the question is said once, and its columns are known even
 * when no case has a row. */
static int check(struct fleet *f)
{
    CLEANUP(close_db) sqlite3 *db = NULL;
    CLEANUP(finalize) sqlite3_stmt *st = NULL;

    if (facts_create(NULL, &db, f->e) < 0 || facts_confine(db, f->e) < 0 ||
        fleet_prepare(db, f->question->sql, &st, f->e) < 0)
        return -f->e->code;
    return f->take(f->ctx, NULL, st, f->e);
}

static bool is_over(struct fleet *f)
{
    if ((f->question->rows > 0 && (int64_t)f->answer->n_rows >= f->question->rows) ||
        (f->deadline > 0 && now_ms() >= f->deadline))
        f->answer->is_cut = true;
    return f->answer->is_cut;
}

static int ask_case(struct fleet *f, const char *case_id, struct err *why)
{
    CLEANUP(close_db) sqlite3 *db = NULL;
    CLEANUP(finalize) sqlite3_stmt *st = NULL;
    int step;

    if (job_case_facts(f->store, str_from(case_id), &db, why) < 0 ||
        fleet_prepare(db, f->question->sql, &st, why) < 0)
        return 1;
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        if (is_over(f))
            return 0;
        f->answer->n_rows++;
        if (f->take(f->ctx, case_id, st, f->e) < 0)
            return -f->e->code;
    }
    if (step != SQLITE_DONE)
        (void)err_set(why, ERR_LIMIT, "query: %s", sqlite3_errmsg(db));
    return step == SQLITE_DONE ? 0 : 1;
}

static int one_case(void *ctx, const char *case_id)
{
    struct fleet *f = ctx;
    struct err why = {0};
    int r;

    if (is_over(f))
        return 1;
    f->answer->n_cases++;
    r = ask_case(f, case_id, &why);
    if (r > 0 && f->answer->n_failed++ == 0) {
        f->answer->failure = why;
        (void)err_wrap(&f->answer->failure, "case %s", case_id);
    }
    return r < 0 ? r : f->answer->is_cut;
}

int fleet_ask(struct store *s, const struct fleet_question *q, fleet_row_fn take, void *ctx,
              struct fleet_answer *ret, struct err *e)
{
    struct fleet f = {.store = s, .question = q, .take = take, .ctx = ctx, .answer = ret, .e = e};
    char one[65] = "";
    int r;

    *ret = (struct fleet_answer){0};
    if (q->seconds > 0)
        f.deadline = now_ms() + q->seconds * 1000;
    r = check(&f);
    if (r == 0 && q->case_id.len > 0 && q->case_id.len < sizeof one) {
        memcpy(one, q->case_id.p, q->case_id.len);
        r = one_case(&f, one);
    } else if (r == 0) {
        r = store_cases(s, one_case, &f, e);
    }
    return r < 0 ? r : 0;
}
