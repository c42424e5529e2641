/* SPDX-License-Identifier: Apache-2.0
 *
 * Events by kind: what is the same but for the time. */
#include "extract_events.h"

#include <stdlib.h>
#include <string.h>

#include "hresult.h"
#include "limits.h"

enum { KEEP_HALF = 100, KEEP_SUCCESSES_HALF = 10, COMPUTER_BYTES = 256 };

struct counted_kind {
    uint32_t half;          /* so many of the first and of the last ones are kept */
    uint32_t *first, *last; /* their numbers; last is a ring */
    int64_t count;
    const char *area;
    int64_t id, level, code, error, state;
    struct str side, process, status, computer;
};

struct counted_hour {
    uint32_t kind;
    int64_t hour, count, first, last;
};

int event_counts_init(struct event_counts *c, struct arena *a)
{
    if (log_map_init(&c->kinds, a, LIMIT_EVENT_KINDS) < 0 ||
        log_list_init(&c->kind_list, a, sizeof(struct counted_kind), LIMIT_EVENT_KINDS) < 0 ||
        log_map_init(&c->hours, a, LIMIT_EVENT_COUNTS) < 0 ||
        log_list_init(&c->hour_list, a, sizeof(struct counted_hour), LIMIT_EVENT_COUNTS) < 0)
        return -ERR_NOMEM;
    return 0;
}

static uint64_t hash_of(const struct event *event, const struct event_facts *f)
{
    const int64_t numbers[] = {f->kind, event->id, event->level, f->code, f->error, f->state};
    uint64_t h = 0xe7e27;

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        h = log_hash_mix(h, (uint64_t)numbers[i]);
    h = log_hash(f->side, h);
    h = log_hash(f->process, h);
    h = log_hash(event->computer, h);
    return log_hash(f->status, h);
}

static int fill(struct counted_kind *k, struct arena *a, const struct event *event,
                const struct event_facts *f)
{
    bool is_success = f->kind == AREA_CAPI2 && !event_failed(event, f);

    *k = (struct counted_kind){.half = is_success ? KEEP_SUCCESSES_HALF : KEEP_HALF,
                               .area = f->area,
                               .id = event->id,
                               .level = event->level,
                               .code = f->code,
                               .error = f->error,
                               .state = f->state};
    if (f->side.p)
        k->side = arena_keep(a, f->side);
    if (f->process.p)
        k->process = arena_keep(a, f->process);
    if (f->status.p)
        k->status = arena_keep(a, f->status);
    if (event->computer.len > 0 && event->computer.len <= COMPUTER_BYTES)
        k->computer = arena_keep(a, event->computer);
    k->first = arena_array(a, k->half, sizeof(k->first[0]));
    k->last = arena_array(a, k->half, sizeof(k->last[0]));
    return k->first && k->last ? 0 : -ERR_NOMEM;
}

static void count_hour(struct event_counts *c, uint32_t kind, int64_t time_ms)
{
    int64_t at_ms = time_ms == TIME_NONE ? 0 : time_ms, hour = at_ms - (at_ms % HOUR_MS + HOUR_MS) % HOUR_MS;
    bool is_new = false;
    uint32_t at = log_map_add(&c->hours, log_hash_mix(log_hash_mix(0x40, kind), (uint64_t)hour), &is_new);
    struct counted_hour *h = at == NOT_THERE ? NULL : log_list_at(&c->hour_list, at);

    if (!h)
        return;
    if (is_new)
        *h = (struct counted_hour){.kind = kind, .hour = hour, .first = at_ms, .last = at_ms};
    h->count++;
    h->first = at_ms < h->first ? at_ms : h->first;
    h->last = at_ms > h->last ? at_ms : h->last;
}

int event_count(struct event_counts *c, struct arena *a, const struct event *event,
                const struct event_facts *f, uint32_t ordinal)
{
    bool is_new = false;
    uint32_t at = log_map_add(&c->kinds, hash_of(event, f), &is_new);
    struct counted_kind *k = at == NOT_THERE ? NULL : log_list_at(&c->kind_list, at);

    if (!k)
        return at == NOT_THERE ? 0 : -ERR_NOMEM;
    if (is_new && fill(k, a, event, f) < 0)
        return -ERR_NOMEM;
    if (k->count < k->half)
        k->first[k->count] = ordinal;
    else
        k->last[(k->count - k->half) % k->half] = ordinal;
    k->count++;
    count_hour(c, at, event->time_ms);
    return 0;
}

static int64_t less(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int compare_numbers(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

int event_kept(struct event_counts *c, struct arena *a, uint32_t **ret, size_t *ret_n)
{
    size_t n = 0;
    uint32_t *list = arena_array(a, (size_t)c->kinds.n * KEEP_HALF * 2 + 1, sizeof(*list));

    if (!list)
        return -ERR_NOMEM;
    for (uint32_t i = 0; i < c->kinds.n; i++) {
        const struct counted_kind *k = log_list_at(&c->kind_list, i);
        if (!k)
            return -ERR_NOMEM;
        for (int64_t at = 0; at < less(k->count, k->half); at++)
            list[n++] = k->first[at];
        for (int64_t at = 0; at < less(k->count - k->half, k->half); at++)
            list[n++] = k->last[at];
    }
    qsort(list, n, sizeof(*list), compare_numbers);
    *ret = list;
    *ret_n = n;
    return 0;
}

static void put_number(struct sink *sink, const char *column, int64_t value)
{
    if (value >= 0)
        sink_int(sink, column, value);
}

static void put_hour(struct sink *sink, const struct counted_kind *k, const struct counted_hour *h)
{
    sink_begin(sink, "event_count");
    sink_text(sink, "computer", k->computer);
    sink_c(sink, "area", k->area);
    sink_int(sink, "event_id", k->id);
    put_number(sink, "level", k->level);
    sink_text(sink, "side", k->side);
    put_number(sink, "code", k->code);
    put_number(sink, "error", k->error);
    if (k->error > 0)
        sink_c(sink, "error_text", hresult_text(k->error));
    put_number(sink, "state", k->state);
    sink_text(sink, "status", k->status);
    sink_text(sink, "process", k->process);
    sink_int(sink, "hour", h->hour);
    sink_int(sink, "count", h->count);
    sink_time(sink, "first", h->first);
    sink_time(sink, "last", h->last);
    sink_end(sink);
}

void event_put_counts(struct event_counts *c, struct sink *sink)
{
    for (uint32_t i = 0; i < c->hours.n; i++) {
        const struct counted_hour *h = log_list_at(&c->hour_list, i);
        const struct counted_kind *k = h ? log_list_at(&c->kind_list, h->kind) : NULL;
        if (k)
            put_hour(sink, k, h);
    }
    if (c->kinds.refused > 0 || c->hours.refused > 0)
        sink_problem(sink, (struct str){0}, 0,
                     "events: %lld are not counted, there are more than %lld kinds, or %lld kinds and hours",
                     (long long)(c->kinds.refused + c->hours.refused), (long long)LIMIT_EVENT_KINDS,
                     (long long)LIMIT_EVENT_COUNTS);
}
