/* SPDX-License-Identifier: Apache-2.0
 *
 * The judging worker: rules over the facts of one case after the other. Facts are a stranger's, so that what
 * reads them reads them in the cage; statements stay compiled from one case to the next. */
#include "cage_judge.h"

#include <stdlib.h>

#include "compiler.h"
#include "facts_db.h"
#include "facts_image.h"
#include "json_write.h"
#include "limits.h"
#include "rules.h"
#include "worker_talk.h"

struct worker {
    unsigned char *memory;
    struct ruleset *rules;
    struct facts_image *image;
    struct statements *statements; /* of the image's connection */
};

static int write_report(const json_t *report, struct buf *to, struct err *e)
{
    json_write(report, to);
    return buf_check(to, "report", e);
}

static int judge_image(struct worker *w, const struct cage_order *order, struct buf *to, struct err *e)
{
    json_t *report = NULL;
    int r = ruleset_run_kept(w->rules, w->statements, order->name, &report, e);

    if (r == 0)
        r = write_report(report, to, e);
    json_decref(report);
    return r;
}

/* Facts that are laid out otherwise have a connection, and statements, of their own. */
static int open_alone(struct worker *w, const struct cage_order *order, sqlite3 **ret, struct err *e)
{
    int r = facts_open_bytes(w->memory, (size_t)order->len, ret, e);

    return r < 0 ? r : facts_confine(*ret, e);
}

static int judge_alone(struct worker *w, const struct cage_order *order, struct buf *to, struct err *e)
{
    sqlite3 *db = NULL;
    json_t *report = NULL;
    int r = open_alone(w, order, &db, e);

    if (r == 0)
        r = ruleset_run(w->rules, db, order->name, &report, e);
    if (r == 0)
        r = write_report(report, to, e);
    json_decref(report);
    (void)sqlite3_close(db);
    return r;
}

static int judge(struct worker *w, const struct cage_order *order, struct buf *to, struct err *e)
{
    int r;

    facts_deadline(order->deadline);
    r = facts_image_show(w->image, (size_t)order->len, e);
    if (r == 0)
        r = judge_image(w, order, to, e);
    else if (r == -ERR_UNSUPPORTED)
        r = judge_alone(w, order, to, e);
    return r;
}

/* Compiles what the rules ask, over facts without a row. */
static int begin(struct worker *w, const struct cage_order *order, struct err *e)
{
    CLEANUP(buf_done) struct buf ignored = BUF_INIT(LIMIT_REPORT_BYTES);
    int r = ruleset_read((struct str){(const char *)w->memory, (size_t)order->len}, &w->rules, e);

    if (r == 0)
        r = facts_image_new(w->memory, &w->image, e);
    if (r == 0)
        r = statements_new(facts_image_db(w->image), &w->statements, e);
    return r < 0 ? r : judge_image(w, order, &ignored, e);
}

/* Of each rule the mean over some runs; the first one, which compiles them, does not count. */
static int add_times(struct worker *w, struct statements *kept, double *each, double *once, struct err *e)
{
    size_t n = ruleset_count(w->rules);
    int r = 0;

    for (int i = -1; r == 0 && i < CAGE_JUDGE_ROUNDS; i++) {
        json_t *report = NULL;
        r = ruleset_time(w->rules, kept, "", once, &report, e);
        for (size_t k = 0; r == 0 && i >= 0 && k < n; k++)
            each[k] += once[k] / CAGE_JUDGE_ROUNDS;
        json_decref(report);
    }
    return r;
}

static int time_alone(struct worker *w, const struct cage_order *order, double *each, double *once,
                      struct err *e)
{
    sqlite3 *db = NULL;
    struct statements *kept = NULL;
    int r = open_alone(w, order, &db, e);

    if (r == 0)
        r = statements_new(db, &kept, e);
    if (r == 0)
        r = add_times(w, kept, each, once, e);
    statements_free(kept);
    (void)sqlite3_close(db);
    return r;
}

static int time_rules(struct worker *w, const struct cage_order *order, struct buf *to, struct err *e)
{
    size_t n = ruleset_count(w->rules);
    double *each = calloc(2 * n + 1, sizeof *each);
    int r = each ? facts_image_show(w->image, (size_t)order->len, e)
                 : err_set(e, ERR_NOMEM, "rules: out of memory");

    facts_deadline(order->deadline);
    if (r == 0)
        r = add_times(w, w->statements, each, each + n, e);
    else if (r == -ERR_UNSUPPORTED)
        r = time_alone(w, order, each, each + n, e);
    if (r == 0)
        buf_add(to, each, n * sizeof *each);
    free(each);
    return r < 0 ? r : buf_check(to, "rules", e);
}

static int carry_out(struct worker *w, const struct cage_order *order, struct buf *to, struct err *e)
{
    if (order->len > FACTS_IMAGE_BYTES)
        return err_set(e, ERR_LIMIT, "facts: too large");
    switch (order->what) {
    case CAGE_ORDER_BEGIN:
        return begin(w, order, e);
    case CAGE_ORDER_TIME:
        return time_rules(w, order, to, e);
    default:
        return judge(w, order, to, e);
    }
}

static bool obey(struct worker *w, const struct cage_order *order)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT(LIMIT_REPORT_BYTES);
    struct err e = {0};
    int r = carry_out(w, order, &answer, &e);

    return r < 0 ? worker_talk_answer(e.code, str_from(e.text)) : worker_talk_answer(0, buf_str(&answer));
}

int worker_judge(struct err *e)
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
