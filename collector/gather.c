/* SPDX-License-Identifier: Apache-2.0
 *
 * What is a user's own, gathered by that user's process as the beginning of a bundle in memory, before it
 * starts the elevated one (handed.c takes it there). */
#include "collect.h"

#include <string.h>

enum { ZIP_BYTES = 4 << 20, OWN_MS = 60000 };

struct memory {
    struct buf *data;
    size_t at;
};

static int write_memory(void *ctx, const void *data, size_t len, struct err *e)
{
    struct memory *m = ctx;
    size_t over = m->data->len - m->at < len ? m->data->len - m->at : len;

    if (over > 0)
        memcpy(m->data->p + m->at, data, over);
    buf_add(m->data, (const char *)data + over, len - over);
    m->at += len;
    return buf_check(m->data, "the user's own part", e);
}

static int seek_memory(void *ctx, int64_t offset, struct err *e)
{
    struct memory *m = ctx;

    if (offset < 0 || (size_t)offset > m->data->len)
        return err_set(e, ERR_IO, "the user's own part: beyond its end");
    m->at = (size_t)offset;
    return 0;
}

static unsigned at_most(unsigned ms, unsigned max)
{
    return ms < max ? ms : max;
}

int gather_own_part(struct collection *c, const struct options *o, struct buf *ret, struct err *e)
{
    static struct options own; /* a thread that was given up may look at it until the program ends */
    static struct memory memory;

    own = *o;
    own.preview = own.json = false;
    own.quiet = true;
    own.item_ms = at_most(o->item_ms, OWN_MS / 2);
    own.total_ms = at_most(o->total_ms, OWN_MS);
    own.bundle_bytes = ZIP_BYTES;
    c->own_part = true;
    memory = (struct memory){.data = ret};
    if (collection_begin(c, &own, e) != 0)
        return -e->code;
    struct bundle_options b = collection_bundle(c);
    b.sink = (struct zip_sink){&memory, write_memory, seek_memory};
    return bundle_new(&b, &c->bundle, e) != 0 ? -e->code : watch_run(c, e);
}
