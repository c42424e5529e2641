/* SPDX-License-Identifier: Apache-2.0
 *
 * http_sys: TLS records of http.sys, from http/sslcert.json, from `netsh http show sslcert` text, and from
 * the registry. Source: learn.microsoft.com, HTTP_SERVICE_CONFIG_SSL_PARAM (http.h), "netsh http"; the layout
 * of the registry: causes §2. Everything lives in the arena given, or in what was parsed. */
#ifndef CERTTRIAGE_HTTP_SYS_H
#define CERTTRIAGE_HTTP_SYS_H

#include "registry.h"

struct http_sys_binding {
    const char *tree; /* "ip", "sni", "ccs" */
    struct str endpoint, ip, host;
    int64_t port;
    struct str thumbprint, app_id, store; /* store, ctl_…: p NULL where not set */
    int64_t check_mode, freshness_time, url_retrieval_timeout, flags;
    struct str ctl_identifier, ctl_store;
    int64_t modified_ms;
    struct str entry;
    int64_t line;
};

typedef void (*http_sys_take_fn)(const struct http_sys_binding *b, void *ctx);

/* '10.10.10.10:443', '[::]:443', 'host:443' or '443' into the parts that the tree has. False: no port. */
bool http_sys_endpoint(struct str endpoint, struct http_sys_binding *b);

/* Every record below HTTP\Parameters. -ERR_NOMEM. */
int http_sys_from_registry(const struct registry *r, struct arena *a, http_sys_take_fn take, void *ctx,
                           struct err *e);
/* -ERR_FORMAT: not such JSON (what was taken before stays). */
int http_sys_from_json(struct bytes json, struct arena *a, http_sys_take_fn take, void *ctx, struct err *e);
/* What `netsh http show sslcert` prints, in any language: lines by position, the console's words for on and
 * off learned from the records themselves (*ret_is_translated). Returns the number of records that could not
 * be read without a doubt, or -ERR_NOMEM. Source: docs "netsh http", outputs of Windows 8.1 to Server 2025.
 */
int http_sys_from_netsh(struct str text, struct arena *a, http_sys_take_fn take, void *ctx,
                        bool *ret_is_translated, struct err *e);

/* 16 bytes as Windows stores a GUID to '{4dc3e181-…}'. */
void http_sys_guid(const uint8_t guid[16], struct buf *out);

#endif
