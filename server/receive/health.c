/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

static int health(struct request *r, struct err *e)
{
    return answer_json(r, MHD_HTTP_OK, json_pack("{s:s, s:s}", "status", "ok", "version", CERTTRIAGE_VERSION),
                       e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/health", .is_public = true, .end = health},
};
const struct route_table routes_health = ROUTE_TABLE(rows);
