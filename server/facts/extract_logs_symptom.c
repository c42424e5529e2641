/* SPDX-License-Identifier: Apache-2.0
 *
 * Symptoms: the statuses that client certificates have to do with, whole log, with their clients. */
#include "extract_logs.h"

#include <math.h>
#include <string.h>

#include "limits.h"

enum { SYMPTOM_BITS = 16384 };

/* Win32 codes of a late certificate request that came to nothing (causes §6): connection gone, aborted, not
 * supported. */
static bool is_transport_code(int64_t win32)
{
    return win32 == 64 || win32 == 995 || win32 == 50 || win32 == 1236 || win32 == 2147943395 ||
           win32 == 2147942450;
}

bool logs_is_symptom(const struct log_status *s)
{
    if (s->status == 500)
        return s->substatus == 19 || s->win32 > 0 || is_transport_code(s->win32);
    return s->status == 401 || s->status == 403 || s->status == 413 || s->status == 502;
}

uint32_t logs_symptom(struct logs *l, uint32_t spot, const struct log_status *s, bool is_answer)
{
    uint64_t hash =
        log_hash_mix(log_hash_mix(is_answer, spot),
                     ((uint64_t)s->status << 48) ^ ((uint64_t)s->substatus << 34) ^ (uint64_t)s->win32);
    bool is_new = false;
    uint32_t at = log_map_add(&l->symptom_map, hash, &is_new);
    struct log_symptom *symptom = at == NOT_THERE ? NULL : log_list_at(&l->symptoms, at);

    if (symptom && is_new)
        *symptom = (struct log_symptom){.spot = spot,
                                        .s = *s,
                                        .is_answer = is_answer,
                                        .first = INT64_MAX,
                                        .last = INT64_MIN,
                                        .newest_count = NOT_THERE};
    return symptom ? at : NOT_THERE;
}

static struct log_client *client_of(struct logs *l, uint32_t symptom, const struct log_request *r,
                                    uint32_t *ret_at)
{
    struct log_symptom *s = log_list_at(&l->symptoms, symptom);
    bool is_new = false;
    uint32_t at = log_map_add(&l->client_map, log_hash_mix(r->client_hash, symptom), &is_new);
    struct log_client *c = at == NOT_THERE ? NULL : log_list_at(&l->clients, at);
    struct str agent = w3c_get(r->line, W3C_AGENT);

    *ret_at = c ? at : NOT_THERE;
    if (!c) {
        s->clients_full = true;
        return NULL;
    }
    uint64_t agent_hash = log_hash(agent, 1);
    if (is_new) {
        *c = (struct log_client){.symptom = symptom, .client_hash = r->client_hash, .agent_hash = agent_hash};
        c->client_len = (uint8_t)log_copy(c->client, sizeof(c->client), r->client);
        c->agent_len = (uint16_t)log_copy(c->agent, sizeof(c->agent), agent);
        c->one_agent = true;
        c->first = c->last = r->time_ms;
        s->n_clients++;
    }
    c->one_agent = c->one_agent && c->agent_hash == agent_hash;
    return c;
}

/* A night without requests must not hide that a probe comes every ten seconds: besides mean and deviation the
 * gap that most have. Logs write whole seconds. */
static void note_gap(struct log_client *c, int64_t gap)
{
    int64_t slack = c->usual_gap / 10 < 1500 ? 1500 : c->usual_gap / 10;
    bool is_near = c->usual_votes > 0 && gap >= c->usual_gap - slack && gap <= c->usual_gap + slack;

    c->gaps += (double)gap;
    c->gaps_squared += (double)gap * (double)gap;
    if (c->usual_votes == 0) {
        c->usual_gap = gap;
        c->n_usual = 0;
    }
    c->n_usual += is_near || c->usual_votes == 0;
    c->usual_votes += is_near || c->usual_votes == 0 ? 1 : -1;
}

static uint32_t add_client(struct logs *l, uint32_t symptom, const struct log_request *r, bool is_preflight)
{
    uint32_t at = NOT_THERE;
    struct log_client *c = r->client.p ? client_of(l, symptom, r, &at) : NULL;

    if (!c)
        return NOT_THERE;
    if (c->count > 0)
        note_gap(c, r->time_ms - c->last);
    c->count++;
    c->preflights += is_preflight;
    c->last = r->time_ms;
    return at;
}

void logs_symptom_add(struct logs *l, uint32_t symptom, const struct log_request *r)
{
    struct log_symptom *s = log_list_at(&l->symptoms, symptom);
    bool is_preflight = str_eq(w3c_get(r->line, W3C_METHOD), STR("OPTIONS"));

    s->count++;
    s->preflights += is_preflight;
    if (r->time_ms < s->first)
        s->first = r->time_ms;
    if (r->time_ms > s->last)
        s->last = r->time_ms;
    uint32_t client = add_client(l, symptom, r, is_preflight);
    if (r->client.p)
        log_clients_add(&s->clients, l->a, r->client_hash, SYMPTOM_BITS);
    logs_urls_add(l, &s->urls, r->url);
    logs_sample(l, s, r);
    if (l->minutes)
        logs_minute(l, symptom, r);
    if (r->client.p)
        logs_pair(l, r, symptom, client);
}

static void put_client(struct logs *l, const struct log_client *c)
{
    struct sink *sink = l->x->sink;
    const struct log_symptom *s = log_list_at(&l->symptoms, c->symptom);
    double n = (double)(c->count - 1);

    sink_begin(sink, "request_client");
    logs_put_place(l, s->spot);
    logs_put_status(l, &s->s);
    sink_text(sink, "client", (struct str){c->client, c->client_len});
    sink_text(sink, "agent", c->agent_len ? (struct str){c->agent, c->agent_len} : (struct str){0});
    sink_int(sink, "one_agent", c->one_agent);
    sink_int(sink, "count", c->count);
    sink_int(sink, "answered", c->answered);
    sink_int(sink, "preflights", c->preflights);
    if (c->count > 1) {
        double mean = c->gaps / n, variance = c->gaps_squared / n - mean * mean;
        sink_int(sink, "gap", (int64_t)(mean + 0.5));
        sink_int(sink, "gap_spread", (int64_t)(sqrt(variance > 0 ? variance : 0) + 0.5));
        sink_int(sink, "usual_gap", c->usual_gap);
        sink_int(sink, "usual_gap_count", c->n_usual);
    }
    sink_time(sink, "first", c->first);
    sink_time(sink, "last", c->last);
    sink_end(sink);
}

/* The busiest first; the order of arrival decides between equals. */
static bool is_busier(const struct log_client *a, const struct log_client *b)
{
    return a->count > b->count;
}

static void put_clients(struct logs *l, uint32_t symptom)
{
    const struct log_client *best[64];
    size_t n = 0, max = (size_t)LIMIT_LOG_CLIENT_ROWS;

    for (uint32_t i = 0; i < l->client_map.n; i++) {
        const struct log_client *c = log_list_at(&l->clients, i);
        if (!c || c->symptom != symptom || (n == max && !is_busier(c, best[n - 1])))
            continue;
        size_t at = n < max ? n++ : n - 1;
        for (; at > 0 && is_busier(c, best[at - 1]); at--)
            best[at] = best[at - 1];
        best[at] = c;
    }
    for (size_t i = 0; i < n; i++)
        put_client(l, best[i]);
}

static void put_symptom(struct logs *l, const struct log_symptom *s)
{
    struct sink *sink = l->x->sink;

    sink_begin(sink, "request_symptom");
    logs_put_place(l, s->spot);
    logs_put_status(l, &s->s);
    sink_int(sink, "count", s->count);
    sink_int(sink, "clients", s->clients_full ? log_clients_count(&s->clients) : (int64_t)s->n_clients);
    sink_int(sink, "clients_exact", !s->clients_full);
    sink_int(sink, "answered", s->answered);
    sink_int(sink, "preflights", s->preflights);
    if (s->peak_count > 0) {
        sink_time(sink, "peak_hour", s->peak_hour);
        sink_int(sink, "peak_count", s->peak_count);
    }
    logs_put_urls(l, &s->urls);
    logs_put_trend(l, s->newest_count);
    sink_time(sink, "first", s->first);
    sink_time(sink, "last", s->last);
    sink_end(sink);
}

void logs_put_symptoms(struct logs *l)
{
    for (uint32_t i = 0; i < l->symptom_map.n; i++) {
        const struct log_symptom *s = log_list_at(&l->symptoms, i);
        if (!s || s->is_answer || s->count == 0)
            continue;
        put_symptom(l, s);
        put_clients(l, i);
    }
    if (l->symptom_map.refused > 0)
        sink_problem(l->x->sink, (struct str){0}, 0,
                     "logs: only the first %lld combinations of place and status were looked at closely",
                     (long long)LIMIT_LOG_SYMPTOMS);
}
