/* SPDX-License-Identifier: Apache-2.0 */
#include "zip_writer.h"

#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST /* zlib reads its input only */
#include <zlib.h>

#include "buf.h"
#include "limits.h"
#include "names.h"

enum {
    OUT_BYTES = 65536,
    LOCAL_BYTES = 30,   /* local header without the name */
    LOCAL_CRC_AT = 14,  /* crc, compressed size, size: 4 bytes each */
    CENTRAL_BYTES = 46, /* record of the central directory without the name */
    LEVEL = 2,    /* of deflate: as fast as zip -1 and a twentieth smaller; 5 makes a sixth less of logs, in
                     twice the time */
    SLOTS = 65536 /* of the name table; ENTRIES is far below */
};

struct zip_writer {
    struct zip_sink sink;
    z_stream deflater;
    bool has_deflater, is_open;
    uint8_t *out;    /* OUT_BYTES of compressed data */
    uint64_t *names; /* hashes of the names in use, 0 free */
    struct buf central, sums;
    size_t n_entries;
    uint16_t dos_date, dos_time;
    int64_t at; /* bytes of the file so far */
    /* the open entry */
    struct buf name;
    int64_t header_at, size, packed;
    uint32_t crc, packed_crc;
};

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v & 0xff);
    p[1] = (uint8_t)((v >> 8) & 0xff);
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v & 0xffff);
    put16(p + 2, v >> 16);
}

/* MS-DOS time of the civil date; years before 1980 do not exist there. */
static void set_time(struct zip_writer *z, int64_t ms)
{
    int64_t seconds = ms < 315532800000LL || ms > 4102444800000LL ? 315532800 : ms / 1000;
    int64_t days = seconds / 86400, rest = seconds % 86400;
    /* days since 0000-03-01, in eras of 400 years (the usual civil-from-days arithmetic) */
    int64_t shifted = days + 719468, era = shifted / 146097, doe = shifted - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
            doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = yoe + era * 400 + (month <= 2);

    z->dos_date = (uint16_t)(((year - 1980) << 9) | (month << 5) | day);
    z->dos_time = (uint16_t)(((rest / 3600) << 11) | ((rest / 60 % 60) << 5) | (rest % 60 / 2));
}

int zip_writer_new(const struct zip_sink *sink, int64_t time_ms, struct zip_writer **ret, struct err *e)
{
    struct zip_writer *z = calloc(1, sizeof(*z));

    if (z == NULL)
        return err_set(e, ERR_NOMEM, "zip: out of memory");
    z->sink = *sink;
    z->central = BUF_INIT((CENTRAL_BYTES + LIMIT_ENTRY_NAME_BYTES) * LIMIT_ENTRIES);
    z->sums = BUF_INIT(4 * LIMIT_ENTRIES);
    z->name = BUF_INIT(LIMIT_ENTRY_NAME_BYTES);
    z->out = malloc(OUT_BYTES);
    z->names = calloc(SLOTS, sizeof(*z->names));
    set_time(z, time_ms);
    z->has_deflater = deflateInit2(&z->deflater, LEVEL, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    if (z->out == NULL || z->names == NULL || !z->has_deflater) {
        zip_writer_free(z);
        return err_set(e, ERR_NOMEM, "zip: out of memory");
    }
    *ret = z;
    return 0;
}

void zip_writer_free(struct zip_writer *z)
{
    if (z == NULL)
        return;
    if (z->has_deflater)
        (void)deflateEnd(&z->deflater);
    buf_done(&z->central);
    buf_done(&z->sums);
    buf_done(&z->name);
    free(z->out);
    free(z->names);
    free(z);
}

static int put(struct zip_writer *z, const void *data, size_t len, struct err *e)
{
    if (z->at + (int64_t)len > LIMIT_COLLECT_ZIP_BYTES)
        return err_set(e, ERR_LIMIT, "bundle: more than %lld bytes", (long long)LIMIT_COLLECT_ZIP_BYTES);
    if (z->sink.write(z->sink.ctx, data, len, e) != 0)
        return -e->code;
    z->at += (int64_t)len;
    return 0;
}

/* Takes a name; false when it is taken already. FNV-1a over the lower-case name; at 20,000 names two
 * different ones share a 64-bit hash with a chance of 1 in 10^11, and then one entry is refused. */
static bool take_name(struct zip_writer *z, struct str name)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.p[i];
        hash = (hash ^ (uint64_t)(unsigned char)(c >= 'A' && c <= 'Z' ? c | 32 : c)) * 1099511628211u;
    }
    hash += hash == 0;
    size_t slot = hash % SLOTS;
    while (z->names[slot] != 0 && z->names[slot] != hash)
        slot = (slot + 1) % SLOTS;
    if (z->names[slot] == hash)
        return false;
    z->names[slot] = hash;
    return true;
}

static void fill_common(const struct zip_writer *z, uint8_t *p)
{
    put16(p, 20); /* version needed: deflate */
    put16(p + 4, 8);
    put16(p + 6, z->dos_time);
    put16(p + 8, z->dos_date);
    put32(p + 10, z->crc);
    put32(p + 14, (uint32_t)z->packed);
    put32(p + 18, (uint32_t)z->size);
    put16(p + 22, (uint32_t)z->name.len);
}

int zip_writer_begin(struct zip_writer *z, struct str name, struct err *e)
{
    uint8_t header[LOCAL_BYTES] = {'P', 'K', 3, 4};

    if (!entry_name_is_legal(name))
        return err_set(e, ERR_FORMAT, "%.*s: not a legal entry name", (int)name.len, name.p);
    if (z->n_entries >= (size_t)LIMIT_ENTRIES)
        return err_set(e, ERR_LIMIT, "bundle: more than %lld entries", (long long)LIMIT_ENTRIES);
    if (!take_name(z, name))
        return err_set(e, ERR_CONFLICT, "%.*s: there is an entry of this name", (int)name.len, name.p);
    buf_clear(&z->name);
    buf_add_str(&z->name, name);
    if (buf_check(&z->name, "entry name", e) != 0)
        return -e->code;
    z->header_at = z->at;
    z->size = z->packed = 0;
    z->crc = z->packed_crc = 0;
    z->is_open = true;
    fill_common(z, header + 4);
    (void)deflateReset(&z->deflater);
    if (put(z, header, sizeof(header), e) != 0)
        return -e->code;
    return put(z, z->name.p, z->name.len, e);
}

static int deflate_out(struct zip_writer *z, int how, struct err *e)
{
    int r;

    do {
        z->deflater.next_out = z->out;
        z->deflater.avail_out = OUT_BYTES;
        r = deflate(&z->deflater, how);
        size_t n = OUT_BYTES - z->deflater.avail_out;
        if (r == Z_STREAM_ERROR)
            return err_set(e, ERR_IO, "zip: deflate refuses");
        if (put(z, z->out, n, e) != 0)
            return -e->code;
        z->packed_crc = (uint32_t)crc32(z->packed_crc, z->out, (uInt)n);
        z->packed += (int64_t)n;
    } while (z->deflater.avail_out == 0 || (how == Z_FINISH && r != Z_STREAM_END));
    return 0;
}

int zip_writer_add(struct zip_writer *z, const void *data, size_t len, struct err *e)
{
    const uint8_t *p = data;

    while (len > 0) {
        uInt n = len > (1u << 20) ? 1u << 20 : (uInt)len;
        z->crc = (uint32_t)crc32(z->crc, p, n);
        z->deflater.next_in = p;
        z->deflater.avail_in = n;
        if (deflate_out(z, Z_NO_FLUSH, e) != 0)
            return -e->code;
        z->size += n;
        p += n;
        len -= n;
    }
    return 0;
}

/* The local header gets what is known only now. */
static int patch_header(struct zip_writer *z, struct err *e)
{
    uint8_t fields[12];

    put32(fields, z->crc);
    put32(fields + 4, (uint32_t)z->packed);
    put32(fields + 8, (uint32_t)z->size);
    if (z->sink.seek(z->sink.ctx, z->header_at + LOCAL_CRC_AT, e) != 0 ||
        z->sink.write(z->sink.ctx, fields, sizeof(fields), e) != 0)
        return -e->code;
    return z->sink.seek(z->sink.ctx, z->at, e);
}

int zip_writer_end(struct zip_writer *z, struct err *e)
{
    uint8_t record[CENTRAL_BYTES] = {'P', 'K', 1, 2, 20, 0};

    z->deflater.avail_in = 0;
    if (deflate_out(z, Z_FINISH, e) != 0 || patch_header(z, e) != 0)
        return -e->code;
    fill_common(z, record + 6);
    put32(record + 42, (uint32_t)z->header_at);
    buf_add(&z->central, record, sizeof(record));
    buf_add_str(&z->central, buf_str(&z->name));
    buf_add_u32le(&z->sums, z->packed_crc);
    z->n_entries++;
    z->is_open = false;
    return buf_check(&z->central, "central directory", e) != 0 ? -e->code : buf_check(&z->sums, "sums", e);
}

int zip_writer_finish(struct zip_writer *z, struct err *e)
{
    uint8_t end[22] = {'P', 'K', 5, 6};
    int64_t central_at = z->at;

    put16(end + 8, (uint32_t)z->n_entries);
    put16(end + 10, (uint32_t)z->n_entries);
    put32(end + 12, (uint32_t)z->central.len);
    put32(end + 16, (uint32_t)central_at);
    if (put(z, buf_c(&z->central), z->central.len, e) != 0)
        return -e->code;
    return put(z, end, sizeof(end), e);
}

int64_t zip_writer_size(const struct zip_writer *z)
{
    return z->at;
}

int64_t zip_writer_entry_size(const struct zip_writer *z)
{
    return z->size;
}

size_t zip_writer_entries(const struct zip_writer *z)
{
    return z->n_entries;
}

struct bytes zip_writer_sums(const struct zip_writer *z)
{
    return (struct bytes){(const uint8_t *)z->sums.p, z->sums.len};
}
