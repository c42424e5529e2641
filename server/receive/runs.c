/* SPDX-License-Identifier: Apache-2.0
 *
 * Judging every case again: begun, watched, and what came of it. */
#include "request.h"

#include "text.h"

enum { RUNS = 100, CHANGES = 10000, BODY_BYTES = 4096 };

static json_t *time_of(int64_t ms)
{
    char text[32];

    time_format(ms, text);
    return ms == TIME_NONE ? NULL : json_string(text);
}

static int add_run(void *ctx, const struct store_run *one)
{
    return json_array_append_new(
        ctx, json_pack("{s:I, s:s, s:s, s:s, s:o*, s:o*, s:I, s:I, s:I, s:I, s:I, s:I}", "run",
                       (json_int_t)one->id, "ruleset", one->ruleset, "extractors", one->extractors, "why",
                       one->why, "started", time_of(one->started_ms), "ended", time_of(one->ended_ms),
                       "cases", (json_int_t)one->cases, "done", (json_int_t)one->done, "failed",
                       (json_int_t)one->failed, "changed", (json_int_t)one->changed, "added",
                       (json_int_t)one->added, "removed", (json_int_t)one->removed));
}

static int list_runs(struct request *r, struct err *e)
{
    json_t *list = json_array();

    if (store_run_list(r->server->store, 0, RUNS, add_run, list, e) < 0) {
        json_decref(list);
        return -e->code;
    }
    return answer_json(r, MHD_HTTP_OK, json_pack("{s:o}", "runs", list), e);
}

static int add_change(void *ctx, const struct store_change *one)
{
    const char mark[] = {one->mark, 0};

    return json_array_append_new(ctx, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "case", one->case_id,
                                                "change", mark, "rule", one->rule, "severity", one->severity,
                                                "machine", one->machine, "subject", one->subject));
}

static int read_run(struct store *s, int64_t run, json_t *list, json_t *changes, struct err *e)
{
    if (store_run_list(s, run, 1, add_run, list, e) < 0)
        return -e->code;
    if (json_array_size(list) == 0)
        return err_set(e, ERR_MISSING, "reprocess: no such run");
    return store_run_changes(s, run, CHANGES, add_change, changes, e);
}

static int show_run(struct request *r, struct err *e)
{
    json_t *list = json_array(), *changes = json_array(), *one;
    uint64_t run = 0;
    int d = str_to_u64(request_param(r, "run"), INT64_MAX, &run) && run
                ? read_run(r->server->store, (int64_t)run, list, changes, e)
                : err_set(e, ERR_MISSING, "reprocess: no such run");

    if (d == 0) {
        one = json_incref(json_array_get(list, 0));
        (void)json_object_set(one, "changes", changes);
        d = answer_json(r, MHD_HTTP_OK, one, e);
    }
    json_decref(list);
    json_decref(changes);
    return d;
}

static int answer_started(struct request *r, int64_t run, struct err *e)
{
    if (run)
        answer_header(r, MHD_HTTP_HEADER_LOCATION, "/api/v1/reprocess/%lld", (long long)run);
    return answer_json(r, MHD_HTTP_ACCEPTED, json_pack("{s:I}", "run", (json_int_t)run), e);
}

static int start_run(struct request *r, struct err *e)
{
    json_t *body = NULL;
    json_error_t why;
    int all = 0, d = request_json(r, &body, e);
    int64_t run = 0;

    if (d == 0 && json_unpack_ex(body, &why, JSON_STRICT, "{s?b}", "all", &all) < 0)
        d = err_set(e, ERR_USAGE, "body: {\"all\": true or false}: %s", why.text);
    if (d == 0)
        d = job_pool_reprocess(r->server->options.pool, "asked for", all != 0, &run, e);
    json_decref(body);
    return d < 0 ? d : answer_started(r, run, e);
}

static int reload_rules(struct request *r, struct err *e)
{
    bool is_changed = false;
    int64_t run = 0;

    if (job_pool_reload(r->server->options.pool, "reload", &is_changed, &run, e) < 0)
        return -e->code;
    return answer_json(r, MHD_HTTP_OK, json_pack("{s:b, s:I}", "changed", is_changed, "run", (json_int_t)run),
                       e);
}

static int show_rule(struct request *r, struct err *e)
{
    const struct ruleset *rules = rules_now_hold(r->server->options.rules);
    json_t *rule = ruleset_describe(rules, request_param(r, "rule"));

    rules_now_release(r->server->options.rules, rules);
    return rule ? answer_json(r, MHD_HTTP_OK, rule, e) : err_set(e, ERR_MISSING, "rules: none of that name");
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/reprocess", .role = TOKEN_TRIAGE, .end = list_runs},
    {.method = "POST",
     .path = "/api/v1/reprocess",
     .role = TOKEN_ADMIN,
     .body_bytes = BODY_BYTES,
     .audit = "reprocess-started",
     .end = start_run},
    {.method = "GET", .path = "/api/v1/reprocess/{run}", .role = TOKEN_TRIAGE, .end = show_run},
    {.method = "POST",
     .path = "/api/v1/rules/reload",
     .role = TOKEN_ADMIN,
     .audit = "rules-reloaded",
     .end = reload_rules},
    {.method = "GET",
     .path = "/api/v1/rules/{rule}",
     .role = TOKEN_TRIAGE,
     .any_case = true,
     .end = show_rule},
};
const struct route_table routes_runs = ROUTE_TABLE(rows);
