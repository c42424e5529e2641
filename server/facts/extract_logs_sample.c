/* SPDX-License-Identifier: Apache-2.0
 *
 * The sample of requests: of each symptom the first ones, the last ones and some of its peak hour; of a few
 * clients the whole sequence (500, then 403.7, then the success), whatever the symptoms are. */
#include "extract_logs.h"

#include <string.h>

#include "limits.h"

/* Clients whose relevant requests are all kept, from the first one that failed: what one did tells more than
 * what many did. Half of the places are for failures that a 403.7 may hide, which are rarer. */
enum { WATCHED = 16, WATCHED_ROWS = 12 };
enum { POOL_ROWS = 4096, ROWS_PER_SYMPTOM = SAMPLE_FIRST + SAMPLE_LAST + 2 * SAMPLE_PEAK };

/* Texts of a row, with the room that each has. */
#define ROW_TEXTS(X)                                                                                         \
    X(client, CLIENT, 56)                                                                                    \
    X(method, METHOD, 24)                                                                                    \
    X(url, STEM, 512)                                                                                        \
    X(server_ip, SERVER_IP, 56)                                                                              \
    X(host, HOST, 160)                                                                                       \
    X(version, VERSION, 16)                                                                                  \
    X(user, USER, 128)                                                                                       \
    X(agent, AGENT, 320)

struct log_row {
    uint32_t spot, entry;
    struct log_status s;
    int64_t time_ms, line, taken, port, bytes_received;
#define X(name, field, room) uint16_t name##_len;
    ROW_TEXTS(X)
#undef X
#define X(name, field, room) char name[room];
    ROW_TEXTS(X)
#undef X
};

struct log_watched {
    uint64_t client_hash; /* with the site */
    uint16_t rows[WATCHED_ROWS], n;
};

struct log_pool {
    struct log_watched watched[WATCHED];
    uint32_t n_watched,
        n_refused; /* of both kinds together; those that began with something else than a failure */
    struct log_list rows;
    uint16_t free[POOL_ROWS];
    uint32_t n_free;
};

int logs_sample_init(struct logs *l)
{
    l->pool = arena_alloc(l->a, sizeof(*l->pool));
    if (!l->pool || log_list_init(&l->pool->rows, l->a, sizeof(struct log_row), POOL_ROWS) < 0)
        return -ERR_NOMEM;
    for (uint32_t i = 0; i < POOL_ROWS; i++)
        l->pool->free[i] = (uint16_t)(POOL_ROWS - 1 - i);
    l->pool->n_free = POOL_ROWS;
    return 0;
}

static uint32_t rows_of(const struct log_sample *s)
{
    return (uint32_t)s->n_first + s->n_last + s->n_peak + s->n_hour;
}

/* Takes one row from where the most of this symptom are; the very first and the last stay. */
static void drop_row(struct log_pool *pool, struct log_sample *s)
{
    if (s->n_hour > 0 && s->n_hour >= s->n_peak) {
        pool->free[pool->n_free++] = s->hour[--s->n_hour];
    } else if (s->n_peak > 0) {
        pool->free[pool->n_free++] = s->peak[--s->n_peak];
    } else if (s->n_first >= s->n_last) {
        pool->free[pool->n_free++] = s->first[--s->n_first];
    } else {
        uint16_t oldest = s->n_last == SAMPLE_LAST ? s->last_at : 0;
        pool->free[pool->n_free++] = s->last[oldest];
        /* the ring turns into a list that begins with its oldest row */
        uint16_t turned[SAMPLE_LAST], n = 0;
        for (uint16_t i = 1; i < s->n_last; i++)
            turned[n++] = s->last[(oldest + i) % SAMPLE_LAST];
        memcpy(s->last, turned, n * sizeof(turned[0]));
        s->n_last = n;
        s->last_at = 0;
    }
}

/* The pool is empty: the symptom with the most rows gives some. */
static void make_room(struct logs *l)
{
    struct log_sample *most = NULL;

    for (uint32_t i = 0; i < l->symptom_map.n; i++) {
        struct log_symptom *s = log_list_at(&l->symptoms, i);
        if (s && (!most || rows_of(&s->sample) > rows_of(most)))
            most = &s->sample;
    }
    for (int i = 0; most && i < 16 && rows_of(most) > 2; i++)
        drop_row(l->pool, most);
}

static void fill_row(struct log_row *row, const struct log_request *r)
{
    *row = (struct log_row){.spot = r->spot, .entry = r->entry, .s = r->s, .time_ms = r->time_ms};
    row->line = r->line->number;
    row->taken = r->taken;
    (void)w3c_number(r->line, W3C_PORT, &row->port);
    (void)w3c_number(r->line, W3C_BYTES_RECEIVED, &row->bytes_received);
#define X(name, field, room)                                                                                 \
    row->name##_len = (uint16_t)log_copy(row->name, room, w3c_get(r->line, W3C_##field));
    ROW_TEXTS(X)
#undef X
}

/* A slot that holds the row; NOT_THERE when there is no room at all. */
static uint32_t keep_row(struct logs *l, const struct log_request *r)
{
    struct log_pool *pool = l->pool;

    if (pool->n_free == 0)
        make_room(l);
    if (pool->n_free == 0)
        return NOT_THERE;
    struct log_row *row = log_list_at(&pool->rows, pool->free[pool->n_free - 1]);
    if (!row)
        return NOT_THERE;
    fill_row(row, r);
    return pool->free[--pool->n_free];
}

static bool may_be_watched(const struct log_pool *pool, const struct log_status *s)
{
    return pool->n_watched < WATCHED &&
           (logs_is_failure(s) || (s->status == 403 && pool->n_refused < WATCHED / 2));
}

static struct log_watched *watched_client(struct log_pool *pool, const struct log_request *r)
{
    for (uint32_t i = 0; i < pool->n_watched; i++)
        if (pool->watched[i].client_hash == r->client_hash)
            return &pool->watched[i];
    if (!r->client.p || !may_be_watched(pool, &r->s))
        return NULL;
    pool->n_refused += !logs_is_failure(&r->s);
    pool->watched[pool->n_watched] = (struct log_watched){.client_hash = r->client_hash};
    return &pool->watched[pool->n_watched++];
}

static void watch(struct logs *l, const struct log_request *r)
{
    struct log_watched *w = watched_client(l->pool, r);
    uint32_t slot = w && w->n < WATCHED_ROWS ? keep_row(l, r) : NOT_THERE;

    if (slot != NOT_THERE)
        w->rows[w->n++] = (uint16_t)slot;
}

static void give_back(struct log_pool *pool, const uint16_t *slots, uint16_t *n)
{
    for (uint16_t i = 0; i < *n; i++)
        pool->free[pool->n_free++] = slots[i];
    *n = 0;
}

/* A new hour begins: the hour that ended is the peak so far, or it is forgotten. */
static void turn_hour(struct log_pool *pool, struct log_sample *s, int64_t hour)
{
    if (s->hour_count > s->peak_count) {
        give_back(pool, s->peak, &s->n_peak);
        memcpy(s->peak, s->hour, sizeof(s->peak));
        s->n_peak = s->n_hour;
        s->n_hour = 0;
        s->peak_count = s->hour_count;
    }
    give_back(pool, s->hour, &s->n_hour);
    s->hour_at = hour;
    s->hour_count = 0;
}

static void keep_last(struct logs *l, struct log_sample *s, const struct log_request *r)
{
    if (s->n_last == SAMPLE_LAST) {
        fill_row(log_list_at(&l->pool->rows, s->last[s->last_at]), r);
        s->last_at = (uint16_t)((s->last_at + 1) % SAMPLE_LAST);
        return;
    }
    uint32_t slot = keep_row(l, r);
    if (slot != NOT_THERE && s->n_last < SAMPLE_LAST)
        s->last[s->n_last++] = (uint16_t)slot;
}

void logs_sample(struct logs *l, struct log_symptom *symptom, const struct log_request *r)
{
    struct log_sample *s = &symptom->sample;
    int64_t hour = r->time_ms - r->time_ms % HOUR_MS;
    uint32_t slot = NOT_THERE;

    watch(l, r);
    if (hour != s->hour_at)
        turn_hour(l->pool, s, hour);
    s->hour_count++;
    if (s->n_first < SAMPLE_FIRST && s->n_last == 0) {
        slot = keep_row(l, r);
        if (slot != NOT_THERE)
            s->first[s->n_first++] = (uint16_t)slot;
        return;
    }
    if (s->n_hour < SAMPLE_PEAK && !symptom->is_answer && (slot = keep_row(l, r)) != NOT_THERE)
        s->hour[s->n_hour++] = (uint16_t)slot;
    keep_last(l, s, r);
}

static void put_row(struct logs *l, const struct log_row *row)
{
    struct sink *sink = l->x->sink;

    sink_begin(sink, "request");
    logs_put_place(l, row->spot);
    logs_put_status(l, &row->s);
    sink_time(sink, "time", row->time_ms);
#define X(name, field, room)                                                                                 \
    sink_text(sink, #name, row->name##_len ? (struct str){row->name, row->name##_len} : (struct str){0});
    ROW_TEXTS(X)
#undef X
    if (row->port >= 0)
        sink_int(sink, "port", row->port);
    if (row->taken >= 0)
        sink_int(sink, "taken", row->taken);
    if (row->bytes_received >= 0)
        sink_int(sink, "bytes_received", row->bytes_received);
    sink_text(sink, "entry", l->x->view->entries[row->entry].name);
    sink_int(sink, "line", row->line);
    sink_end(sink);
}

struct picked {
    const struct log_row *rows[ROWS_PER_SYMPTOM];
    size_t n;
};

static bool is_before(const struct log_row *a, const struct log_row *b)
{
    return a->entry != b->entry ? a->entry < b->entry : a->line < b->line;
}

/* In the order of the log, each line once. */
static void pick(struct picked *p, const struct log_row *row)
{
    size_t at = p->n;

    while (row && at > 0 && is_before(row, p->rows[at - 1]))
        at--;
    if (!row || (at > 0 && !is_before(p->rows[at - 1], row)) || p->n == ROWS_PER_SYMPTOM)
        return;
    for (size_t i = p->n++; i > at; i--)
        p->rows[i] = p->rows[i - 1];
    p->rows[at] = row;
}

static bool is_of(const struct log_row *row, const struct log_symptom *s)
{
    return row && row->spot == s->spot && memcmp(&row->s, &s->s, sizeof(s->s)) == 0;
}

/* Rows of watched clients that are of this symptom; they take their place in its quota. */
static void pick_watched(struct logs *l, const struct log_symptom *s, struct picked *ret)
{
    for (uint32_t i = 0; i < l->pool->n_watched; i++)
        for (uint16_t k = 0; k < l->pool->watched[i].n; k++) {
            const struct log_row *row = log_list_at(&l->pool->rows, l->pool->watched[i].rows[k]);
            if (is_of(row, s))
                pick(ret, row);
        }
}

static void count_watched(struct logs *l)
{
    for (uint32_t i = 0; i < l->symptom_map.n; i++) {
        struct log_symptom *s = log_list_at(&l->symptoms, i);
        struct picked p = {.n = 0};
        if (!s)
            continue;
        pick_watched(l, s, &p);
        s->sample.n_watched = (uint16_t)p.n;
    }
}

/* At most `quota`: whole sequences, a fifth of the peak, two fifths the last ones, and the first ones as far
 * as there is room. */
static void put_sample(struct logs *l, const struct log_symptom *symptom, uint32_t quota)
{
    const struct log_sample *s = &symptom->sample;
    struct picked p = {.n = 0};
    pick_watched(l, symptom, &p);
    uint32_t room = quota > p.n ? quota - (uint32_t)p.n : 0;
    uint32_t last = s->n_last < room * 2 / 5 ? s->n_last : room * 2 / 5;
    uint32_t n_peak = s->n_peak ? s->n_peak : s->n_hour;
    const uint16_t *peaks = s->n_peak ? s->peak : s->hour;
    uint32_t peak = n_peak < room / 5 ? n_peak : room / 5;
    uint32_t oldest = s->n_last == SAMPLE_LAST ? s->last_at : 0;

    for (uint32_t i = 0; i < peak; i++)
        pick(&p, log_list_at(&l->pool->rows, peaks[i]));
    for (uint32_t i = s->n_last - last; i < s->n_last; i++)
        pick(&p, log_list_at(&l->pool->rows, s->last[(oldest + i) % SAMPLE_LAST]));
    for (uint32_t i = 0; i < s->n_first && p.n < quota; i++)
        pick(&p, log_list_at(&l->pool->rows, s->first[i]));
    for (size_t i = 0; i < p.n; i++)
        put_row(l, p.rows[i]);
}

/* The largest number of rows a symptom may have, so that all together stay within the machine's. */
static uint32_t fair_quota(struct logs *l)
{
    uint32_t quota = (uint32_t)LIMIT_REQUESTS_SYMPTOM;

    for (; quota > 1; quota--) {
        int64_t sum = 0;
        for (uint32_t i = 0; i < l->symptom_map.n; i++) {
            const struct log_symptom *s = log_list_at(&l->symptoms, i);
            uint32_t n = s ? rows_of(&s->sample) + s->sample.n_watched : 0;
            n = n < quota ? n : quota;
            sum += s && s->sample.n_watched > n ? s->sample.n_watched : n;
        }
        if (sum <= LIMIT_REQUESTS_MACHINE)
            break;
    }
    return quota;
}

void logs_put_samples(struct logs *l)
{
    count_watched(l);
    uint32_t quota = fair_quota(l);

    for (uint32_t i = 0; i < l->symptom_map.n; i++) {
        struct log_symptom *s = log_list_at(&l->symptoms, i);
        if (!s || s->count == 0)
            continue;
        if (s->sample.hour_count > s->sample.peak_count)
            turn_hour(l->pool, &s->sample, 0);
        put_sample(l, s, quota);
    }
}
