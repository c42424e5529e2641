/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include "cage_judge.h"
#include "case.h"
#include "compiler.h"
#include "facts_image.h"
#include "job.h"
#include "limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct judge {
    const struct ruleset *rules;
    struct cage_judge *cage;
    struct brief_reader *briefs;
};

int judge_new(const struct ruleset *rules, struct judge **ret, struct err *e)
{
    struct judge *j = calloc(1, sizeof *j);
    int r = j ? cage_judge_new(rules, &j->cage, e) : err_set(e, ERR_NOMEM, "rules: out of memory");

    if (r == 0)
        r = brief_reader_new(&j->briefs, e);
    if (r < 0) {
        judge_free(j);
        return r;
    }
    j->rules = rules;
    *ret = j;
    return 0;
}

void judge_free(struct judge *j)
{
    if (!j)
        return;
    cage_judge_free(j->cage);
    brief_reader_free(j->briefs);
    free(j);
}

const struct ruleset *judge_rules(const struct judge *j)
{
    return j->rules;
}

static int read_brief(const struct judge *j, const struct buf *text, struct brief *ret, struct err *e)
{
    struct err why = {0};
    int r = brief_read(j->briefs, buf_str(text), ret, &why);

    if (r == -ERR_FORMAT)
        return err_set(e, ERR_CAGE, "the judging worker's report is %s", why.text);
    if (r < 0)
        *e = why;
    return r;
}

static int read_report(const struct buf *text, json_t **ret, struct err *e)
{
    json_error_t error;

    *ret = json_loadb(buf_c(text), text->len, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(*ret))
        return 0;
    json_decref(*ret);
    return err_set(e, ERR_CAGE, "the judging worker's report is not JSON: %s", error.text);
}

int judge_case(struct judge *j, struct store *s, struct str case_id, bool is_last_try, struct buf *ret,
               struct brief *ret_brief, struct err *ret_killed, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(8192);
    unsigned char *memory = NULL;
    size_t len = 0;
    char id[65];
    int r = job_case_path(s, case_id, is_last_try, &path, ret_killed, e);

    (void)snprintf(id, sizeof id, "%.*s", (int)case_id.len, case_id.p);
    if (r == 0)
        r = cage_judge_memory(j->cage, &memory, e);
    if (r == 0)
        r = facts_image_read(buf_c(&path), memory, &len, e);
    if (ret_killed && ret_killed->code)
        (void)unlink(buf_c(&path));
    if (r == 0)
        r = cage_judge_run(j->cage, len, id, ret, e);
    if (r == 0)
        r = read_brief(j, ret, ret_brief, e);
    return r < 0 ? err_wrap(e, "case %s", id) : 0;
}

int judge_machines(struct judge *j, sqlite3 *const *machines, size_t n_machines, const char *case_id,
                   json_t **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_REPORT_BYTES);
    unsigned char *memory = NULL;
    size_t len = 0;
    int r = cage_judge_memory(j->cage, &memory, e);

    if (r == 0)
        r = case_facts_image(machines, n_machines, memory, &len, e);
    if (r == 0)
        r = cage_judge_run(j->cage, len, case_id, &text, e);
    return r < 0 ? r : read_report(&text, ret, e);
}
