/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit log: who saw, uploaded, changed, deleted what. */
#include "request.h"

#include "log.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PAGE = 100, PAGE_MAX = 1000, SEEN_ONCE_MS = 10 * 60 * 1000 };

/* The parameter that names the thing, beside the case. */
static void note_object(struct request *r)
{
    for (size_t i = 0; i < REQUEST_PARAMS && !r->audit_object[0]; i++)
        if (r->params[i].value.len && !str_eq(r->params[i].name, STR("case")))
            (void)snprintf(r->audit_object, sizeof r->audit_object, "%.*s", (int)r->params[i].value.len,
                           r->params[i].value.p);
}

/* What changed something is noted each time, what was only looked at once in a while. */
void audit_note(struct request *r)
{
    const char *action = r->audit ? r->audit : r->route->audit;
    char case_id[65];
    struct err e = {0};

    if (!action || r->status >= 400)
        return;
    note_object(r);
    (void)snprintf(case_id, sizeof case_id, "%.*s", (int)r->case_id.len, r->case_id.len ? r->case_id.p : "");
    const struct store_audit entry = {.at_ms = (int64_t)time(NULL) * 1000,
                                      .token_id = r->token.id,
                                      .role = token_role_text(r->token.role),
                                      .address = r->address,
                                      .action = action,
                                      .case_id = case_id,
                                      .object = r->audit_object};
    if (store_audit_add(r->server->store, &entry, strcmp(r->route->method, "GET") == 0 ? SEEN_ONCE_MS : 0,
                        &e) < 0)
        log_outcome("audit", -e.code, &e);
}

struct page {
    json_t *entries;
    int64_t last;
};

static int add_entry(void *ctx, const struct store_audit *a)
{
    struct page *page = ctx;
    char at[32];

    time_format(a->at_ms, at);
    page->last = a->id;
    return json_array_append_new(page->entries,
                                 json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:s*}", "at", at, "token",
                                           a->token_id, "role", a->role, "address", a->address, "action",
                                           a->action, "case", a->case_id[0] ? a->case_id : NULL, "object",
                                           a->object[0] ? a->object : NULL));
}

static int list_audit(struct request *r, struct err *e)
{
    struct page page = {.entries = json_array()};
    struct store_audit_filter f = {.case_id = request_argument(r, "case"),
                                   .token_id = request_argument(r, "token"),
                                   .action = request_argument(r, "action")};
    uint64_t limit = 0, after = 0;
    char next[32];

    if (request_number(r, "limit", 1, PAGE_MAX, PAGE, &limit, e) < 0 ||
        request_number(r, "after", 1, INT64_MAX, INT64_MAX, &after, e) < 0) {
        json_decref(page.entries);
        return -e->code;
    }
    f.limit = (int64_t)limit;
    f.before_id = (int64_t)after;
    if (store_audit_list(r->server->store, &f, add_entry, &page, e) < 0) {
        json_decref(page.entries);
        return -e->code;
    }
    (void)snprintf(next, sizeof next, "%" PRId64, page.last);
    r->is_secret = true;
    return answer_json(r, MHD_HTTP_OK,
                       json_pack("{s:o, s:s*}", "entries", page.entries, "next",
                                 json_array_size(page.entries) == limit ? next : NULL),
                       e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/audit", .role = TOKEN_ADMIN, .end = list_audit},
};
const struct route_table routes_audit = ROUTE_TABLE(rows);
