/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include "job.h"

/* A disk without room is no reason to send nobody here any more: the pages are there. */
static int health(struct request *r, struct err *e)
{
    struct err no_room = {0};
    bool is_full = blobs_room(store_blobs(r->server->store), 1, &no_room) == -ERR_STORAGE;

    return answer_json(
        r, MHD_HTTP_OK,
        json_pack("{s:s, s:s}", "status", is_full ? "full" : "ok", "version", CERTTRIAGE_VERSION), e);
}

/* What a report was made by says the same words: rule set and extractors. */
static int version(struct request *r, struct err *e)
{
    const struct ruleset *rules = rules_now_hold(r->server->options.rules);
    json_t *json = json_pack("{s:s, s:s, s:s}", "version", CERTTRIAGE_VERSION, "ruleset",
                             ruleset_version(rules), "extractors", job_extractors());

    rules_now_release(r->server->options.rules, rules);
    return answer_json(r, MHD_HTTP_OK, json, e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/health", .is_public = true, .end = health},
    {.method = "GET", .path = "/api/v1/version", .role = TOKEN_TRIAGE, .any_case = true, .end = version},
};
const struct route_table routes_health = ROUTE_TABLE(rows);
