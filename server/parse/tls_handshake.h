/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_handshake: the messages of a TLS handshake, one by one, to what both sides said in the clear. SSL 3.0
 * to TLS 1.3; a draft of TLS 1.3 counts as it. Sources: RFC 5246 §7.4 (TLS 1.2), RFC 2246 and 4346 (1.0, 1.1:
 * no signature algorithms), RFC 8446 §4 (1.3), RFC 6066 (server name), 7301 (ALPN), 5746 (secure
 * renegotiation), RFC 6101 appendix E (a hello of SSL 2.0). Pure; what is kept of long messages is heap
 * memory within a budget. */
#ifndef CERTTRIAGE_TLS_HANDSHAKE_H
#define CERTTRIAGE_TLS_HANDSHAKE_H

#include "err.h"
#include "str.h"

enum { TLS_NAME_BYTES = 256, TLS_ALPN_BYTES = 128, TLS_SIGNATURES_MAX = 64, TLS_TYPES_MAX = 16 };

/* Bits of `versions`; also the order. */
enum tls_version {
    TLS_SSL2 = 1,
    TLS_SSL3 = 2,
    TLS_1_0 = 4,
    TLS_1_1 = 8,
    TLS_1_2 = 16,
    TLS_1_3 = 32,
};

enum tls_message {
    TLS_HELLO_REQUEST = 0,
    TLS_CLIENT_HELLO = 1,
    TLS_SERVER_HELLO = 2,
    TLS_SESSION_TICKET = 4,
    TLS_CERTIFICATE = 11,
    TLS_KEY_EXCHANGE = 12,
    TLS_CERTIFICATE_REQUEST = 13,
    TLS_HELLO_DONE = 14,
    TLS_CERTIFICATE_VERIFY = 15,
    TLS_CLIENT_KEY_EXCHANGE = 16,
    TLS_FINISHED = 20,
    TLS_CERTIFICATE_STATUS = 22,
};

/* Heap memory that many handshakes share. */
struct tls_budget {
    size_t used, cap;
};

struct tls_kept { /* a part of a message; p NULL: none */
    uint8_t *p;
    size_t len;
};

struct tls_client_hello {
    bool is_seen, is_sslv2, post_handshake_auth, secure_renegotiation; /* by extension or by SCSV */
    unsigned versions;                                                 /* enum tls_version, as bits */
    char sni[TLS_NAME_BYTES];                                          /* "": none */
    char alpn[TLS_ALPN_BYTES];                                         /* names joined by ' ' */
    uint16_t signatures[TLS_SIGNATURES_MAX];
    size_t n_signatures;
};

struct tls_server_hello {
    bool is_seen, is_retry_seen, secure_renegotiation, is_psk;
    bool is_waiting_for_retry; /* HelloRetryRequest was sent, the real ServerHello is not here yet */
    unsigned version;          /* one bit; 0: none that we know */
    uint16_t cipher;
    char alpn[TLS_ALPN_BYTES];
};

struct tls_request { /* CertificateRequest, up to TLS 1.2 */
    bool is_seen;
    uint8_t types[TLS_TYPES_MAX];
    size_t n_types;
    uint16_t signatures[TLS_SIGNATURES_MAX];
    size_t n_signatures;
    struct tls_kept authorities; /* for tls_next_authority */
    size_t n_authorities;
    bool is_odd; /* it could not be read to its end */
};

struct tls_chain { /* Certificate, up to TLS 1.2 */
    bool is_seen;
    struct tls_kept list; /* for tls_next_certificate */
    size_t n;             /* certificates; 0: an empty one */
    bool is_odd;
};

struct tls_handshake {
    struct tls_client_hello client;
    struct tls_server_hello server;
    struct tls_request request;
    struct tls_chain chains[2]; /* by the two directions of the connection */
    bool hello_done, is_hello_requested, key_exchange, certificate_verify;
};

/* The body of one message. `direction` 0 or 1. 0; -ERR_FORMAT: it is none of this type (what was read before
 * stays); -ERR_LIMIT: the budget is used up, or -ERR_NOMEM. */
int tls_read_message(struct tls_handshake *h, int direction, uint8_t type, struct bytes body,
                     struct tls_budget *budget);
/* A hello of SSL 2.0 that offers newer versions, without its two bytes of length. -ERR_FORMAT. */
int tls_read_sslv2_hello(struct tls_handshake *h, struct bytes body);
void tls_handshake_done(struct tls_handshake *h, struct tls_budget *budget);

/* The next one of `*rest`, which begins as a kept list; false at the end. */
bool tls_next_certificate(struct bytes *rest, struct bytes *ret);
bool tls_next_authority(struct bytes *rest, struct bytes *ret); /* an encoded name */

/* "TLS 1.2", "SSL 3.0"; NULL for none. */
const char *tls_version_name(unsigned version);
/* IANA's name of a suite that Windows or a browser uses; NULL: not in our list. */
const char *tls_cipher_name(uint16_t cipher);
/* "rsa_pkcs1_sha256", as RFC 8446 §4.2.3 names it; for others "0xNNNN" into `room`. */
const char *tls_signature_name(uint16_t algorithm, char room[8]);
/* "rsa_sign"; for others the number into `room`. */
const char *tls_certificate_type_name(uint8_t type, char room[8]);

#endif
