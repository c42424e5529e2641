/* SPDX-License-Identifier: Apache-2.0
 *
 * ruleset_run: the whole report, from top to bottom. */
#include "diagnose.h"

#include <sqlite3.h>

#include "facts_db.h"

enum { REPORT_VERSION = 1 };

/* What the bundles themselves say, when all that say something agree. */
static json_t *manifest_case(const struct run *run)
{
    sqlite3_stmt *s = NULL;
    json_t *id = NULL;

    if (statements_take(
            run->statements,
            "SELECT min(case_id) FROM machine WHERE case_id <> '' HAVING count(DISTINCT case_id) = 1",
            &s) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        id = json_text(
            (struct str){(const char *)sqlite3_column_text(s, 0), (size_t)sqlite3_column_bytes(s, 0)});
    statements_give(s);
    return id ? id : json_null();
}

static int build_case(struct run *run, const char *case_id, json_t *report, struct err *e)
{
    json_t *complaints = NULL, *one;

    if (complaints_build(run, &complaints, e) < 0)
        return -e->code;
    one = json_object();
    put(one, "id", case_id && *case_id ? json_string(case_id) : manifest_case(run));
    put(one, "complaints", complaints);
    put(report, "case", one);
    return 0;
}

static json_t *build_ruleset(const struct ruleset *set)
{
    json_t *one = json_object();

    put(one, "version", json_string(set->version));
    put(one, "rules", json_integer((json_int_t)set->n_rules));
    put(one, "facts", json_integer(FACTS_VERSION));
    put(one, "extractors", json_integer(EXTRACTORS_VERSION));
    return one;
}

static int fill(struct run *run, const char *case_id, json_t *report, struct err *e)
{
    json_t *machines = NULL, *coverage = NULL, *diagnoses = NULL, *chains = NULL, *handshakes = NULL;
    size_t left_out = 0, chains_left_out = 0, handshakes_left_out = 0;

    put(report, "version", json_integer(REPORT_VERSION));
    if (build_case(run, case_id, report, e) < 0 || machines_build(run, &machines, e) < 0)
        return -e->code;
    put(report, "machines", machines);
    if (coverage_build(run, &coverage, e) < 0)
        return -e->code;
    put(report, "coverage", coverage);
    if (diagnose(run, &diagnoses, &left_out, e) < 0)
        return -e->code;
    put(report, "summary", summarize(run->findings, coverage, diagnoses));
    put(report, "diagnoses", diagnoses);
    put(report, "diagnoses_left_out", json_integer((json_int_t)left_out));
    if (chains_build(run, &chains, &chains_left_out, e) < 0)
        return -e->code;
    put(report, "chains", chains);
    put(report, "chains_left_out", json_integer((json_int_t)chains_left_out));
    if (handshakes_build(run, &handshakes, &handshakes_left_out, e) < 0)
        return -e->code;
    put(report, "handshakes", handshakes);
    put(report, "handshakes_left_out", json_integer((json_int_t)handshakes_left_out));
    json_object_set(report, "findings", run->findings);
    json_object_set(report, "verdicts", run->verdicts);
    put(report, "ruleset", build_ruleset(run->set));
    return 0;
}

int ruleset_run(const struct ruleset *set, sqlite3 *db, const char *case_id, json_t **ret_report,
                struct err *e)
{
    struct statements *once = NULL;
    int r = statements_new(db, &once, e);

    if (r == 0)
        r = ruleset_run_kept(set, once, case_id, ret_report, e);
    statements_free(once);
    return r;
}

int ruleset_run_kept(const struct ruleset *set, struct statements *kept, const char *case_id,
                     json_t **ret_report, struct err *e)
{
    return ruleset_time(set, kept, case_id, NULL, ret_report, e);
}

int ruleset_time(const struct ruleset *set, struct statements *kept, const char *case_id, double *ret_ms,
                 json_t **ret_report, struct err *e)
{
    struct run run;
    json_t *report = NULL;
    int r = run_open(set, kept, &run, e);

    run.took = ret_ms;
    if (r == 0)
        r = run_rules(&run, e);
    if (r == 0) {
        report = json_object();
        r = report ? fill(&run, case_id, report, e) : err_set(e, ERR_NOMEM, "report");
    }
    run_done(&run);
    if (r < 0) {
        json_decref(report);
        return r;
    }
    *ret_report = report;
    return 0;
}
