/* SPDX-License-Identifier: Apache-2.0 */
#include "cage_judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cage_talk.h"
#include "compiler.h"
#include "facts_db.h"
#include "facts_image.h"
#include "limits.h"

/* What a worker may take beyond a deadline that it knows itself; and to read and compile its rules. */
enum { GRACE_MS = 5000, BEGIN_MS = 60000 };

struct cage_judge {
    const struct ruleset *rules;
    struct cage_talk talk;
};

static int send_rules(struct cage_judge *j, struct err *e)
{
    CLEANUP(buf_done) struct buf texts = BUF_INIT(FACTS_IMAGE_BYTES);
    int r = ruleset_write(j->rules, &texts, e);

    if (r < 0)
        return r;
    memcpy(j->talk.memory, texts.p, texts.len);
    return cage_talk_order(&j->talk, &(struct cage_order){.what = CAGE_ORDER_BEGIN, .len = texts.len}, e);
}

static int start(struct cage_judge *j, struct err *e)
{
    int r = cage_talk_start(&j->talk, e);

    return r < 0 ? r : send_rules(j, e);
}

int cage_judge_new(const struct ruleset *rules, struct cage_judge **ret, struct err *e)
{
    struct cage_judge *j = calloc(1, sizeof *j);
    int r;

    if (!j)
        return err_set(e, ERR_NOMEM, "judging worker: out of memory");
    j->rules = rules;
    r = cage_talk_open(&j->talk, CAGE_JUDGE, "judging worker", e);
    if (r < 0) {
        free(j);
        return r;
    }
    r = start(j, e);
    if (r < 0) {
        cage_judge_free(j);
        return r;
    }
    *ret = j;
    return 0;
}

void cage_judge_free(struct cage_judge *j)
{
    if (j)
        cage_talk_close(&j->talk);
    free(j);
}

int cage_judge_memory(struct cage_judge *j, unsigned char **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf nothing = BUF_INIT(1);
    struct cage_talk *t = &j->talk;
    int r = 0;

    if (t->child.pid > 0 && t->jobs >= LIMIT_JUDGE_JOBS)
        cage_talk_stop(t);
    if (t->child.pid < 0)
        r = start(j, e);
    if (r == 0 && !t->is_ready) {
        r = cage_talk_answer(t, 0, cage_talk_now() + BEGIN_MS, &nothing, e);
        t->is_ready = r == 0;
        if (r < 0)
            cage_talk_stop(t);
    }
    *ret = t->memory;
    return r;
}

static int run(struct cage_judge *j, enum cage_order_what what, size_t len, const char *case_id,
               struct buf *ret, struct err *e)
{
    struct cage_order order = {
        .what = what, .len = len, .deadline = facts_deadline_or(cage_talk_now() + LIMIT_JOB_SECONDS * 1000)};
    int r;

    if (!j->talk.is_ready)
        return err_set(e, ERR_CAGE, "the judging worker is not ready");
    (void)snprintf(order.name, sizeof order.name, "%s", case_id);
    j->talk.jobs++;
    r = cage_talk_order(&j->talk, &order, e);
    return r < 0 ? r
                 : cage_talk_answer(&j->talk, (size_t)LIMIT_REPORT_BYTES, order.deadline + GRACE_MS, ret, e);
}

int cage_judge_run(struct cage_judge *j, size_t len, const char *case_id, struct buf *ret, struct err *e)
{
    return run(j, CAGE_ORDER_CASE, len, case_id, ret, e);
}

int cage_judge_time(struct cage_judge *j, size_t len, double *ret_ms, struct err *e)
{
    CLEANUP(buf_done) struct buf times = BUF_INIT(LIMIT_REPORT_BYTES);
    size_t n = ruleset_count(j->rules);
    int r = run(j, CAGE_ORDER_TIME, len, "", &times, e);

    if (r < 0)
        return r;
    if (times.len != n * sizeof *ret_ms)
        return cage_talk_give_up(&j->talk, "sent other times than one a rule", e);
    if (n > 0)
        memcpy(ret_ms, times.p, times.len);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(ret_ms[i]) || ret_ms[i] < 0)
            return cage_talk_give_up(&j->talk, "sent times that are none", e);
    return 0;
}
