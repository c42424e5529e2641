/* SPDX-License-Identifier: Apache-2.0 */
#include "store_pack.h"

#include "compiler.h"
#include "limits.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>
#ifdef CERTTRIAGE_ISAL
#include <isa-l/igzip_lib.h>
#endif

enum {
    GZIP_BITS = 15 + 16, /* zlib: the largest window, as gzip */
    TRAILER_BYTES = 8,   /* RFC 1952, 2.3: CRC32 and ISIZE */
    MOST_PIECE = 1 << 20
};

#ifdef CERTTRIAGE_ISAL
/* Six times as fast as zlib's fastest, for a tenth more bytes. */
static int pack(struct str text, char *to, size_t room, size_t *ret, struct err *e)
{
    struct isal_zstream z;

    isal_deflate_stateless_init(&z);
    z.end_of_stream = 1;
    z.gzip_flag = IGZIP_GZIP;
    z.next_in = (uint8_t *)(uintptr_t)text.p; /* only read */
    z.avail_in = (uint32_t)text.len;
    z.next_out = (uint8_t *)to;
    z.avail_out = (uint32_t)room;
    if (isal_deflate_stateless(&z) != COMP_OK)
        return err_set(e, ERR_LIMIT, "report: cannot be packed");
    *ret = z.total_out;
    return 0;
}
#else
static int pack(struct str text, char *to, size_t room, size_t *ret, struct err *e)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)text.p,
                  .avail_in = (uInt)text.len,
                  .next_out = (Bytef *)to,
                  .avail_out = (uInt)room};
    int r;

    if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_BITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return err_set(e, ERR_NOMEM, "report: out of memory");
    r = deflate(&z, Z_FINISH);
    *ret = z.total_out;
    (void)deflateEnd(&z);
    return r == Z_STREAM_END ? 0 : err_set(e, ERR_LIMIT, "report: cannot be packed");
}
#endif

int store_pack(struct str text, struct buf *ret, struct err *e)
{
    const size_t room = text.len + text.len / 512 + 1024; /* what cannot be packed is wrapped */
    char *to = room < UINT32_MAX ? buf_reserve(ret, room) : NULL;
    size_t n = 0;

    if (!to)
        return err_set(e, ERR_NOMEM, "report: out of memory");
    if (pack(text, to, room, &n, e) < 0)
        return -e->code;
    buf_wrote(ret, n);
    return 0;
}

static uint32_t get_u32(const char *from)
{
    const unsigned char *p = (const unsigned char *)from;

    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* As large as its end says at first; that may be a lie, so that more follows in pieces, or zlib ends before.
 */
static int inflate_to(z_stream *z, size_t piece, struct buf *ret, struct err *e)
{
    int r = Z_OK;

    while (r == Z_OK) {
        char *to = buf_reserve(ret, piece);
        if (!to)
            return err_set(e, ERR_LIMIT, "report: larger than it may be");
        z->next_out = (Bytef *)to;
        z->avail_out = (uInt)piece;
        r = inflate(z, Z_NO_FLUSH);
        buf_wrote(ret, piece - z->avail_out);
        piece = MOST_PIECE;
    }
    return r == Z_STREAM_END && z->avail_in == 0 ? 0
                                                 : err_set(e, ERR_FORMAT, "report: its bytes are damaged");
}

int store_unpack(struct str packed, struct buf *ret, struct err *e)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)packed.p, .avail_in = (uInt)packed.len};
    size_t size;
    int r;

    if (packed.len <= TRAILER_BYTES || packed.len > UINT32_MAX)
        return err_set(e, ERR_FORMAT, "report: its bytes are damaged");
    if (inflateInit2(&z, GZIP_BITS) != Z_OK)
        return err_set(e, ERR_NOMEM, "report: out of memory");
    size = get_u32(packed.p + packed.len - 4);
    r = inflate_to(&z, size > MOST_PIECE ? MOST_PIECE : size + 1, ret, e);
    (void)inflateEnd(&z);
    return r;
}

bool store_pack_differs(struct str a, struct str b)
{
    return a.len < TRAILER_BYTES || b.len < TRAILER_BYTES ||
           memcmp(a.p + a.len - TRAILER_BYTES, b.p + b.len - TRAILER_BYTES, TRAILER_BYTES) != 0;
}

static void report_text(sqlite3_context *c, int n, sqlite3_value **values)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_REPORT_BYTES);
    const void *blob = sqlite3_value_blob(values[0]);
    struct err ignored = {0};

    (void)n;
    if (sqlite3_value_type(values[0]) != SQLITE_BLOB)
        sqlite3_result_value(c, values[0]);
    else if (blob &&
             store_unpack((struct str){blob, (size_t)sqlite3_value_bytes(values[0])}, &text, &ignored) == 0)
        sqlite3_result_text64(c, buf_c(&text), text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

int store_pack_register(sqlite3 *db)
{
    return sqlite3_create_function(db, "report_text", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                   report_text, NULL, NULL);
}
