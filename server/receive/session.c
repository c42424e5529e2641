/* SPDX-License-Identifier: Apache-2.0
 *
 * session: a browser gives its token once and has it as a cookie from then on, which no script can read and
 * no other site's page can send (HttpOnly, SameSite=Strict: RFC 6265bis 5.6). The token stays what it is: it
 * ends when it expires or is taken back. */
#include "request.h"

#include <stdio.h>
#include <string.h>

static const char NAME[] = "certtriage";

bool session_read(const struct request *r, struct buf *ret_secret)
{
    const char *cookie = MHD_lookup_connection_value(r->connection, MHD_COOKIE_KIND, NAME);

    buf_add_c(ret_secret, cookie ? cookie : "");
    return ret_secret->len > 0;
}

/* Browsers send Origin with every request that is not GET or HEAD; a page of ours has the host that was
 * asked. */
bool session_is_own_page(const struct request *r)
{
    struct str origin = str_from(request_header(r, "Origin")),
               host = str_from(request_header(r, MHD_HTTP_HEADER_HOST));
    const char *at = memmem(origin.p ? origin.p : "", origin.len, "://", 3);

    return at && host.len > 0 && str_eq(str_skip(origin, (size_t)(at - origin.p) + 3), host);
}

static int show(struct request *r, struct err *e)
{
    static const char *const roles[] = {"upload", "triage", "admin"};

    r->is_secret = true;
    return answer_json(r, MHD_HTTP_OK,
                       json_pack("{s:s, s:s}", "role", roles[r->token.role], "case", r->token.case_id), e);
}

static int begin_session(struct request *r, struct err *e)
{
    const struct str bearer = str_from(request_header(r, MHD_HTTP_HEADER_AUTHORIZATION));
    struct str secret = str_trim(str_skip(bearer, strlen("Bearer ")));

    if (!r->by_cookie && str_istarts(bearer, STR("Bearer ")) && secret.len < 100)
        answer_header(r, MHD_HTTP_HEADER_SET_COOKIE, "%s=%.*s; HttpOnly; SameSite=Strict; Path=/%s", NAME,
                      (int)secret.len, secret.p, request_is_https(r) ? "; Secure" : "");
    return show(r, e);
}

static int end_session(struct request *r, struct err *e)
{
    answer_header(r, MHD_HTTP_HEADER_SET_COOKIE, "%s=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0", NAME);
    return answer_json(r, MHD_HTTP_OK, json_object(), e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/session", .role = TOKEN_UPLOAD, .any_case = true, .end = show},
    {.method = "POST",
     .path = "/api/v1/session",
     .role = TOKEN_UPLOAD,
     .any_case = true,
     .audit = "signed-in",
     .end = begin_session},
    {.method = "DELETE", .path = "/api/v1/session", .is_public = true, .end = end_session},
};
const struct route_table routes_session = ROUTE_TABLE(rows);
