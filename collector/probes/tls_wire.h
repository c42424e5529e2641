/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_wire: one connection of the handshake probe while it is written down (schema/bundle.md, tls/<n>.json):
 * every byte both ways, when it went, and how it ended. */
#ifndef CERTTRIAGE_TLS_WIRE_H
#define CERTTRIAGE_TLS_WIRE_H

#include "probe.h"

/* Where to. */
struct tls_endpoint {
    struct str connect; /* name or address to connect to */
    struct str host;    /* what it is called */
    struct str sni;     /* empty: none is sent */
    uint16_t port;
    struct str site, binding; /* p NULL: the user named it */
    struct tls_endpoint *next;
};

struct tls_wire {
    struct probe_run *run;
    const struct tls_endpoint *to;
    struct os_net *net;
    struct os_net_ends ends;
    int64_t started_ms, deadline_ms; /* os_clock_ms */
    struct buf bytes;                /* both ways, in the order of the wire */
    struct buf chunks;               /* "{…},{…}" */
    size_t n_chunks;
    bool cut;
    int64_t ended_ms; /* TIME_NONE: not known */
    const char *ended_by, *ended_how;
};

/* Connects. On a failure w->ends.stage says how far it came. */
int tls_wire_open(struct tls_wire *w, struct probe_run *run, const struct tls_endpoint *to, struct err *e);
int tls_wire_send(struct tls_wire *w, const void *data, size_t len, struct err *e);
int64_t tls_wire_recv(struct tls_wire *w, void *data, size_t room, struct err *e);
/* The same, but no longer than timeout_ms. */
int64_t tls_wire_recv_within(struct tls_wire *w, void *data, size_t room, int timeout_ms, struct err *e);
/* Ours is the end where the other side has not ended it before. */
void tls_wire_close(struct tls_wire *w);
void tls_wire_done(struct tls_wire *w);

/* What all connections have of tls/<n>.json; with `why` how it failed (code 0: it did not) and at which
 * stage. */
struct json_t *tls_wire_json(const struct tls_wire *w, const char *how, bool tls13, const struct err *why,
                             const char *stage);

#endif
