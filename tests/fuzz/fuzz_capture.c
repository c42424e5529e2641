/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_capture: bytes as a capture, through libpcap, packets, connections and handshakes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "limits.h"
#include "tcp.h"
#include "tls_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    struct bytes rest;
    struct packet_fragments *fragments;
    struct tcp *tcp;
    struct tls_budget budget;
};

static struct tls_flow *flow_of(struct reading *r, struct tcp_connection *c)
{
    if (!c->user) {
        c->user = malloc(sizeof(struct tls_flow));
        if (!c->user)
            abort();
        tls_flow_init(c->user, &r->budget);
        if (c->is_midway)
            tls_midway(c->user);
    }
    return c->user;
}

static void on_data(void *ctx, struct tcp_connection *c, int way, struct bytes piece, int64_t time_ms)
{
    tls_feed(flow_of(ctx, c), way, piece, time_ms);
}

static void on_gap(void *ctx, struct tcp_connection *c, int way, uint32_t n_bytes)
{
    tls_gap(flow_of(ctx, c), way, n_bytes);
}

static void on_done(void *ctx, struct tcp_connection *c)
{
    (void)ctx;
    if (c->user)
        tls_flow_done(c->user);
    free(c->user);
    c->user = NULL;
}

static bool is_done_with(void *ctx, const struct tcp_connection *c, int way)
{
    (void)ctx;
    return c->user && tls_is_off(c->user, way);
}

static ssize_t next(void *ctx, uint8_t *to, size_t room)
{
    struct reading *r = ctx;
    size_t n = room < r->rest.len ? room : r->rest.len;

    if (n > 0)
        memcpy(to, r->rest.p, n);
    r->rest.p += n;
    r->rest.len -= n;
    return (ssize_t)n;
}

static int take(void *ctx, const struct capture_packet *packet)
{
    struct reading *r = ctx;
    struct packet_segment s;

    if (packet_read(packet->link, packet->data, r->fragments, &s) == PACKET_TCP)
        tcp_take(r->tcp, &s, packet->time_ms);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(64 << 20);
    struct reading r = {.rest = {data, size}, .budget = {.cap = 1 << 20}};
    struct tcp_handler handler = {on_data, on_gap, on_done, is_done_with, &r};
    struct capture_result result;
    struct err e = {0};

    r.fragments = packet_fragments_new(&a);
    r.tcp = tcp_new(&a, &handler);
    if (r.fragments && r.tcp) {
        (void)capture_read(next, &r, take, &r, &result, &e);
        tcp_finish(r.tcp);
        if (r.budget.used != 0)
            abort();
    }
    arena_done(&a);
    return 0;
}
