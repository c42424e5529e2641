/* SPDX-License-Identifier: Apache-2.0
 *
 * One capture: its packets to connections, their bytes to handshakes, each handshake a row once its
 * connection has ended. */
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "extract_wire.h"
#include "gunzip.h"
#include "limits.h"
#include "tcp.h"

/* A piece of gzip'd bytes so small that what comes out of it stays within UNPACKED_BYTES. */
enum { PACKED_BYTES = 4096, UNPACKED_BYTES = 8388608 };

struct source { /* of the file's bytes, as libpcap asks for them */
    const struct bundle_view *view;
    struct bytes piece;
    struct gunzip *gunzip; /* NULL: not packed */
    struct buf unpacked;
    size_t unpacked_at;
    bool has_begun, has_failed, is_at_end;
    struct err e;
};

struct reading {
    struct wire *w;
    struct str entry;
    struct source source;
    struct tls_budget budget;
    struct packet_fragments *fragments;
    struct tcp *tcp;
    int64_t n_other, n_quic, n_dtls, n_broken, n_handshakes, n_left_out, lost, first_ms, last_ms, n_starved;
};

/* --- the file's bytes --- */

static int take_unpacked(void *ctx, struct bytes piece)
{
    struct source *s = ctx;

    buf_add(&s->unpacked, piece.p, piece.len);
    return -s->unpacked.failed;
}

static bool next_piece(struct source *s)
{
    if (s->piece.len > 0)
        return true;
    if (s->is_at_end || s->view->next(s->view->ctx, &s->piece, &s->e) < 0) {
        s->has_failed |= !s->is_at_end;
        return false;
    }
    s->is_at_end = s->piece.len == 0;
    if (!s->has_begun && s->piece.len >= 2 && s->piece.p[0] == 0x1f && s->piece.p[1] == 0x8b) {
        s->gunzip = gunzip_new(take_unpacked, s);
        s->has_failed |= !s->gunzip;
    }
    s->has_begun = true;
    return !s->is_at_end && !s->has_failed;
}

static bool unpack_more(struct source *s)
{
    buf_clear(&s->unpacked);
    s->unpacked_at = 0;
    while (s->unpacked.len == 0) {
        if (!next_piece(s)) {
            s->has_failed |= s->is_at_end && gunzip_finish(s->gunzip, &s->e) < 0;
            return s->unpacked.len > 0;
        }
        size_t n = s->piece.len < PACKED_BYTES ? s->piece.len : PACKED_BYTES;
        if (gunzip_feed(s->gunzip, (struct bytes){s->piece.p, n}, &s->e) < 0) {
            s->has_failed = true;
            return s->unpacked.len > 0;
        }
        s->piece.p += n;
        s->piece.len -= n;
    }
    return true;
}

static ssize_t read_source(void *ctx, uint8_t *to, size_t room)
{
    struct source *s = ctx;
    struct bytes from;

    if (s->has_failed)
        return -1;
    if (!s->gunzip && !next_piece(s))
        return s->has_failed ? -1 : 0;
    if (s->gunzip && s->unpacked_at == s->unpacked.len && !unpack_more(s))
        return s->has_failed ? -1 : 0;
    if (s->gunzip)
        from =
            (struct bytes){(const uint8_t *)s->unpacked.p + s->unpacked_at, s->unpacked.len - s->unpacked_at};
    else
        from = s->piece;
    size_t n = room < from.len ? room : from.len;
    memcpy(to, from.p, n);
    if (s->gunzip) {
        s->unpacked_at += n;
    } else {
        s->piece.p += n;
        s->piece.len -= n;
    }
    return (ssize_t)n;
}

/* --- connections --- */

static char not_tls; /* what hangs on a connection that says nothing of TLS */

static void drop_flow(struct reading *r, struct tcp_connection *c)
{
    struct tls_flow *f = c->user;

    if (!f || c->user == &not_tls)
        return;
    tls_flow_done(f);
    free(f);
    r->budget.used -= sizeof *f;
    c->user = &not_tls;
}

static struct tls_flow *flow_of(struct reading *r, struct tcp_connection *c)
{
    if (c->user == &not_tls)
        return NULL;
    if (c->user)
        return c->user;
    bool has_room = r->budget.used + sizeof(struct tls_flow) <= r->budget.cap;
    struct tls_flow *f = has_room ? malloc(sizeof *f) : NULL;
    if (!f) {
        r->n_starved++;
        c->user = &not_tls;
        return NULL;
    }
    r->budget.used += sizeof *f;
    tls_flow_init(f, &r->budget);
    if (c->is_midway)
        tls_midway(f);
    c->user = f;
    return f;
}

static void on_data(void *ctx, struct tcp_connection *c, int direction, struct bytes piece, int64_t time_ms)
{
    struct tls_flow *f = flow_of(ctx, c);

    if (!f)
        return;
    tls_feed(f, direction, piece, time_ms);
    if (tls_is_off(f, 0) && tls_is_off(f, 1) && !tls_flow_is_told(f))
        drop_flow(ctx, c);
}

static void on_gap(void *ctx, struct tcp_connection *c, int direction, uint32_t n_bytes)
{
    struct tls_flow *f = flow_of(ctx, c);

    if (f)
        tls_gap(f, direction, n_bytes);
}

static bool is_done_with(void *ctx, const struct tcp_connection *c, int direction)
{
    (void)ctx;
    return c->user && (c->user == &not_tls || tls_is_off(c->user, direction));
}

static void put_flow(struct reading *r, const struct tcp_connection *c, const struct tls_flow *f)
{
    char texts[2][46];
    bool is_same = packet_address_eq(&c->addresses[0], &c->addresses[1]);
    struct wire_row row = {.entry = r->entry,
                           .connection = c->number,
                           .time_ms = c->start_ms,
                           .flow = f,
                           .ports = {c->ports[0], c->ports[1]},
                           .local = is_same || (packet_address_is_loopback(&c->addresses[0]) &&
                                                packet_address_is_loopback(&c->addresses[1])),
                           .lost = c->n_lost,
                           .end_by = c->end == TCP_END_NONE ? -1 : c->end_by,
                           .end_how = c->end == TCP_END_NONE  ? NULL
                                      : c->end == TCP_END_FIN ? "close"
                                                              : "reset",
                           .end_ms = c->end_ms,
                           .unanswered_by = c->is_unanswered[0]   ? 0
                                            : c->is_unanswered[1] ? 1
                                                                  : -1,
                           .is_midway = c->is_midway};

    for (int i = 0; i < 2; i++)
        row.addresses[i] = str_from(packet_address_text(&c->addresses[i], texts[i]));
    wire_put(r->w, &row);
}

static void on_done(void *ctx, struct tcp_connection *c)
{
    struct reading *r = ctx;
    struct tls_flow *f = c->user;

    if (f && c->user != &not_tls && tls_flow_is_told(f)) {
        r->lost += c->n_lost;
        if (r->w->n_rows < LIMIT_HANDSHAKES) {
            r->w->n_rows++;
            r->n_handshakes++;
            put_flow(r, c, f);
        } else {
            r->n_left_out++;
        }
    }
    drop_flow(r, c);
}

/* --- packets --- */

static int take_packet(void *ctx, const struct capture_packet *packet)
{
    struct reading *r = ctx;
    struct packet_segment s;
    enum packet_kind kind = packet_read(packet->link, packet->data, r->fragments, &s);

    if (packet->time_ms != TIME_NONE) {
        r->first_ms =
            r->first_ms == TIME_NONE || packet->time_ms < r->first_ms ? packet->time_ms : r->first_ms;
        r->last_ms = r->last_ms == TIME_NONE || packet->time_ms > r->last_ms ? packet->time_ms : r->last_ms;
    }
    if (kind == PACKET_TCP)
        tcp_take(r->tcp, &s, packet->time_ms);
    r->n_quic += kind == PACKET_QUIC;
    r->n_dtls += kind == PACKET_DTLS;
    r->n_other +=
        kind == PACKET_OTHER || kind == PACKET_FRAGMENT || kind == PACKET_QUIC || kind == PACKET_DTLS;
    r->n_broken += kind == PACKET_BROKEN;
    return kind == PACKET_UNKNOWN ? -ERR_UNSUPPORTED : r->w->is_out_of_memory ? -ERR_NOMEM : 0;
}

static void tell_problems(struct reading *r, const struct capture_result *result, int read)
{
    struct sink *sink = r->w->x->sink;
    struct tcp_counts n = tcp_counts(r->tcp);

    if (read == -ERR_UNSUPPORTED)
        sink_problem(sink, r->entry, 0, "its packets are of the link type %s, which is not read",
                     capture_link_name(result->link));
    else if (r->source.has_failed && r->source.e.code)
        sink_problem(sink, r->entry, 0, "what stands behind packet %lld is left out: %s",
                     (long long)result->packets, r->source.e.text);
    else if (*result->why)
        sink_problem(sink, r->entry, 0, "what stands behind packet %lld is left out: %s",
                     (long long)result->packets, result->why);
    if (r->n_broken > 0)
        sink_problem(sink, r->entry, 0,
                     "%lld packets are broken, or not captured far enough, and were skipped",
                     (long long)r->n_broken);
    if (r->n_quic > 0)
        sink_problem(sink, r->entry, 0,
                     "%lld %s of QUIC (HTTP/3), which is not looked at: whether a certificate was asked for "
                     "there is not known",
                     (long long)r->n_quic, r->n_quic == 1 ? "packet is" : "packets are");
    if (r->n_dtls > 0)
        sink_problem(sink, r->entry, 0, "%lld %s of DTLS, which is not looked at: IIS does not speak it",
                     (long long)r->n_dtls, r->n_dtls == 1 ? "packet is" : "packets are");
    if (r->n_left_out > 0)
        sink_problem(sink, r->entry, 0, "%lld handshakes are left out, there are more than %lld",
                     (long long)r->n_left_out, (long long)LIMIT_HANDSHAKES);
    if (n.ended_early > 0)
        sink_problem(sink, r->entry, 0,
                     "%lld connections are read in part, there are more than %lld at a time",
                     (long long)n.ended_early, (long long)LIMIT_CAPTURE_CONNECTIONS);
    if (r->n_starved > 0)
        sink_problem(sink, r->entry, 0,
                     "%lld connections are left out, too many handshakes are open at a time",
                     (long long)r->n_starved);
}

static void put_capture(struct reading *r, const struct capture_result *result, int read)
{
    struct sink *s = r->w->x->sink;

    sink_begin(s, "capture");
    sink_text(s, "entry", r->entry);
    sink_c(s, "link", capture_link_name(result->link));
    sink_int(s, "packets", result->packets);
    sink_int(s, "other", r->n_other);
    sink_int(s, "quic", r->n_quic);
    sink_int(s, "dtls", r->n_dtls);
    sink_int(s, "broken", r->n_broken);
    sink_int(s, "connections", tcp_counts(r->tcp).connections);
    sink_int(s, "handshakes", r->n_handshakes);
    sink_int(s, "left_out", r->n_left_out);
    sink_int(s, "lost", r->lost);
    sink_time(s, "first", r->first_ms);
    sink_time(s, "last", r->last_ms);
    sink_int(s, "cut",
             read < 0 || *result->why || r->source.has_failed || r->n_starved > 0 ||
                 tcp_counts(r->tcp).ended_early > 0);
    sink_end(s);
}

static int read_packets(struct reading *r)
{
    struct capture_result result;
    struct err e = {0};
    int read = capture_read(read_source, &r->source, take_packet, r, &result, &e);

    tcp_finish(r->tcp);
    if (read == -ERR_NOMEM || r->w->is_out_of_memory)
        return -ERR_NOMEM;
    if (read == -ERR_FORMAT) {
        sink_problem(r->w->x->sink, r->entry, 0, "%s", r->source.has_failed ? r->source.e.text : e.text);
        return 0;
    }
    put_capture(r, &result, read);
    tell_problems(r, &result, read);
    return 0;
}

int wire_read_capture(struct wire *w, size_t index)
{
    struct arena a = ARENA_INIT(LIMIT_WORKER_MEMORY_BYTES / 8);
    const struct bundle_view *view = w->x->view;
    struct reading r = {.w = w,
                        .entry = view->entries[index].name,
                        .source = {.view = view, .unpacked = BUF_INIT(UNPACKED_BYTES)},
                        .budget = {.cap = (size_t)LIMIT_CAPTURE_TLS_BYTES},
                        .first_ms = TIME_NONE,
                        .last_ms = TIME_NONE};
    struct tcp_handler handler = {on_data, on_gap, on_done, is_done_with, &r};
    struct err e = {0};
    int result = 0;

    r.fragments = packet_fragments_new(&a);
    r.tcp = tcp_new(&a, &handler);
    if (!r.fragments || !r.tcp) {
        result = -ERR_NOMEM;
    } else if (view->begin(view->ctx, &view->entries[index], &e) < 0) {
        sink_problem(w->x->sink, r.entry, 0, "%s", e.text);
    } else {
        result = read_packets(&r);
        view->end(view->ctx);
    }
    gunzip_free(r.source.gunzip);
    buf_done(&r.source.unpacked);
    arena_done(&a);
    return result;
}
