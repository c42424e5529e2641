/* SPDX-License-Identifier: Apache-2.0
 *
 * http: the server on the network: uploads in, reports out. libmicrohttpd does HTTP; routes.c is the list of
 * what can be asked. Uploads go to the spool piece by piece and are acknowledged only when they are durable.
 */
#ifndef CERTTRIAGE_HTTP_H
#define CERTTRIAGE_HTTP_H

#include "err.h"
#include "rules.h"
#include "store.h"

struct http_server;

/* listen: "127.0.0.1:8080", "[::1]:0" (port 0: any free one). wake is called after each accepted bundle, from
 * a server thread. -ERR_USAGE: listen is not an address and a port; -ERR_CONFLICT: the address is in use. */
int http_start(struct store *s, const struct ruleset *rules, const char *listen, void (*wake)(void *ctx),
               void *wake_ctx, struct http_server **ret, struct err *e);
unsigned http_port(const struct http_server *h);
void http_stop(struct http_server *h);

#endif
