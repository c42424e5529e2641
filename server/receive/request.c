/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include "limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

struct str request_argument(const struct request *r, const char *name)
{
    return str_from(MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name));
}

const char *request_header(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

int request_number(const struct request *r, const char *name, uint64_t low, uint64_t high, uint64_t otherwise,
                   uint64_t *ret, struct err *e)
{
    struct str text = request_argument(r, name);
    uint64_t n = otherwise;

    if (text.len > 0 && (!str_to_u64(text, high, &n) || n < low))
        return err_set(e, ERR_USAGE, "%s: a number from %" PRIu64 " to %" PRIu64, name, low, high);
    *ret = n;
    return 0;
}

int request_choice(const struct request *r, const char *name, const char *words, struct str *ret,
                   struct err *e)
{
    struct str rest = str_from(words);

    *ret = request_argument(r, name);
    if (ret->len == 0)
        return 0;
    while (rest.len > 0)
        if (str_eq(str_cut(rest, ' ', &rest), *ret))
            return 0;
    return err_set(e, ERR_USAGE, "%s: one of: %s", name, words);
}

int request_throttle(struct request *r, struct rate *rate, struct str key, const char *what, struct err *e)
{
    struct timespec t;
    int64_t wait_us;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    wait_us = rate_take(rate, key, (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000);
    if (wait_us == 0)
        return 0;
    wait_us = (wait_us + 999999) / 1000000;
    answer_header(r, MHD_HTTP_HEADER_RETRY_AFTER, "%" PRId64, wait_us);
    return err_set(e, ERR_BUSY, "too many %s; try again in %" PRId64 " s", what, wait_us);
}

int request_json(const struct request *r, json_t **ret, struct err *e)
{
    struct str type = str_from(request_header(r, MHD_HTTP_HEADER_CONTENT_TYPE));
    json_error_t why;
    json_t *json;

    if (r->body.len == 0) {
        *ret = json_object();
        return *ret ? 0 : err_set(e, ERR_NOMEM, "body");
    }
    /* A form of another site cannot send this type without asking first. */
    if (!str_istarts(type, STR("application/json")))
        return err_set(e, ERR_MEDIA, "body: Content-Type: application/json is needed");
    json = json_loadb(r->body.p, r->body.len, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(json)) {
        json_decref(json);
        return err_set(e, ERR_USAGE, "body: %s", json ? "a JSON object is needed" : why.text);
    }
    *ret = json;
    return 0;
}

void request_audit(struct request *r, const char *action, const char *object)
{
    if (action)
        r->audit = action;
    (void)snprintf(r->audit_object, sizeof r->audit_object, "%s", object);
}
