/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that failed beside events: extract_events notes the minutes, then each request of a symptom is
 * looked up. Logs have whole seconds and are written behind the request, so an event counts for the next
 * minute, too, when it comes shortly before it, and for the one before. */
#include "extract_events.h"

#include <string.h>

#include "limits.h"

enum { MINUTE_MS = 60000, GRACE_MS = 15000, URL_BYTES = 256 };

struct log_minute {
    uint32_t symptom;
    int64_t minute, count, line;
    uint32_t entry;
    uint16_t client_len, url_len;
    char client[CLIENT_BYTES], url[URL_BYTES];
};

struct log_minutes {
    struct log_map map;
    struct log_list list;
};

int event_minutes_init(struct extract_state *x)
{
    x->event_minutes = arena_alloc(x->arena, sizeof(*x->event_minutes));
    return x->event_minutes ? log_map_init(x->event_minutes, x->arena, LIMIT_EVENT_MINUTES) : -ERR_NOMEM;
}

static uint64_t minute_hash(int64_t time_ms)
{
    return log_hash_mix(0x3140e, (uint64_t)(time_ms / MINUTE_MS));
}

void event_minute_note(struct extract_state *x, int64_t time_ms)
{
    bool is_new = false;

    if (time_ms == TIME_NONE || time_ms < GRACE_MS)
        return;
    (void)log_map_add(x->event_minutes, minute_hash(time_ms - GRACE_MS), &is_new);
    (void)log_map_add(x->event_minutes, minute_hash(time_ms + GRACE_MS), &is_new);
}

int logs_minute_init(struct logs *l)
{
    if (!l->x->event_minutes || l->x->event_minutes->n == 0)
        return 0;
    l->minutes = arena_alloc(l->a, sizeof(*l->minutes));
    if (!l->minutes || log_map_init(&l->minutes->map, l->a, LIMIT_REQUEST_MINUTES) < 0 ||
        log_list_init(&l->minutes->list, l->a, sizeof(struct log_minute), LIMIT_REQUEST_MINUTES) < 0)
        return -ERR_NOMEM;
    return 0;
}

void logs_minute(struct logs *l, uint32_t symptom, const struct log_request *r)
{
    bool is_new = false;

    if (log_map_find(l->x->event_minutes, minute_hash(r->time_ms)) == NOT_THERE)
        return;
    uint32_t at = log_map_add(&l->minutes->map, log_hash_mix(minute_hash(r->time_ms), symptom), &is_new);
    struct log_minute *m = at == NOT_THERE ? NULL : log_list_at(&l->minutes->list, at);
    if (!m)
        return;
    if (is_new) {
        *m = (struct log_minute){.symptom = symptom,
                                 .minute = r->time_ms - r->time_ms % MINUTE_MS,
                                 .entry = r->entry,
                                 .line = r->line->number};
        m->client_len = (uint16_t)log_copy(m->client, sizeof(m->client), r->client);
        m->url_len = (uint16_t)log_copy(m->url, sizeof(m->url), r->url);
    }
    m->count++;
}

static void put_minute(struct logs *l, const struct log_minute *m)
{
    const struct log_symptom *s = log_list_at(&l->symptoms, m->symptom);
    struct sink *sink = l->x->sink;

    if (!s)
        return;
    sink_begin(sink, "request_minute");
    logs_put_place(l, s->spot);
    logs_put_status(l, &s->s);
    sink_int(sink, "minute", m->minute);
    sink_int(sink, "count", m->count);
    sink_text(sink, "client", m->client_len ? (struct str){m->client, m->client_len} : (struct str){0});
    sink_text(sink, "url", m->url_len ? (struct str){m->url, m->url_len} : (struct str){0});
    sink_text(sink, "entry", l->x->view->entries[m->entry].name);
    sink_int(sink, "line", m->line);
    sink_end(sink);
}

void logs_put_minutes(struct logs *l)
{
    if (!l->minutes)
        return;
    for (uint32_t i = 0; i < l->minutes->map.n; i++) {
        const struct log_minute *m = log_list_at(&l->minutes->list, i);
        if (m)
            put_minute(l, m);
    }
    if (l->minutes->map.refused > 0)
        sink_problem(l->x->sink, (struct str){0}, 0,
                     "logs: %lld requests beside events are not told, there are more than %lld of their "
                     "minutes, places and statuses",
                     (long long)l->minutes->map.refused, (long long)LIMIT_REQUEST_MINUTES);
}
