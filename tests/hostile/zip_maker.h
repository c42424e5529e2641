/* SPDX-License-Identifier: Apache-2.0
 *
 * zip_maker: writes zips, byte by byte, so that each can be wrong in one way. Good ones look as the
 * collector's do. */
#ifndef CERTTRIAGE_ZIP_MAKER_H
#define CERTTRIAGE_ZIP_MAKER_H

#include "buf.h"
#include "compiler.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

struct zip_maker {
    struct buf out, central;
    unsigned n_entries;
};

/* What to say that is not so; zero members say the truth. */
struct zip_lie {
    uint16_t flags;
    uint32_t crc;  /* is added to the true one */
    uint64_t size; /* instead of the true one */
    uint32_t packed_more;
    uint16_t method; /* instead of 0 or 8 */
    bool no_central; /* only in the local headers */
};

#define ZIP_MAKER_INIT ((struct zip_maker){.out = BUF_INIT(256 << 20), .central = BUF_INIT(64 << 20)})

UNUSED static void zip_maker_done(struct zip_maker *z)
{
    buf_done(&z->out);
    buf_done(&z->central);
}

UNUSED static void zip_add_u16(struct buf *b, unsigned v)
{
    char c[2] = {(char)v, (char)(v >> 8)};

    buf_add(b, c, sizeof c);
}

UNUSED static void zip_add_u64(struct buf *b, uint64_t v)
{
    buf_add_u32le(b, (uint32_t)v);
    buf_add_u32le(b, (uint32_t)(v >> 32));
}

UNUSED static uint32_t zip_low(uint64_t v)
{
    return v >= UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* Flags to extra field length, the part that local and central header share. */
UNUSED static void zip_add_common(struct buf *b, struct str name, unsigned method, uint32_t crc,
                                  size_t packed, uint64_t size, const struct zip_lie *lie)
{
    zip_add_u16(b, lie->flags);
    zip_add_u16(b, lie->method ? lie->method : method);
    zip_add_u16(b, 10 << 11 | 30 << 5); /* 10:30 */
    zip_add_u16(b, (2026 - 1980) << 9 | 1 << 5 | 2);
    buf_add_u32le(b, crc + lie->crc);
    buf_add_u32le(b, (uint32_t)packed + lie->packed_more);
    buf_add_u32le(b, zip_low(size));
    zip_add_u16(b, (unsigned)name.len);
    zip_add_u16(b, size >= UINT32_MAX ? 12 : 0);
}

UNUSED static void zip_add_extra(struct buf *b, uint64_t size)
{
    if (size < UINT32_MAX)
        return;
    zip_add_u16(b, 1);
    zip_add_u16(b, 8);
    zip_add_u64(b, size);
}

/* A central header for what stands at `offset`. */
UNUSED static void zip_point(struct zip_maker *z, struct str name, unsigned method, uint32_t crc,
                             size_t packed, uint64_t size, size_t offset, const struct zip_lie *lie)
{
    buf_add_u32le(&z->central, 0x02014b50);
    zip_add_u16(&z->central, 45);
    zip_add_u16(&z->central, 45);
    zip_add_common(&z->central, name, method, crc, packed, size, lie);
    zip_add_u16(&z->central, 0); /* comment, disk, attributes */
    zip_add_u16(&z->central, 0);
    zip_add_u16(&z->central, 0);
    buf_add_u32le(&z->central, 0);
    buf_add_u32le(&z->central, (uint32_t)offset);
    buf_add_str(&z->central, name);
    zip_add_extra(&z->central, size);
    z->n_entries++;
}

/* Packed bytes as they are. */
UNUSED static size_t zip_add_raw(struct zip_maker *z, struct str name, unsigned method, uint32_t crc,
                                 struct str packed, uint64_t size, const struct zip_lie *lie)
{
    size_t offset = z->out.len;

    if (lie->size)
        size = lie->size;
    buf_add_u32le(&z->out, 0x04034b50);
    zip_add_u16(&z->out, 45);
    zip_add_common(&z->out, name, method, crc, packed.len, size, lie);
    buf_add_str(&z->out, name);
    zip_add_extra(&z->out, size);
    buf_add_str(&z->out, packed);
    if (!lie->no_central)
        zip_point(z, name, method, crc, packed.len, size, offset, lie);
    return offset;
}

/* Deflates without a header; the stream may be left open at a byte boundary, to be repeated. */
UNUSED static void zip_deflate(struct buf *out, struct str data, int flush)
{
    z_stream s = {.next_in = (Bytef *)(uintptr_t)data.p, .avail_in = (uInt)data.len};
    size_t room = data.len + data.len / 1000 + 1024;
    char *to = buf_reserve(out, room);

    if (!to || deflateInit2(&s, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    s.next_out = (Bytef *)to;
    s.avail_out = (uInt)room;
    (void)deflate(&s, flush);
    buf_wrote(out, room - s.avail_out);
    (void)deflateEnd(&s);
}

UNUSED static uint32_t zip_crc(struct str data)
{
    return (uint32_t)crc32(0, (const Bytef *)data.p, (uInt)data.len);
}

UNUSED static void zip_add_lying(struct zip_maker *z, const char *name, struct str data, struct zip_lie lie)
{
    CLEANUP(buf_done) struct buf packed = BUF_INIT(256 << 20);

    zip_deflate(&packed, data, Z_FINISH);
    (void)zip_add_raw(z, str_from(name), 8, zip_crc(data), buf_str(&packed), data.len, &lie);
}

UNUSED static void zip_put(struct zip_maker *z, const char *name, struct str data)
{
    zip_add_lying(z, name, data, (struct zip_lie){.flags = 0});
}

/* The directory and its end. */
UNUSED static void zip_finish(struct zip_maker *z)
{
    size_t at = z->out.len;

    buf_add_str(&z->out, buf_str(&z->central));
    buf_add_u32le(&z->out, 0x06054b50);
    buf_add_u32le(&z->out, 0);
    zip_add_u16(&z->out, z->n_entries);
    zip_add_u16(&z->out, z->n_entries);
    buf_add_u32le(&z->out, (uint32_t)z->central.len);
    buf_add_u32le(&z->out, (uint32_t)at);
    zip_add_u16(&z->out, 0);
}

/* n_mib MiB of one letter, deflated a thousand to one, in no time: one flushed block again and again. */
UNUSED static uint32_t zip_bomb(struct buf *packed, char letter, unsigned n_mib)
{
    CLEANUP(buf_done) struct buf block = BUF_INIT(4 << 20);
    enum { MIB = 1 << 20 };
    char *data = malloc(MIB);

    if (!data)
        abort();
    memset(data, letter, MIB);
    zip_deflate(&block, (struct str){data, MIB}, Z_FULL_FLUSH);
    uint32_t one = zip_crc((struct str){data, MIB}), crc = 0;
    for (unsigned i = 0; i < n_mib; i++) {
        buf_add_str(packed, buf_str(&block));
        crc = i ? (uint32_t)crc32_combine(crc, one, MIB) : one;
    }
    buf_add(packed, "\3\0", 2); /* the last block, empty */
    free(data);
    return crc;
}

#endif
