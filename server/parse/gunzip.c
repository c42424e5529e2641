/* SPDX-License-Identifier: Apache-2.0 */
#include "gunzip.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "limits.h"

enum { OUT_BYTES = 65536, GZIP_ONLY = 16 };

enum state { STATE_FIRST, STATE_SECOND, STATE_PLAIN, STATE_MEMBER, STATE_BETWEEN };

struct gunzip {
    int (*take)(void *ctx, struct bytes piece);
    void *ctx;
    enum state state;
    z_stream z;
    bool has_z;
    int64_t n_out;
    uint8_t out[OUT_BYTES];
};

struct gunzip *gunzip_new(int (*take)(void *ctx, struct bytes piece), void *ctx)
{
    struct gunzip *g = calloc(1, sizeof(*g));

    if (!g)
        return NULL;
    g->take = take;
    g->ctx = ctx;
    return g;
}

void gunzip_free(struct gunzip *g)
{
    if (g && g->has_z)
        (void)inflateEnd(&g->z);
    free(g);
}

bool gunzip_was_packed(const struct gunzip *g)
{
    return g->state >= STATE_MEMBER;
}

static int begin_member(struct gunzip *g, struct err *e)
{
    int r = g->has_z ? inflateReset(&g->z) : inflateInit2(&g->z, MAX_WBITS + GZIP_ONLY);

    if (r != Z_OK)
        return err_set(e, ERR_NOMEM, "gzip: out of memory");
    g->has_z = true;
    g->state = STATE_MEMBER;
    return 0;
}

static int give(struct gunzip *g, struct err *e)
{
    size_t n = OUT_BYTES - g->z.avail_out;

    g->n_out += (int64_t)n;
    if (g->n_out > LIMIT_ENTRY_BYTES)
        return err_set(e, ERR_LIMIT, "gzip: inflates to more than %lld bytes", (long long)LIMIT_ENTRY_BYTES);
    return n ? g->take(g->ctx, (struct bytes){g->out, n}) : 0;
}

/* All of the piece, or up to the end of the member. */
static int inflate_piece(struct gunzip *g, struct bytes *piece, struct err *e)
{
    int z = Z_OK, r = 0;

    g->z.next_in = (Bytef *)(uintptr_t)piece->p;
    g->z.avail_in = (uInt)piece->len;
    do {
        g->z.next_out = g->out;
        g->z.avail_out = OUT_BYTES;
        z = inflate(&g->z, Z_NO_FLUSH);
        r = give(g, e);
    } while (r == 0 && z == Z_OK && (g->z.avail_in > 0 || g->z.avail_out == 0));
    piece->p += piece->len - g->z.avail_in;
    piece->len = g->z.avail_in;
    if (r < 0)
        return r;
    if (z == Z_MEM_ERROR)
        return err_set(e, ERR_NOMEM, "gzip: out of memory");
    if (z != Z_OK && z != Z_STREAM_END && (z != Z_BUF_ERROR || piece->len > 0))
        return err_set(e, ERR_FORMAT, "gzip: %s", g->z.msg ? g->z.msg : "broken");
    if (z == Z_STREAM_END)
        g->state = STATE_BETWEEN;
    return 0;
}

/* Behind a member only another may stand, or zeros that fill a block. */
static int between(struct gunzip *g, struct bytes *piece, struct err *e)
{
    while (piece->len > 0 && *piece->p == 0) {
        piece->p++;
        piece->len--;
    }
    if (piece->len == 0)
        return 0;
    if (*piece->p != 0x1f)
        return err_set(e, ERR_FORMAT, "gzip: something else stands behind the packed data");
    return begin_member(g, e);
}

/* The first two bytes decide; the first may stand alone in its piece. */
static int begin(struct gunzip *g, struct bytes *piece, struct err *e)
{
    static const uint8_t mark[] = {0x1f};
    bool is_first = g->state == STATE_FIRST;

    if (is_first && *piece->p == mark[0] && piece->len == 1) {
        g->state = STATE_SECOND;
        piece->len = 0;
        return 0;
    }
    uint8_t second = is_first ? (piece->len > 1 ? piece->p[1] : 0) : piece->p[0];
    bool is_packed = second == 0x8b && (!is_first || *piece->p == mark[0]);
    int r = 0;

    g->state = STATE_PLAIN;
    if (is_packed)
        r = begin_member(g, e);
    if (r < 0 || is_first)
        return r;
    struct bytes held = {mark, 1};
    return is_packed ? inflate_piece(g, &held, e) : g->take(g->ctx, held);
}

int gunzip_feed(struct gunzip *g, struct bytes piece, struct err *e)
{
    int r = 0;

    while (r == 0 && piece.len > 0) {
        if (g->state <= STATE_SECOND)
            r = begin(g, &piece, e);
        else if (g->state == STATE_PLAIN)
            return g->take(g->ctx, piece);
        else
            r = g->state == STATE_MEMBER ? inflate_piece(g, &piece, e) : between(g, &piece, e);
    }
    return r;
}

int gunzip_finish(struct gunzip *g, struct err *e)
{
    static const uint8_t mark[] = {0x1f};

    if (g->state == STATE_SECOND)
        return g->take(g->ctx, (struct bytes){mark, 1});
    return g->state == STATE_MEMBER ? err_set(e, ERR_FORMAT, "gzip: ends too early") : 0;
}
