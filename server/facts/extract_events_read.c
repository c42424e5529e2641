/* SPDX-License-Identifier: Apache-2.0
 *
 * One file: event XML, or an event log file by its newest chunks. */
#include "extract_events.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"

static void note_damage(struct event_file *f, int64_t count, int64_t line, const char *what)
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
    s->xml = event_xml_new(&a, s->is_first ? events_count : events_put, s);
    if (!s->xml)
        r = err_set(s->e, ERR_NOMEM, "events: out of memory");
    else
        event_xml_filter(s->xml, s->is_first ? events_number : events_is_kept);
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
    return evtx_read_chunk(s->reader, chunk->bytes, s->is_first ? events_count_next : events_put_next, s,
                           &s->damage);
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

/* Is there anything in it that becomes a row? */
static bool has_kept(struct events *s, const struct event_file *f)
{
    while (s->kept_at < s->n_kept && s->kept[s->kept_at] < f->first_ordinal)
        s->kept_at++;
    return s->kept_at < s->n_kept && s->kept[s->kept_at] <= f->last_ordinal;
}

int events_read_file(struct events *s, struct event_file *f)
{
    s->file = f;
    if (s->is_first)
        f->first_ordinal = s->ordinal + 1;
    else if (!has_kept(s, f))
        return 0;
    else
        s->ordinal = f->first_ordinal - 1;
    int r = f->is_evtx ? read_evtx(s) : read_xml(s);
    if (s->is_first)
        f->last_ordinal = s->ordinal;
    return r;
}
