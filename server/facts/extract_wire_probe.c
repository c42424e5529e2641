/* SPDX-License-Identifier: Apache-2.0
 *
 * One record of the collector's handshake probe: its JSON, and the bytes that went over the connection. */
#include <string.h>

#include "extract_wire.h"
#include "limits.h"

enum { PROBE_MEMORY_BYTES = 16777216 };

static const struct entry *bytes_entry(const struct bundle_view *view, struct str json)
{
    struct str stem = {json.p, json.len - 5}; /* without ".json" */

    for (size_t i = 0; i < view->n_entries; i++) {
        struct str name = view->entries[i].name;
        if (name.len == stem.len + 4 && str_istarts(name, stem) && str_iends(name, STR(".bin")))
            return &view->entries[i];
    }
    return NULL;
}

static void feed(struct tls_flow *f, const struct tls_probe *p, struct bytes all)
{
    for (size_t i = 0; i < p->n_chunks && all.len > 0; i++) {
        const struct probe_chunk *c = &p->chunks[i];
        size_t n = c->len < all.len ? c->len : all.len;
        tls_feed(f, c->is_of_server ? 1 : 0, (struct bytes){all.p, n},
                 p->started_ms == TIME_NONE ? TIME_NONE : p->started_ms + c->at_ms);
        all.p += n;
        all.len -= n;
    }
}

/* -ERR_NOMEM only. */
static int read_bytes(struct wire *w, struct str json, struct tls_probe *p, struct arena *a,
                      struct tls_flow *f)
{
    const struct bundle_view *view = w->x->view;
    const struct entry *entry = bytes_entry(view, json);
    struct err e = {0};
    struct bytes all;

    if (!entry) {
        p->n_bytes = 0; /* left out, with pseudonyms; the rest of the record stays */
        return 0;
    }
    int r = view->read(view->ctx, entry, a, &all, &e);
    if (r == -ERR_NOMEM)
        return r;
    if (r < 0) {
        sink_problem(w->x->sink, entry->name, 0, "%s", e.text);
        p->n_bytes = 0;
        return 0;
    }
    if (all.len != p->n_bytes)
        sink_problem(w->x->sink, entry->name, 0, "it holds %zu bytes, and its record tells of %zu", all.len,
                     p->n_bytes);
    feed(f, p, all);
    return 0;
}

static bool is_loopback(struct str address)
{
    return str_istarts(address, STR("127.")) || str_eq(address, STR("::1"));
}

static int is_local(const struct tls_probe *p)
{
    if (!p->address.p)
        return -1;
    if (is_loopback(p->address))
        return 1;
    return p->local_address.p ? str_ieq(p->address, p->local_address) : -1;
}

static void put(struct wire *w, struct str entry, const struct tls_probe *p, const struct tls_flow *f)
{
    bool has_end = p->end_by && p->end_how;
    struct wire_row row = {.entry = entry,
                           .connection = 1,
                           .time_ms = p->started_ms,
                           .flow = f,
                           .probe = p,
                           .addresses = {p->local_address, p->address},
                           .ports = {p->local_port, p->port},
                           .local = is_local(p),
                           .end_by = !has_end            ? -1
                                     : *p->end_by == 'c' ? 0
                                                         : 1,
                           .end_how = has_end ? p->end_how : NULL,
                           .end_ms = p->started_ms == TIME_NONE ? TIME_NONE : p->started_ms + p->end_at_ms,
                           .unanswered_by = -1};

    wire_put(w, &row);
}

static int read_probe(struct wire *w, const struct entry *entry, struct arena *a)
{
    const struct bundle_view *view = w->x->view;
    struct tls_budget budget = {.cap = (size_t)LIMIT_CAPTURE_TLS_BYTES};
    struct tls_flow flow;
    struct tls_probe p;
    struct bytes json;
    struct err e = {0};
    int r = view->read(view->ctx, entry, a, &json, &e);

    if (r == 0)
        r = tls_probe_read(json, a, &p, &e);
    if (r < 0 && r != -ERR_NOMEM) {
        sink_problem(w->x->sink, entry->name, 0, "%s", e.text);
        return 0;
    }
    if (r < 0)
        return r;
    tls_flow_init(&flow, &budget);
    flow.client = 0;
    r = read_bytes(w, entry->name, &p, a, &flow);
    if (r == 0)
        put(w, entry->name, &p, &flow);
    tls_flow_done(&flow);
    return r;
}

int wire_read_probe(struct wire *w, size_t entry)
{
    struct arena a = ARENA_INIT(PROBE_MEMORY_BYTES);
    int r = read_probe(w, &w->x->view->entries[entry], &a);

    arena_done(&a);
    return r;
}
