/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules that judge. */
#include "request.h"

static int list_rules(struct request *r, struct err *e)
{
    const struct ruleset *rules = rules_now_hold(r->server->options.rules);
    json_t *json = json_pack("{s:s, s:o}", "version", ruleset_version(rules), "rules", ruleset_list(rules));

    rules_now_release(r->server->options.rules, rules);
    return answer_json(r, MHD_HTTP_OK, json, e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/rules", .role = TOKEN_TRIAGE, .any_case = true, .end = list_rules},
};
const struct route_table routes_rules = ROUTE_TABLE(rows);
