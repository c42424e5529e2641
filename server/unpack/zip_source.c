/* SPDX-License-Identifier: Apache-2.0 */
#include "zip_source.h"

#include <stdlib.h>
#include <string.h>

#include "zip_bytes.h"

struct window {
    int fd;
    uint64_t file_bytes; /* that are shown of the file */
    struct bytes tail;
    uint64_t at;
    zip_error_t error;
};

static uint64_t total(const struct window *w)
{
    return w->file_bytes + w->tail.len;
}

static zip_int64_t read_window(struct window *w, void *to, zip_uint64_t len)
{
    uint64_t left = total(w) - w->at;
    size_t n = len < left ? (size_t)len : (size_t)left;

    if (w->at < w->file_bytes) {
        if (n > w->file_bytes - w->at)
            n = (size_t)(w->file_bytes - w->at);
        if (!zip_pread(w->fd, to, n, w->at)) {
            zip_error_set(&w->error, ZIP_ER_READ, 0);
            return -1;
        }
    } else if (n) {
        memcpy(to, w->tail.p + (w->at - w->file_bytes), n);
    }
    w->at += n;
    return (zip_int64_t)n;
}

static zip_int64_t stat_window(const struct window *w, void *data, zip_uint64_t len)
{
    zip_stat_t *st = data;

    if (len < sizeof *st)
        return -1;
    zip_stat_init(st);
    st->size = total(w);
    st->valid |= ZIP_STAT_SIZE;
    return sizeof *st;
}

static zip_int64_t seek_window(struct window *w, void *data, zip_uint64_t len)
{
    zip_int64_t to = zip_source_seek_compute_offset(w->at, total(w), data, len, &w->error);

    if (to < 0)
        return -1;
    w->at = (uint64_t)to;
    return 0;
}

static zip_int64_t call(void *ctx, void *data, zip_uint64_t len, zip_source_cmd_t command)
{
    struct window *w = ctx;

    switch (command) {
    case ZIP_SOURCE_OPEN:
        w->at = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return read_window(w, data, len);
    case ZIP_SOURCE_CLOSE:
        return 0;
    case ZIP_SOURCE_STAT:
        return stat_window(w, data, len);
    case ZIP_SOURCE_SEEK:
        return seek_window(w, data, len);
    case ZIP_SOURCE_TELL:
        return (zip_int64_t)w->at;
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&w->error, data, len);
    case ZIP_SOURCE_FREE:
        free(w);
        return 0;
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                              ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
    default:
        zip_error_set(&w->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

zip_t *zip_window_open(int fd, uint64_t file_bytes, struct bytes tail, int flags, zip_error_t *error)
{
    struct window *w = calloc(1, sizeof *w);

    if (!w) {
        zip_error_set(error, ZIP_ER_MEMORY, 0);
        return NULL;
    }
    w->fd = fd;
    w->file_bytes = file_bytes;
    w->tail = tail;
    zip_error_init(&w->error);
    zip_source_t *source = zip_source_function_create(call, w, error);
    if (!source) {
        free(w);
        return NULL;
    }
    zip_t *zip = zip_open_from_source(source, flags, error);
    if (!zip)
        zip_source_free(source);
    return zip;
}
