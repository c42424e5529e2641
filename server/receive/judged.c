/* SPDX-License-Identifier: Apache-2.0
 *
 * What was found across cases, the reports that a case had, what changed, and what a team lives with. */
#include "request.h"

#include "diff.h"
#include "suppress.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAGE = 100, PAGE_MAX = 1000, REPORT_BYTES = 256 << 20, BODY_BYTES = 1 << 20 };

static json_t *time_of(int64_t ms)
{
    char text[32];

    time_format(ms, text);
    return ms == TIME_NONE ? NULL : json_string(text);
}

static const char *some(const char *text)
{
    return text[0] ? text : NULL;
}

struct page {
    json_t *list;
    char next[64];
};

static int add_finding(void *ctx, const struct store_finding *f)
{
    struct page *page = ctx;

    (void)snprintf(page->next, sizeof page->next, "%" PRId64 ",%" PRId64, f->first_ms, f->id);
    return json_array_append_new(
        page->list, json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s, s:s, s:s, s:o*}", "case", f->case_id, "rule",
                              f->rule, "severity", f->severity, "machine", f->machine, "site", some(f->site),
                              "subject", f->subject, "title", f->title, "fingerprint", f->fingerprint,
                              "first", time_of(f->first_ms)));
}

static int read_time(const struct request *r, const char *name, int64_t *ret, struct err *e)
{
    struct str text = request_argument(r, name);

    *ret = TIME_NONE;
    if (text.len && !time_parse(text, ret))
        return err_set(e, ERR_USAGE, "%s: a time, such as 2026-01-02T03:04:05Z", name);
    return 0;
}

/* "1700000000000,17": the place of the last finding of the page before. */
static int read_after(struct str text, struct store_finding_filter *f, struct err *e)
{
    uint64_t ms = 0, id = 0;
    struct str rest = {0}, number = str_cut(text, ',', &rest);

    f->before_ms = TIME_NONE;
    if (!text.len)
        return 0;
    if (!str_to_u64(number, INT64_MAX, &ms) || !str_to_u64(rest, INT64_MAX, &id))
        return err_set(e, ERR_USAGE, "after: what an answer gave as \"next\"");
    f->before_ms = (int64_t)ms;
    f->before_id = (int64_t)id;
    return 0;
}

static int list_findings(struct request *r, struct err *e)
{
    struct store_finding_filter f = {.rule = request_argument(r, "rule"),
                                     .site = request_argument(r, "site"),
                                     .machine = request_argument(r, "machine"),
                                     .case_id = request_argument(r, "case")};
    struct page page = {.list = NULL};
    uint64_t limit = PAGE;

    if (request_number(r, "limit", 1, PAGE_MAX, PAGE, &limit, e) < 0 ||
        request_choice(r, "severity", "error warning info", &f.severity, e) < 0 ||
        read_time(r, "since", &f.since_ms, e) < 0 || read_time(r, "until", &f.until_ms, e) < 0 ||
        read_after(request_argument(r, "after"), &f, e) < 0)
        return -e->code;
    f.limit = (int64_t)limit;
    page.list = json_array();
    if (store_finding_list(r->server->store, &f, add_finding, &page, e) < 0) {
        json_decref(page.list);
        return -e->code;
    }
    bool is_full = json_array_size(page.list) == (size_t)limit;
    return answer_json(r, MHD_HTTP_OK,
                       json_pack("{s:o, s:s*}", "findings", page.list, "next", is_full ? page.next : NULL),
                       e);
}

static int add_report(void *ctx, const struct store_report_row *one)
{
    return json_array_append_new(ctx, json_pack("{s:I, s:s, s:s, s:o*, s:I, s:s*, s:s*}", "report",
                                                (json_int_t)one->id, "ruleset", one->ruleset, "extractors",
                                                one->extractors, "made", time_of(one->made_ms), "findings",
                                                (json_int_t)one->findings, "severity", some(one->severity),
                                                "cause", some(one->cause)));
}

static int list_reports(struct request *r, struct err *e)
{
    CLEANUP(buf_done) struct buf reason = BUF_INIT(4096);
    char state[16];
    json_t *list;

    if (store_case_state(r->server->store, r->case_id, state, &reason, e) < 0)
        return -e->code;
    list = json_array();
    if (store_report_list(r->server->store, r->case_id, add_report, list, e) < 0) {
        json_decref(list);
        return -e->code;
    }
    return answer_json(r, MHD_HTTP_OK, json_pack("{s:o}", "reports", list), e);
}

static int load_report(struct request *r, struct str which, json_t **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(REPORT_BYTES);
    json_error_t why;

    if (store_report_get(r->server->store, r->case_id, which, &json, e) < 0)
        return -e->code;
    *ret = json_loadb(buf_c(&json), json.len, 0, &why);
    return *ret ? 0 : err_set(e, ERR_IO, "report of the store: %s", why.text);
}

static int show_old_report(struct request *r, struct err *e)
{
    json_t *report = NULL;

    return load_report(r, request_param(r, "report"), &report, e) < 0
               ? -e->code
               : answer_json(r, MHD_HTTP_OK, report, e);
}

/* from: any report that store_report_get knows; to: the newest, unless said. */
static int show_diff(struct request *r, struct err *e)
{
    json_t *before = NULL, *after = NULL, *diff = NULL;
    int d;

    if (request_argument(r, "from").len == 0)
        return err_set(e, ERR_USAGE,
                       "from: the number of a report, or the beginning of a rule set's version");
    d = load_report(r, request_argument(r, "from"), &before, e);
    if (d == 0)
        d = load_report(r, request_argument(r, "to"), &after, e);
    if (d == 0)
        d = diff_reports(before, after, &diff, e);
    json_decref(before);
    json_decref(after);
    return d < 0 ? d : answer_json(r, MHD_HTTP_OK, diff, e);
}

static int answer_suppressions(struct request *r, struct err *e)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(BODY_BYTES * 2);

    if (store_suppressions_get(r->server->store, r->case_id, &json, e) < 0)
        return -e->code;
    return answer_json(r, MHD_HTTP_OK,
                       json_pack("{s:o}", "suppressions", json_loadb(buf_c(&json), json.len, 0, NULL)), e);
}

static int check_suppressions(struct request *r, const char *text, struct err *e)
{
    const struct ruleset *rules = rules_now_hold(r->server->options.rules);
    json_t *list = NULL;
    int d = suppressions_read(rules, str_from(text), &list, e);

    rules_now_release(r->server->options.rules, rules);
    json_decref(list);
    return d;
}

static int put_suppressions(struct request *r, struct err *e)
{
    json_t *body = NULL;
    char *text = NULL;
    int d = request_json(r, &body, e);

    if (d == 0 && json_object_size(body) == 1)
        text = json_dumps(json_object_get(body, "suppressions"), JSON_COMPACT);
    if (d == 0)
        d = text ? check_suppressions(r, text, e)
                 : err_set(e, ERR_USAGE,
                           "body: {\"suppressions\": […]}, as in the file of lint --suppressions");
    if (d == 0)
        d = store_suppressions_put(r->server->store, r->case_id, str_from(text), (int64_t)time(NULL) * 1000,
                                   e);
    free(text);
    json_decref(body);
    return d < 0 ? d : answer_suppressions(r, e);
}

static int add_suppressions(void *ctx, const char *case_id, const char *json)
{
    json_t *list = json_loads(json, 0, NULL), *one;
    size_t i;
    int d = 0;

    json_array_foreach(list, i, one)
    {
        if (json_object_set_new(one, "case", json_string(case_id)) < 0 || json_array_append(ctx, one) < 0)
            d = -ERR_NOMEM;
    }
    json_decref(list);
    return d;
}

static int list_suppressions(struct request *r, struct err *e)
{
    json_t *list = json_array();

    if (store_suppressions_list(r->server->store, add_suppressions, list, e) < 0) {
        json_decref(list);
        return -e->code;
    }
    return answer_json(r, MHD_HTTP_OK, json_pack("{s:o}", "suppressions", list), e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/suppressions", .role = TOKEN_TRIAGE, .end = list_suppressions},
    {.method = "GET", .path = "/api/v1/findings", .role = TOKEN_TRIAGE, .end = list_findings},
    {.method = "GET", .path = "/api/v1/cases/{case}/reports", .role = TOKEN_TRIAGE, .end = list_reports},
    {.method = "GET",
     .path = "/api/v1/cases/{case}/reports/{report}",
     .role = TOKEN_TRIAGE,
     .audit = "report-seen",
     .end = show_old_report},
    {.method = "GET", .path = "/api/v1/cases/{case}/diff", .role = TOKEN_TRIAGE, .end = show_diff},
    {.method = "GET",
     .path = "/api/v1/cases/{case}/suppressions",
     .role = TOKEN_TRIAGE,
     .end = answer_suppressions},
    {.method = "PUT",
     .path = "/api/v1/cases/{case}/suppressions",
     .role = TOKEN_TRIAGE,
     .body_bytes = BODY_BYTES,
     .audit = "suppressions-changed",
     .end = put_suppressions},
};
const struct route_table routes_judged = ROUTE_TABLE(rows);
