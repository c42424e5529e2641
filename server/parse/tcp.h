/* SPDX-License-Identifier: Apache-2.0
 *
 * tcp: segments to connections, each with two directions of bytes in order (RFC 9293). Retransmissions and
 * overlaps are left out (what came first stays), what comes early waits, what never comes is told as a gap.
 * Whose bytes these are is the caller's: it hangs its own state on each connection. Pure; memory bounded: the
 * connection that was quiet longest is ended when there are too many. */
#ifndef CERTTRIAGE_TCP_H
#define CERTTRIAGE_TCP_H

#include "arena.h"
#include "packet.h"

enum tcp_end { TCP_END_NONE, TCP_END_FIN, TCP_END_RST };

struct tcp_connection {
    struct packet_address addresses[2]; /* [0]: who sent the first packet that was seen, or the SYN */
    uint16_t ports[2];
    int64_t number; /* from 1, in the order of their first packets */
    int64_t start_ms, last_ms;
    bool is_midway;   /* the first packet that was seen is no SYN */
    bool is_accepted; /* a SYN+ACK, or data of the other side, was seen */
    enum tcp_end end; /* the first one */
    int end_by;       /* direction */
    int64_t end_ms;
    int64_t n_lost;     /* bytes that were not captured, both directions */
    int64_t n_repeated; /* bytes that came again */
    uint32_t n_early;   /* segments that came before their turn */
    int64_t n_data[2];  /* bytes given to the caller */
    int64_t last_data_ms[2];
    bool is_unanswered[2]; /* data of this direction were sent again, and never acknowledged */
    void *user;
};

struct tcp_handler {
    /* Bytes of one direction, in order. The first call of a connection sets c->user. */
    void (*data)(void *ctx, struct tcp_connection *c, int direction, struct bytes piece, int64_t time_ms);
    void (*gap)(void *ctx, struct tcp_connection *c, int direction, uint32_t n_bytes);
    /* It will not be heard of again. `user` may be NULL: no data came. */
    void (*done)(void *ctx, struct tcp_connection *c);
    /* true: bytes of this direction say nothing any more; they are not kept for their turn. */
    bool (*is_done_with)(void *ctx, const struct tcp_connection *c, int direction);
    void *ctx;
};

struct tcp;
/* NULL: no memory. Lives in `a`, but for what waits, which tcp_finish frees. */
struct tcp *tcp_new(struct arena *a, const struct tcp_handler *handler);
void tcp_take(struct tcp *t, const struct packet_segment *s, int64_t time_ms);
/* Ends all connections, in the order in which they began. Call it once, also after an error. */
void tcp_finish(struct tcp *t);

struct tcp_counts {
    int64_t connections, ended_early; /* given up to make room */
};
struct tcp_counts tcp_counts(const struct tcp *t);

#endif
