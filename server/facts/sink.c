/* SPDX-License-Identifier: Apache-2.0 */
#include "sink.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"
#include "limits.h"

enum { PIECE_BYTES = 65536, PROBLEM_BYTES = 1024 };

struct sink {
    int fd; /* -1: put */
    sink_put_fn put;
    void *ctx;
    struct buf row, out;
    struct str table;
    uint16_t n_values;
    bool is_open; /* between begin and end */
    int64_t n_rows, n_bytes;
    struct err error; /* the first one; code 0: none */
};

static int new_sink(struct sink **ret, struct err *e)
{
    struct sink *s = calloc(1, sizeof *s);

    if (!s)
        return err_set(e, ERR_NOMEM, "rows: out of memory");
    s->fd = -1;
    s->row = BUF_INIT(LIMIT_ROW_BYTES);
    s->out = BUF_INIT(PIECE_BYTES + LIMIT_ROW_BYTES + FRAME_HEAD_BYTES);
    *ret = s;
    return 0;
}

int sink_open_fd(int fd, struct sink **ret, struct err *e)
{
    int r = new_sink(ret, e);

    if (!r)
        (*ret)->fd = fd;
    return r;
}

int sink_open_put(sink_put_fn put, void *ctx, struct sink **ret, struct err *e)
{
    int r = new_sink(ret, e);

    if (!r) {
        (*ret)->put = put;
        (*ret)->ctx = ctx;
    }
    return r;
}

static void flush(struct sink *s)
{
    const char *p = buf_c(&s->out);
    size_t left = s->out.len;

    while (left && !s->error.code) {
        ssize_t n = write(s->fd, p, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            (void)err_errno(&s->error, "rows");
            return;
        }
        p += n;
        left -= (size_t)n;
    }
    buf_clear(&s->out);
}

int sink_close(struct sink *s, struct err *e)
{
    if (!s)
        return 0;
    if (s->fd >= 0 && !s->error.code) {
        buf_add_u32le(&s->out, 0);
        flush(s);
    }
    int r = sink_check(s, e);
    buf_done(&s->row);
    buf_done(&s->out);
    free(s);
    return r;
}

int sink_check(const struct sink *s, struct err *e)
{
    if (!s->error.code)
        return 0;
    *e = s->error;
    return -e->code;
}

static void add_name(struct sink *s, const char *name)
{
    size_t len = strlen(name);

    buf_add_char(&s->row, (char)len);
    buf_add(&s->row, name, len);
}

void sink_begin(struct sink *s, const char *table)
{
    if (s->error.code)
        return;
    buf_clear(&s->row);
    s->table = str_from(table);
    add_name(s, table);
    buf_add(&s->row, "\0", 2); /* the number of values, known at the end */
    s->n_values = 0;
    s->is_open = true;
}

/* Opens a value; false when nothing may be added: after an error, or outside a row. */
static bool begin_value(struct sink *s, const char *column, enum frame_type type)
{
    if (s->error.code || !s->is_open)
        return false;
    add_name(s, column);
    buf_add_char(&s->row, (char)type);
    s->n_values++;
    return true;
}

/* The longest beginning of at most `max` bytes that does not cut a character. */
static struct str cut_utf8(struct str s, size_t max)
{
    if (s.len <= max)
        return s;
    while (max && ((unsigned char)s.p[max] & 0xc0) == 0x80)
        max--;
    return (struct str){s.p, max};
}

void sink_text(struct sink *s, const char *column, struct str value)
{
    CLEANUP(buf_done) struct buf mended = BUF_INIT(LIMIT_TEXT_BYTES * 3 + 16);

    if (!value.p)
        return;
    if (!begin_value(s, column, FRAME_TEXT))
        return;
    if (value.len > (size_t)LIMIT_TEXT_BYTES + 4)
        value = cut_utf8(value, (size_t)LIMIT_TEXT_BYTES);
    if (!text_is_utf8(value) || memchr(value.p, 0, value.len)) {
        text_add_utf8_lossy(&mended, value);
        value = mended.p ? buf_str(&mended) : STR("");
    }
    value = cut_utf8(value, (size_t)LIMIT_TEXT_BYTES);
    buf_add_u32le(&s->row, (uint32_t)value.len);
    buf_add_str(&s->row, value);
}

void sink_c(struct sink *s, const char *column, const char *value)
{
    sink_text(s, column, str_from(value));
}

void sink_int(struct sink *s, const char *column, int64_t value)
{
    if (!begin_value(s, column, FRAME_INT))
        return;
    buf_add_u32le(&s->row, (uint32_t)(uint64_t)value);
    buf_add_u32le(&s->row, (uint32_t)((uint64_t)value >> 32));
}

void sink_time(struct sink *s, const char *column, int64_t ms)
{
    if (ms != TIME_NONE)
        sink_int(s, column, ms);
}

void sink_blob(struct sink *s, const char *column, struct bytes value)
{
    if (!value.p || !begin_value(s, column, FRAME_BLOB))
        return;
    buf_add_u32le(&s->row, value.len > UINT32_MAX ? UINT32_MAX : (uint32_t)value.len);
    buf_add(&s->row, value.p, value.len);
}

void sink_hex(struct sink *s, const char *column, struct bytes value)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT(LIMIT_TEXT_BYTES);

    if (!value.p)
        return;
    if (value.len > (size_t)LIMIT_TEXT_BYTES / 2)
        value.len = (size_t)LIMIT_TEXT_BYTES / 2;
    text_hex(&hex, value.p, value.len);
    sink_text(s, column, hex.p ? buf_str(&hex) : STR(""));
}

static void put_row(struct sink *s)
{
    struct err e = {0};

    s->n_rows++;
    s->n_bytes += (int64_t)s->row.len;
    if (s->n_rows > LIMIT_ROWS || s->n_bytes > LIMIT_ROWS_BYTES) {
        (void)err_set(&s->error, ERR_LIMIT, "more than %lld rows or %lld bytes of rows",
                      (long long)LIMIT_ROWS, (long long)LIMIT_ROWS_BYTES);
    } else if (s->fd < 0) {
        if (s->put((struct bytes){(const uint8_t *)s->row.p, s->row.len}, s->ctx, &e) < 0)
            s->error = e;
    } else {
        buf_add_u32le(&s->out, (uint32_t)s->row.len);
        buf_add_str(&s->out, buf_str(&s->row));
        if (s->out.failed)
            (void)buf_check(&s->out, "rows", &s->error);
        if (s->out.len >= PIECE_BYTES)
            flush(s);
    }
}

void sink_end(struct sink *s)
{
    if (s->error.code || !s->is_open)
        return;
    s->is_open = false;
    if (s->row.failed == ERR_LIMIT) { /* the row is lost, not the job */
        struct str table = s->table;
        sink_problem(s, (struct str){NULL, 0}, 0, "a row of %.*s was too long and is left out",
                     (int)table.len, table.p);
        return;
    }
    if (buf_check(&s->row, "row", &s->error))
        return;
    s->row.p[1 + s->table.len] = (char)s->n_values;
    s->row.p[2 + s->table.len] = (char)(s->n_values >> 8);
    put_row(s);
}

void sink_problem(struct sink *s, struct str entry, int64_t line, const char *format, ...)
{
    char text[PROBLEM_BYTES];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    sink_begin(s, "bundle_problem");
    if (entry.len)
        sink_text(s, "entry", entry);
    if (line > 0)
        sink_int(s, "line", line);
    sink_c(s, "problem", n < 0 ? "a problem that cannot be said" : text);
    sink_end(s);
}
