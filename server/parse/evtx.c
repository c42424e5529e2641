/* SPDX-License-Identifier: Apache-2.0 */
#include "evtx_internal.h"

#include <string.h>

#include "limits.h"

enum {
    FILE_HEADER_BYTES = 4096,
    CHUNK_HEADER_BYTES = 512,
    SIGNATURE_BYTES = 8,
    RECORD_HEADER_BYTES = 24,
    RECORD_BYTES_MIN = RECORD_HEADER_BYTES + 8,
    TEXT_BYTES = 4 * EVTX_CHUNK_BYTES,
    NAME_BYTES = 4096
};

static const char FILE_SIGNATURE[] = "ElfFile", CHUNK_SIGNATURE[] = "ElfChnk", RECORD_SIGNATURE[] = "**\0";

/* ---- the cursor ---- */

struct bytes evtx_bytes(struct evtx_cursor *c, size_t len)
{
    if (c->bad || c->at > c->end || len > c->end - c->at) {
        c->bad = true;
        return (struct bytes){NULL, 0};
    }
    struct bytes b = {c->chunk.p + c->at, len};
    c->at += len;
    return b;
}

uint8_t evtx_u8(struct evtx_cursor *c)
{
    struct bytes b = evtx_bytes(c, 1);
    return b.len ? b.p[0] : 0;
}

uint16_t evtx_u16(struct evtx_cursor *c)
{
    struct bytes b = evtx_bytes(c, 2);
    return (uint16_t)(b.len ? (unsigned)b.p[0] | (unsigned)b.p[1] << 8 : 0U);
}

uint32_t evtx_u32(struct evtx_cursor *c)
{
    uint32_t low = evtx_u16(c);
    return low | (uint32_t)evtx_u16(c) << 16;
}

uint64_t evtx_u64(struct evtx_cursor *c)
{
    uint64_t low = evtx_u32(c);
    return low | (uint64_t)evtx_u32(c) << 32;
}

/* ---- chunks in a stream ---- */

struct evtx {
    int (*take)(const struct evtx_chunk *chunk, void *ctx);
    void *ctx;
    uint8_t *bytes; /* EVTX_CHUNK_BYTES */
    size_t n;
    int64_t offset; /* of bytes in the file */
    int64_t skipped;
};

struct evtx *evtx_new(struct arena *a, int (*take)(const struct evtx_chunk *chunk, void *ctx), void *ctx)
{
    struct evtx *x = arena_alloc(a, sizeof(*x));

    if (!x)
        return NULL;
    *x = (struct evtx){.take = take, .ctx = ctx, .bytes = arena_alloc(a, EVTX_CHUNK_BYTES)};
    return x->bytes ? x : NULL;
}

static bool begins_with(const struct evtx *x, size_t at, const char *signature)
{
    return x->n >= at + SIGNATURE_BYTES && memcmp(x->bytes + at, signature, SIGNATURE_BYTES) == 0;
}

static void drop(struct evtx *x, size_t n)
{
    memmove(x->bytes, x->bytes + n, x->n - n);
    x->n -= n;
    x->offset += (int64_t)n;
}

static bool is_zero(const uint8_t *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static int give(struct evtx *x)
{
    struct evtx_cursor c = {.chunk = {x->bytes, x->n}, .at = 16, .end = x->n};
    struct evtx_chunk chunk = {.bytes = c.chunk, .offset = x->offset, .last_record = evtx_u64(&c)};
    int r = x->take(&chunk, x->ctx);

    drop(x, x->n);
    return r;
}

/* Forward to the next signature; space that was never used is no damage. */
static void seek(struct evtx *x)
{
    size_t at = 1;

    while (at + SIGNATURE_BYTES <= x->n && !begins_with(x, at, CHUNK_SIGNATURE) &&
           !begins_with(x, at, FILE_SIGNATURE)) {
        const uint8_t *e = memchr(x->bytes + at + 1, 'E', x->n - at - 1);
        at = e ? (size_t)(e - x->bytes) : x->n;
    }
    at = at > x->n ? x->n : at;
    if (!is_zero(x->bytes, at))
        x->skipped += (int64_t)at;
    drop(x, at);
}

/* Works off what is there; `is_last`: no more will come. */
static int work(struct evtx *x, bool is_last)
{
    int r = 0;

    while (r == 0 && x->n > 0 && (x->n == EVTX_CHUNK_BYTES || is_last)) {
        if (begins_with(x, 0, CHUNK_SIGNATURE))
            r = give(x);
        else if (begins_with(x, 0, FILE_SIGNATURE))
            drop(x, x->n < FILE_HEADER_BYTES ? x->n : FILE_HEADER_BYTES);
        else
            seek(x);
    }
    return r;
}

int evtx_feed(struct evtx *x, struct bytes piece)
{
    int r = 0;

    while (r == 0 && piece.len > 0) {
        size_t room = EVTX_CHUNK_BYTES - x->n, n = piece.len < room ? piece.len : room;
        memcpy(x->bytes + x->n, piece.p, n);
        x->n += n;
        piece.p += n;
        piece.len -= n;
        r = work(x, false);
    }
    return r;
}

int evtx_finish(struct evtx *x, struct evtx_damage *ret)
{
    int r = work(x, true);

    ret->bytes += x->skipped;
    return r;
}

/* ---- records of a chunk ---- */

struct evtx_reader *evtx_reader_new(struct arena *a)
{
    struct evtx_reader *r = arena_alloc(a, sizeof(*r));

    if (!r)
        return NULL;
    r->name = BUF_INIT(NAME_BYTES * 4);
    r->element = BUF_INIT(NAME_BYTES * 4);
    r->attribute = BUF_INIT(TEXT_BYTES);
    r->text = BUF_INIT(TEXT_BYTES);
    r->builder = event_builder_new(a);
    return r->builder ? r : NULL;
}

void evtx_reader_free(struct evtx_reader *r)
{
    if (!r)
        return;
    buf_done(&r->name);
    buf_done(&r->element);
    buf_done(&r->attribute);
    buf_done(&r->text);
}

static bool has_record(struct bytes chunk, size_t at)
{
    return at + RECORD_BYTES_MIN <= chunk.len && memcmp(chunk.p + at, RECORD_SIGNATURE, 4) == 0;
}

struct record {
    size_t at, len;
    uint64_t number, filetime;
};

/* A record begins and ends with its length. */
static bool read_header(struct bytes chunk, size_t at, struct record *ret)
{
    struct evtx_cursor c = {.chunk = chunk, .at = at + 4, .end = chunk.len};

    if (!has_record(chunk, at))
        return false;
    ret->at = at;
    ret->len = evtx_u32(&c);
    ret->number = evtx_u64(&c);
    ret->filetime = evtx_u64(&c);
    if (ret->len < RECORD_BYTES_MIN || ret->len > chunk.len - at)
        return false;
    c.at = at + ret->len - 4;
    return evtx_u32(&c) == ret->len;
}

static int read_record(struct evtx_reader *r, const struct record *record, event_take_fn take, void *ctx,
                       struct evtx_damage *damage)
{
    struct evtx_cursor c = {
        .chunk = r->chunk, .at = record->at + RECORD_HEADER_BYTES, .end = record->at + record->len - 4};
    const struct event *built;
    struct event event;

    event_begin(r->builder);
    built = evtx_binxml_read(r, &c) ? event_finish(r->builder) : NULL;
    if (!built) {
        damage->records++;
        return 0;
    }
    event = *built;
    if (event.record < 0 && record->number <= INT64_MAX)
        event.record = (int64_t)record->number;
    if (event.time_ms == TIME_NONE && record->filetime <= INT64_MAX)
        event.time_ms = time_from_filetime(record->filetime);
    return take(&event, ctx);
}

static size_t find_record(struct bytes chunk, size_t from)
{
    while (from < chunk.len && !has_record(chunk, from))
        from += 8; /* records are aligned */
    return from;
}

/* Behind the last record stand remains of older ones. The header says where that is, but is behind in a file
 * that was copied while Windows had it open; then the numbers go on. */
static size_t free_space(struct bytes chunk)
{
    struct evtx_cursor c = {.chunk = chunk, .at = 48, .end = chunk.len};
    size_t at = evtx_u32(&c);

    return c.bad || at < CHUNK_HEADER_BYTES || at > EVTX_CHUNK_BYTES ? EVTX_CHUNK_BYTES : at;
}

int evtx_read_chunk(struct evtx_reader *r, struct bytes chunk, event_take_fn take, void *ctx,
                    struct evtx_damage *damage)
{
    size_t at = CHUNK_HEADER_BYTES, end = free_space(chunk);
    struct record record = {0};
    uint64_t before = 0;
    int code = 0;

    r->chunk = chunk;
    r->chunk_steps = 0;
    while (code == 0 && at < chunk.len) {
        bool is_there = read_header(chunk, at, &record);
        if (at >= end && !(is_there && record.number == before + 1))
            break;
        if (!is_there) {
            damage->records += at < end;
            at = find_record(chunk, at + 8);
            continue;
        }
        code = read_record(r, &record, take, ctx, damage);
        before = record.number;
        at += record.len;
    }
    return code;
}
