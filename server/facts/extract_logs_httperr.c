/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTPERR: what http.sys answered or gave up by itself (KB820729). */
#include "extract_logs.h"

#include <string.h>

#include "limits.h"

enum { REASONS_MAX = 128, ROWS_HALF = 100, REASON_BYTES = 64, QUEUE_BYTES = 96 };

struct httperr_row {
    uint32_t entry;
    int64_t line, time_ms, port, status, site_id;
    uint16_t client_len, method_len, url_len, queue_len;
    char client[CLIENT_BYTES], method[24], url[512], queue[QUEUE_BYTES];
};

struct httperr_reason {
    char text[REASON_BYTES];
    size_t len;
    struct httperr_row *first, *last; /* ROWS_HALF each; last is a ring */
    int64_t count;
};

struct httperr_count {
    uint32_t reason;
    int64_t site_id, status, hour, count, first, last;
    char queue[QUEUE_BYTES];
    size_t queue_len;
};

struct log_httperr {
    struct log_map reason_map, count_map;
    struct log_list reasons, counts;
};

int logs_httperr_init(struct logs *l)
{
    l->httperr = arena_alloc(l->a, sizeof(*l->httperr));
    if (!l->httperr || log_map_init(&l->httperr->reason_map, l->a, REASONS_MAX) < 0 ||
        log_list_init(&l->httperr->reasons, l->a, sizeof(struct httperr_reason), REASONS_MAX) < 0 ||
        log_map_init(&l->httperr->count_map, l->a, LIMIT_HTTPERR_COUNTS) < 0 ||
        log_list_init(&l->httperr->counts, l->a, sizeof(struct httperr_count), LIMIT_HTTPERR_COUNTS) < 0)
        return -ERR_NOMEM;
    return 0;
}

static struct httperr_reason *reason_of(struct logs *l, struct str text, uint32_t *ret_at)
{
    bool is_new = false;
    uint32_t at = log_map_add(&l->httperr->reason_map, log_hash(text, 3), &is_new);
    struct httperr_reason *reason = at == NOT_THERE ? NULL : log_list_at(&l->httperr->reasons, at);

    if (reason && is_new) {
        reason->len = log_copy(reason->text, sizeof(reason->text), text);
        reason->first = arena_array(l->a, ROWS_HALF, sizeof(struct httperr_row));
        reason->last = arena_array(l->a, ROWS_HALF, sizeof(struct httperr_row));
    }
    *ret_at = at;
    return reason && reason->first && reason->last ? reason : NULL;
}

static void fill_row(struct httperr_row *row, uint32_t entry, const struct w3c_line *line)
{
    struct str query; /* it may be a secret */

    *row = (struct httperr_row){.entry = entry, .line = line->number, .time_ms = line->time_ms};
    if (!w3c_number(line, W3C_STATUS, &row->status))
        row->status = -1;
    (void)w3c_number(line, W3C_PORT, &row->port);
    (void)w3c_number(line, W3C_SITE_ID, &row->site_id);
    row->client_len = (uint16_t)log_copy(row->client, sizeof(row->client), w3c_get(line, W3C_CLIENT));
    row->method_len = (uint16_t)log_copy(row->method, sizeof(row->method), w3c_get(line, W3C_METHOD));
    row->url_len =
        (uint16_t)log_copy(row->url, sizeof(row->url), str_cut(w3c_get(line, W3C_URI), '?', &query));
    row->queue_len = (uint16_t)log_copy(row->queue, sizeof(row->queue), w3c_get(line, W3C_QUEUE));
}

static void count_row(struct logs *l, uint32_t reason, const struct httperr_row *row)
{
    int64_t hour = row->time_ms - row->time_ms % HOUR_MS;
    struct str queue = {row->queue, row->queue_len};
    uint64_t hash = log_hash_mix(log_hash_mix(log_hash(queue, reason), (uint64_t)hour),
                                 ((uint64_t)row->site_id << 16) ^ (uint64_t)row->status);
    bool is_new = false;
    uint32_t at = log_map_add(&l->httperr->count_map, hash, &is_new);
    struct httperr_count *c = at == NOT_THERE ? NULL : log_list_at(&l->httperr->counts, at);

    if (!c)
        return;
    if (is_new) {
        *c = (struct httperr_count){
            .reason = reason, .site_id = row->site_id, .status = row->status, .hour = hour};
        c->first = c->last = row->time_ms;
        c->queue_len = log_copy(c->queue, sizeof(c->queue), queue);
    }
    c->count++;
    if (row->time_ms < c->first)
        c->first = row->time_ms;
    if (row->time_ms > c->last)
        c->last = row->time_ms;
}

static int take_line(const struct w3c_line *line, void *ctx)
{
    struct logs *l = ctx;
    uint32_t at = NOT_THERE;
    struct httperr_reason *reason = reason_of(l, w3c_get(line, W3C_REASON), &at);
    struct httperr_row row;

    if (at == NOT_THERE)
        return 0;
    if (!reason)
        return -ERR_NOMEM;
    fill_row(&row, l->entry, line);
    count_row(l, at, &row);
    if (reason->count < ROWS_HALF)
        reason->first[reason->count] = row;
    else
        reason->last[reason->count % ROWS_HALF] = row;
    reason->count++;
    return 0;
}

static int take_piece(void *ctx, struct bytes piece)
{
    return w3c_feed(ctx, piece);
}

int logs_httperr(struct logs *l, uint32_t entry)
{
    const struct entry *at = &l->x->view->entries[entry];
    CLEANUP(w3c_done) struct w3c w;
    struct err e = {0};

    w3c_init(&w, W3C_HTTPERR, at->name, take_line, l);
    l->entry = entry;
    l->bad_lines = 0;
    int r = logs_stream(l, entry, take_piece, &w, &e);
    if (r == -ERR_NOMEM || w3c_finish(&w) == -ERR_NOMEM)
        return -ERR_NOMEM;
    if (r < 0)
        sink_problem(l->x->sink, at->name, w.lines, "read up to here only: %s", e.text);
    logs_put_file(l, entry, &w, "httperr", (struct str){0}, r < 0);
    logs_say_skipped(l, at->name, &w);
    return 0;
}

static struct str text_or_null(const char *p, size_t len)
{
    return len ? (struct str){p, len} : (struct str){0};
}

static void put_known(struct sink *sink, const char *column, int64_t value)
{
    if (value >= 0)
        sink_int(sink, column, value);
}

static void put_row(struct logs *l, const struct httperr_reason *reason, const struct httperr_row *row)
{
    struct sink *sink = l->x->sink;

    sink_begin(sink, "http_error");
    sink_time(sink, "time", row->time_ms);
    sink_text(sink, "client", text_or_null(row->client, row->client_len));
    put_known(sink, "port", row->port);
    sink_text(sink, "method", text_or_null(row->method, row->method_len));
    sink_text(sink, "url", text_or_null(row->url, row->url_len));
    put_known(sink, "status", row->status);
    put_known(sink, "site_id", row->site_id);
    sink_text(sink, "reason", text_or_null(reason->text, reason->len));
    sink_text(sink, "queue", text_or_null(row->queue, row->queue_len));
    sink_text(sink, "entry", l->x->view->entries[row->entry].name);
    sink_int(sink, "line", row->line);
    sink_end(sink);
}

static void put_reason(struct logs *l, const struct httperr_reason *reason)
{
    int64_t n_first = reason->count < ROWS_HALF ? reason->count : ROWS_HALF;
    int64_t last = reason->count > 2 * ROWS_HALF ? reason->count - ROWS_HALF : n_first;

    for (int64_t i = 0; i < n_first; i++)
        put_row(l, reason, &reason->first[i]);
    for (int64_t i = last; i < reason->count; i++)
        put_row(l, reason, &reason->last[i % ROWS_HALF]);
}

static void put_count(struct logs *l, const struct httperr_count *c)
{
    const struct httperr_reason *reason = log_list_at(&l->httperr->reasons, c->reason);
    struct sink *sink = l->x->sink;

    if (!reason)
        return;
    sink_begin(sink, "http_error_count");
    put_known(sink, "site_id", c->site_id);
    put_known(sink, "status", c->status);
    sink_text(sink, "reason", text_or_null(reason->text, reason->len));
    sink_text(sink, "queue", text_or_null(c->queue, c->queue_len));
    sink_int(sink, "hour", c->hour);
    sink_int(sink, "count", c->count);
    sink_time(sink, "first", c->first);
    sink_time(sink, "last", c->last);
    sink_end(sink);
}

void logs_put_httperr(struct logs *l)
{
    struct log_httperr *h = l->httperr;

    for (uint32_t i = 0; i < h->count_map.n; i++) {
        const struct httperr_count *c = log_list_at(&h->counts, i);
        if (c && c->count > 0)
            put_count(l, c);
    }
    for (uint32_t i = 0; i < h->reason_map.n; i++) {
        const struct httperr_reason *reason = log_list_at(&h->reasons, i);
        if (reason && reason->count > 0)
            put_reason(l, reason);
    }
    if (h->count_map.refused + h->reason_map.refused > 0)
        sink_problem(l->x->sink, (struct str){0}, 0,
                     "HTTPERR: %lld lines are not counted, there are too many different ones",
                     (long long)(h->count_map.refused + h->reason_map.refused));
}
