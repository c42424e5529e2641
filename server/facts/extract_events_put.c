/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of one event. */
#include "extract_events.h"

#include <string.h>

#include "hresult.h"
#include "x509.h"

enum { DATA_MAX = 64, VALUE_BYTES_MAX = 1024 };

#define CHAIN_ELEMENT "CertificateChain/ChainElement/"

static struct str capped(struct str s)
{
    if (s.len > VALUE_BYTES_MAX)
        s.len = VALUE_BYTES_MAX;
    return s;
}

static void put_number(struct sink *sink, const char *column, int64_t value)
{
    if (value >= 0)
        sink_int(sink, column, value);
}

static void put_place(struct sink *sink, struct str entry, const struct event *event)
{
    sink_text(sink, "entry", entry);
    if (event->line > 0)
        sink_int(sink, "line", event->line);
    put_number(sink, "record", event->record);
}

static void put_event(struct sink *sink, struct str entry, const struct event *event,
                      const struct event_facts *f)
{
    sink_begin(sink, "event");
    put_place(sink, entry, event);
    sink_time(sink, "time", event->time_ms);
    sink_text(sink, "provider", capped(event->provider));
    sink_text(sink, "channel", capped(event->channel));
    sink_text(sink, "computer", capped(event->computer));
    sink_c(sink, "area", f->area);
    sink_int(sink, "event_id", event->id);
    put_number(sink, "level", event->level);
    put_number(sink, "code", f->code);
    put_number(sink, "error", f->error);
    if (f->error > 0)
        sink_c(sink, "error_text", hresult_text(f->error));
    put_number(sink, "state", f->state);
    const struct {
        const char *column;
        struct str value;
    } texts[] = {{"user", event->user_sid}, {"side", f->side},         {"status", f->status},
                 {"process", f->process},   {"subject", f->subject},   {"issuer", f->issuer},
                 {"serial", f->serial},     {"endpoint", f->endpoint}, {"thumbprint", f->thumbprint},
                 {"target", f->target},     {"account", f->account},   {"protocol", f->protocol}};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        sink_text(sink, texts[i].column, capped(texts[i].value));
    sink_end(sink);
}

static void put_data(struct sink *sink, struct str entry, const struct event *event,
                     const struct event_facts *f)
{
    int64_t position = 0;
    struct str value;

    for (size_t i = 0; i < event->n_items && position < DATA_MAX; i++) {
        if (!event_may_tell(f, &event->items[i], &value))
            continue;
        sink_begin(sink, "event_data");
        put_place(sink, entry, event);
        sink_int(sink, "position", position++);
        sink_text(sink, "name", event->items[i].name.len ? capped(event->items[i].name) : STR(""));
        sink_text(sink, "value", capped(value));
        sink_end(sink);
    }
}

/* The first value of that name among items [from, to). */
static struct str value_of(const struct event *event, size_t from, size_t to, struct str name)
{
    for (size_t i = from; i < to; i++)
        if (str_eq(event->items[i].name, name))
            return event->items[i].value;
    return (struct str){0};
}

static void put_link(struct sink *sink, struct str entry, const struct event *event, size_t from, size_t to,
                     int64_t position)
{
    char words[WORDS_BYTES], thumbprint[41];
    int64_t revocation = -1;

    (void)event_hex(value_of(event, from, to, STR(CHAIN_ELEMENT "RevocationInfo/RevocationResult@value")),
                    &revocation);
    sink_begin(sink, "event_chain");
    put_place(sink, entry, event);
    sink_int(sink, "position", position);
    sink_text(sink, "subject",
              capped(value_of(event, from, to, STR(CHAIN_ELEMENT "Certificate@subjectName"))));
    sink_text(
        sink, "thumbprint",
        event_thumbprint(value_of(event, from, to, STR(CHAIN_ELEMENT "Certificate@fileRef")), thumbprint));
    sink_text(
        sink, "status",
        event_words(event, from, to, STR(CHAIN_ELEMENT "TrustStatus/ErrorStatus@"), words, sizeof(words)));
    put_number(sink, "revocation", revocation);
    sink_end(sink);
}

/* Each element of the chain begins with its certificate. */
static void put_chain(struct sink *sink, struct str entry, const struct event *event)
{
    int64_t position = 0;
    size_t begin = event->n_items;

    for (size_t i = 0; i <= event->n_items; i++) {
        bool is_next =
            i == event->n_items || str_eq(event->items[i].name, STR(CHAIN_ELEMENT "Certificate@fileRef"));
        if (is_next && begin < i && position < 32)
            put_link(sink, entry, event, begin, i, position++);
        if (is_next)
            begin = i;
    }
}

void event_put(struct sink *sink, struct arena *a, struct str entry, const struct event *event,
               const struct event_facts *f)
{
    struct event_facts with = *f;
    struct x509 c = {0};
    struct err ignored = {0};
    bool has_certificate = f->der.p && x509_parse(f->der, a, &c, &ignored) == 0;

    if (has_certificate) {
        with.thumbprint = str_from(c.thumbprint);
        with.subject = c.subject;
        with.issuer = c.issuer;
    }
    put_event(sink, entry, event, &with);
    if (has_certificate)
        x509_done(&c);
    if (event_failed(event, f) || f->kind != AREA_CAPI2)
        put_data(sink, entry, event, f);
    if (f->kind == AREA_CAPI2 && f->status.len > 0)
        put_chain(sink, entry, event);
}
