/* SPDX-License-Identifier: Apache-2.0
 *
 * The central directory: what libzip reads too, but here with the place of each entry, which it keeps to
 * itself. */
#include <string.h>

#include "limits.h"
#include "zip_cursor.h"
#include "zip_local.h"

enum {
    END_BYTES = 22,
    LOCATOR_BYTES = 20,
    END64_BYTES = 56,
    CENTRAL_SIGNATURE = 0x02014b50,
    END_SIGNATURE = 0x06054b50,
    LOCATOR_SIGNATURE = 0x07064b50,
    END64_SIGNATURE = 0x06064b50
};

struct directory {
    uint64_t offset, size, count;
};

/* With the 64-bit end record, when one of the numbers says so. */
static bool read_end64(int fd, uint64_t end, struct directory *d)
{
    uint8_t raw[END64_BYTES];
    struct zip_cursor c = {raw, LOCATOR_BYTES, false};

    if (d->offset != UINT32_MAX && d->size != UINT32_MAX && d->count != UINT16_MAX)
        return true;
    if (end < LOCATOR_BYTES || !zip_pread(fd, raw, LOCATOR_BYTES, end - LOCATOR_BYTES) ||
        zip_u32(&c) != LOCATOR_SIGNATURE)
        return false;
    (void)zip_u32(&c); /* disk */
    uint64_t at = zip_number(&c, 8);
    c = (struct zip_cursor){raw, END64_BYTES, false};
    if (at > end || !zip_pread(fd, raw, END64_BYTES, at) || zip_u32(&c) != END64_SIGNATURE)
        return false;
    (void)zip_take(&c, 20 + 8); /* size, versions, disks, entries on this disk */
    d->count = zip_number(&c, 8);
    d->size = zip_number(&c, 8);
    d->offset = zip_number(&c, 8);
    return true;
}

static bool read_end(int fd, const uint8_t *raw, size_t left, uint64_t at, struct directory *d)
{
    struct zip_cursor c = {raw, left, false};

    if (left < END_BYTES || zip_u32(&c) != END_SIGNATURE)
        return false;
    (void)zip_take(&c, 6); /* disks, entries on this disk */
    d->count = zip_u16(&c);
    d->size = zip_u32(&c);
    d->offset = zip_u32(&c);
    if ((size_t)zip_u16(&c) != left - END_BYTES) /* the comment ends the file */
        return false;
    return read_end64(fd, at, d) && d->offset <= at && d->size <= at - d->offset;
}

static int find_directory(int fd, uint64_t file_bytes, struct arena *a, struct directory *ret, struct err *e)
{
    size_t room = file_bytes < END_BYTES + UINT16_MAX ? (size_t)file_bytes : END_BYTES + UINT16_MAX;
    uint8_t *tail = arena_alloc(a, room);

    if (!tail)
        return err_set(e, ERR_NOMEM, "out of memory");
    if (!zip_pread(fd, tail, room, file_bytes - room))
        return err_set(e, ERR_IO, "cannot be read");
    for (size_t back = END_BYTES; back <= room; back++)
        if (read_end(fd, tail + room - back, back, file_bytes - back, ret))
            return 0;
    return err_set(e, ERR_FORMAT, "no directory at the end");
}

static bool read_central(struct zip_cursor *c, struct zip_head *h)
{
    if (zip_u32(c) != CENTRAL_SIGNATURE)
        return false;
    (void)zip_u32(c); /* versions */
    h->flags = zip_u16(c);
    h->method = zip_u16(c);
    h->time = zip_u16(c);
    h->date = zip_u16(c);
    h->crc = zip_u32(c);
    h->packed = zip_u32(c);
    h->size = zip_u32(c);
    uint16_t name_bytes = zip_u16(c), extra_bytes = zip_u16(c), comment_bytes = zip_u16(c);
    (void)zip_take(c, 2 + 2 + 4); /* disk, attributes */
    h->offset = zip_u32(c);
    struct bytes name = zip_take(c, name_bytes), extra = zip_take(c, extra_bytes);
    (void)zip_take(c, comment_bytes);
    h->name = (struct str){(const char *)name.p, name.len};
    bool failed = false;
    uint64_t *const fields[] = {&h->size, &h->packed, &h->offset};
    zip_extra64(extra, fields, ARRAY_LEN(fields), &failed);
    return !c->failed && !failed;
}

static int read_heads(int fd, struct bytes raw, struct zip_heads *heads, size_t count, struct err *e)
{
    struct zip_cursor c = {raw.p, raw.len, false};

    for (; heads->n_heads < count; heads->n_heads++) {
        struct zip_head *h = &heads->heads[heads->n_heads];
        uint64_t data;
        if (!read_central(&c, h))
            return err_set(e, ERR_FORMAT, "directory: entry %zu is broken", heads->n_heads + 1);
        if (!zip_local_data(fd, h->offset, &data) || h->packed > heads->stop ||
            data > heads->stop - h->packed)
            h->end = 0;
        else
            h->end = data + h->packed;
    }
    return c.left ? err_set(e, ERR_FORMAT, "directory: more entries than it says") : 0;
}

int zip_central_read(int fd, uint64_t file_bytes, struct arena *a, struct zip_heads *ret, struct err *e)
{
    struct directory d = {0};
    int r = find_directory(fd, file_bytes, a, &d, e);

    if (r)
        return r;
    if (d.count > (uint64_t)LIMIT_ENTRIES || d.size > (uint64_t)LIMIT_WHOLE_ENTRY_BYTES)
        return err_set(e, ERR_LIMIT, "more than %d entries", (int)LIMIT_ENTRIES);
    struct zip_heads heads = {.stop = d.offset,
                              .heads = arena_array(a, (size_t)d.count, sizeof(struct zip_head))};
    uint8_t *raw = arena_alloc(a, (size_t)d.size);
    if (!heads.heads || !raw)
        return err_set(e, ERR_NOMEM, "out of memory");
    if (!zip_pread(fd, raw, (size_t)d.size, d.offset))
        return err_set(e, ERR_IO, "directory: cannot be read");
    r = read_heads(fd, (struct bytes){raw, (size_t)d.size}, &heads, (size_t)d.count, e);
    if (!r)
        *ret = heads;
    return r;
}
