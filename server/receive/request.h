/* SPDX-License-Identifier: Apache-2.0
 *
 * request: one HTTP request while it is answered, and the routes; internal to receive/. */
#ifndef CERTTRIAGE_REQUEST_H
#define CERTTRIAGE_REQUEST_H

#include "counts.h"
#include "http.h"
#include "rate.h"
#include "slot.h"

#include <microhttpd.h>

enum { REQUEST_PARAMS = 3, REQUEST_HEADERS = 12, REQUEST_PATH_BYTES = 1024 };

struct http_server {
    struct MHD_Daemon *daemon;
    struct store *store;
    struct upload_turns *uploads;
    struct connections *connections;
    struct request_counts *counts;
    struct rate *by_address, *by_token, *failures, *messages; /* NULL: without limit */
    struct http_options options;
};

struct request;
struct tus_piece;

/* A route: a method, a path with {parameters}, who may, and what answers. {case} must be a legal case id and
 * is compared with a token's case; a parameter ends at the next '/' and may follow a fixed text
 * ("report{format}"). All return 0 or -ERR_x with *e said, which becomes the problem that is answered. */
struct route {
    const char *method; /* GET answers HEAD, too */
    const char *path;
    bool is_public;       /* without a token */
    bool is_tus;          /* its answers say which version of tus that is */
    bool any_case;        /* without {case} and all the same for a token that is bound to one case */
    enum token_role role; /* at least this one */
    size_t body_bytes;    /* a body up to this size is gathered in r->body (request_json reads it) */
    const char *audit;    /* what the audit log calls it when it was answered well; NULL: it is not noted */
    /* Before the body, may be NULL. */
    int (*begin)(struct request *r, struct err *e);
    /* A piece of the body when it is not gathered; NULL: a body is read past. */
    int (*take)(struct request *r, struct str data, struct err *e);
    /* When the body is through: queues the answer. */
    int (*end)(struct request *r, struct err *e);
};

/* One file's routes; routes.c has the list of tables. */
struct route_table {
    const struct route *rows;
    size_t n;
};
#define ROUTE_TABLE(rows)                                                                                    \
    {                                                                                                        \
        (rows), ARRAY_LEN(rows)                                                                              \
    }

struct request {
    struct http_server *server;
    struct MHD_Connection *connection;
    const struct route *route;
    char id[17];                /* for the log, and X-Request-Id */
    char address[64];           /* whose it is, as text, */
    struct address address_key; /* and as it is counted */
    bool is_forwarded;          /* it came by the proxy */
    const char *version;        /* of HTTP, as it was said */
    const char *method;         /* after X-HTTP-Method-Override */
    char path[REQUEST_PATH_BYTES];
    struct {
        struct str name, value;
    } params[REQUEST_PARAMS];
    struct str case_id; /* {case}, or for an upload from header and token */
    char case_text[65];
    struct token token;
    bool by_cookie;  /* the token came as the cookie of the pages */
    bool by_browser; /* it may have come without anybody wanting it to */

    struct buf body;
    uint64_t body_seen, read_past; /* bytes */
    struct blob_spool *spool;      /* a simple upload under way */
    struct tus_piece *piece;       /* a tus upload under way */
    struct err failure;            /* answered when the body is through */

    const char *audit;      /* instead of the route's */
    char audit_object[128]; /* "" none */

    const char *policy; /* Content-Security-Policy of the answer; NULL: nothing may load or run */
    struct {
        const char *name;
        char value[256];
    } headers[REQUEST_HEADERS];
    size_t n_headers;
    unsigned status; /* that was answered */
    uint64_t answer_bytes;
    int64_t begun_us;
    bool is_unclear;   /* where its body ends */
    bool is_secret;    /* the answer is kept nowhere: Cache-Control: no-store */
    bool is_preflight; /* an OPTIONS request: who asks is not known yet */
};

/* Finds the route and fills its parameters. -ERR_MISSING no such path; -ERR_METHOD: the path is there with
 * other methods, which *allowed then lists. */
int route_find(struct request *r, struct buf *allowed, struct err *e);
/* All routes, one by one; NULL behind the last. */
const struct route *route_at(size_t i);

struct str request_param(const struct request *r, const char *name);    /* {name} of the path */
struct str request_argument(const struct request *r, const char *name); /* ?name=; empty when not there */
const char *request_header(const struct request *r, const char *name);  /* NULL: not there */
/* ?name= as a number. -ERR_USAGE: not one of low to high. */
int request_number(const struct request *r, const char *name, uint64_t low, uint64_t high, uint64_t otherwise,
                   uint64_t *ret, struct err *e);
/* ?name= as one of `words`, parted by blanks; empty when not there. -ERR_USAGE: another, so that a slip is
 * not taken for a list without anything in it. */
int request_choice(const struct request *r, const char *name, const char *words, struct str *ret,
                   struct err *e);
/* framing.c. -ERR_USAGE: where its body ends could be read in two ways, or whom it is for; -ERR_LENGTH: its
 * body says no length; -ERR_HEADERS, -ERR_URI: too long. is_unclear is set when the connection must end with
 * the answer. */
int request_framing(struct request *r, struct err *e);
const char *request_origin_form(const char *url); /* "/path" of "http://host/path"; others as they are */
size_t request_unescape(void *ctx, struct MHD_Connection *connection, char *text); /* MHD_OPTION_UNESCAPE… */
/* address.c */
void request_note_address(struct request *r);
struct str request_address_key(const struct request *r);
bool request_is_https(const struct request *r); /* here, or at the proxy (X-Forwarded-Proto) */
/* One more of the key's. -ERR_BUSY: too many `what` ("requests of this token"); Retry-After is said. */
int request_throttle(struct request *r, struct rate *rate, struct str key, const char *what, struct err *e);
/* The gathered body as a JSON object (new reference). An empty body is an empty object. -ERR_MEDIA,
 * -ERR_USAGE. */
int request_json(const struct request *r, json_t **ret, struct err *e);

int request_new_case(char ret[65], struct err *e); /* an id that no case has */
/* What the audit log says of this request beside the case: another action than the route's (NULL: that), and
 * to what. */
void request_audit(struct request *r, const char *action, const char *object);

/* Checks `Authorization: Bearer <token>`, Basic with the token as password, or the cookie of the pages,
 * against the route's role and case. What changes something by the cookie must come from our own pages: its
 * Origin (RFC 6454) is compared with Host. -ERR_UNAUTHORIZED, -ERR_DENIED. */
int auth_check(struct request *r, struct err *e);

/* session.c: the cookie of the pages. */
bool session_read(const struct request *r, struct buf *ret_secret);
bool session_is_own_page(const struct request *r);

/* answer.c; each queues the answer, once a request. GET answers of 200 get an ETag (and 304 to
 * If-None-Match), texts are gzip'd where the client takes it. content is copied; json is given away, NULL is
 * -ERR_NOMEM. */
int answer(struct request *r, unsigned status, const char *type, struct str content, struct err *e);
int answer_json(struct request *r, unsigned status, json_t *json, struct err *e);
int answer_empty(struct request *r, unsigned status, struct err *e);
/* Gives fd away; its tag is the hash. */
int answer_file(struct request *r, const char *type, int fd, uint64_t size, const char *sha256,
                struct err *e);
/* application/problem+json (RFC 9457) from errors.def: status, title, detail. */
int answer_problem(struct request *r, const struct err *e);
/* A header of the answer to come. The name must stay. */
void answer_header(struct request *r, const char *name, const char *format, ...) PRINTF_LIKE(3, 4);

void audit_note(struct request *r);       /* audit.c; a request that was answered */
void tus_piece_free(struct tus_piece *p); /* tus.c; NULL is allowed */

/* The tables. */
extern const struct route_table routes_pages, routes_session, routes_health, routes_cases, routes_reports,
    routes_bundles, routes_rules, routes_uploads, routes_tokens, routes_audit, routes_judged, routes_runs,
    routes_keeping, routes_metrics;

#endif
