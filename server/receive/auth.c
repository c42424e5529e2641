/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Puts the secret of the request into *ret; false when there is none. What is sent on purpose goes before the
 * cookie. A browser sends a cookie, and a password that it was told once, also where another site's page
 * makes it ask; of the latter a program says no Origin. */
static bool read_secret(struct request *r, struct buf *ret)
{
    struct str h = str_from(request_header(r, MHD_HTTP_HEADER_AUTHORIZATION));
    char *user = NULL, *password = NULL;

    if (str_istarts(h, STR("Bearer "))) {
        buf_add_str(ret, str_trim(str_skip(h, 7)));
        return true;
    }
    user = MHD_basic_auth_get_username_password(r->connection, &password);
    if (password)
        buf_add_c(ret, password);
    MHD_free(user);
    MHD_free(password);
    if (ret->len > 0) {
        r->by_browser = request_header(r, "Origin") != NULL;
        return true;
    }
    r->by_browser = r->by_cookie = session_read(r, ret);
    return r->by_cookie;
}

/* admin may all, triage may read and upload, upload may only upload. */
static int check_role(const struct request *r, struct err *e)
{
    const struct token *t = &r->token;

    if (t->role < r->route->role)
        return err_set(e, ERR_DENIED, "this token's role may not do that");
    if (!t->case_id[0] || r->route->any_case)
        return 0;
    if (!r->case_id.len)
        return err_set(e, ERR_DENIED, "this token is for one case, and that is about all of them");
    if (!str_eq(r->case_id, str_from(t->case_id)))
        return err_set(e, ERR_DENIED, "this token is for another case");
    return 0;
}

/* Fetch, 3.1: browsers send no Origin with these to their own site, and they change nothing. */
static bool is_reading(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* Whoever tries tokens is told to wait. One that is right goes on being taken from that address: a token has
 * 256 bits, so nothing is gained by guessing faster, and others behind the same proxy are not locked out. */
static int note_failure(struct request *r, struct err *e)
{
    if (e->code == ERR_UNAUTHORIZED)
        (void)request_throttle(r, r->server->failures, request_address_key(r),
                               "failed sign-ins from this address", e);
    return -e->code;
}

int auth_check(struct request *r, struct err *e)
{
    CLEANUP(buf_done) struct buf secret = BUF_INIT(1024);

    if (r->route->is_public)
        return 0;
    if (!read_secret(r, &secret) || buf_check(&secret, "token", e) < 0)
        return err_set(e, ERR_UNAUTHORIZED, "no token: send 'Authorization: Bearer <token>'");
    if (r->by_browser && !is_reading(r->route->method) && !session_is_own_page(r))
        return err_set(e, ERR_DENIED, "this request does not come from a page of this server (Origin)");
    if (store_token_check(r->server->store, buf_str(&secret), (int64_t)time(NULL) * 1000, &r->token, e) < 0)
        return note_failure(r, e);
    if (request_throttle(r, r->server->by_token, str_from(r->token.id), "requests of this token", e) < 0)
        return -e->code;
    return check_role(r, e);
}
