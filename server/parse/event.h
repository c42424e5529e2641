/* SPDX-License-Identifier: Apache-2.0
 *
 * event: one Windows event, put together from its elements by a builder. Both forms that events come in drive
 * it: XML text (event_xml) and binary XML (evtx). Pure; memory is fixed at event_builder_new. Elements and
 * fields: "Event schema" (https://learn.microsoft.com/windows/win32/wes/eventschema-schema). */
#ifndef CERTTRIAGE_EVENT_H
#define CERTTRIAGE_EVENT_H

#include "arena.h"
#include "text.h"

/* One value of the event's data. EventData: name is that of <Data Name="…">, empty where it has none; that of
 * <Binary> is Binary.
 * UserData: the path below its first element, "CertificateChain/ChainElement/Certificate@subjectName"; an
 * element with neither text nor attributes is no item. */
struct event_item {
    struct str name, value;
};

/* Views are valid during the handler's call. */
struct event {
    int64_t line;                                     /* in the file, from 1; 0: evtx */
    int64_t record;                                   /* EventRecordID; -1 not known */
    int64_t time_ms;                                  /* TIME_NONE not known */
    int64_t id, level;                                /* -1 not known */
    struct str provider, channel, computer, user_sid; /* p NULL: not there */
    const struct event_item *items;                   /* in the order of the event */
    size_t n_items;
    bool is_cut; /* more data than LIMIT_EVENT_ITEMS or LIMIT_EVENT_BYTES: the rest is left out */
};

/* 0, or negative to stop, which is handed through. */
typedef int (*event_take_fn)(const struct event *event, void *ctx);

struct event_builder;
/* NULL: no memory. Lives in `a`. */
struct event_builder *event_builder_new(struct arena *a);
void event_begin(struct event_builder *b);
/* Elements with their attributes, then text in pieces and children, then the end; a name's prefix ("ns:") is
 * ignored. false: nested deeper than LIMIT_XML_DEPTH. */
bool event_start(struct event_builder *b, struct str name);
void event_attribute(struct event_builder *b, struct str name, struct str value);
void event_text(struct event_builder *b, struct str text);
void event_end(struct event_builder *b);
/* The event, when all elements are closed and it was one with a System element; NULL: it was not. */
const struct event *event_finish(struct event_builder *b);

#endif
