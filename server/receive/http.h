/* SPDX-License-Identifier: Apache-2.0
 *
 * http: the server on the network: uploads in, reports out. libmicrohttpd does HTTP; routes.c is the list of
 * what can be asked. Uploads go to the spool piece by piece and are acknowledged only when they are durable.
 */
#ifndef CERTTRIAGE_HTTP_H
#define CERTTRIAGE_HTTP_H

#include "connections.h"
#include "err.h"
#include "pool.h"
#include "rules_now.h"
#include "store.h"

struct http_server;

struct http_options {
    const char *listen;             /* "127.0.0.1:8080", "[::1]:0" (port 0: any free one) */
    const char *tls_cert, *tls_key; /* PEM files; NULL: without TLS, for loopback or behind a proxy */
    const char *cors_origin;        /* "https://host": pages of this origin may ask, too; NULL: no other's */
    int64_t upload_expires_ms;      /* how long an upload in pieces may take */
    int64_t min_free_bytes;         /* of the disk, that uploads leave; 0: none */
    struct connection_limits connections;
    int64_t drain_ms; /* how long requests under way may go on when the server ends */
    /* A minute, each; as many may come at once. 0: any number. Failed: with a token that is none. */
    int64_t address_requests, token_requests, failed_sign_ins;
    struct rules_now *rules; /* borrowed, as is pool */
    struct job_pool *pool;
    void (*wake)(void *ctx); /* after each accepted bundle, from a server thread */
    void *wake_ctx;
};

/* -ERR_USAGE: listen is not an address and a port, or a certificate without its key; -ERR_CONFLICT: the
 * address is in use; what tls_load and connections_new give. */
int http_start(struct store *s, const struct http_options *o, struct http_server **ret, struct err *e);
/* To be called every few seconds: removes what expired. */
void http_tick(struct http_server *h);
/* Reads certificate and key again; on failure the old ones stay. */
int http_reload(const struct http_server *h, struct err *e);
unsigned http_port(const struct http_server *h);
void http_stop(struct http_server *h); /* takes nothing new, waits for requests under way; NULL is allowed */

#endif
