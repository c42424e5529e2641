/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet.h"

#include "compiler.h"
#include "facts_image.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct fleet {
    struct store *store;
    const struct fleet_question *question;
    struct cage_query *query;
    const char *case_id; /* that is asked now; NULL: the columns */
    fleet_row_fn take;
    void *ctx;
    struct fleet_answer *answer;
    struct err *e;
    int64_t deadline; /* of the monotonic clock, ms; 0: none */
    bool has_failed;  /* take did */
};

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool is_over(struct fleet *f)
{
    if ((f->question->rows > 0 && (int64_t)f->answer->n_rows >= f->question->rows) ||
        (f->deadline > 0 && now_ms() >= f->deadline))
        f->answer->is_cut = true;
    return f->answer->is_cut;
}

/* 1: no row after this one. */
static int take_row(void *ctx, const struct query_cell *cells, size_t n, struct err *e)
{
    struct fleet *f = ctx;
    int r;

    if (f->case_id && is_over(f))
        return 1;
    f->answer->n_rows += f->case_id != NULL;
    r = f->take(f->ctx, f->case_id, cells, n, e);
    f->has_failed = r < 0;
    return r;
}

/* What is wrong with a case is in *why, but for what is wrong with who takes the rows. */
static int ask_case(struct fleet *f, struct err *why)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(8192);
    unsigned char *memory = NULL;
    size_t len = 0;
    int r = job_case_path(f->store, str_from(f->case_id), false, &path, NULL, why);

    if (r == 0)
        r = cage_query_memory(f->query, &memory, why);
    if (r == 0)
        r = facts_image_read(buf_c(&path), memory, &len, why);
    if (r == 0)
        r = cage_query_run(f->query, len, take_row, f, why);
    return r;
}

static int one_case(void *ctx, const char *case_id)
{
    struct fleet *f = ctx;
    struct err why = {0};
    int r;

    if (is_over(f))
        return 1;
    f->answer->n_cases++;
    f->case_id = case_id;
    r = ask_case(f, &why);
    if (r < 0 && f->has_failed) {
        *f->e = why;
        return r;
    }
    if (r < 0 && f->answer->n_failed++ == 0) {
        f->answer->failure = why;
        (void)err_wrap(&f->answer->failure, "case %s", case_id);
    }
    return f->answer->is_cut;
}

static int ask(struct fleet *f)
{
    const struct fleet_question *q = f->question;
    CLEANUP(buf_done) struct buf ignored = BUF_INIT(4096);
    char one[65] = "", state[16];

    if (q->case_id.len > 0 && store_case_state(f->store, q->case_id, state, &ignored, f->e) < 0)
        return -f->e->code;
    if (cage_query_columns(f->query, take_row, f, f->e) < 0)
        return -f->e->code;
    if (q->case_id.len == 0)
        return store_cases(f->store, one_case, f, f->e);
    (void)snprintf(one, sizeof one, "%.*s", (int)q->case_id.len, q->case_id.p);
    return one_case(f, one);
}

int fleet_ask(struct store *s, const struct fleet_question *q, fleet_row_fn take, void *ctx,
              struct fleet_answer *ret, struct err *e)
{
    struct fleet f = {.store = s, .question = q, .take = take, .ctx = ctx, .answer = ret, .e = e};
    int r = cage_query_new(q->sql, &f.query, e);

    *ret = (struct fleet_answer){0};
    if (q->seconds > 0)
        f.deadline = now_ms() + q->seconds * 1000;
    if (r == 0)
        r = ask(&f);
    cage_query_free(f.query);
    return r < 0 ? r : 0;
}
