/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <stdlib.h>
#include <string.h>

static const char nothing_policy[] =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/* A browser that navigates is asked for a password; one whose page asks shows its own form. */
static const char *challenge(const struct request *r)
{
    const char *accept = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

    return accept && strstr(accept, "text/html")
               ? "Basic realm=\"certtriage (the password is a token)\", charset=\"UTF-8\""
               : "Bearer realm=\"certtriage\"";
}

static void add_headers(const struct request *r, struct MHD_Response *response, unsigned status,
                        const char *type)
{
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    (void)MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    (void)MHD_add_response_header(response, "Content-Security-Policy",
                                  r->policy ? r->policy : nothing_policy);
    if (r->cookie[0])
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, r->cookie);
    if (status == MHD_HTTP_UNAUTHORIZED)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, challenge(r));
}

enum MHD_Result answer(const struct request *r, unsigned status, const char *type, struct str content)
{
    struct MHD_Response *response;
    enum MHD_Result done;
    void *copy = malloc(content.len + 1);

    if (!copy)
        return MHD_NO;
    memcpy(copy, content.len ? content.p : "", content.len);
    response = MHD_create_response_from_buffer(content.len, copy, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(copy);
        return MHD_NO;
    }
    add_headers(r, response, status, type);
    done = MHD_queue_response(r->connection, status, response);
    MHD_destroy_response(response);
    return done;
}

static enum MHD_Result answer_dump(const struct request *r, unsigned status, const char *type,
                                   const json_t *json)
{
    char *text = json ? json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
    enum MHD_Result done;

    if (!text)
        return MHD_NO;
    done = answer(r, status, type, str_from(text));
    free(text);
    return done;
}

enum MHD_Result answer_json(const struct request *r, unsigned status, const json_t *json)
{
    return answer_dump(r, status, "application/json", json);
}

enum MHD_Result answer_problem(const struct request *r, const struct err *e)
{
    unsigned status = (unsigned)err_http_status(e->code);
    json_t *problem = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title", err_name(e->code),
                                "status", (int)status, "detail", e->text);
    enum MHD_Result done = answer_dump(r, status, "application/problem+json", problem);

    json_decref(problem);
    return done;
}
