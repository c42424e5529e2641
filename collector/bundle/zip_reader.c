/* SPDX-License-Identifier: Apache-2.0
 *
 * APPNOTE.TXT 4.3.7 (local file header), 4.4.4 (flags). */
#include "zip_reader.h"

#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "limits.h"
#include "names.h"

enum { HEADER_BYTES = 30, PIECE_BYTES = 32768, STORED = 0, DEFLATED = 8 };

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | get16(p + 2) << 16;
}

/* All of it: 1; the file ends before: 0. */
static int read_all(const struct zip_input *in, int64_t at, void *data, size_t len, struct err *e)
{
    uint8_t *p = data;

    while (len > 0) {
        int64_t n = in->read(in->ctx, at, p, len, e);
        if (n <= 0)
            return n < 0 ? -e->code : 0;
        p += n;
        at += n;
        len -= (size_t)n;
    }
    return 1;
}

/* What the writer leaves of an entry that it has not ended: sizes of zero, which no deflated entry has. */
static bool is_unfinished(const struct zip_found *f)
{
    return f->method == DEFLATED && f->packed == 0;
}

static bool is_folder(const struct zip_found *f)
{
    return f->packed == 0 && f->method == STORED && str_iends(buf_str(&f->name), STR("/"));
}

static int read_header(const struct zip_input *in, int64_t *at, struct zip_found *ret, struct err *e)
{
    enum { STRANGE_FLAGS = 0x2049 }; /* encrypted, sizes behind the data, strong encryption, masked headers */
    uint8_t header[HEADER_BYTES];
    int r = read_all(in, *at, header, sizeof(header), e);

    if (r <= 0)
        return r;
    size_t name = get16(header + 26), extra = get16(header + 28);
    if (memcmp(header, "PK\3\4", 4) != 0 || (get16(header + 6) & STRANGE_FLAGS) != 0 || name == 0 ||
        name > (size_t)LIMIT_ENTRY_NAME_BYTES)
        return 0;
    buf_clear(&ret->name);
    char *p = buf_reserve(&ret->name, name);
    if (p == NULL)
        return err_set(e, ERR_NOMEM, "zip: out of memory");
    r = read_all(in, *at + HEADER_BYTES, p, name, e);
    if (r <= 0)
        return r;
    buf_wrote(&ret->name, name);
    ret->method = get16(header + 8);
    ret->crc = get32(header + 14);
    ret->packed = get32(header + 18);
    ret->size = get32(header + 22);
    ret->data_at = *at + HEADER_BYTES + (int64_t)name + (int64_t)extra;
    if ((ret->method != STORED && ret->method != DEFLATED) || is_unfinished(ret) ||
        ret->packed > in->size - ret->data_at ||
        (!is_folder(ret) && !entry_name_is_legal(buf_str(&ret->name))))
        return 0;
    *at = ret->data_at + ret->packed;
    return 1;
}

int zip_reader_next(const struct zip_input *in, int64_t *at, struct zip_found *ret, struct err *e)
{
    int r;

    do
        r = read_header(in, at, ret, e);
    while (r > 0 && is_folder(ret));
    return r;
}

bool zip_reader_is_end(const struct zip_input *in, int64_t at)
{
    struct err ignored = {0};
    uint8_t mark[4];

    return read_all(in, at, mark, sizeof(mark), &ignored) > 0 && memcmp(mark, "PK\1\2", 4) == 0;
}

/* --- contents --- */

struct stream {
    const struct zip_input *in;
    const struct zip_found *entry;
    int (*take)(void *ctx, const void *data, size_t len, struct err *e);
    void *ctx;
    int64_t read, given;
    uint32_t crc;
    uint8_t packed[PIECE_BYTES], plain[PIECE_BYTES];
};

static int damaged(const struct stream *s, const char *what, struct err *e)
{
    return err_set(e, ERR_FORMAT, "%s: %s", buf_c(&s->entry->name), what);
}

static int give(struct stream *s, const uint8_t *data, size_t len, struct err *e)
{
    s->given += (int64_t)len;
    s->crc = (uint32_t)crc32(s->crc, data, (uInt)len);
    if (s->given > s->entry->size)
        return damaged(s, "longer than it says", e);
    return s->take == NULL || len == 0 ? 0 : s->take(s->ctx, data, len, e);
}

static int64_t read_piece(struct stream *s, struct err *e)
{
    int64_t left = s->entry->packed - s->read;
    size_t n = left > PIECE_BYTES ? PIECE_BYTES : (size_t)left;
    int r = n == 0 ? 1 : read_all(s->in, s->entry->data_at + s->read, s->packed, n, e);

    if (r <= 0)
        return r < 0 ? r : damaged(s, "the file ends within", e);
    s->read += (int64_t)n;
    return (int64_t)n;
}

static int copy_stored(struct stream *s, struct err *e)
{
    int64_t n;
    int r = 0;

    while (r == 0 && s->read < s->entry->packed) {
        n = read_piece(s, e);
        r = n < 0 ? (int)n : give(s, s->packed, (size_t)n, e);
    }
    return r;
}

static void end_inflate(z_stream *z)
{
    (void)inflateEnd(z);
}

static int inflate_piece(struct stream *s, z_stream *z, int *state, struct err *e)
{
    int r = 0;

    do {
        z->next_out = s->plain;
        z->avail_out = PIECE_BYTES;
        *state = inflate(z, Z_NO_FLUSH);
        if (*state != Z_OK && *state != Z_STREAM_END && *state != Z_BUF_ERROR)
            return damaged(s, "damaged", e);
        r = give(s, s->plain, PIECE_BYTES - z->avail_out, e);
    } while (r == 0 && *state != Z_STREAM_END && (z->avail_in > 0 || z->avail_out == 0));
    return r;
}

static int inflate_all(struct stream *s, struct err *e)
{
    CLEANUP(end_inflate) z_stream z = {0};
    int state = Z_OK, r = 0;

    if (inflateInit2(&z, -15) != Z_OK)
        return err_set(e, ERR_NOMEM, "zip: out of memory");
    while (r == 0 && state != Z_STREAM_END) {
        int64_t n = read_piece(s, e);
        if (n <= 0)
            return n < 0 ? (int)n : damaged(s, "ends too early", e);
        z.next_in = s->packed;
        z.avail_in = (uInt)n;
        r = inflate_piece(s, &z, &state, e);
    }
    return r;
}

int zip_reader_stream(const struct zip_input *in, const struct zip_found *entry,
                      int (*take)(void *ctx, const void *data, size_t len, struct err *e), void *ctx,
                      struct err *e)
{
    struct stream s = {.in = in, .entry = entry, .take = take, .ctx = ctx};
    int r = entry->method == STORED ? copy_stored(&s, e) : inflate_all(&s, e);

    if (r != 0)
        return r;
    if (s.given != entry->size || s.crc != entry->crc)
        return damaged(&s, s.given != entry->size ? "shorter than it says" : "its CRC-32 is another", e);
    return 0;
}
