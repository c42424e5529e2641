/* SPDX-License-Identifier: Apache-2.0
 *
 * A failed-request trace and the line of the log that the same request left: site, URL, status, client and
 * the end of the request. Traces have milliseconds, logs whole seconds. */
#include "extract_logs.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "text.h"

int logs_trace_init(struct logs *l)
{
    l->traces.list = arena_array(l->a, (size_t)LIMIT_LOG_TRACES, sizeof(struct log_trace));
    l->traces.first_ms = INT64_MAX;
    l->traces.last_ms = INT64_MIN;
    return l->traces.list ? 0 : -ERR_NOMEM;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* The next character of a path as the log writes it: decoded, blanks as '+'; in lower case. */
static char next_of(struct str *url)
{
    char c = url->p[0];
    size_t n = 1;

    if (c == '%' && url->len >= 3 && hex_digit(url->p[1]) >= 0 && hex_digit(url->p[2]) >= 0) {
        c = (char)(hex_digit(url->p[1]) * 16 + hex_digit(url->p[2]));
        n = 3;
    }
    *url = str_skip(*url, n);
    if (c == ' ')
        return '+';
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static uint64_t hash_of_path(struct str path)
{
    uint64_t h = 0x7ace;

    while (path.len > 0)
        h = (h ^ (uint8_t)next_of(&path)) * 0x100000001b3u;
    return h;
}

/* What stands behind "https://host:port". */
static struct str path_of(struct str url)
{
    const char *slashes = url.len ? memmem(url.p, url.len, "://", 3) : NULL;
    size_t from = slashes ? (size_t)(slashes - url.p) + 3 : 0;
    const char *slash = from < url.len ? memchr(url.p + from, '/', url.len - from) : NULL;

    return slash ? str_skip(url, (size_t)(slash - url.p)) : STR("/");
}

/* An address without its zone. */
static struct str address_of(struct str client)
{
    struct str zone;
    return str_cut(client, '%', &zone);
}

void logs_trace_note(struct logs *l, const struct log_trace *trace, struct str url, struct str client)
{
    struct log_traces *t = &l->traces;

    if (t->n == LIMIT_LOG_TRACES || trace->status > 999) {
        t->refused++;
        return;
    }
    struct log_trace *to = &t->list[t->n++];
    *to = *trace;
    to->url_hash = hash_of_path(path_of(url));
    to->client_len = log_copy(to->client, sizeof(to->client), address_of(client));
    t->statuses[to->status / 64] |= (uint64_t)1 << (to->status % 64);
    if (to->end_ms - TRACE_SLACK_MS < t->first_ms)
        t->first_ms = to->end_ms - TRACE_SLACK_MS;
    if (to->end_ms + TRACE_SLACK_MS > t->last_ms)
        t->last_ms = to->end_ms + TRACE_SLACK_MS;
}

static int compare_ends(const void *a, const void *b)
{
    const struct log_trace *x = a, *y = b;

    if (x->end_ms != y->end_ms)
        return x->end_ms < y->end_ms ? -1 : 1;
    return x->entry < y->entry ? -1 : x->entry > y->entry;
}

void logs_trace_sort(struct logs *l)
{
    qsort(l->traces.list, l->traces.n, sizeof(l->traces.list[0]), compare_ends);
}

static uint32_t first_behind(const struct log_traces *t, int64_t ms)
{
    uint32_t low = 0, high = t->n;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (t->list[middle].end_ms < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool fits(const struct logs *l, const struct log_trace *t, const struct log_request *r,
                 uint64_t url_hash)
{
    struct str client = address_of(r->client), traced = {t->client, t->client_len};

    return t->status == r->s.status && t->url_hash == url_hash &&
           (t->substatus < 0 || r->s.substatus < 0 || t->substatus == r->s.substatus) &&
           (t->site_id < 0 || l->sites[r->site].id < 0 || t->site_id == l->sites[r->site].id) &&
           (traced.len == 0 || client.len == 0 || str_eq(traced, client));
}

static void take(struct log_trace *t, const struct log_request *r, int64_t distance)
{
    t->is_found = true;
    t->distance = distance;
    t->log_entry = r->entry;
    t->spot = r->spot;
    t->line = r->line->number;
    t->time_ms = r->time_ms;
    t->s = r->s;
    if (!w3c_number(r->line, W3C_TAKEN, &t->taken))
        t->taken = -1;
}

void logs_trace_match(struct logs *l, const struct log_request *r)
{
    struct log_traces *t = &l->traces;
    uint64_t url_hash = hash_of_path(r->url);

    for (uint32_t i = first_behind(t, r->time_ms - TRACE_SLACK_MS);
         i < t->n && t->list[i].end_ms <= r->time_ms + TRACE_SLACK_MS; i++) {
        int64_t second = t->list[i].end_ms - t->list[i].end_ms % 1000;
        int64_t distance = r->time_ms > second ? r->time_ms - second : second - r->time_ms;
        if (fits(l, &t->list[i], r, url_hash) && (!t->list[i].is_found || distance < t->list[i].distance))
            take(&t->list[i], r, distance);
    }
}

static void put_row(struct logs *l, const struct log_trace *t)
{
    struct sink *sink = l->x->sink;

    sink_begin(sink, "trace_request");
    sink_text(sink, "entry", l->x->view->entries[t->entry].name);
    logs_put_place(l, t->spot);
    logs_put_status(l, &t->s);
    sink_time(sink, "time", t->time_ms);
    if (t->taken >= 0)
        sink_int(sink, "taken", t->taken);
    sink_text(sink, "log_entry", l->x->view->entries[t->log_entry].name);
    sink_int(sink, "log_line", t->line);
    sink_end(sink);
}

void logs_put_traces(struct logs *l)
{
    for (uint32_t i = 0; i < l->traces.n; i++)
        if (l->traces.list[i].is_found)
            put_row(l, &l->traces.list[i]);
    if (l->traces.refused > 0)
        sink_problem(l->x->sink, (struct str){0}, 0,
                     "traces: %lld are not looked for in the logs, there are more than %lld",
                     (long long)l->traces.refused, (long long)LIMIT_LOG_TRACES);
}
