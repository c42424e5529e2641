/* SPDX-License-Identifier: Apache-2.0
 *
 * request: one HTTP request while it is answered; internal to receive/. */
#ifndef CERTTRIAGE_REQUEST_H
#define CERTTRIAGE_REQUEST_H

#include "http.h"

#include <microhttpd.h>

struct http_server {
    struct MHD_Daemon *daemon;
    struct store *store;
    void (*wake)(void *ctx);
    void *wake_ctx;
};

struct route;

struct request {
    struct http_server *server;
    struct MHD_Connection *connection;
    const struct route *route;
    struct str path;    /* of the URL */
    struct str case_id; /* from the URL, or for an upload from header and token */
    struct str suffix;  /* what stands behind a route's last part: ".json" */
    char case_text[65];
    struct token token;
    struct blob_spool *spool; /* an upload under way */
    struct err failure;       /* of the upload; answered when the body is through */
};

/* A route: method, path with * for a case id, at least this role, and what answers. begin runs before the
 * body (NULL: none is taken), end when it is through. */
struct route {
    const char *method;
    const char *prefix, *suffix; /* "/api/v1/cases/" id "/report" */
    bool has_case, is_public;
    enum token_role role;
    int (*begin)(struct request *r, struct err *e);
    enum MHD_Result (*end)(struct request *r);
};

/* Finds the route and fills path, case_id, suffix. -ERR_MISSING no such path; -ERR_METHOD: the path is there
 * with other methods. */
int route_find(struct request *r, const char *method, const char *path, struct err *e);

/* Checks `Authorization: Bearer <token>`, or Basic with the token as password (what a browser can send),
 * against the route's role and case. -ERR_UNAUTHORIZED, -ERR_DENIED. */
int auth_check(struct request *r, struct err *e);

/* upload.c */
int upload_begin(struct request *r, struct err *e);
enum MHD_Result upload_end(struct request *r);

/* answer.c; each queues a response. content is copied. */
enum MHD_Result answer(const struct request *r, unsigned status, const char *type, struct str content);
enum MHD_Result answer_json(const struct request *r, unsigned status, const json_t *json);
/* application/problem+json (RFC 9457) from errors.def: status, title, detail. */
enum MHD_Result answer_problem(const struct request *r, const struct err *e);

#endif
