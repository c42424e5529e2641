/* SPDX-License-Identifier: Apache-2.0
 *
 * event_xml: a streaming reader of event XML: as EvtRender writes it, what `wevtutil qe` prints (events
 * behind each other without a root), what Event Viewer saves (<Events>) or shows (with its "- " before
 * elements). UTF-8, UTF-16 with or without mark, and the code page of a console. Pure; memory is one event.
 * Each event stands for itself: one that is broken or cut off is skipped and counted, and the next one is
 * read. */
#ifndef CERTTRIAGE_EVENT_XML_H
#define CERTTRIAGE_EVENT_XML_H

#include "event.h"

struct event_xml;
/* NULL: no memory. Lives in `a`, but for the parser, which event_xml_free frees. */
struct event_xml *event_xml_new(struct arena *a, event_take_fn take, void *ctx);
/* Before each event that is whole: false leaves it out, unread. Without it all are read. */
void event_xml_filter(struct event_xml *x, bool (*wants)(void *ctx));
void event_xml_free(struct event_xml *x); /* NULL is fine */
/* 0; -ERR_NOMEM; what `take` returned. */
int event_xml_feed(struct event_xml *x, struct bytes piece, struct err *e);
int event_xml_finish(struct event_xml *x, struct err *e);

struct event_xml_skipped {
    int64_t count;
    int64_t line;   /* of the first one; 0: none */
    char what[128]; /* and what is wrong with it */
};
const struct event_xml_skipped *event_xml_skipped(const struct event_xml *x);

#endif
