/* SPDX-License-Identifier: Apache-2.0 */
#include "log_file.h"

#include <string.h>

#include "limits.h"
#include "probe.h"

enum { PIECE_BYTES = 65536, HEADER_BYTES = 4096 };

struct log_copy {
    struct probe_run *run;
    struct os_file *file;
    struct redact_log *redaction;
    struct err fatal; /* the bundle; a failure of the source goes into the item */
    char piece[PIECE_BYTES];
};

static void end_copy(struct log_copy *c)
{
    if (c->file != NULL)
        os_file_close(c->file);
    redact_log_free(c->redaction);
}

static int to_bundle(void *ctx, const void *data, size_t len, struct err *e)
{
    struct log_copy *c = ctx;

    if (bundle_write(c->run->bundle, data, len, &c->fatal) != 0) {
        *e = c->fatal;
        return -e->code;
    }
    c->run->log_bytes += (int64_t)len;
    return 0;
}

static int add(struct log_copy *c, const void *data, size_t len, struct err *e)
{
    return c->run->raw ? to_bundle(c, data, len, e) : redact_log_add(c->redaction, data, len, e);
}

/* Finds the last "#Fields:" line that begins before `end`. Returns its offset, or -1. Backwards, in pieces
 * that overlap by the length of what is looked for. */
static int64_t find_fields(struct log_copy *c, int64_t end)
{
    static const char what[] = "#Fields:";
    const int64_t width = (int64_t)sizeof(what) - 1, stop = end - LIMIT_COLLECT_LOG_SCAN_BYTES;
    struct err ignored = {0};

    while (end > 0 && end > stop) {
        int64_t from = end > PIECE_BYTES - width ? end - (PIECE_BYTES - width) : 0;
        size_t want = (size_t)(end - from + width) < PIECE_BYTES ? (size_t)(end - from + width) : PIECE_BYTES;
        int64_t n = os_file_read(c->file, from, c->piece, want, &ignored);
        for (int64_t i = n - width; i >= 0; i--)
            if (c->piece[i] == '#' && memcmp(c->piece + i, what, (size_t)width) == 0 &&
                (i == 0 ? from == 0 : c->piece[i - 1] == '\n'))
                return from + i;
        if (n <= 0)
            return -1;
        /* one byte again, so that a hit at a piece's first byte is seen with what stands before it */
        end = from > 0 ? from + 1 : 0;
        if (from == 0)
            return -1;
    }
    return -1;
}

/* One line at `offset`, of at most HEADER_BYTES, with its end. */
static int copy_line(struct log_copy *c, int64_t offset, struct err *e)
{
    int64_t n = os_file_read(c->file, offset, c->piece, HEADER_BYTES, e);
    const char *end = n > 0 ? memchr(c->piece, '\n', (size_t)n) : NULL;

    if (n < 0)
        return -e->code;
    return end == NULL ? 0 : add(c, c->piece, (size_t)(end - c->piece) + 1, e);
}

/* Where the first whole line at or behind `offset` begins. */
static int64_t next_line(struct log_copy *c, int64_t offset, struct err *e)
{
    int64_t n;

    while ((n = os_file_read(c->file, offset, c->piece, PIECE_BYTES, e)) > 0) {
        const char *end = memchr(c->piece, '\n', (size_t)n);
        if (end != NULL)
            return offset + (end - c->piece) + 1;
        offset += n;
    }
    return n < 0 ? -e->code : offset;
}

static int copy_from(struct log_copy *c, int64_t offset, int64_t end, struct err *e)
{
    int64_t n = 1;

    while (n > 0 && offset < end) {
        size_t want = end - offset > PIECE_BYTES ? PIECE_BYTES : (size_t)(end - offset);
        n = os_file_read(c->file, offset, c->piece, want, e);
        if (n < 0 || (n > 0 && add(c, c->piece, (size_t)n, e) != 0))
            return -e->code;
        offset += n;
    }
    return c->run->raw ? 0 : redact_log_end(c->redaction, e);
}

static int copy(struct log_copy *c, int64_t size, int64_t room, struct err *e)
{
    int64_t from = 0, fields = -1;

    if (size > room) {
        from = next_line(c, size - room, e);
        if (from < 0)
            return (int)from;
        fields = find_fields(c, from);
    }
    if (fields >= 0 && copy_line(c, fields, e) != 0)
        return -e->code;
    return copy_from(c, from, size, e);
}

static const struct bundle_end only_newest = {OUTCOME_TRUNCATED,
                                              "only its newest part: larger than the limit", 0, "head"};

/* A log is not read to tell that it would be taken; the size is the file's. */
static int preview(struct probe_run *run, const struct manifest_item *item, int64_t room_bytes, struct err *e)
{
    struct bundle_end end = item->original > room_bytes ? only_newest : BUNDLE_OK;
    struct manifest_item told = *item;
    struct err why = {0};
    struct os_file *f = NULL;

    if (os_file_open(run->os, item->source, &f, &why) != 0)
        return take_failure(run, item, &why, e);
    os_file_close(f);
    told.size = item->original > room_bytes ? room_bytes : item->original;
    run->log_bytes += told.size;
    return bundle_item_note(run->bundle, &told, &end, e);
}

int log_file_take(struct probe_run *run, const struct manifest_item *head, const struct os_file_info *info,
                  int64_t room_bytes, struct err *e)
{
    CLEANUP(end_copy) struct log_copy c = {.run = run};
    struct bundle_end end = BUNDLE_OK;
    struct manifest_item item = *head;
    struct err why = {0};
    int r;

    item.original = info->size;
    item.modified_ms = info->modified_ms;
    if (run->preview)
        return preview(run, &item, room_bytes, e);
    if (take_excluded(run, &item, &r, e))
        return r;
    if (os_file_open(run->os, head->source, &c.file, &why) != 0)
        return take_failure(run, &item, &why, e);
    if (redact_log_new(to_bundle, &c, &c.redaction, e) != 0 || bundle_item_begin(run->bundle, &item, e) != 0)
        return -e->code;
    if (copy(&c, info->size, room_bytes, &why) != 0) {
        if (c.fatal.code != 0 || why.code == ERR_NOMEM) {
            *e = why;
            return -e->code;
        }
        end = take_end(&why);
        end.cut = "tail";
    } else if (info->size > room_bytes) {
        end = only_newest;
    }
    return bundle_item_end(run->bundle, &end, e);
}
