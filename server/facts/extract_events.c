/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_events.h"

#include <stdlib.h>
#include <string.h>

#include "event_xml.h"
#include "evtx.h"
#include "limits.h"

enum { CHANNELS_MAX = 64, CHANNEL_BYTES = 256, CERTIFICATES_MAX = 200 };

struct channel {
    struct str name, computer;
    int64_t events, first, last;
};

struct file {
    uint32_t entry;
    bool is_evtx;
    int64_t n_bytes, n_events, skipped, skipped_line;
    char skipped_what[160];
    int64_t first, last;
    uint64_t from_record; /* evtx: chunks that end before it are left out */
    int64_t n_chunks, n_chunks_left;
    struct channel channels[CHANNELS_MAX];
    size_t n_channels;
};

struct events {
    struct extract_state *x;
    struct event_counts counts;
    struct log_map known; /* events that were read, where the same log may have come twice */
    struct event_xml *xml;
    struct evtx_reader *reader;
    uint8_t *scratch;
    struct file *files;
    size_t n_files;
    struct file *file; /* the current one */
    bool is_first;
    int64_t n_rows, n_rows_left_out;
    struct bytes *certificates;
    size_t n_certificates;
    struct evtx_damage damage;
    struct err *e;
};

static bool is_event_file(const struct entry *entry)
{
    enum kind kind = KIND_COUNT;

    if (entry->item && entry->item->kind != KIND_ATTACHMENT)
        return entry->item->kind == KIND_LOG_EVENT;
    return kind_of_entry(entry->name, &kind) && kind == KIND_LOG_EVENT;
}

/* ---- one event ---- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a == TIME_NONE || (b != TIME_NONE && b < a) ? b : a;
}

static int64_t later(int64_t a, int64_t b)
{
    return a == TIME_NONE || (b != TIME_NONE && b > a) ? b : a;
}

static struct channel *channel_of(struct events *s, const struct event *event)
{
    struct file *f = s->file;

    for (size_t i = 0; i < f->n_channels; i++)
        if (str_eq(f->channels[i].name, event->channel))
            return &f->channels[i];
    if (f->n_channels == CHANNELS_MAX || event->channel.len > CHANNEL_BYTES ||
        event->computer.len > CHANNEL_BYTES)
        return NULL;
    struct channel *c = &f->channels[f->n_channels++];
    *c = (struct channel){.name = arena_keep(s->x->arena, event->channel),
                          .computer = arena_keep(s->x->arena, event->computer),
                          .first = TIME_NONE,
                          .last = TIME_NONE};
    return c;
}

static void count_in_file(struct events *s, const struct event *event)
{
    struct channel *c = channel_of(s, event);

    s->file->n_events++;
    s->file->first = earlier(s->file->first, event->time_ms);
    s->file->last = later(s->file->last, event->time_ms);
    if (!c)
        return;
    c->events++;
    c->first = earlier(c->first, event->time_ms);
    c->last = later(c->last, event->time_ms);
}

/* A log saved as XML and as .evtx, or saved twice. */
static bool is_known(struct events *s, const struct event *event)
{
    uint64_t h = log_hash_mix(0xd0b1e, (uint64_t)event->record);
    bool is_new = true;

    if (!s->known.slots || event->record < 0 || event->time_ms == TIME_NONE)
        return false;
    h = log_hash_mix(h, (uint64_t)event->time_ms / 1000); /* XML and .evtx differ in digits */
    h = log_hash_mix(h, (uint64_t)event->id);
    h = log_hash(event->channel, log_hash(event->computer, h));
    return log_map_add(&s->known, h, &is_new) != NOT_THERE && !is_new;
}

/* The certificate that Schannel did not like: extract_certificates builds its chain. */
static void keep_certificate(struct events *s, const struct event_facts *f)
{
    struct str der = {(const char *)f->der.p, f->der.len};

    if (!der.p || s->n_certificates == CERTIFICATES_MAX)
        return;
    for (size_t i = 0; i < s->n_certificates; i++)
        if (str_eq((struct str){(const char *)s->certificates[i].p, s->certificates[i].len}, der))
            return;
    der = arena_keep(s->x->arena, der);
    if (der.p)
        s->certificates[s->n_certificates++] = (struct bytes){(const uint8_t *)der.p, der.len};
}

static void put(struct events *s, const struct event *event, const struct event_facts *f, uint32_t kind)
{
    struct event_kind *k = event_kind_at(&s->counts, kind);
    int64_t half;

    if (!k)
        return;
    half = k->n_kept_max / 2;
    if (k->count > k->n_kept_max && k->seen > half && k->seen <= k->count - half)
        return;
    if (s->n_rows++ >= LIMIT_EVENT_ROWS) {
        s->n_rows_left_out++;
        return;
    }
    struct arena scratch = ARENA_INIT(LIMIT_CERT_BYTES * 8);
    event_put(s->x->sink, &scratch, s->x->view->entries[s->file->entry].name, event, f);
    arena_done(&scratch);
}

static int take_event(const struct event *event, void *ctx)
{
    struct events *s = ctx;
    struct event_facts f;

    if (s->is_first)
        count_in_file(s, event);
    if (!event_decode(event, s->scratch, &f) || is_known(s, event))
        return 0;
    uint32_t kind = event_count(&s->counts, s->x->arena, event, &f, s->is_first);
    if (kind == NOT_THERE)
        return 0;
    if (s->is_first) {
        keep_certificate(s, &f);
        if (event_failed(event, &f))
            event_minute_note(s->x, event->time_ms);
    } else {
        put(s, event, &f, kind);
    }
    return 0;
}

/* ---- one file ---- */

static void note_damage(struct file *f, int64_t count, int64_t line, const char *what)
{
    if (count == 0)
        return;
    f->skipped += count;
    f->skipped_line = line;
    (void)log_copy(f->skipped_what, sizeof(f->skipped_what) - 1, str_from(what));
}

static int feed_xml(void *ctx, struct bytes piece)
{
    struct events *s = ctx;
    int64_t room = LIMIT_EVENT_FILE_BYTES - s->file->n_bytes;

    if (room <= 0)
        return -ERR_LIMIT;
    if ((int64_t)piece.len > room)
        piece.len = (size_t)room;
    s->file->n_bytes += (int64_t)piece.len;
    return event_xml_feed(s->xml, piece, s->e);
}

static int stream(struct events *s, int (*take)(void *ctx, struct bytes piece), void *ctx)
{
    const struct bundle_view *view = s->x->view;
    struct err e = {0};
    int r = view->stream(view->ctx, &view->entries[s->file->entry], take, ctx, &e);

    if (s->file->n_bytes >= LIMIT_EVENT_FILE_BYTES)
        (void)err_set(&e, ERR_LIMIT, "what stands behind %lld bytes is left out",
                      (long long)LIMIT_EVENT_FILE_BYTES);
    if (r == -ERR_NOMEM)
        return err_set(s->e, ERR_NOMEM, "events: out of memory");
    if (r < 0 && s->is_first)
        note_damage(s->file, 1, 0, e.text);
    return 0;
}

static int read_xml(struct events *s)
{
    struct arena a = ARENA_INIT(LIMIT_EVENT_BYTES * 2);
    int r = 0;

    s->file->n_bytes = 0;
    s->xml = event_xml_new(&a, take_event, s);
    if (!s->xml)
        r = err_set(s->e, ERR_NOMEM, "events: out of memory");
    if (r == 0)
        r = stream(s, feed_xml, s);
    if (r == 0)
        r = event_xml_finish(s->xml, s->e);
    if (r == 0 && s->is_first) {
        const struct event_xml_skipped *skipped = event_xml_skipped(s->xml);
        note_damage(s->file, skipped->count, skipped->line, skipped->what);
    }
    event_xml_free(s->xml);
    arena_done(&a);
    return r;
}

/* The chunks of a log that is full do not stand in the order of time: the newest are those with the highest
 * numbers. */
struct survey {
    uint64_t *last;
    int64_t n;
};

static int see_chunk(const struct evtx_chunk *chunk, void *ctx)
{
    struct survey *s = ctx;

    if (s->n < LIMIT_EVTX_CHUNKS_SEEN)
        s->last[s->n++] = chunk->last_record;
    return 0;
}

static int compare_down(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? 1 : *x > *y ? -1 : 0;
}

static int feed_evtx(void *ctx, struct bytes piece)
{
    return evtx_feed(ctx, piece);
}

/* Each file is asked for its chunks before it is read: which of them are the newest. */
static int survey(struct events *s)
{
    struct arena a = ARENA_INIT(LIMIT_EVTX_CHUNKS_SEEN * 8 + EVTX_CHUNK_BYTES + 65536);
    struct survey seen = {.last = arena_array(&a, (size_t)LIMIT_EVTX_CHUNKS_SEEN, sizeof(uint64_t))};
    struct evtx *x = evtx_new(&a, see_chunk, &seen);
    struct evtx_damage damage = {0};
    int r = x && seen.last ? stream(s, feed_evtx, x) : -ERR_NOMEM;

    if (r == 0) {
        (void)evtx_finish(x, &damage);
        s->file->n_chunks = seen.n;
        if (seen.n > LIMIT_EVTX_CHUNKS) {
            qsort(seen.last, (size_t)seen.n, sizeof(seen.last[0]), compare_down);
            s->file->from_record = seen.last[LIMIT_EVTX_CHUNKS - 1];
        }
    }
    arena_done(&a);
    return r;
}

static int take_chunk(const struct evtx_chunk *chunk, void *ctx)
{
    struct events *s = ctx;

    if (s->file->from_record > 0 && chunk->last_record < s->file->from_record) {
        s->file->n_chunks_left += s->is_first;
        return 0;
    }
    return evtx_read_chunk(s->reader, chunk->bytes, take_event, s, &s->damage);
}

static bool may_be_long(const struct entry *entry)
{
    return entry->size < 0 || entry->size > LIMIT_EVTX_CHUNKS * EVTX_CHUNK_BYTES;
}

static int read_evtx(struct events *s)
{
    struct arena a = ARENA_INIT(EVTX_CHUNK_BYTES + 65536);
    struct evtx *x = evtx_new(&a, take_chunk, s);
    int r = x ? 0 : -ERR_NOMEM;

    s->damage = (struct evtx_damage){0};
    if (r == 0 && s->is_first && may_be_long(&s->x->view->entries[s->file->entry]))
        r = survey(s);
    if (r == 0)
        r = stream(s, feed_evtx, x);
    if (r == 0)
        r = evtx_finish(x, &s->damage);
    arena_done(&a);
    if (s->is_first) {
        note_damage(s->file, s->damage.records, 0, "records are damaged");
        if (s->damage.bytes > 0 && s->damage.records == 0)
            note_damage(s->file, 1, 0, "bytes belong to no chunk");
    }
    return r < 0 ? err_set(s->e, ERR_NOMEM, "events: out of memory") : 0;
}

static int read_file(struct events *s, struct file *f)
{
    s->file = f;
    return f->is_evtx ? read_evtx(s) : read_xml(s);
}

/* ---- all files ---- */

static bool is_cut(const struct events *s, const struct file *f)
{
    const struct entry *entry = &s->x->view->entries[f->entry];

    return f->skipped > 0 || f->n_chunks_left > 0 || entry->is_lost ||
           (entry->item && entry->item->outcome == OUTCOME_TRUNCATED);
}

static void put_channels(struct events *s, const struct file *f)
{
    struct sink *sink = s->x->sink;

    for (size_t i = 0; i < f->n_channels; i++) {
        const struct channel *c = &f->channels[i];
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

static void put_file(struct events *s, const struct file *f)
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
            s->files[n++] = (struct file){.entry = (uint32_t)i,
                                          .is_evtx = str_iends(view->entries[i].name, STR(".evtx")),
                                          .first = TIME_NONE,
                                          .last = TIME_NONE};
    return 0;
}

static int init(struct events *s)
{
    struct arena *a = s->x->arena;

    s->scratch = arena_alloc(a, CERT_SCRATCH_BYTES);
    s->certificates = arena_array(a, CERTIFICATES_MAX, sizeof(*s->certificates));
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
    if (s->n_files > 1)
        log_map_clear(&s->known);
    for (size_t i = 0; r == 0 && i < s->n_files; i++)
        r = read_file(s, &s->files[i]);
    return r;
}

static int run(struct events *s)
{
    if (init(s) < 0 || read_all(s, true) < 0 || read_all(s, false) < 0)
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
