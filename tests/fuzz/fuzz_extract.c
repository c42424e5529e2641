/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_extract: bytes as the entries of a bundle without manifest, through every extractor. An entry begins
 * with a line "@@ NAME" and goes on to the next such line.
 *
 * Its seeds are made by seeds.sh. */
#include <stdint.h>
#include <string.h>

#include "extract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES = 32, PIECE = 1000 };

struct bundle {
    struct entry entries[ENTRIES];
    struct bytes contents[ENTRIES];
    size_t n, current, at; /* of the entry that is pulled */
};

static int read_entry(void *ctx, const struct entry *entry, struct arena *a, struct bytes *ret, struct err *e)
{
    const struct bundle *b = ctx;

    (void)a;
    (void)e;
    *ret = b->contents[entry->index];
    return 0;
}

static int stream_entry(void *ctx, const struct entry *entry, int (*take)(void *take_ctx, struct bytes piece),
                        void *take_ctx, struct err *e)
{
    const struct bundle *b = ctx;
    struct bytes all = b->contents[entry->index];

    (void)e;
    for (size_t at = 0; at < all.len; at += PIECE) {
        size_t n = all.len - at < PIECE ? all.len - at : PIECE;
        int r = take(take_ctx, (struct bytes){all.p + at, n});
        if (r)
            return r;
    }
    return 0;
}

static int begin_entry(void *ctx, const struct entry *entry, struct err *e)
{
    struct bundle *b = ctx;

    (void)e;
    b->current = entry->index;
    b->at = 0;
    return 0;
}

static int next_piece(void *ctx, struct bytes *ret, struct err *e)
{
    struct bundle *b = ctx;
    struct bytes all = b->contents[b->current];
    size_t n = all.len - b->at < PIECE ? all.len - b->at : PIECE;

    (void)e;
    *ret = (struct bytes){all.p + b->at, n};
    b->at += n;
    return 0;
}

static void end_entry(void *ctx)
{
    (void)ctx;
}

static const uint8_t *next_mark(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *at = memmem(p, (size_t)(end - p), "\n@@ ", 4);

    return at ? at + 1 : end;
}

static void split(const uint8_t *p, const uint8_t *end, struct bundle *b)
{
    while (p < end && b->n < ENTRIES) {
        const uint8_t *next = next_mark(p, end);
        struct str rest, name = str_cut((struct str){(const char *)p, (size_t)(next - p)}, '\n', &rest);
        b->entries[b->n] = (struct entry){
            .name = str_skip(name, 3), .size = (int64_t)rest.len, .time_ms = 1700000000000, .index = b->n};
        b->contents[b->n] = (struct bytes){(const uint8_t *)rest.p, rest.len};
        b->n++;
        p = next;
    }
}

static int ignore_row(struct bytes frame, void *ctx, struct err *e)
{
    (void)frame;
    (void)ctx;
    (void)e;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(512 << 20);
    struct bundle b = {.n = 0};
    struct err e = {0};
    struct sink *sink = NULL;

    split(data, data + size, &b);
    struct bundle_view view = {.entries = b.entries,
                               .n_entries = b.n,
                               .ctx = &b,
                               .read = read_entry,
                               .stream = stream_entry,
                               .begin = begin_entry,
                               .next = next_piece,
                               .end = end_entry};
    if (sink_open_put(ignore_row, NULL, &sink, &e) == 0) {
        struct extract_state x = {.arena = &a, .view = &view, .sink = sink, .collected_ms = TIME_NONE};
        if (extract_bundle(&x, &view, &e) == 0 && extract_registry(&x, &e) == 0 && extract_iis(&x, &e) == 0 &&
            extract_events(&x, &e) == 0 && extract_wire(&x, &e) == 0 && extract_certificates(&x, &e) == 0)
            (void)extract_logs(&x, &e);
        (void)sink_close(sink, &e);
    }
    arena_done(&a);
    return 0;
}
