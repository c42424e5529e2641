/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include "brief.h"
#include "compiler.h"
#include "facts_db.h"
#include "limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t clock_ms(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *job_extractors(void)
{
    static _Thread_local char text[32];

    (void)snprintf(text, sizeof text, "f%d-x%d", FACTS_VERSION, EXTRACTORS_VERSION);
    return text;
}

/* What the list of cases shows of it: findings come the worst first, causes the most likely first. */
static int put_report(struct store *s, const struct ruleset *rules, struct str case_id,
                      const struct job_how *how, const struct buf *text, const struct brief *brief,
                      struct err *e)
{
    const json_t *worst = json_array_get(brief->findings, 0);
    const struct store_report stored = {.json = buf_str(text),
                                        .ruleset = ruleset_version(rules),
                                        .extractors = job_extractors(),
                                        .severity = json_string_value(json_object_get(worst, "severity")),
                                        .cause = json_string_value(brief->cause),
                                        .findings = brief->findings};

    return store_report_put(s, case_id, &stored, how->run, clock_ms(CLOCK_REALTIME), how->take, how->ctx, e);
}

static int judge(struct store *s, const struct ruleset *rules, const struct job_how *how, struct str case_id,
                 struct buf *ret, struct brief *ret_brief, struct err *ret_killed, struct err *e)
{
    struct judge *own = NULL;
    int r = how->judge ? 0 : judge_new(rules, &own, e);

    if (r == 0)
        r = judge_case(how->judge ? how->judge : own, s, case_id, how->is_last_try, ret, ret_brief,
                       how->may_be_partial ? ret_killed : NULL, e);
    judge_free(own);
    return r;
}

/* Rules that the deadline cut short would say nothing of the case: such a report is not kept. */
static int judge_in_time(struct store *s, const struct ruleset *rules, const struct job_how *how,
                         struct str case_id, struct buf *ret, struct brief *ret_brief, struct err *ret_killed,
                         struct err *e)
{
    int64_t most_ms = how->most_ms ? how->most_ms : LIMIT_JOB_SECONDS * 1000;
    int r;

    facts_deadline(clock_ms(CLOCK_MONOTONIC) + most_ms);
    r = judge(s, rules, how, case_id, ret, ret_brief, ret_killed, e);
    if (r != -ERR_STORAGE && facts_is_late())
        r = err_set(e, ERR_TIMEOUT, "case %.*s: not judged within %lld seconds", (int)case_id.len, case_id.p,
                    (long long)(most_ms / 1000));
    facts_deadline(0);
    return r;
}

static int read_report(const struct buf *text, json_t **ret, struct err *e)
{
    *ret = json_loadb(buf_c(text), text->len, 0, NULL);
    return *ret ? 0 : err_set(e, ERR_CAGE, "the judging worker's report is not JSON");
}

int job_lint_case(struct store *s, const struct ruleset *rules, struct str case_id, const struct job_how *how,
                  json_t **ret_report, struct err *e)
{
    static const struct job_how alone = {0};
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_REPORT_BYTES);
    CLEANUP(brief_done) struct brief brief = {0};
    struct err killed = {0};
    int r;

    if (!how)
        how = &alone;
    r = judge_in_time(s, rules, how, case_id, &text, &brief, &killed, e);
    if (r == 0)
        r = put_report(s, rules, case_id, how, &text, &brief, e);
    if (r == 0 && ret_report)
        r = read_report(&text, ret_report, e);
    return r == 0 && killed.code ? err_set(e, killed.code, "%s", killed.text) : r;
}
