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
    struct http_options options;
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
    const char *policy;       /* Content-Security-Policy of the answer; NULL: nothing may load or run */
    bool by_cookie;           /* the token came as the cookie of the pages */
    char cookie[200];         /* to be set by the answer; "" none */
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

/* Checks `Authorization: Bearer <token>`, Basic with the token as password, or the cookie of the pages,
 * against the route's role and case. What changes something by the cookie must come from our own pages: its
 * Origin (RFC 6454) is compared with Host. -ERR_UNAUTHORIZED, -ERR_DENIED. */
int auth_check(struct request *r, struct err *e);

/* cases.c */
enum MHD_Result cases_list(struct request *r);

/* session.c: the cookie of the pages. */
bool session_read(const struct request *r, struct buf *ret_secret);
bool session_is_own_page(const struct request *r);
enum MHD_Result session_begin(struct request *r);
enum MHD_Result session_show(struct request *r);
enum MHD_Result session_end(struct request *r);

/* upload.c */
int upload_begin(struct request *r, struct err *e);
enum MHD_Result upload_end(struct request *r);

/* answer.c; each queues a response. content is copied. */
enum MHD_Result answer(const struct request *r, unsigned status, const char *type, struct str content);
enum MHD_Result answer_json(const struct request *r, unsigned status, const json_t *json);
/* application/problem+json (RFC 9457) from errors.def: status, title, detail. */
enum MHD_Result answer_problem(const struct request *r, const struct err *e);

#endif
