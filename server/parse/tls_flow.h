/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_flow: the two directions of one connection, as bytes in order, to a TLS handshake. It finds the first
 * record (also behind STARTTLS, a proxy's CONNECT or SOCKS), puts messages together from records, and walks
 * over the headers of what is encrypted. Bytes that are missing are told by tls_gap; it then goes on at the
 * next record that begins a piece. Records: RFC 8446 §5.1, RFC 5246 §6.2. Pure; memory within a budget. */
#ifndef CERTTRIAGE_TLS_FLOW_H
#define CERTTRIAGE_TLS_FLOW_H

#include "tls_handshake.h"

enum {
    TLS_MESSAGE_BYTES = 262144, /* one handshake message; Windows sends at most 16 KiB of issuers */
    TLS_SEEK_BYTES = 65536,     /* before the first record; more is no TLS */
    TLS_WINDOW_BYTES = 11
};

enum tls_alert_kind { TLS_ALERT_NONE, TLS_ALERT_CLEAR, TLS_ALERT_ENCRYPTED };

enum tls_state {
    TLS_SEEK,    /* no record yet */
    TLS_RECORDS, /* at a header or within a record */
    TLS_SSLV2,   /* within a hello of SSL 2.0 */
    TLS_LOST,    /* behind a gap: looks for a record at the beginning of each piece */
    TLS_OFF      /* no TLS, or none any more */
};

struct tls_side { /* one direction */
    enum tls_state state;
    uint8_t window[TLS_WINDOW_BYTES]; /* the last bytes while seeking; the header of a record */
    size_t n_window;
    int64_t n_sought; /* bytes before TLS */
    uint8_t type;     /* of the current record */
    size_t length, left;
    uint8_t alert[2];
    bool is_encrypted;       /* a ChangeCipherSpec, or a first record of application data, was seen */
    bool is_midway;          /* the connection was there before the capture */
    bool has_gap_in_clear;   /* bytes are missing before the encryption began */
    bool is_broken;          /* what should have been a record was none */
    struct tls_kept message; /* the current one; room is `room` */
    size_t room;
    int64_t n_records, n_encrypted_handshakes, n_application;
    int64_t last_ms;
};

struct tls_alert {
    int direction; /* -1: none */
    int level, description;
    int64_t time_ms;
};

struct tls_flow {
    struct tls_side sides[2];
    int client; /* direction of the client; -1: not known yet */
    struct tls_handshake seen;
    struct tls_alert alert;   /* in the clear: the first one that is no close_notify */
    struct tls_alert no_cert; /* SSL 3.0's no_certificate */
    int64_t n_encrypted_alerts[2];
    int64_t request_ms;            /* of the CertificateRequest; TIME_NONE */
    int64_t hello_ms, answer_ms;   /* of ClientHello and ServerHello; TIME_NONE */
    int64_t renegotiation_ms;      /* a handshake after the encryption began; TIME_NONE */
    int renegotiation_by;          /* direction; -1 */
    bool renegotiation_after_data; /* application data went before it */
    bool is_starved;               /* a message was dropped: too long, or no memory in the budget */
    struct tls_budget *budget;
};

void tls_flow_init(struct tls_flow *f, struct tls_budget *budget);
void tls_flow_done(struct tls_flow *f);
/* The next bytes of a direction. */
void tls_feed(struct tls_flow *f, int direction, struct bytes piece, int64_t time_ms);
/* So many bytes of that direction are not there. */
void tls_gap(struct tls_flow *f, int direction, uint32_t n_bytes);
/* The first packet that was seen of the connection did not open it. */
void tls_midway(struct tls_flow *f);
/* May more bytes of that direction still say something? */
bool tls_is_off(const struct tls_flow *f, int direction);
/* Was anything of TLS seen that is worth a row: a hello, a message of a handshake, or a renegotiation? */
bool tls_flow_is_told(const struct tls_flow *f);

#endif
