/* SPDX-License-Identifier: Apache-2.0
 *
 * What one request means is often told by the next of the same client: a failure that hides behind the 403.7
 * that follows it (causes E01, M08), and a 403.7 that the client answered with its certificate a moment later
 * (M01). Requests that wait for such a follower stand in rings; the oldest make room. */
#include "extract_logs.h"

#include <math.h>
#include <string.h>

#include "limits.h"

enum {
    BUCKETS = 4096,
    STEPS_MAX = 4096,
    SLACK_MS = 300000,
    SECOND_MS = 1000,
    PAIR_KINDS = 256,
    AWAITS = 8192
};
enum { KIND_BITS = 8192, KIND_SYMPTOMS = 64 };

struct waiting {
    uint64_t key;
    uint64_t client_hash, url_hash;
    int64_t time_ms, start_ms, line;
    struct log_status s;
    uint32_t entry, spot, symptom, client;
    uint32_t older, newer, bucket; /* of the list of its bucket; NOT_THERE at the ends */
    bool is_live;
};

struct ring {
    struct waiting *nodes;
    uint32_t at, head[BUCKETS], tail[BUCKETS]; /* oldest and newest */
    int64_t lost;                              /* still waited for when its place was needed */
};

struct pair_kind {
    uint32_t spot;
    struct log_status first, then;
    int64_t count, same_url, first_ms, last_ms, rows;
    int64_t taken_ms; /* of the failures, together */
    struct log_clients clients;
    struct waiting last_first, last_then; /* the latest pair, when it is not a row yet */
    char last_client[CLIENT_BYTES];
    size_t last_client_len;
};

struct log_pairs {
    struct ring failures;    /* by client and site */
    struct ring refusals;    /* 403.7, by client and site: a failure that began earlier may be logged later */
    struct ring asked;       /* 403.7 and 401, by client, site and user agent */
    uint16_t awaits[AWAITS]; /* how many in `asked`, by the client's hash */
    struct log_map kind_map;
    struct log_list kinds;
    int64_t rows, steps_cut;
};

static int init_ring(struct ring *ring, struct arena *a)
{
    ring->nodes = arena_array(a, (size_t)LIMIT_LOG_PENDING, sizeof(ring->nodes[0]));
    for (size_t i = 0; i < BUCKETS; i++)
        ring->head[i] = ring->tail[i] = NOT_THERE;
    return ring->nodes ? 0 : -ERR_NOMEM;
}

int logs_pair_init(struct logs *l)
{
    l->pairs = arena_alloc(l->a, sizeof(*l->pairs));
    if (!l->pairs || init_ring(&l->pairs->failures, l->a) < 0 || init_ring(&l->pairs->refusals, l->a) < 0 ||
        init_ring(&l->pairs->asked, l->a) < 0 || log_map_init(&l->pairs->kind_map, l->a, PAIR_KINDS) < 0 ||
        log_list_init(&l->pairs->kinds, l->a, sizeof(struct pair_kind), PAIR_KINDS) < 0)
        return -ERR_NOMEM;
    return 0;
}

static void ring_remove(struct ring *ring, uint32_t at)
{
    struct waiting *w = &ring->nodes[at];

    if (w->older == NOT_THERE)
        ring->head[w->bucket] = w->newer;
    else
        ring->nodes[w->older].newer = w->newer;
    if (w->newer == NOT_THERE)
        ring->tail[w->bucket] = w->older;
    else
        ring->nodes[w->newer].older = w->older;
    w->is_live = false;
}

/* Returns what had to go for it, or NULL. */
static const struct waiting *ring_add(struct ring *ring, const struct waiting *w, struct waiting *room)
{
    uint32_t at = ring->at, bucket = (uint32_t)(w->key >> 32) % BUCKETS;
    struct waiting *node = &ring->nodes[at];
    bool was_live = node->is_live;

    if (was_live) {
        *room = *node;
        ring->lost += node->time_ms + WINDOW_MS >= w->time_ms;
        ring_remove(ring, at);
    }
    *node = *w;
    node->bucket = bucket;
    node->older = ring->tail[bucket];
    node->newer = NOT_THERE;
    node->is_live = true;
    if (node->older == NOT_THERE)
        ring->head[bucket] = at;
    else
        ring->nodes[node->older].newer = at;
    ring->tail[bucket] = at;
    ring->at = (at + 1) % (uint32_t)LIMIT_LOG_PENDING;
    return was_live ? room : NULL;
}

static struct waiting waiting_of(const struct log_request *r, uint64_t key, uint32_t symptom, uint32_t client)
{
    return (struct waiting){.key = key,
                            .client_hash = r->client_hash,
                            .url_hash = log_hash(r->url, 0),
                            .time_ms = r->time_ms,
                            .start_ms = r->start_ms,
                            .line = r->line->number,
                            .s = r->s,
                            .entry = r->entry,
                            .spot = r->spot,
                            .symptom = symptom,
                            .client = client};
}

/* Failures that a 403.7 may hide: a late certificate request that came to nothing, a body too large for it, a
 * configuration that IIS could not read. */
bool logs_is_failure(const struct log_status *s)
{
    if (s->status == 500)
        return s->substatus == 19 || s->win32 == 64 || s->win32 == 995 || s->win32 == 50 ||
               s->win32 == 1236 || s->win32 == 2147943395 || s->win32 == 2147942450;
    return s->status == 413;
}

static bool is_refusal(const struct log_status *s)
{
    return s->status == 403 && s->substatus == 7;
}

static void put_pair(struct logs *l, const struct waiting *first, const struct waiting *then,
                     struct str client)
{
    struct sink *sink = l->x->sink;

    sink_begin(sink, "request_pair");
    logs_put_place(l, then->spot);
    sink_text(sink, "client", client);
    sink_int(sink, "first_status", first->s.status);
    if (first->s.substatus >= 0)
        sink_int(sink, "first_substatus", first->s.substatus);
    if (first->s.win32 >= 0)
        sink_int(sink, "first_win32", first->s.win32);
    sink_time(sink, "first_time", first->time_ms);
    sink_text(sink, "first_entry", l->x->view->entries[first->entry].name);
    sink_int(sink, "first_line", first->line);
    sink_int(sink, "then_status", then->s.status);
    sink_int(sink, "then_substatus", then->s.substatus);
    if (then->s.win32 >= 0)
        sink_int(sink, "then_win32", then->s.win32);
    sink_time(sink, "then_time", then->time_ms);
    sink_text(sink, "then_entry", l->x->view->entries[then->entry].name);
    sink_int(sink, "then_line", then->line);
    sink_int(sink, "same_url", first->url_hash == then->url_hash);
    sink_end(sink);
}

static struct pair_kind *kind_of(struct logs *l, const struct waiting *first, const struct waiting *then)
{
    uint64_t hash = log_hash_mix(log_hash_mix(log_hash_mix(7, then->spot), (uint64_t)first->s.win32),
                                 ((uint64_t)first->s.status << 32) ^ (uint64_t)first->s.substatus);
    bool is_new = false;
    uint32_t at = log_map_add(&l->pairs->kind_map, hash, &is_new);
    struct pair_kind *kind = at == NOT_THERE ? NULL : log_list_at(&l->pairs->kinds, at);

    if (kind && is_new)
        *kind = (struct pair_kind){
            .spot = then->spot, .first = first->s, .then = then->s, .first_ms = first->time_ms};
    return kind;
}

/* All but one of the rows are the first pairs of a kind; the last one is kept for the latest. */
static void add_pair(struct logs *l, const struct waiting *first, const struct waiting *then,
                     struct str client)
{
    struct pair_kind *kind = kind_of(l, first, then);

    if (!kind)
        return;
    kind->count++;
    kind->same_url += first->url_hash == then->url_hash;
    kind->last_ms = then->time_ms;
    kind->taken_ms += first->time_ms - first->start_ms;
    log_clients_add(&kind->clients, l->a, then->client_hash, KIND_BITS);
    if (kind->rows < LIMIT_LOG_PAIR_ROWS - 1 && l->pairs->rows < LIMIT_REQUESTS_MACHINE) {
        kind->rows++;
        l->pairs->rows++;
        put_pair(l, first, then, client);
        return;
    }
    kind->last_first = *first;
    kind->last_then = *then;
    kind->last_client_len = log_copy(kind->last_client, sizeof(kind->last_client), client);
}

/* The oldest failure of this client that began before and ended at most a minute before: one that waited for
 * the connection's time-out took two. Both are written in whole seconds, and the failure's line came first: a
 * beginning in the same second counts as before. */
static uint32_t find_failure(struct logs *l, const struct waiting *refusal)
{
    struct ring *ring = &l->pairs->failures;
    uint32_t at = ring->head[(uint32_t)(refusal->key >> 32) % BUCKETS], newer = NOT_THERE;

    for (int steps = 0; at != NOT_THERE; at = newer) {
        const struct waiting *w = &ring->nodes[at];
        newer = w->newer;
        if (w->time_ms + WINDOW_MS + SLACK_MS < refusal->start_ms)
            ring_remove(ring, at);
        else if (w->key == refusal->key && w->start_ms < refusal->start_ms + SECOND_MS &&
                 refusal->start_ms - w->time_ms <= WINDOW_MS)
            return at;
        else if (++steps > STEPS_MAX) {
            l->pairs->steps_cut++;
            return NOT_THERE;
        }
    }
    return NOT_THERE;
}

/* A 403.7 that is logged already though it began after this failure did: of these the one that began first.
 */
static uint32_t find_refusal(struct logs *l, const struct waiting *failure)
{
    const struct ring *ring = &l->pairs->refusals;
    uint32_t at = ring->tail[(uint32_t)(failure->key >> 32) % BUCKETS], found = NOT_THERE;

    for (int steps = 0; at != NOT_THERE; at = ring->nodes[at].older) {
        const struct waiting *w = &ring->nodes[at];
        if (w->time_ms + SLACK_MS < failure->start_ms)
            break;
        if (++steps > STEPS_MAX) {
            l->pairs->steps_cut++;
            break;
        }
        if (w->key == failure->key && w->start_ms > failure->start_ms &&
            w->start_ms - failure->time_ms <= WINDOW_MS)
            found = at;
    }
    return found;
}

static void pair_refusal(struct logs *l, const struct waiting *w, struct str client)
{
    struct waiting room;
    uint32_t at = find_failure(l, w);

    if (at == NOT_THERE) {
        (void)ring_add(&l->pairs->refusals, w, &room);
        return;
    }
    add_pair(l, &l->pairs->failures.nodes[at], w, client);
    ring_remove(&l->pairs->failures, at);
}

static void pair_failure(struct logs *l, const struct waiting *w, struct str client)
{
    struct waiting room;
    uint32_t at = w->start_ms < w->time_ms ? find_refusal(l, w) : NOT_THERE;

    if (at == NOT_THERE) {
        (void)ring_add(&l->pairs->failures, w, &room);
        return;
    }
    add_pair(l, w, &l->pairs->refusals.nodes[at], client);
    ring_remove(&l->pairs->refusals, at);
}

static uint16_t *awaits_of(const struct logs *l, uint64_t client_hash)
{
    return &l->pairs->awaits[(client_hash >> 20) % AWAITS];
}

bool logs_pair_awaits(const struct logs *l, uint64_t client_hash)
{
    return *awaits_of(l, client_hash) > 0;
}

static uint64_t asked_key(const struct log_request *r)
{
    return log_hash(w3c_get(r->line, W3C_AGENT), r->client_hash);
}

static void ask(struct logs *l, struct waiting w, const struct log_request *r)
{
    struct waiting room;

    w.key = asked_key(r);
    const struct waiting *gone = ring_add(&l->pairs->asked, &w, &room);
    if (gone)
        --*awaits_of(l, gone->client_hash);
    ++*awaits_of(l, w.client_hash);
}

void logs_pair(struct logs *l, const struct log_request *r, uint32_t symptom, uint32_t client)
{
    struct waiting w = waiting_of(r, r->client_hash, symptom, client);

    if (is_refusal(&r->s))
        pair_refusal(l, &w, r->client);
    else if (logs_is_failure(&r->s))
        pair_failure(l, &w, r->client);
    if (is_refusal(&r->s) || r->s.status == 401)
        ask(l, w, r);
}

static void note_answer(struct logs *l, const struct waiting *w)
{
    struct log_symptom *s = log_list_at(&l->symptoms, w->symptom);
    struct log_client *c = w->client == NOT_THERE ? NULL : log_list_at(&l->clients, w->client);

    if (s)
        s->answered++;
    if (c)
        c->answered++;
}

void logs_sample_success(struct logs *l, const struct log_request *r)
{
    uint32_t at = logs_symptom(l, r->spot, &r->s, true);
    struct log_symptom *s = at == NOT_THERE ? NULL : log_list_at(&l->symptoms, at);

    if (!s)
        return;
    s->count++;
    logs_sample(l, s, r);
}

void logs_answer(struct logs *l, const struct log_request *r)
{
    struct ring *ring = &l->pairs->asked;
    uint64_t key = asked_key(r);
    uint32_t at = ring->head[(uint32_t)(key >> 32) % BUCKETS], newer = NOT_THERE;
    bool answered = false;

    for (int steps = 0; at != NOT_THERE && steps < STEPS_MAX; at = newer, steps++) {
        const struct waiting *w = &ring->nodes[at];
        newer = w->newer;
        if (w->key != key || r->start_ms < w->start_ms)
            continue;
        if (r->start_ms - w->start_ms <= WINDOW_MS) {
            note_answer(l, w);
            answered = true;
        }
        --*awaits_of(l, w->client_hash);
        ring_remove(ring, at);
    }
    if (answered)
        logs_sample_success(l, r);
}

static const struct log_client *client_at(struct logs *l, uint64_t client_hash, uint32_t symptom)
{
    uint32_t at = log_map_find(&l->client_map, log_hash_mix(client_hash, symptom));
    return at == NOT_THERE ? NULL : log_list_at(&l->clients, at);
}

static bool is_of_kind(struct logs *l, const struct log_symptom *s, const struct pair_kind *kind)
{
    const struct log_spot *a = log_list_at(&l->spots, s->spot), *b = log_list_at(&l->spots, kind->spot);
    return !s->is_answer && a && b && a->site == b->site && s->s.status == kind->first.status &&
           s->s.substatus == kind->first.substatus && s->s.win32 == kind->first.win32;
}

/* The symptoms whose requests are the first ones of this kind of pair. */
static size_t symptoms_of(struct logs *l, const struct pair_kind *kind, uint32_t ret[KIND_SYMPTOMS])
{
    size_t n = 0;

    for (uint32_t i = 0; i < l->symptom_map.n && n < KIND_SYMPTOMS; i++) {
        const struct log_symptom *s = log_list_at(&l->symptoms, i);
        if (s && is_of_kind(l, s, kind))
            ret[n++] = i;
    }
    return n;
}

/* Pairs that this client would give by chance: each of its 403.7 finds one of its failures in the window
 * before with the probability of a Poisson process of the failures' rate over the whole log. */
static double chance_of(int64_t refusals, int64_t failures, double window_ms, double span_ms)
{
    double pairs = (double)refusals * (1 - exp(-(double)failures * window_ms / span_ms));
    return pairs < (double)failures ? pairs : (double)failures;
}

static int64_t by_chance(struct logs *l, const struct pair_kind *kind)
{
    uint32_t symptoms[KIND_SYMPTOMS];
    size_t n = symptoms_of(l, kind, symptoms);
    double sum = 0, span = (double)(l->last_ms - l->first_ms);
    double window = WINDOW_MS + (double)kind->taken_ms / (double)kind->count;

    for (uint32_t i = 0; i < l->client_map.n; i++) {
        const struct log_client *c = log_list_at(&l->clients, i);
        const struct log_symptom *s = c ? log_list_at(&l->symptoms, c->symptom) : NULL;
        int64_t failures = 0;
        if (!s || s->spot != kind->spot || !is_refusal(&s->s))
            continue;
        for (size_t k = 0; k < n; k++) {
            const struct log_client *f = client_at(l, c->client_hash, symptoms[k]);
            failures += f ? f->count : 0;
        }
        sum += chance_of(c->count, failures, window, span < HOUR_MS ? HOUR_MS : span);
    }
    return (int64_t)(sum + 0.5);
}

static void put_kind(struct logs *l, struct pair_kind *kind)
{
    struct sink *sink = l->x->sink;

    if (kind->count > kind->rows && kind->last_client_len > 0)
        put_pair(l, &kind->last_first, &kind->last_then,
                 (struct str){kind->last_client, kind->last_client_len});
    sink_begin(sink, "request_pair_count");
    logs_put_place(l, kind->spot);
    sink_int(sink, "first_status", kind->first.status);
    if (kind->first.substatus >= 0)
        sink_int(sink, "first_substatus", kind->first.substatus);
    if (kind->first.win32 >= 0)
        sink_int(sink, "first_win32", kind->first.win32);
    sink_int(sink, "then_status", kind->then.status);
    sink_int(sink, "then_substatus", kind->then.substatus);
    sink_int(sink, "count", kind->count);
    sink_int(sink, "same_url", kind->same_url);
    sink_int(sink, "clients", log_clients_count(&kind->clients));
    sink_int(sink, "by_chance", by_chance(l, kind));
    sink_time(sink, "first", kind->first_ms);
    sink_time(sink, "last", kind->last_ms);
    sink_end(sink);
}

void logs_put_pairs(struct logs *l)
{
    const struct log_pairs *p = l->pairs;

    for (uint32_t i = 0; i < p->kind_map.n; i++) {
        struct pair_kind *kind = log_list_at(&l->pairs->kinds, i);
        if (kind)
            put_kind(l, kind);
    }
    if (p->failures.lost + p->refusals.lost + p->steps_cut + p->kind_map.refused > 0)
        sink_problem(l->x->sink, (struct str){0}, 0,
                     "logs: so many failures within a minute that pairs of requests are counted too low");
    if (p->asked.lost > 0)
        sink_problem(l->x->sink, (struct str){0}, 0,
                     "logs: so many failures within a minute that answered ones are counted too low");
}
