/* SPDX-License-Identifier: Apache-2.0
 *
 * http: one request and its answer, by libcurl; internal to upload/. */
#ifndef CERTTRIAGE_UPLOAD_HTTP_H
#define CERTTRIAGE_UPLOAD_HTTP_H

#include <curl/curl.h>

#include "buf.h"
#include "upload.h"

struct http {
    CURL *curl;
    const struct upload *upload;
    struct str token;
    struct buf base; /* the server's address without a slash at its end */
    bool with_post;  /* a proxy lets PATCH and DELETE through as POST only (X-HTTP-Method-Override) */
    bool is_stopped; /* by whoever runs us */
    bool is_met;     /* the server has answered once */
    /* the last answer */
    long status;
    bool speaks_tus; /* it comes from a tus server, not from a proxy before it */
    unsigned wait_s; /* Retry-After; 0: none */
    struct buf body; /* its beginning */
    /* the request that runs */
    int64_t from, at;
    struct err read_error;
    char why[CURL_ERROR_SIZE];
};

/* The bytes of the bundle from `from`, len of them, are the body; len 0: none. */
struct http_request {
    const char *method, *url;
    struct curl_slist *headers; /* besides Authorization */
    int64_t from, len;
};

/* What a step of an upload says: it is done, it may be tried again (*e says why it did not work), or a
 * negative -ERR_x that trying again does not mend. */
enum { HTTP_DONE = 0, HTTP_AGAIN = 1 };

int http_open(struct http *h, const struct upload *u, struct err *e);
void http_close(struct http *h);
/* HTTP_DONE: there is an answer, whatever its status. */
int http_ask(struct http *h, const struct http_request *q, struct err *e);
/* A header of the last answer; "" when it is not there. Lives until the next request. */
const char *http_header(const struct http *h, const char *name);
/* A header that is a whole number; -1: it is none. */
int64_t http_number(const struct http *h, const char *name);
/* Says what an answer of another status than was hoped for means: HTTP_AGAIN or -ERR_x. */
int http_refused(const struct http *h, struct err *e);

/* Appends "name: value" to *list. */
PRINTF_LIKE(3, 4) int http_add(struct curl_slist **list, struct err *e, const char *format, ...);
void http_free_list(struct curl_slist **list); /* for CLEANUP */

/* explain.c: what is wrong with the server's certificate or with TLS, and what to do; NULL: nothing known. */
const char *explain_tls(CURLcode code, const char *why);
/* … and with a proxy that answers CONNECT with this status. */
const char *explain_proxy(long status);

/* address.c: whether a host[:port] is this machine itself. */
bool address_is_loopback(struct str host);
struct str address_host(struct str url);
/* Resolves `place` against the URL of the request that it answers; a token goes to the server that was named
 * and nowhere else: -ERR_DENIED for another scheme, host or port. */
int address_resolve(const char *request_url, const char *place, struct buf *ret, struct err *e);

#endif
