/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include "compiler.h"
#include "facts_image.h"
#include "job.h"

#include <stdio.h>
#include <stdlib.h>

struct judge {
    const struct ruleset *rules;
    struct facts_image *image;
    struct statements *statements; /* of the image's connection */
};

int judge_new(const struct ruleset *rules, struct judge **ret, struct err *e)
{
    struct judge *j = calloc(1, sizeof *j);
    int r = j ? facts_image_new(&j->image, e) : err_set(e, ERR_NOMEM, "rules: out of memory");

    if (r == 0)
        r = statements_new(facts_image_db(j->image), &j->statements, e);
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
    statements_free(j->statements);
    facts_image_free(j->image);
    free(j);
}

const struct ruleset *judge_rules(const struct judge *j)
{
    return j->rules;
}

static void close_db(sqlite3 **db)
{
    (void)sqlite3_close(*db);
}

/* Facts that are laid out otherwise have a connection, and statements, of their own. */
static int judge_alone(struct judge *j, struct store *s, struct str case_id, const char *id, json_t **ret,
                       struct err *e)
{
    CLEANUP(close_db) sqlite3 *facts = NULL;
    int r = job_case_facts(s, case_id, &facts, e);

    return r < 0 ? r : ruleset_run(j->rules, facts, id, ret, e);
}

int judge_case(struct judge *j, struct store *s, struct str case_id, json_t **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(8192);
    struct err why = {0};
    char id[65];
    int r = job_case_path(s, case_id, &path, e);

    (void)snprintf(id, sizeof id, "%.*s", (int)case_id.len, case_id.p);
    if (r < 0)
        return r;
    if (facts_image_load(j->image, buf_c(&path), &why) < 0)
        return judge_alone(j, s, case_id, id, ret, e);
    return ruleset_run_kept(j->rules, j->statements, id, ret, e);
}
