/* SPDX-License-Identifier: Apache-2.0
 *
 * The report of a case: the newest, or one of its history. */
#include "request.h"

#include "report.h"
#include "suppress.h"

#include <string.h>
#include <time.h>

/* What the team of this case has decided to live with; judged now, since it may have ended. */
static int suppress(struct request *r, json_t *report, struct err *e)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(4 * 1024 * 1024);
    json_t *list;
    int d;

    if (store_suppressions_get(r->server->store, r->case_id, &json, e) < 0)
        return -e->code;
    list = json_loadb(buf_c(&json), json.len, 0, NULL);
    d = json_array_size(list) ? suppressions_apply(report, list, (int64_t)time(NULL) * 1000, e) : 0;
    json_decref(list);
    return d;
}

static int render(struct request *r, enum report_format format, struct buf *out, struct err *e)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(256 * 1024 * 1024);
    json_error_t why;
    json_t *report;
    int done;

    if (store_report_get(r->server->store, r->case_id, request_argument(r, "report"), &json, e) < 0)
        return -e->code;
    report = json_loadb(buf_c(&json), json.len, 0, &why);
    if (!report)
        return err_set(e, ERR_IO, "report of the store: %s", why.text);
    done = suppress(r, report, e);
    if (done == 0)
        done = report_render(report, format, false, out, e);
    json_decref(report);
    return done;
}

/* No report yet: 202 with the state of the job, so that a client knows to ask again, and why it has not done
 * with one try. */
static int answer_pending(struct request *r, struct err *e)
{
    struct err missing = *e;
    char state[16] = "";
    CLEANUP(buf_done) struct buf reason = BUF_INIT(4096);

    if (store_case_state(r->server->store, r->case_id, state, &reason, e) < 0)
        return -e->code;
    if (strcmp(state, "empty") == 0)
        return err_set(e, missing.code, "case %.*s: it has no bundle yet, so there is no report",
                       (int)r->case_id.len, r->case_id.p);
    if (strcmp(state, "queued") != 0 && strcmp(state, "running") != 0)
        return reason.len ? err_set(e, ERR_FORMAT, "%s", buf_c(&reason))
                          : err_set(e, missing.code, "%s", missing.text);
    return answer_json(r, MHD_HTTP_ACCEPTED,
                       json_pack("{s:s%, s:s, s:s*}", "case", r->case_id.p, r->case_id.len, "state", state,
                                 "reason", reason.len ? buf_c(&reason) : NULL),
                       e);
}

static int format_of(struct str suffix, enum report_format *ret, struct err *e)
{
    static const struct {
        const char *suffix;
        enum report_format format;
    } formats[] = {{"", REPORT_JSON},
                   {".json", REPORT_JSON},
                   {".sarif", REPORT_SARIF},
                   {".txt", REPORT_TEXT},
                   {".html", REPORT_HTML}};

    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (str_eq(suffix, str_from(formats[i].suffix))) {
            *ret = formats[i].format;
            return 0;
        }
    }
    return err_set(e, ERR_MISSING, "report: .json, .sarif, .txt or .html");
}

static int show_report(struct request *r, struct err *e)
{
    static const char *const types[] = {[REPORT_TEXT] = "text/plain; charset=utf-8",
                                        [REPORT_JSON] = "application/json",
                                        [REPORT_SARIF] = "application/sarif+json",
                                        [REPORT_HTML] = "text/html; charset=utf-8"};
    CLEANUP(buf_done) struct buf out = BUF_INIT(512 * 1024 * 1024);
    enum report_format format = REPORT_JSON;

    if (format_of(request_param(r, "format"), &format, e) < 0)
        return -e->code;
    if (render(r, format, &out, e) < 0)
        return e->code == ERR_MISSING && request_argument(r, "report").len == 0 ? answer_pending(r, e)
                                                                                : -e->code;
    if (format == REPORT_HTML) {
        r->policy = report_html_policy();
        answer_header(r, "Content-Security-Policy", "frame-ancestors 'none'"); /* a second one: both hold */
    }
    return answer(r, MHD_HTTP_OK, types[format], buf_str(&out), e);
}

static const struct route rows[] = {
    {.method = "GET",
     .path = "/api/v1/cases/{case}/report{format}",
     .role = TOKEN_TRIAGE,
     .audit = "report-seen",
     .end = show_report},
};
const struct route_table routes_reports = ROUTE_TABLE(rows);
