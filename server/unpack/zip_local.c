/* SPDX-License-Identifier: Apache-2.0
 *
 * Local headers: where an entry's data stand, and the walk through a zip that lost its central directory. */
#include "zip_local.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "limits.h"
#include "zip_cursor.h"

enum {
    LOCAL_SIGNATURE = 0x04034b50,
    CENTRAL_SIGNATURE = 0x02014b50,
    END_SIGNATURE = 0x06054b50,
    LOCAL_BYTES = 30,
    CENTRAL_BYTES = 46,
    END_BYTES = 22
};

bool zip_pread(int fd, void *to, size_t len, uint64_t offset)
{
    char *p = to;

    while (len) {
        ssize_t n = pread(fd, p, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

/* The fixed part; name and extra field follow it. */
static bool read_fixed(int fd, uint64_t offset, struct zip_head *h, uint16_t *name_bytes,
                       uint16_t *extra_bytes)
{
    uint8_t raw[LOCAL_BYTES];
    struct zip_cursor c = {raw, sizeof raw, false};

    if (!zip_pread(fd, raw, sizeof raw, offset) || zip_u32(&c) != LOCAL_SIGNATURE)
        return false;
    (void)zip_u16(&c); /* version needed */
    h->flags = zip_u16(&c);
    h->method = zip_u16(&c);
    h->time = zip_u16(&c);
    h->date = zip_u16(&c);
    h->crc = zip_u32(&c);
    h->packed = zip_u32(&c);
    h->size = zip_u32(&c);
    *name_bytes = zip_u16(&c);
    *extra_bytes = zip_u16(&c);
    h->offset = offset;
    return true;
}

bool zip_local_data(int fd, uint64_t offset, uint64_t *ret)
{
    struct zip_head h;
    uint16_t name_bytes, extra_bytes;

    if (!read_fixed(fd, offset, &h, &name_bytes, &extra_bytes))
        return false;
    *ret = offset + LOCAL_BYTES + name_bytes + extra_bytes;
    return true;
}

enum step { STEP_ENTRY, STEP_END, STEP_STOP };

static enum step stop(struct arena *a, struct zip_heads *heads, const char *why)
{
    char *text = arena_printf(a, "%s at byte %" PRIu64 "; what follows is lost", why, heads->stop);

    heads->why = text ? str_from(text) : STR("the zip is cut off");
    return STEP_STOP;
}

/* The entry at heads->stop into *h, or why there is none. */
static enum step read_head(int fd, uint64_t file_bytes, struct arena *a, struct zip_heads *heads,
                           struct zip_head *h)
{
    uint16_t name_bytes, extra_bytes;
    uint8_t signature[4];
    uint8_t *name, *extra;

    if (heads->stop == file_bytes || !zip_pread(fd, signature, sizeof signature, heads->stop))
        return stop(a, heads, "the zip ends");
    if (!memcmp(signature, "PK\1\2", 4) || !memcmp(signature, "PK\5\6", 4))
        return STEP_END;
    if (!read_fixed(fd, heads->stop, h, &name_bytes, &extra_bytes))
        return stop(a, heads, "no header of an entry");
    name = arena_alloc(a, (size_t)name_bytes + 1);
    extra = arena_alloc(a, (size_t)extra_bytes + 1);
    if (!name || !extra)
        return stop(a, heads, "out of memory");
    if (!zip_pread(fd, name, name_bytes, h->offset + LOCAL_BYTES) ||
        !zip_pread(fd, extra, extra_bytes, h->offset + LOCAL_BYTES + name_bytes))
        return stop(a, heads, "the header of an entry is cut off");
    h->name = (struct str){(const char *)name, name_bytes};
    bool failed = false;
    uint64_t *const fields[] = {&h->size, &h->packed};
    zip_extra64((struct bytes){extra, extra_bytes}, fields, ARRAY_LEN(fields), &failed);
    uint64_t data = h->offset + LOCAL_BYTES + name_bytes + extra_bytes;
    if (h->flags & ZIP_FLAG_DESCRIPTOR)
        return stop(a, heads, "an entry without its length");
    if (failed || h->packed > file_bytes || data > file_bytes - h->packed)
        return stop(a, heads, "an entry is cut off");
    h->end = data + h->packed;
    return STEP_ENTRY;
}

int zip_local_walk(int fd, uint64_t file_bytes, struct arena *a, struct zip_heads *ret, struct err *e)
{
    struct zip_heads heads = {.heads = arena_array(a, (size_t)LIMIT_ENTRIES, sizeof(struct zip_head))};

    if (!heads.heads)
        return err_set(e, ERR_NOMEM, "out of memory");
    for (;;) {
        struct zip_head h = {.crc = 0};
        if (read_head(fd, file_bytes, a, &heads, &h) != STEP_ENTRY)
            break;
        if ((int64_t)heads.n_heads == LIMIT_ENTRIES)
            return err_set(e, ERR_LIMIT, "more than %d entries", (int)LIMIT_ENTRIES);
        heads.heads[heads.n_heads++] = h;
        heads.stop = h.end;
    }
    *ret = heads;
    return 0;
}

static void add_u16(struct buf *b, uint16_t v)
{
    char c[2] = {(char)v, (char)(v >> 8)};

    buf_add(b, c, sizeof c);
}

static uint32_t low32(uint64_t v)
{
    return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static void add_central(struct buf *b, const struct zip_head *h)
{
    buf_add_u32le(b, CENTRAL_SIGNATURE);
    add_u16(b, 20); /* made by, needed */
    add_u16(b, 20);
    add_u16(b, h->flags);
    add_u16(b, h->method);
    add_u16(b, h->time);
    add_u16(b, h->date);
    buf_add_u32le(b, h->crc);
    buf_add_u32le(b, low32(h->packed));
    buf_add_u32le(b, low32(h->size));
    add_u16(b, (uint16_t)h->name.len);
    for (int i = 0; i < 4; i++) /* extra, comment, disk, internal attributes */
        add_u16(b, 0);
    buf_add_u32le(b, 0);
    buf_add_u32le(b, low32(h->offset));
    buf_add_str(b, h->name);
}

int zip_central_make(const struct zip_heads *heads, uint64_t at, struct arena *a, struct bytes *ret,
                     struct err *e)
{
    CLEANUP(buf_done)
    struct buf b = BUF_INIT(END_BYTES + LIMIT_ENTRIES * (CENTRAL_BYTES + UINT16_MAX));

    for (size_t i = 0; i < heads->n_heads; i++)
        add_central(&b, &heads->heads[i]);
    uint32_t size = (uint32_t)b.len;
    buf_add_u32le(&b, END_SIGNATURE);
    buf_add_u32le(&b, 0); /* disks */
    add_u16(&b, (uint16_t)heads->n_heads);
    add_u16(&b, (uint16_t)heads->n_heads);
    buf_add_u32le(&b, size);
    buf_add_u32le(&b, low32(at));
    add_u16(&b, 0);
    int r = buf_check(&b, "directory", e);
    if (r)
        return r;
    struct str kept = arena_keep(a, buf_str(&b));
    if (!kept.p)
        return err_set(e, ERR_NOMEM, "directory: out of memory");
    *ret = (struct bytes){(const uint8_t *)kept.p, kept.len};
    return 0;
}
