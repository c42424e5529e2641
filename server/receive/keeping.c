/* SPDX-License-Identifier: Apache-2.0
 *
 * How long a case is kept, and which backups still hold it. */
#include "request.h"

#include "store_keep.h"
#include "text.h"

enum { BODY_BYTES = 4096, DAYS_MAX = 36500 };

static int add_backup(void *ctx, const char *place, int64_t made_ms)
{
    char made[32];

    time_format(made_ms, made);
    return json_array_append_new(ctx, json_pack("{s:s, s:s}", "place", place, "made", made));
}

static int show_backups(struct request *r, struct err *e)
{
    json_t *list = json_array();

    if (store_case_backups(r->server->store, r->case_id, add_backup, list, e) < 0) {
        json_decref(list);
        return -e->code;
    }
    return answer_json(r, MHD_HTTP_OK, json_pack("{s:o}", "backups", list), e);
}

static int set_days(struct request *r, const json_t *body, struct err *e)
{
    const json_t *days = json_object_get(body, "days");
    json_int_t n = json_integer_value(days);

    if (json_object_size(body) != 1 || (!json_is_null(days) && !json_is_integer(days)) || n < 0 ||
        n > DAYS_MAX)
        return err_set(e, ERR_USAGE, "body: {\"days\": 0 (for ever) to %d, or null (as the server is told)}",
                       (int)DAYS_MAX);
    return store_case_retain(r->server->store, r->case_id, json_is_null(days) ? TIME_NONE : n, e);
}

static int show_days(struct request *r, struct err *e)
{
    int64_t days = TIME_NONE;

    if (store_case_retained(r->server->store, r->case_id, &days, e) < 0)
        return -e->code;
    return answer_json(
        r, MHD_HTTP_OK,
        json_pack("{s:o}", "days", days == TIME_NONE ? json_null() : json_integer((json_int_t)days)), e);
}

static int put_days(struct request *r, struct err *e)
{
    json_t *body = NULL;
    int d = request_json(r, &body, e);

    if (d == 0)
        d = set_days(r, body, e);
    json_decref(body);
    return d < 0 ? d : answer_empty(r, MHD_HTTP_NO_CONTENT, e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/cases/{case}/backups", .role = TOKEN_TRIAGE, .end = show_backups},
    {.method = "GET", .path = "/api/v1/cases/{case}/retention", .role = TOKEN_TRIAGE, .end = show_days},
    {.method = "PUT",
     .path = "/api/v1/cases/{case}/retention",
     .role = TOKEN_TRIAGE,
     .body_bytes = BODY_BYTES,
     .audit = "retention-changed",
     .end = put_days},
};
const struct route_table routes_keeping = ROUTE_TABLE(rows);
