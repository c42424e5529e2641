/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens: made, listed and taken back by an admin. */
#include "request.h"

#include "text.h"

#include <string.h>
#include <time.h>

enum { BODY_BYTES = 8192 };

static const char *time_or_null(int64_t ms, char ret[32])
{
    time_format(ms, ret);
    return ms == TIME_NONE ? NULL : ret;
}

static int add_token(void *ctx, const struct store_token *t)
{
    char created[32], expires[32], used[32], revoked[32];

    return json_array_append_new(
        ctx,
        json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:s*, s:s*}", "id", t->id, "role", t->role, "case",
                  t->case_id[0] ? t->case_id : NULL, "label", t->label[0] ? t->label : NULL, "created",
                  time_or_null(t->created_ms, created), "expires", time_or_null(t->expires_ms, expires),
                  "used", time_or_null(t->used_ms, used), "revoked", time_or_null(t->revoked_ms, revoked)));
}

static int list_tokens(struct request *r, struct err *e)
{
    json_t *tokens = json_array();

    if (store_token_list(r->server->store, add_token, tokens, e) < 0) {
        json_decref(tokens);
        return -e->code;
    }
    r->is_secret = true;
    return answer_json(r, MHD_HTTP_OK, json_pack("{s:o}", "tokens", tokens), e);
}

struct wanted {
    enum token_role role;
    const char *case_id, *label;
    int64_t expires_ms;
};

static int read_wanted(json_t *body, struct wanted *ret, struct err *e)
{
    const char *role = NULL, *expires = NULL;
    json_error_t why;

    if (json_unpack_ex(body, &why, JSON_STRICT, "{s:s, s?s, s?s, s?s}", "role", &role, "case", &ret->case_id,
                       "label", &ret->label, "expires", &expires) < 0)
        return err_set(e, ERR_USAGE, "body: role, and maybe case, label, expires, all texts: %s", why.text);
    if (!token_role_from(str_from(role), &ret->role))
        return err_set(e, ERR_USAGE, "role: upload, triage or admin");
    ret->expires_ms = TIME_NONE;
    if (expires &&
        (!time_parse(str_from(expires), &ret->expires_ms) || ret->expires_ms < (int64_t)time(NULL) * 1000))
        return err_set(e, ERR_USAGE, "expires: a time to come, such as 2026-01-02T03:04:05Z");
    return 0;
}

static int make_token(struct request *r, json_t *body, struct err *e)
{
    CLEANUP(buf_done) struct buf secret = BUF_INIT(256);
    struct wanted w = {0};
    char id[17], expires[32];

    if (read_wanted(body, &w, e) < 0 ||
        store_token_create(r->server->store, w.role, str_from(w.case_id), str_from(w.label), w.expires_ms,
                           &secret, id, e) < 0)
        return -e->code;
    request_audit(r, NULL, id);
    r->is_secret = true;
    answer_header(r, MHD_HTTP_HEADER_LOCATION, "tokens/%s", id);
    return answer_json(r, MHD_HTTP_CREATED,
                       json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:s*}", "id", id, "token", buf_c(&secret),
                                 "role", token_role_text(w.role), "case", w.case_id, "label", w.label,
                                 "expires", time_or_null(w.expires_ms, expires)),
                       e);
}

static int create_token(struct request *r, struct err *e)
{
    json_t *body = NULL;
    int d = request_json(r, &body, e);

    if (d == 0)
        d = make_token(r, body, e);
    json_decref(body);
    return d;
}

static int revoke_token(struct request *r, struct err *e)
{
    if (store_token_revoke(r->server->store, request_param(r, "token"), (int64_t)time(NULL) * 1000, e) < 0)
        return -e->code;
    return answer_empty(r, MHD_HTTP_NO_CONTENT, e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/tokens", .role = TOKEN_ADMIN, .end = list_tokens},
    {.method = "POST",
     .path = "/api/v1/tokens",
     .role = TOKEN_ADMIN,
     .body_bytes = BODY_BYTES,
     .audit = "token-created",
     .end = create_token},
    {.method = "DELETE",
     .path = "/api/v1/tokens/{token}",
     .role = TOKEN_ADMIN,
     .audit = "token-revoked",
     .end = revoke_token},
};
const struct route_table routes_tokens = ROUTE_TABLE(rows);
