/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include "job.h"

static int health(struct request *r, struct err *e)
{
    return answer_json(r, MHD_HTTP_OK, json_pack("{s:s, s:s}", "status", "ok", "version", CERTTRIAGE_VERSION),
                       e);
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
