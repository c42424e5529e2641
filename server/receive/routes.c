/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be asked of the server, as rows; documented in schema/openapi.yaml. */
#include "request.h"

#include "names.h"
#include "report.h"
#include "web.h"

#include <string.h>

static enum MHD_Result health(struct request *r)
{
    json_t *json = json_pack("{s:s, s:s}", "status", "ok", "version", CERTTRIAGE_VERSION);
    enum MHD_Result done = answer_json(r, MHD_HTTP_OK, json);

    json_decref(json);
    return done;
}

static int add_text(void *ctx, const char *text)
{
    return json_array_append_new(ctx, json_string(text)) < 0 ? -ERR_NOMEM : 0;
}

static enum MHD_Result show_case(struct request *r)
{
    struct err e = {0};
    CLEANUP(buf_done) struct buf reason = BUF_INIT(4096);
    char state[16] = "";
    json_t *bundles = json_array(), *json = NULL;
    enum MHD_Result done;

    if (store_case_state(r->server->store, r->case_id, state, &reason, &e) < 0 ||
        store_case_bundles(r->server->store, r->case_id, add_text, bundles, &e) < 0) {
        json_decref(bundles);
        return answer_problem(r, &e);
    }
    json = json_pack("{s:s%, s:s, s:s, s:o}", "case", r->case_id.p, r->case_id.len, "state", state, "reason",
                     buf_c(&reason), "bundles", bundles);
    done = answer_json(r, MHD_HTTP_OK, json);
    json_decref(json);
    return done;
}

static int render(struct request *r, enum report_format format, struct buf *out, struct err *e)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(256 * 1024 * 1024);
    json_error_t why;
    json_t *report;
    int done;

    if (store_report_get(r->server->store, r->case_id, &json, e) < 0)
        return -e->code;
    report = json_loadb(buf_c(&json), json.len, 0, &why);
    if (!report)
        return err_set(e, ERR_IO, "report of the store: %s", why.text);
    done = report_render(report, format, false, out, e);
    json_decref(report);
    return done;
}

/* No report yet: 202 with the state of the job, so that a client knows to ask again. */
static enum MHD_Result answer_pending(struct request *r, const struct err *missing)
{
    struct err e = {0};
    char state[16] = "";
    CLEANUP(buf_done) struct buf reason = BUF_INIT(4096);
    enum MHD_Result done;
    json_t *json;

    if (store_case_state(r->server->store, r->case_id, state, &reason, &e) < 0)
        return answer_problem(r, &e);
    if (strcmp(state, "queued") != 0 && strcmp(state, "running") != 0) {
        e = *missing;
        if (reason.len)
            (void)err_set(&e, ERR_FORMAT, "%s", buf_c(&reason));
        return answer_problem(r, &e);
    }
    json = json_pack("{s:s%, s:s}", "case", r->case_id.p, r->case_id.len, "state", state);
    done = answer_json(r, MHD_HTTP_ACCEPTED, json);
    json_decref(json);
    return done;
}

static enum MHD_Result show_report(struct request *r)
{
    static const char *const types[] = {[REPORT_TEXT] = "text/plain; charset=utf-8",
                                        [REPORT_JSON] = "application/json",
                                        [REPORT_HTML] = "text/html; charset=utf-8"};
    CLEANUP(buf_done) struct buf out = BUF_INIT(512 * 1024 * 1024);
    struct err e = {0};
    enum report_format format = REPORT_JSON;

    if (str_eq(r->suffix, STR(".txt")))
        format = REPORT_TEXT;
    else if (str_eq(r->suffix, STR(".html")))
        format = REPORT_HTML;
    else if (r->suffix.len && !str_eq(r->suffix, STR(".json"))) {
        (void)err_set(&e, ERR_MISSING, "report: .json, .txt or .html");
        return answer_problem(r, &e);
    }
    if (render(r, format, &out, &e) < 0)
        return e.code == ERR_MISSING ? answer_pending(r, &e) : answer_problem(r, &e);
    if (format == REPORT_HTML) /* one file; its own policy names its script and style by their hashes */
        r->policy =
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'";
    return answer(r, MHD_HTTP_OK, types[format], buf_str(&out));
}

static enum MHD_Result list_rules(struct request *r)
{
    json_t *json = json_pack("{s:s, s:o}", "version", ruleset_version(r->server->options.rules), "rules",
                             ruleset_list(r->server->options.rules));
    enum MHD_Result done = answer_json(r, MHD_HTTP_OK, json);

    json_decref(json);
    return done;
}

/* A page has its script and its style from here and its data by /api/v1, and nothing from anywhere else. */
static enum MHD_Result show_page(struct request *r)
{
    const struct web_file *file = web_by_path(r->path);

    r->policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    return answer(r, MHD_HTTP_OK, file->type, (struct str){file->text, *file->len});
}

static const struct route routes[] = {
    {.method = "GET", .prefix = "/", .is_public = true, .end = show_page},
    {.method = "GET", .prefix = "/app.js", .is_public = true, .end = show_page},
    {.method = "GET", .prefix = "/view.js", .is_public = true, .end = show_page},
    {.method = "GET", .prefix = "/style.css", .is_public = true, .end = show_page},
    {.method = "GET", .prefix = "/icon.svg", .is_public = true, .end = show_page},
    {.method = "GET", .prefix = "/api/v1/session", .role = TOKEN_TRIAGE, .end = session_show},
    {.method = "POST", .prefix = "/api/v1/session", .role = TOKEN_TRIAGE, .end = session_begin},
    {.method = "DELETE", .prefix = "/api/v1/session", .is_public = true, .end = session_end},
    {.method = "GET", .prefix = "/api/v1/health", .is_public = true, .end = health},
    {.method = "POST",
     .prefix = "/api/v1/bundles",
     .role = TOKEN_UPLOAD,
     .begin = upload_begin,
     .end = upload_end},
    {.method = "GET", .prefix = "/api/v1/cases", .role = TOKEN_TRIAGE, .end = cases_list},
    {.method = "GET", .prefix = "/api/v1/rules", .role = TOKEN_TRIAGE, .end = list_rules},
    {.method = "GET",
     .prefix = "/api/v1/cases/",
     .has_case = true,
     .suffix = "",
     .role = TOKEN_TRIAGE,
     .end = show_case},
    {.method = "GET",
     .prefix = "/api/v1/cases/",
     .has_case = true,
     .suffix = "/report",
     .role = TOKEN_TRIAGE,
     .end = show_report},
};

/* Does the path fit? Fills case_id and suffix of a route with a case. */
static bool path_fits(struct request *r, const struct route *route, struct str path)
{
    struct str rest, tail = {0};

    if (!route->has_case)
        return str_eq(path, str_from(route->prefix));
    if (!str_starts(path, str_from(route->prefix)))
        return false;
    rest = str_skip(path, strlen(route->prefix));
    r->case_id = str_cut(rest, '/', &tail);
    if (!case_id_is_legal(r->case_id))
        return false;
    if (!tail.p)
        return route->suffix[0] == 0;
    if (route->suffix[0] == 0 || !str_starts(tail, str_from(route->suffix + 1)))
        return false;
    r->suffix = str_skip(tail, strlen(route->suffix) - 1);
    return r->suffix.len == 0 || r->suffix.p[0] == '.';
}

int route_find(struct request *r, const char *method, const char *path, struct err *e)
{
    bool other_method = false;

    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (!path_fits(r, &routes[i], str_from(path)))
            continue;
        /* HEAD is GET without the body: libmicrohttpd leaves it out. */
        if (strcmp(routes[i].method, method) == 0 ||
            (strcmp(method, "HEAD") == 0 && strcmp(routes[i].method, "GET") == 0)) {
            r->route = &routes[i];
            r->path = str_from(path);
            return 0;
        }
        other_method = true;
    }
    if (other_method)
        return err_set(e, ERR_METHOD, "this path does not know that method");
    return err_set(e, ERR_MISSING, "no such path; see /api/v1/health, /api/v1/bundles, /api/v1/cases");
}
