/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_probe: what the files of the handshake probe share. */
#ifndef CERTTRIAGE_TLS_PROBE_H
#define CERTTRIAGE_TLS_PROBE_H

#include "tls_wire.h"

/* "host", "host:443", "[::1]:443". -ERR_USAGE. Views into `text`. */
int tls_named_endpoint(struct str text, struct tls_endpoint *ret, struct err *e);
/* What run->connect names, and with run->probe each https binding of the configuration, each once. In the
 * run's arena. */
int tls_endpoints(struct probe_run *run, struct tls_endpoint **ret, struct err *e);

/* One request and its answer. */
struct tls_http {
    struct str path;
    int status, substatus; /* -1: not known */
    int64_t date_ms;       /* its Date header, TIME_NONE: none */
};
/* Path to ask for: that of the complaint's URL when it is about this host, else "/". */
struct str tls_http_path(const struct probe_run *run, const struct tls_endpoint *to);
void tls_http_request(struct buf *out, const struct tls_endpoint *to, struct str path);
void tls_http_read(struct str answer, struct tls_http *ret);

#endif
