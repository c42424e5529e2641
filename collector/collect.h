/* SPDX-License-Identifier: Apache-2.0
 *
 * collect: one run of the collector, from opening the machine to the verified bundle. */
#ifndef CERTTRIAGE_COLLECT_H
#define CERTTRIAGE_COLLECT_H

#include <stdatomic.h>

#include "console.h"
#include "options.h"
#include "process.h"

enum { SPARE_THREADS = 4, HANDED_BYTES = 5 << 20 };

/* One run. Whatever is open is closed by collection_done. */
struct collection {
    const struct options *options;
    struct console console;
    struct os *os;
    struct os_machine machine;
    struct buf own_sid; /* who runs this; empty with an image */
    struct buf path;    /* of the bundle */
    struct os_out *out;
    struct os_hash *sha256;
    struct bundle *bundle;
    unsigned roles;
    struct buf uuid, guid;
    bool own_part;   /* only what belongs to who runs this; into memory */
    uint32_t handed; /* kinds that o->started_by handed over */
    /* watch.c */
    struct os_gate *gate;
    struct os_thread *threads[SPARE_THREADS];
    atomic_uint ended_ms;  /* when the last item or entry was finished */
    atomic_size_t n_ended; /* how many were */
    atomic_size_t probe;   /* that runs */
    size_t n_given_up;     /* threads; such a run ends by os_end */
    bool is_stuck;         /* nothing gets on any more: no call of the system that needs memory */
};

/* Reads o->output or makes a name up, opens everything and runs the probes; with o->preview nothing is
 * written. On success c->path is a whole bundle that was verified. `c` is zeroed by the caller, and goes to
 * collection_done whatever is returned. */
int collection_run(struct collection *c, const struct options *o, struct err *e);
void collection_done(struct collection *c);
/* Items that could not be read. */
size_t collection_unread(const struct collection *c);

/* What belongs to a user alone, from that user's process to the one that goes on elevated. */
/* gather.c: as collection_run, but only the items of who runs this, as a zip without its end into *ret, and
 * in a minute at most. */
int gather_own_part(struct collection *c, const struct options *o, struct buf *ret, struct err *e);
/* handed.c: into the bundle with what o->handed names, if it is what o->started_by may hand over; else a
 * warning says why not. -ERR_x: the bundle cannot be written. */
int handed_take(struct collection *c, struct err *e);

/* For gather.c. */
int collection_begin(struct collection *c, const struct options *o, struct err *e);
struct bundle_options collection_bundle(struct collection *c); /* without its sink */

/* watch.c: the probes, in a thread that is given up when an item or the whole takes too long. */
int watch_new(struct collection *c, struct err *e);
void watch_done(struct collection *c);
struct bundle_gate watch_gate(struct collection *c);
int watch_run(struct collection *c, struct err *e);

#endif
