/* SPDX-License-Identifier: Apache-2.0
 *
 * cases: the list of cases, filtered and in pages. */
#include "request.h"

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

static int read_filter(const struct request *r, struct store_case_filter *f, struct err *e)
{
    struct str after = request_argument(r, "after");
    uint64_t n = 0;

    if (request_number(r, "limit", 1, PAGE_MAX, PAGE, &n, e) < 0)
        return -e->code;
    *f = (struct store_case_filter){.word = request_argument(r, "q"),
                                    .severity = request_argument(r, "severity"),
                                    .state = request_argument(r, "state"),
                                    .case_id = str_from(r->token.case_id),
                                    .before_ms = TIME_NONE,
                                    .limit = (int64_t)n};
    return after.len > 0 ? read_after(after, f, e) : 0;
}

struct page {
    json_t *cases;
    char next[96];
};

static int add_case(void *ctx, const struct store_case *one)
{
    struct page *page = ctx;
    char received[32];

    time_format(one->received_ms, received);
    (void)snprintf(page->next, sizeof page->next, "%" PRId64 ",%s", one->received_ms, one->id);
    return json_array_append_new(
        page->cases, json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:s, s:I}", "case", one->id, "state", one->state,
                               "reason", one->reason, "severity", one->severity[0] ? one->severity : NULL,
                               "cause", one->cause[0] ? one->cause : NULL, "received", received, "bundles",
                               (json_int_t)one->n_bundles));
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

static int add_text(void *ctx, const char *text)
{
    return json_array_append_new(ctx, json_string(text)) < 0 ? -ERR_NOMEM : 0;
}

static int show_case(struct request *r, struct err *e)
{
    CLEANUP(buf_done) struct buf reason = BUF_INIT(4096);
    char state[16] = "";
    json_t *bundles = json_array();

    if (store_case_state(r->server->store, r->case_id, state, &reason, e) < 0 ||
        store_case_bundles(r->server->store, r->case_id, add_text, bundles, e) < 0) {
        json_decref(bundles);
        return -e->code;
    }
    return answer_json(r, MHD_HTTP_OK,
                       json_pack("{s:s%, s:s, s:s, s:o}", "case", r->case_id.p, r->case_id.len, "state",
                                 state, "reason", buf_c(&reason), "bundles", bundles),
                       e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/cases", .role = TOKEN_TRIAGE, .any_case = true, .end = list_cases},
    {.method = "GET", .path = "/api/v1/cases/{case}", .role = TOKEN_TRIAGE, .end = show_case},
};
const struct route_table routes_cases = ROUTE_TABLE(rows);
