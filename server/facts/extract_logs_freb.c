/* SPDX-License-Identifier: Apache-2.0
 *
 * Failed-request traces: one `trace` row a file, and those of its events that say something about the
 * failure. */
#include "extract_logs.h"

#include <string.h>

#include "freb.h"
#include "hresult.h"
#include "limits.h"

enum { URL_BYTES = 4096, SHORT_BYTES = 256 };

struct trace {
    struct logs *l;
    struct str entry;
    struct buf url, method, app_pool, status, reason, user, client;
    int64_t site_id, taken, time_ms, n_events, n_kept;
    bool is_broken; /* what stands behind its last event is not known */
};

static void keep(struct buf *b, struct str s)
{
    size_t room = b->cap - b->len;

    buf_clear(b);
    buf_add(b, s.p, s.len < room ? s.len : room);
}

static int64_t number_of(struct str s)
{
    uint64_t v = 0;
    return s.p && str_to_u64(s, 0xffffffff, &v) ? (int64_t)v : -1;
}

static int take_request(const struct freb_request *r, void *ctx)
{
    struct trace *t = ctx;
    struct str query;

    keep(&t->url, str_cut(r->url, '?', &query)); /* a query may be a secret */
    keep(&t->method, r->verb);
    keep(&t->app_pool, r->app_pool);
    keep(&t->status, r->status);
    keep(&t->reason, r->reason);
    keep(&t->user, r->user);
    t->site_id = number_of(r->site_id);
    t->taken = number_of(r->taken);
    return 0;
}

/* The error itself, the headers, what authentication and authorization did, and whatever else carries an
 * error code. */
static bool is_telling(const struct freb_event *e)
{
    return str_starts(e->name, STR("MODULE_SET_RESPONSE_")) || str_starts(e->name, STR("AUTH_")) ||
           str_starts(e->name, STR("SECURITY_")) || str_eq(e->name, STR("GENERAL_REQUEST_HEADERS")) ||
           str_eq(e->name, STR("GENERAL_RESPONSE_HEADERS")) || e->error_code > 0;
}

static void put_event(struct trace *t, const struct freb_event *e)
{
    struct sink *sink = t->l->x->sink;

    sink_begin(sink, "trace_event");
    sink_text(sink, "entry", t->entry);
    sink_int(sink, "line", e->line);
    sink_text(sink, "name", e->name.len ? e->name : STR(""));
    sink_text(sink, "module", e->module.len ? e->module : (struct str){0});
    sink_text(sink, "notification", e->notification.len ? e->notification : (struct str){0});
    if (e->status >= 0)
        sink_int(sink, "status", e->status);
    if (e->substatus >= 0)
        sink_int(sink, "substatus", e->substatus);
    if (e->error_code >= 0)
        sink_int(sink, "error_code", e->error_code);
    sink_text(sink, "error_text", e->error_text.len ? e->error_text : str_from(hresult_text(e->error_code)));
    sink_time(sink, "time", e->time_ms);
    sink_text(sink, "detail", e->detail.len ? e->detail : (struct str){0});
    sink_end(sink);
}

static int take_event(const struct freb_event *e, void *ctx)
{
    struct trace *t = ctx;

    t->n_events++;
    if (t->time_ms == TIME_NONE)
        t->time_ms = e->time_ms;
    if (e->remote_address.len > 0)
        keep(&t->client, e->remote_address);
    if (is_telling(e) && t->n_kept < LIMIT_TRACE_EVENTS) {
        t->n_kept++;
        put_event(t, e);
    }
    return 0;
}

static struct str text_or_null(const struct buf *b)
{
    return b->len ? buf_str(b) : (struct str){0};
}

static struct str site_name(const struct logs *l, int64_t id)
{
    for (size_t i = 0; i < l->x->n_sites; i++)
        if (l->x->sites[i].id == id)
            return l->x->sites[i].name;
    return (struct str){0};
}

static void put_trace(const struct trace *t)
{
    struct sink *sink = t->l->x->sink;

    sink_begin(sink, "trace");
    sink_text(sink, "entry", t->entry);
    if (t->site_id >= 0) {
        sink_int(sink, "site_id", t->site_id);
        sink_text(sink, "site", site_name(t->l, t->site_id));
    }
    sink_text(sink, "url", text_or_null(&t->url));
    sink_text(sink, "method", text_or_null(&t->method));
    sink_text(sink, "app_pool", text_or_null(&t->app_pool));
    sink_text(sink, "status", text_or_null(&t->status));
    sink_text(sink, "reason", text_or_null(&t->reason));
    if (t->taken >= 0)
        sink_int(sink, "taken", t->taken);
    sink_time(sink, "time", t->time_ms);
    sink_text(sink, "client", text_or_null(&t->client));
    sink_text(sink, "user", text_or_null(&t->user));
    sink_int(sink, "events", t->n_events);
    sink_end(sink);
}

/* For the log line of the same request, which is read later. */
static void note_trace(const struct trace *t, uint32_t entry)
{
    struct str substatus, status = str_cut(buf_str(&t->status), '.', &substatus);

    if (t->time_ms == TIME_NONE || number_of(status) < 0)
        return;
    logs_trace_note(t->l,
                    &(struct log_trace){.entry = entry,
                                        .site_id = t->site_id,
                                        .status = number_of(status),
                                        .substatus = number_of(substatus),
                                        .end_ms = t->time_ms + (t->taken > 0 ? t->taken : 0)},
                    buf_str(&t->url), buf_str(&t->client));
}

static void put_file(const struct trace *t, const struct entry *entry)
{
    struct sink *sink = t->l->x->sink;

    sink_begin(sink, "log_file");
    sink_text(sink, "entry", t->entry);
    if (t->site_id >= 0)
        sink_text(sink, "site", site_name(t->l, t->site_id));
    sink_c(sink, "kind", "freb");
    sink_time(sink, "first", t->time_ms);
    sink_time(sink, "last", t->time_ms);
    sink_int(sink, "lines", t->n_events);
    sink_int(sink, "cut", t->is_broken || (entry->item && entry->item->outcome == OUTCOME_TRUNCATED));
    sink_end(sink);
}

struct feed {
    struct freb *freb;
    struct err e;
    int code;
};

static int take_piece(void *ctx, struct bytes piece)
{
    struct feed *f = ctx;

    f->code = freb_feed(f->freb, piece, &f->e);
    return f->code;
}

static int read_trace(struct trace *t, uint32_t entry)
{
    const struct freb_handler handler = {.request = take_request, .event = take_event, .ctx = t};
    struct feed f = {.freb = freb_new(&handler)};
    struct err e = {0};

    if (!f.freb)
        return -ERR_NOMEM;
    int r = logs_stream(t->l, entry, take_piece, &f, &e);
    if (f.code == 0)
        f.code = freb_finish(f.freb, &f.e);
    freb_free(f.freb);
    if (f.code == -ERR_NOMEM || r == -ERR_NOMEM)
        return -ERR_NOMEM;
    t->is_broken = f.code < 0 || r < 0;
    if (t->is_broken)
        sink_problem(t->l->x->sink, t->entry, 0, "read up to here only: %s",
                     r < 0 && e.code ? e.text : f.e.text);
    return 0;
}

int logs_freb(struct logs *l, uint32_t entry)
{
    const struct entry *at = &l->x->view->entries[entry];
    struct trace t = {.l = l, .entry = at->name, .site_id = -1, .taken = -1, .time_ms = TIME_NONE};
    struct buf *all[] = {&t.url, &t.method, &t.app_pool, &t.status, &t.reason, &t.user, &t.client};

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        *all[i] = BUF_INIT(all[i] == &t.url ? URL_BYTES : SHORT_BYTES);
    int r = read_trace(&t, entry);
    if (r == 0) {
        put_file(&t, at);
        if (t.n_events > 0 || t.url.len > 0) {
            put_trace(&t);
            note_trace(&t, entry);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        buf_done(all[i]);
    return r;
}
