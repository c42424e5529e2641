/* SPDX-License-Identifier: Apache-2.0
 *
 * One event: counted the first time that it is read, put the second time. */
#include "extract_events.h"

#include <string.h>

#include "limits.h"

enum { CHANNEL_BYTES = 256 };

static int64_t earlier(int64_t a, int64_t b)
{
    return a == TIME_NONE || (b != TIME_NONE && b < a) ? b : a;
}

static int64_t later(int64_t a, int64_t b)
{
    return a == TIME_NONE || (b != TIME_NONE && b > a) ? b : a;
}

static struct event_channel *channel_of(struct events *s, const struct event *event)
{
    struct event_file *f = s->file;

    for (size_t i = 0; i < f->n_channels; i++)
        if (str_eq(f->channels[i].name, event->channel))
            return &f->channels[i];
    if (f->n_channels == EVENT_CHANNELS_MAX || event->channel.len > CHANNEL_BYTES ||
        event->computer.len > CHANNEL_BYTES)
        return NULL;
    struct event_channel *c = &f->channels[f->n_channels++];
    *c = (struct event_channel){.name = arena_keep(s->x->arena, event->channel),
                                .computer = arena_keep(s->x->arena, event->computer),
                                .first = TIME_NONE,
                                .last = TIME_NONE};
    return c;
}

static void count_in_file(struct events *s, const struct event *event)
{
    struct event_channel *c = channel_of(s, event);

    s->file->n_events++;
    s->file->n_cut += event->is_cut;
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

    if (!der.p || s->n_certificates == EVENT_CERTIFICATES_MAX)
        return;
    for (size_t i = 0; i < s->n_certificates; i++)
        if (str_eq((struct str){(const char *)s->certificates[i].p, s->certificates[i].len}, der))
            return;
    der = arena_keep(s->x->arena, der);
    if (der.p)
        s->certificates[s->n_certificates++] = (struct bytes){(const uint8_t *)der.p, der.len};
}

static void put(struct events *s, const struct event *event)
{
    struct arena scratch = ARENA_INIT(LIMIT_CERT_BYTES * 8);
    struct event_facts f;

    if (event_decode(event, s->scratch, &f))
        event_put(s->x->sink, &scratch, s->x->view->entries[s->file->entry].name, event, &f);
    arena_done(&scratch);
}

/* Every event gets a number, broken ones of event XML as well; numbers end before they could begin again. */
bool events_number(void *ctx)
{
    struct events *s = ctx;

    s->ordinal += s->ordinal < UINT32_MAX;
    return true;
}

/* The next event: is it one of those that become rows? */
bool events_is_kept(void *ctx)
{
    struct events *s = ctx;

    (void)events_number(s);
    while (s->kept_at < s->n_kept && s->kept[s->kept_at] < s->ordinal)
        s->kept_at++;
    return s->kept_at < s->n_kept && s->kept[s->kept_at] == s->ordinal;
}

static int count(struct events *s, const struct event *event)
{
    struct event_facts f;

    count_in_file(s, event);
    if (!event_decode(event, s->scratch, &f) || is_known(s, event))
        return 0;
    keep_certificate(s, &f);
    if (event_failed(event, &f))
        event_minute_note(s->x, event->time_ms);
    return event_count(&s->counts, s->x->arena, event, &f, s->ordinal);
}

/* Event XML was numbered, and asked for by events_is_kept, before it was read. */
int events_count(const struct event *event, void *ctx)
{
    return count(ctx, event);
}

int events_count_next(const struct event *event, void *ctx)
{
    (void)events_number(ctx);
    return count(ctx, event);
}

int events_put(const struct event *event, void *ctx)
{
    put(ctx, event);
    return 0;
}

int events_put_next(const struct event *event, void *ctx)
{
    if (events_is_kept(ctx))
        put(ctx, event);
    return 0;
}
