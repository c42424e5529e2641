/* SPDX-License-Identifier: Apache-2.0 */
#include "tcp.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"

enum { WAITING_SEGMENTS = 512, WAITING_BYTES = 262144, BUCKETS = 4096 };

struct segment { /* that waits for its turn */
    struct segment *next;
    uint32_t sequence;
    uint32_t len;
    int64_t time_ms;
    uint8_t data[];
};

struct direction {
    bool is_known; /* `next` is */
    bool has_fin;
    uint32_t next;   /* sequence number of the next byte */
    uint32_t fin;    /* and of the FIN */
    uint32_t wanted; /* by the other side: what it acknowledged last */
    struct segment *waiting;
    size_t n_waiting, waiting_bytes;
};

struct connection {
    struct tcp_connection pub;
    struct direction directions[2];
    struct connection *next;            /* of its bucket */
    struct connection *older, *younger; /* by their last packet */
    bool is_done;                       /* told; it stays to swallow what is repeated */
};

struct tcp {
    struct tcp_handler handler;
    struct arena *arena;
    struct connection *buckets[BUCKETS];
    struct connection *oldest, *youngest, *unused;
    size_t n_live, waiting_bytes;
    struct tcp_counts counts;
};

struct tcp *tcp_new(struct arena *a, const struct tcp_handler *handler)
{
    struct tcp *t = arena_alloc(a, sizeof *t);

    if (!t)
        return NULL;
    t->arena = a;
    t->handler = *handler;
    return t;
}

struct tcp_counts tcp_counts(const struct tcp *t)
{
    return t->counts;
}

/* --- waiting segments --- */

static void free_segment(struct tcp *t, struct direction *d, struct segment *s)
{
    d->n_waiting--;
    d->waiting_bytes -= s->len;
    t->waiting_bytes -= s->len;
    free(s);
}

static void drop_waiting(struct tcp *t, struct direction *d)
{
    while (d->waiting) {
        struct segment *s = d->waiting;
        d->waiting = s->next;
        free_segment(t, d, s);
    }
}

static bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static bool wait_for_turn(struct tcp *t, struct direction *d, uint32_t sequence, struct bytes data,
                          int64_t time_ms)
{
    struct segment **at = &d->waiting, *s;

    if (t->waiting_bytes + data.len > (size_t)LIMIT_CAPTURE_WAITING_BYTES)
        return false;
    while (*at && before((*at)->sequence, sequence))
        at = &(*at)->next;
    if (*at && (*at)->sequence == sequence && (*at)->len >= data.len)
        return true; /* it is there already */
    s = malloc(sizeof *s + data.len);
    if (!s)
        return false;
    *s = (struct segment){.next = *at, .sequence = sequence, .len = (uint32_t)data.len, .time_ms = time_ms};
    memcpy(s->data, data.p, data.len);
    *at = s;
    d->n_waiting++;
    d->waiting_bytes += data.len;
    t->waiting_bytes += data.len;
    return true;
}

/* --- bytes in order --- */

static void give(struct tcp *t, struct connection *c, int way, struct bytes piece, int64_t time_ms)
{
    struct direction *d = &c->directions[way];

    d->next += (uint32_t)piece.len;
    c->pub.n_data[way] += (int64_t)piece.len;
    c->pub.last_data_ms[way] = time_ms;
    t->handler.data(t->handler.ctx, &c->pub, way, piece, time_ms);
}

static void skip(struct tcp *t, struct connection *c, int way, uint32_t n_bytes)
{
    c->directions[way].next += n_bytes;
    c->pub.n_lost += n_bytes;
    t->handler.gap(t->handler.ctx, &c->pub, way, n_bytes);
}

/* Those whose turn has come. */
static void give_waiting(struct tcp *t, struct connection *c, int way)
{
    struct direction *d = &c->directions[way];

    while (d->waiting && !before(d->next, d->waiting->sequence)) {
        struct segment *s = d->waiting;
        uint32_t n_old = d->next - s->sequence;
        if (n_old < s->len)
            give(t, c, way, (struct bytes){s->data + n_old, s->len - n_old}, s->time_ms);
        d->waiting = s->next;
        free_segment(t, d, s);
    }
}

/* What is missing before the first one that waits will not come. */
static void give_up_waiting(struct tcp *t, struct connection *c, int way)
{
    struct direction *d = &c->directions[way];

    if (!d->waiting)
        return;
    if (before(d->next, d->waiting->sequence))
        skip(t, c, way, d->waiting->sequence - d->next);
    give_waiting(t, c, way);
}

static void take_early(struct tcp *t, struct connection *c, int way, uint32_t sequence, struct bytes data,
                       int64_t time_ms)
{
    struct direction *d = &c->directions[way];

    c->pub.n_early++;
    if (t->handler.is_done_with(t->handler.ctx, &c->pub, way)) {
        drop_waiting(t, d);
        skip(t, c, way, sequence - d->next);
        give(t, c, way, data, time_ms);
        return;
    }
    bool is_full = d->n_waiting >= WAITING_SEGMENTS || d->waiting_bytes >= WAITING_BYTES;
    if (!is_full && wait_for_turn(t, d, sequence, data, time_ms))
        return;
    give_up_waiting(t, c, way);
    while (d->waiting && before(d->waiting->sequence, sequence))
        give_up_waiting(t, c, way);
    if (before(d->next, sequence))
        skip(t, c, way, sequence - d->next);
    if (d->next - sequence < data.len) {
        uint32_t n_old = d->next - sequence;
        give(t, c, way, (struct bytes){data.p + n_old, data.len - n_old}, time_ms);
    }
    give_waiting(t, c, way);
}

static void take_data(struct tcp *t, struct connection *c, int way, const struct packet_segment *s,
                      int64_t time_ms)
{
    struct direction *d = &c->directions[way];
    uint32_t sequence = s->sequence + (s->flags & TCP_SYN ? 1 : 0), len = (uint32_t)s->data.len;

    if (!d->is_known) {
        d->is_known = true;
        d->next = d->wanted = sequence;
    }
    if (len == 0 && s->n_missing == 0)
        return;
    if (before(d->next, sequence)) {
        take_early(t, c, way, sequence, s->data, time_ms);
        return;
    }
    uint32_t n_old = d->next - sequence;
    if (n_old >= len + s->n_missing) { /* all of it was there before; one byte behind the end: a keep-alive */
        c->pub.n_repeated += len;
        c->pub.is_unanswered[way] |= len > 1 && !before(sequence, d->wanted);
        return;
    }
    if (n_old < len)
        give(t, c, way, (struct bytes){s->data.p + n_old, len - n_old}, time_ms);
    if (s->n_missing > 0 && d->next == sequence + len)
        skip(t, c, way, s->n_missing);
    give_waiting(t, c, way);
}

/* --- connections --- */

static size_t bucket_of(const struct packet_segment *s)
{
    uint32_t h = 0; /* the same for both directions */

    for (size_t i = 0; i < sizeof s->from.bytes; i++)
        h = h * 31 + s->from.bytes[i] + s->to.bytes[i];
    h = h * 31 + s->from_port + s->to_port;
    return (h ^ h >> 12) % BUCKETS;
}

/* The direction of the segment, -1: of another connection. */
static int way_of(const struct connection *c, const struct packet_segment *s)
{
    for (int way = 0; way < 2; way++)
        if (c->pub.ports[way] == s->from_port && c->pub.ports[1 - way] == s->to_port &&
            packet_address_eq(&c->pub.addresses[way], &s->from) &&
            packet_address_eq(&c->pub.addresses[1 - way], &s->to))
            return way;
    return -1;
}

static void unlink_age(struct tcp *t, struct connection *c)
{
    *(c->older ? &c->older->younger : &t->oldest) = c->younger;
    *(c->younger ? &c->younger->older : &t->youngest) = c->older;
}

static void link_youngest(struct tcp *t, struct connection *c)
{
    c->older = t->youngest;
    c->younger = NULL;
    *(t->youngest ? &t->youngest->younger : &t->oldest) = c;
    t->youngest = c;
}

/* What the other side has acknowledged was sent; the number behind it may be that of a FIN. */
static void tell_missing_end(struct tcp *t, struct connection *c, int way)
{
    const struct direction *d = &c->directions[way];

    if (d->is_known && before(d->next + 1, d->wanted))
        skip(t, c, way, d->wanted - d->next - 1);
}

static void tell_done(struct tcp *t, struct connection *c)
{
    if (c->is_done)
        return;
    for (int way = 0; way < 2; way++) {
        while (c->directions[way].waiting)
            give_up_waiting(t, c, way);
        tell_missing_end(t, c, way);
    }
    c->is_done = true;
    t->handler.done(t->handler.ctx, &c->pub);
}

static void forget(struct tcp *t, struct connection *c)
{
    struct packet_segment key = {.from = c->pub.addresses[0],
                                 .to = c->pub.addresses[1],
                                 .from_port = c->pub.ports[0],
                                 .to_port = c->pub.ports[1]};
    struct connection **at = &t->buckets[bucket_of(&key)];

    tell_done(t, c);
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    unlink_age(t, c);
    drop_waiting(t, &c->directions[0]);
    drop_waiting(t, &c->directions[1]);
    t->n_live--;
    c->next = t->unused;
    t->unused = c;
}

static struct connection *new_connection(struct tcp *t, const struct packet_segment *s, int64_t time_ms)
{
    struct connection *c, **bucket = &t->buckets[bucket_of(s)];
    bool is_answer = (s->flags & TCP_SYN) && (s->flags & TCP_ACK);

    if (t->n_live >= (size_t)LIMIT_CAPTURE_CONNECTIONS) {
        t->counts.ended_early += !t->oldest->is_done;
        forget(t, t->oldest);
    }
    c = t->unused;
    if (c)
        t->unused = c->next;
    else if (!(c = arena_alloc(t->arena, sizeof *c)))
        return NULL;
    *c = (struct connection){.next = *bucket};
    c->pub = (struct tcp_connection){
        .number = ++t->counts.connections,
        .addresses = {is_answer ? s->to : s->from, is_answer ? s->from : s->to},
        .ports = {is_answer ? s->to_port : s->from_port, is_answer ? s->from_port : s->to_port},
        .start_ms = time_ms,
        .is_midway = !(s->flags & TCP_SYN),
        .is_accepted = is_answer};
    *bucket = c;
    link_youngest(t, c);
    t->n_live++;
    return c;
}

/* The ports of an ended connection are used again: a SYN with another number. */
static bool is_reopened(const struct connection *c, int way, const struct packet_segment *s)
{
    const struct direction *d = &c->directions[way];

    return (s->flags & TCP_SYN) && !(s->flags & TCP_ACK) &&
           (c->is_done || c->pub.end != TCP_END_NONE || (d->is_known && s->sequence + 1 != d->next)) &&
           !(d->is_known && c->pub.n_data[way] == 0 && s->sequence + 1 == d->next);
}

static struct connection *find(struct tcp *t, const struct packet_segment *s, int64_t time_ms, int *ret_way)
{
    struct connection *c = t->buckets[bucket_of(s)];

    while (c && (*ret_way = way_of(c, s)) < 0)
        c = c->next;
    if (c && is_reopened(c, *ret_way, s)) {
        forget(t, c);
        c = NULL;
    }
    if (!c && (s->flags & TCP_RST) && s->data.len == 0)
        return NULL; /* answers something that is not here */
    if (!c) {
        c = new_connection(t, s, time_ms);
        *ret_way = c ? way_of(c, s) : -1;
    } else if (t->youngest != c) {
        unlink_age(t, c);
        link_youngest(t, c);
    }
    return c;
}

static void note_end(struct connection *c, int way, enum tcp_end end, int64_t time_ms)
{
    if (c->pub.end != TCP_END_NONE)
        return;
    c->pub.end = end;
    c->pub.end_by = way;
    c->pub.end_ms = time_ms;
}

static bool is_all_here(const struct direction *d)
{
    return d->has_fin && !before(d->next, d->fin);
}

static void note_acknowledged(struct connection *c, int way, const struct packet_segment *s)
{
    struct direction *d = &c->directions[way];

    if (!(s->flags & TCP_ACK) || (s->flags & TCP_RST) || !d->is_known || !before(d->wanted, s->acknowledged))
        return;
    d->wanted = s->acknowledged;
    c->pub.is_unanswered[way] = false;
}

void tcp_take(struct tcp *t, const struct packet_segment *s, int64_t time_ms)
{
    int way;
    struct connection *c = find(t, s, time_ms, &way);

    if (!c || c->is_done)
        return;
    c->pub.last_ms = time_ms;
    c->pub.is_accepted |= way == 1 && !(s->flags & TCP_RST);
    note_acknowledged(c, 1 - way, s);
    take_data(t, c, way, s, time_ms);
    if (s->flags & TCP_FIN) {
        note_end(c, way, TCP_END_FIN, time_ms);
        c->directions[way].has_fin = true;
        c->directions[way].fin = s->sequence + (uint32_t)s->data.len + s->n_missing;
    }
    if (s->flags & TCP_RST)
        note_end(c, way, TCP_END_RST, time_ms);
    if (is_all_here(&c->directions[0]) && is_all_here(&c->directions[1]))
        tell_done(t, c);
}

static int compare_numbers(const void *a, const void *b)
{
    const struct connection *const *x = a, *const *y = b;

    return (*x)->pub.number < (*y)->pub.number ? -1 : (*x)->pub.number > (*y)->pub.number;
}

void tcp_finish(struct tcp *t)
{
    struct connection **all = malloc((t->n_live + 1) * sizeof(struct connection *));
    size_t n = 0;

    for (struct connection *c = t->oldest; all && c; c = c->younger)
        all[n++] = c;
    if (all)
        qsort(all, n, sizeof *all, compare_numbers);
    for (size_t i = 0; i < n; i++)
        forget(t, all[i]);
    while (t->oldest)
        forget(t, t->oldest);
    free(all);
}
