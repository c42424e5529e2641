/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_hello: the collector's own ClientHello, and where the server's answer to it ends. Pure: bytes in, bytes
 * out. RFC 5246 (TLS 1.2), RFC 8446 (TLS 1.3), RFC 6066 3 (server name). */
#ifndef CERTTRIAGE_TLS_HELLO_H
#define CERTTRIAGE_TLS_HELLO_H

#include "buf.h"
#include "str.h"

enum { TLS_HELLO_RANDOM = 64 }; /* bytes: the random and the session id */

/* Appends one record with a ClientHello that offers TLS 1.2, with_tls13 also TLS 1.3; `sni` empty: no server
 * name. Its key shares are the curves' base points: well-formed, and the handshake ends long before a key is
 * needed. */
void tls_hello(struct buf *out, bool with_tls13, struct str sni, const uint8_t random[TLS_HELLO_RANDOM]);

enum tls_flight_state {
    TLS_FLIGHT_MORE,      /* the server is not done */
    TLS_FLIGHT_DONE,      /* up to ServerHelloDone */
    TLS_FLIGHT_ENCRYPTED, /* TLS 1.3: what follows the ServerHello, or its request to try again, cannot be
                             read */
    TLS_FLIGHT_ALERT,
    TLS_FLIGHT_NOT_TLS
};

struct tls_flight {
    enum tls_flight_state state;
    uint8_t alert; /* its description, with TLS_FLIGHT_ALERT */
};

/* What the server's bytes so far, from the first on, say. -ERR_NOMEM, -ERR_LIMIT (more than 256 KiB of
 * handshake). */
int tls_flight_read(struct bytes server, struct tls_flight *ret, struct err *e);

#endif
