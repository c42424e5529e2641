/* SPDX-License-Identifier: Apache-2.0
 *
 * cases: the list of cases, filtered and in pages. */
#include "request.h"

#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 100, PAGE_MAX = 1000 };

static struct str argument(const struct request *r, const char *name)
{
    return str_from(MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name));
}

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
    struct str limit = argument(r, "limit"), after = argument(r, "after");
    uint64_t n = PAGE;

    if (limit.len > 0 && (!str_to_u64(limit, PAGE_MAX, &n) || n == 0))
        return err_set(e, ERR_USAGE, "limit: 1 to %d", PAGE_MAX);
    *f = (struct store_case_filter){.word = argument(r, "q"),
                                    .severity = argument(r, "severity"),
                                    .state = argument(r, "state"),
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

enum MHD_Result cases_list(struct request *r)
{
    struct page page = {.cases = json_array()};
    struct store_case_filter f;
    struct err e = {0};
    json_t *json;
    enum MHD_Result done;

    if (read_filter(r, &f, &e) < 0 || store_case_list(r->server->store, &f, add_case, &page, &e) < 0) {
        json_decref(page.cases);
        return answer_problem(r, &e);
    }
    /* A full page may be the last one; the next is empty then. */
    json = json_pack("{s:o, s:s*}", "cases", page.cases, "next",
                     json_array_size(page.cases) == (size_t)f.limit ? page.next : NULL);
    done = answer_json(r, MHD_HTTP_OK, json);
    json_decref(json);
    return done;
}
