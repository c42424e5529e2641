/* SPDX-License-Identifier: Apache-2.0
 *
 * freb: a streaming reader of one failed-request trace (Failed Request Tracing, fr000001.xml). Pure: bytes in
 * pieces, the request and its events out by callback; memory is one event, and up to half a MiB of pieces,
 * which are read together. Views are valid during the call. A document type declaration is refused. */
#ifndef CERTTRIAGE_FREB_H
#define CERTTRIAGE_FREB_H

#include "buf.h"
#include "text.h"

struct freb_request { /* attributes of failedRequest; p == NULL: not there */
    struct str url, site_id, app_pool, verb, status, reason, taken, user;
};

struct freb_event {
    int64_t line;    /* where its ErrorCode stands, else where it begins; counted by LF */
    int64_t time_ms; /* TIME_NONE */
    struct str name; /* MODULE_SET_RESPONSE_ERROR_STATUS, …; empty: the file does not say */
    struct str module, notification;
    int64_t status, substatus, error_code; /* -1: not there; error_code as unsigned 32 bits */
    struct str error_text;                 /* the system's words, in the server's language */
    struct str remote_address;
    struct str
        detail; /* its data as "Name=value; …"; of HTTP headers only values that are no secrets, no bodies */
};

struct freb_handler {
    int (*request)(const struct freb_request *request, void *ctx); /* 0, or negative to stop */
    int (*event)(const struct freb_event *event, void *ctx);
    void *ctx;
};

struct freb;
/* NULL: no memory. The handler is copied. */
struct freb *freb_new(const struct freb_handler *handler);
void freb_free(struct freb *f);
/* 0; -ERR_FORMAT (names the line; what was given out before is sound), -ERR_LIMIT (depth, a tag's length),
 * -ERR_NOMEM, what a handler returned. */
int freb_feed(struct freb *f, struct bytes piece, struct err *e);
int freb_finish(struct freb *f, struct err *e); /* also of a file that broke off: reads what was fed */

/* freb_headers.c: "Name: value" lines to "Name: value, Name: [redacted]". */
void freb_headers_keep(struct str headers, struct buf *out);

/* "2147943395", "-2147023901", "0x800703e3" or a text that ends in "(0x800703e3)". */
bool freb_error_code(struct str s, int64_t *ret);

#endif
