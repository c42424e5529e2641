/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_events.h"

#include <string.h>

#include "limits.h"

static bool is_event_file(const struct entry *entry)
{
    enum kind kind = KIND_COUNT;

    if (entry->item && entry->item->kind != KIND_ATTACHMENT)
        return entry->item->kind == KIND_LOG_EVENT;
    return kind_of_entry(entry->name, &kind) && kind == KIND_LOG_EVENT;
}

static bool is_cut(const struct events *s, const struct event_file *f)
{
    const struct entry *entry = &s->x->view->entries[f->entry];

    return f->skipped > 0 || f->n_chunks_left > 0 || entry->is_lost ||
           (entry->item && entry->item->outcome == OUTCOME_TRUNCATED);
}

static void put_channels(struct events *s, const struct event_file *f)
{
    struct sink *sink = s->x->sink;

    for (size_t i = 0; i < f->n_channels; i++) {
        const struct event_channel *c = &f->channels[i];
        sink_begin(sink, "event_channel");
        sink_text(sink, "entry", s->x->view->entries[f->entry].name);
        sink_text(sink, "channel", c->name.p ? c->name : STR(""));
        sink_text(sink, "computer", c->computer.len ? c->computer : (struct str){0});
        sink_c(sink, "format", f->is_evtx ? "evtx" : "xml");
        sink_int(sink, "events", c->events);
        sink_time(sink, "first", c->first);
        sink_time(sink, "last", c->last);
        sink_int(sink, "cut", is_cut(s, f));
        sink_end(sink);
    }
}

static void put_file(struct events *s, const struct event_file *f)
{
    struct sink *sink = s->x->sink;
    struct str name = s->x->view->entries[f->entry].name;

    sink_begin(sink, "log_file");
    sink_text(sink, "entry", name);
    sink_c(sink, "kind", "event");
    sink_time(sink, "first", f->first);
    sink_time(sink, "last", f->last);
    sink_int(sink, "lines", f->n_events);
    sink_int(sink, "skipped", f->skipped);
    sink_int(sink, "cut", is_cut(s, f));
    sink_end(sink);
    put_channels(s, f);
    if (f->skipped > 0)
        sink_problem(sink, name, f->skipped_line, "%lld event%s skipped; the first: %s",
                     (long long)f->skipped, f->skipped == 1 ? " was" : "s were", f->skipped_what);
    if (f->n_cut > 0)
        sink_problem(sink, name, 0, "%lld event%s read in part: more than %lld values, or %lld bytes",
                     (long long)f->n_cut, f->n_cut == 1 ? " was" : "s were", (long long)LIMIT_EVENT_ITEMS,
                     (long long)LIMIT_EVENT_BYTES);
    if (f->n_chunks_left > 0)
        sink_problem(sink, name, 0, "%lld of %lld parts are left out, the oldest ones",
                     (long long)f->n_chunks_left, (long long)f->n_chunks);
    if (f->n_events == 0 && f->skipped == 0)
        sink_problem(sink, name, 0, "there is no event in it");
}

/* For extract_certificates, behind those that are mapped. */
static int give_certificates(struct events *s)
{
    size_t n = s->x->n_mapped + s->n_certificates;
    struct bytes *all;

    if (s->n_certificates == 0)
        return 0;
    all = arena_array(s->x->arena, n, sizeof(*all));
    if (!all)
        return -ERR_NOMEM;
    if (s->x->n_mapped > 0)
        memcpy(all, s->x->mapped, s->x->n_mapped * sizeof(*all));
    memcpy(all + s->x->n_mapped, s->certificates, s->n_certificates * sizeof(*all));
    s->x->mapped = all;
    s->x->n_mapped = n;
    return 0;
}

static int find_files(struct events *s)
{
    const struct bundle_view *view = s->x->view;

    for (size_t i = 0; i < view->n_entries; i++)
        s->n_files += is_event_file(&view->entries[i]);
    s->files = arena_array(s->x->arena, s->n_files + 1, sizeof(*s->files));
    if (!s->files)
        return -ERR_NOMEM;
    for (size_t i = 0, n = 0; i < view->n_entries; i++)
        if (is_event_file(&view->entries[i]))
            s->files[n++] = (struct event_file){.entry = (uint32_t)i,
                                                .is_evtx = str_iends(view->entries[i].name, STR(".evtx")),
                                                .first = TIME_NONE,
                                                .last = TIME_NONE};
    return 0;
}

static int init(struct events *s)
{
    struct arena *a = s->x->arena;

    s->scratch = arena_alloc(a, CERT_SCRATCH_BYTES);
    s->certificates = arena_array(a, EVENT_CERTIFICATES_MAX, sizeof(*s->certificates));
    s->reader = evtx_reader_new(a);
    if (!s->scratch || !s->certificates || !s->reader || event_counts_init(&s->counts, a) < 0 ||
        event_minutes_init(s->x) < 0)
        return -ERR_NOMEM;
    return 0;
}

/* Once to count, once to put. */
static int read_all(struct events *s, bool is_first)
{
    int r = 0;

    s->is_first = is_first;
    if (s->n_files > 1 && is_first && log_map_init(&s->known, s->x->arena, LIMIT_EVENT_KNOWN) < 0)
        return -ERR_NOMEM;
    for (size_t i = 0; r == 0 && i < s->n_files; i++)
        r = events_read_file(s, &s->files[i]);
    return r;
}

/* Which events become rows. */
static int choose(struct events *s)
{
    if (event_kept(&s->counts, s->x->arena, &s->kept, &s->n_kept) < 0)
        return -ERR_NOMEM;
    if (s->n_kept > (size_t)LIMIT_EVENT_ROWS) {
        s->n_rows_left_out = (int64_t)s->n_kept - LIMIT_EVENT_ROWS;
        s->n_kept = (size_t)LIMIT_EVENT_ROWS;
    }
    return 0;
}

static int run(struct events *s)
{
    if (init(s) < 0 || read_all(s, true) < 0 || choose(s) < 0 || read_all(s, false) < 0)
        return -ERR_NOMEM;
    for (size_t i = 0; i < s->n_files; i++)
        put_file(s, &s->files[i]);
    event_put_counts(&s->counts, s->x->sink);
    if (s->n_rows_left_out > 0)
        sink_problem(s->x->sink, (struct str){0}, 0,
                     "events: %lld are counted, but not kept one by one, there are more than %lld",
                     (long long)s->n_rows_left_out, (long long)LIMIT_EVENT_ROWS);
    return give_certificates(s);
}

int extract_events(struct extract_state *x, struct err *e)
{
    struct events *s = arena_alloc(x->arena, sizeof(*s));

    if (!s)
        return err_set(e, ERR_NOMEM, "events: out of memory");
    *s = (struct events){.x = x, .e = e};
    if (find_files(s) < 0)
        return err_set(e, ERR_NOMEM, "events: out of memory");
    if (s->n_files == 0)
        return sink_check(x->sink, e);
    int r = run(s);
    evtx_reader_free(s->reader);
    if (r < 0)
        return err_set(e, ERR_NOMEM, "events: out of memory");
    return sink_check(x->sink, e);
}
