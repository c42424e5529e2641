/* SPDX-License-Identifier: Apache-2.0
 *
 * cases: the list of cases, filtered and in pages, and one of them. */
#include "cases.h"

#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PAGE = 100, PAGE_MAX = 1000 };

/* "1700000000000,ID": the place of the last case of the page before. */
static int read_after(struct str text, struct store_case_filter *f, struct err *e)
{
    uint64_t ms;
    struct str number = str_cut(text, ',', &f->before_id);

    if (!str_to_u64(number, INT64_MAX, &ms) || f->before_id.len == 0)
        return err_set(e, ERR_USAGE, "after: what an answer gave as \"next\"");
    f->before_ms = (int64_t)ms;
    return 0;
}

static int read_time(const struct request *r, const char *name, int64_t *ret, struct err *e)
{
    struct str text = request_argument(r, name);

    *ret = TIME_NONE;
    if (text.len > 0 && !time_parse(text, ret))
        return err_set(e, ERR_USAGE, "%s: a time such as 2026-01-02T03:04:05Z", name);
    return 0;
}

static int read_filter(const struct request *r, struct store_case_filter *f, struct err *e)
{
    struct str after = request_argument(r, "after");
    uint64_t n = 0;

    *f = (struct store_case_filter){
        .word = request_argument(r, "q"), .case_id = str_from(r->token.case_id), .before_ms = TIME_NONE};
    if (request_number(r, "limit", 1, PAGE_MAX, PAGE, &n, e) < 0 ||
        request_choice(r, "severity", "error warning info", &f->severity, e) < 0 ||
        request_choice(r, "state", "empty queued running done failed open closed", &f->state, e) < 0 ||
        read_time(r, "since", &f->since_ms, e) < 0 || read_time(r, "until", &f->until_ms, e) < 0)
        return -e->code;
    f->limit = (int64_t)n;
    return after.len > 0 ? read_after(after, f, e) : 0;
}

static json_t *time_json(int64_t ms)
{
    char text[32];

    time_format(ms, text);
    return ms == TIME_NONE ? NULL : json_string(text);
}

static json_t *case_json(const struct store_case *one)
{
    return json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:o, s:o, s:o*, s:I}", "case", one->id, "state", one->state,
                     "reason", one->reason, "severity", one->severity[0] ? one->severity : NULL, "cause",
                     one->cause[0] ? one->cause : NULL, "received", time_json(one->received_ms), "created",
                     time_json(one->created_ms), "closed", time_json(one->closed_ms), "bundles",
                     (json_int_t)one->n_bundles);
}

struct page {
    json_t *cases;
    char next[96];
};

static int add_case(void *ctx, const struct store_case *one)
{
    struct page *page = ctx;

    (void)snprintf(page->next, sizeof page->next, "%" PRId64 ",%s", one->received_ms, one->id);
    return json_array_append_new(page->cases, case_json(one));
}

static int list_cases(struct request *r, struct err *e)
{
    struct page page = {.cases = json_array()};
    struct store_case_filter f;

    if (read_filter(r, &f, e) < 0 || store_case_list(r->server->store, &f, add_case, &page, e) < 0) {
        json_decref(page.cases);
        return -e->code;
    }
    /* A full page may be the last one; the next is empty then. */
    return answer_json(r, MHD_HTTP_OK,
                       json_pack("{s:o, s:s*}", "cases", page.cases, "next",
                                 json_array_size(page.cases) == (size_t)f.limit ? page.next : NULL),
                       e);
}

static int take_case(void *ctx, const struct store_case *one)
{
    json_t **ret = ctx;

    *ret = case_json(one);
    return *ret ? 0 : -ERR_NOMEM;
}

static int add_text(void *ctx, const char *text)
{
    return json_array_append_new(ctx, json_string(text)) < 0 ? -ERR_NOMEM : 0;
}

/* The case as the list has it, with its bundles by name and its complaint. */
static int build_case(struct store *s, struct str id, json_t **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf complaint = BUF_INIT(1 << 20);
    const struct store_case_filter f = {
        .case_id = id, .before_ms = TIME_NONE, .since_ms = TIME_NONE, .until_ms = TIME_NONE, .limit = 1};
    json_t *one = NULL, *bundles = json_array();
    int d = store_case_list(s, &f, take_case, &one, e);

    if (d >= 0 && !one)
        d = err_set(e, ERR_MISSING, "case %.*s: no such case", (int)id.len, id.p);
    if (d >= 0)
        d = store_case_bundles(s, id, add_text, bundles, e);
    if (d >= 0)
        d = store_case_complaint(s, id, &complaint, e);
    if (d < 0) {
        json_decref(bundles);
        json_decref(one);
        return d;
    }
    (void)json_object_set_new(one, "bundles", bundles);
    if (complaint.len > 0)
        (void)json_object_set_new(one, "complaint", json_loadb(complaint.p, complaint.len, 0, NULL));
    *ret = one;
    return 0;
}

int answer_case(struct request *r, unsigned status, struct str id, struct err *e)
{
    json_t *one = NULL;

    return build_case(r->server->store, id, &one, e) < 0 ? -e->code : answer_json(r, status, one, e);
}

static int show_case(struct request *r, struct err *e)
{
    return answer_case(r, MHD_HTTP_OK, r->case_id, e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/cases", .role = TOKEN_TRIAGE, .any_case = true, .end = list_cases},
    {.method = "GET",
     .path = "/api/v1/cases/{case}",
     .role = TOKEN_TRIAGE,
     .audit = "case-seen",
     .end = show_case},
    {.method = "POST",
     .path = "/api/v1/cases",
     .role = TOKEN_TRIAGE,
     .body_bytes = CASE_BODY_BYTES,
     .audit = "case-created",
     .end = create_case},
    {.method = "PATCH",
     .path = "/api/v1/cases/{case}",
     .role = TOKEN_TRIAGE,
     .body_bytes = CASE_BODY_BYTES,
     .audit = "case-changed",
     .end = change_case},
    {.method = "DELETE",
     .path = "/api/v1/cases/{case}",
     .role = TOKEN_ADMIN,
     .audit = "case-deleted",
     .end = delete_case},
};
const struct route_table routes_cases = ROUTE_TABLE(rows);
