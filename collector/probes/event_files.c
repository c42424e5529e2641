/* SPDX-License-Identifier: Apache-2.0
 *
 * Event logs as files, only when asked for: nothing can redact them. A log that is larger than a log may be
 * loses its oldest chunks. */
#include <stdlib.h>
#include <string.h>

#include "event_logs.h"
#include "limits.h"

enum { EVTX_HEADER = 4096, EVTX_CHUNK = 65536, EVTX_NUMBERS = 40 };

static void close_file(struct os_file **f)
{
    if (*f != NULL)
        os_file_close(*f);
}

struct evtx {
    struct probe_run *run;
    struct os_file *file;
    int64_t n_chunks;
    uint64_t from_record; /* chunks whose last record is older are left out */
    char piece[EVTX_CHUNK];
};

static int64_t read_fully(struct os_file *f, int64_t offset, char *to, size_t want, struct err *e)
{
    size_t n = 0;

    while (n < want) {
        int64_t got = os_file_read(f, offset + (int64_t)n, to + n, want - n, e);
        if (got < 0)
            return got;
        if (got == 0)
            break;
        n += (size_t)got;
    }
    return (int64_t)n;
}

/* The number of a chunk's last record: [MS-EVEN6] 2.2.14 keeps it 32 bytes into the chunk's header. */
static uint64_t last_record(const char *chunk)
{
    uint64_t v = 0;

    for (size_t i = 8; i > 0; i--)
        v = v << 8 | (uint8_t)chunk[32 + i - 1];
    return memcmp(chunk, "ElfChnk", 8) == 0 ? v : 0;
}

static int newest_first(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? 1 : *x > *y ? -1 : 0;
}

/* The chunks of a full log do not stand in the order of time. Finds the number from which on there is room.
 */
static int choose_chunks(struct evtx *x, struct err *e)
{
    CLEANUP(buf_done) struct buf numbers = BUF_INIT(LIMIT_EVTX_CHUNKS_SEEN * 8 + 8);
    size_t room = (size_t)(x->run->limits.log_file_bytes / EVTX_CHUNK);

    if (room < 1 || x->n_chunks <= (int64_t)room)
        return 0;
    for (int64_t i = 0; i < x->n_chunks && i < LIMIT_EVTX_CHUNKS_SEEN; i++) {
        if (read_fully(x->file, EVTX_HEADER + i * EVTX_CHUNK, x->piece, EVTX_NUMBERS, e) < 0)
            return -e->code;
        uint64_t last = last_record(x->piece);
        buf_add(&numbers, &last, sizeof(last));
    }
    if (buf_check(&numbers, "event log", e) != 0)
        return -e->code;
    qsort(numbers.p, numbers.len / 8, 8, newest_first);
    memcpy(&x->from_record, numbers.p + (room - 1) * 8, 8);
    return 0;
}

static int copy_chunks(struct evtx *x, bool *ret_left_out, struct err *why, struct err *e)
{
    int64_t n = read_fully(x->file, 0, x->piece, EVTX_HEADER, why);

    for (int64_t i = 0; n > 0; i++) {
        if (i > 0 && x->from_record > 0 && last_record(x->piece) < x->from_record)
            *ret_left_out = true;
        else if (bundle_write(x->run->bundle, x->piece, (size_t)n, e) != 0)
            return -e->code;
        n = read_fully(x->file, EVTX_HEADER + i * EVTX_CHUNK, x->piece, EVTX_CHUNK, why);
    }
    return 0;
}

static int take_file(struct probe_run *run, struct evtx *x, struct manifest_item *head, struct err *e)
{
    CLEANUP(close_file) struct os_file *f = NULL;
    struct os_file_info info;
    struct err why = {0};
    struct bundle_end end = BUNDLE_OK;
    bool left_out = false;
    int r;

    if (take_excluded(run, head, &r, e))
        return r;
    if (os_stat(run->os, head->source, &info, &why) != 0 ||
        os_file_open(run->os, head->source, &f, &why) != 0)
        return take_failure(run, head, &why, e);
    head->original = info.size;
    head->modified_ms = info.modified_ms;
    *x = (struct evtx){.run = run, .file = f, .n_chunks = (info.size - EVTX_HEADER) / EVTX_CHUNK};
    if (choose_chunks(x, &why) != 0)
        return take_failure(run, head, &why, e);
    if (run->preview) {
        head->size = info.size < run->limits.log_file_bytes ? info.size : run->limits.log_file_bytes;
        return bundle_item_note(run->bundle, head, &BUNDLE_OK, e);
    }
    if (bundle_item_begin(run->bundle, head, e) != 0 || copy_chunks(x, &left_out, &why, e) != 0)
        return -e->code;
    if (why.code != 0)
        end = take_end(&why);
    else if (left_out)
        end = (struct bundle_end){OUTCOME_TRUNCATED, "the oldest chunks left out", 0, "head"};
    return bundle_item_end(run->bundle, &end, e);
}

int probe_event_files(struct probe_run *run, struct err *e)
{
    struct evtx *x = malloc(sizeof(*x));
    int r = 0;

    if (x == NULL)
        return err_set(e, ERR_NOMEM, "event logs: out of memory");
    for (size_t i = 0; r == 0 && i < n_event_logs; i++) {
        struct str name = event_log_file(run, event_logs[i].channel, ".evtx");
        struct manifest_item head = {.kind = KIND_LOG_EVENT, .original = -1, .modified_ms = TIME_NONE};

        head.entry = take_join(run, "logs/events/%.*s", (int)name.len, name.p);
        head.source = take_expand(
            run, take_join(run, "%%SystemRoot%%\\System32\\winevt\\Logs\\%.*s", (int)name.len, name.p));
        if (!event_logs[i].opt_in || run->security_log)
            r = take_file(run, x, &head, e);
    }
    free(x);
    return r;
}
