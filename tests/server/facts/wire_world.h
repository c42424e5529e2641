/* SPDX-License-Identifier: Apache-2.0
 *
 * wire_world: captures and records of probes in memory through extract_wire into facts, and questions to
 * them. */
#ifndef CERTTRIAGE_TESTS_WIRE_WORLD_H
#define CERTTRIAGE_TESTS_WIRE_WORLD_H

#include "extract.h"
#include "facts_db.h"
#include "facts_insert.h"
#include "limits.h"
#include "server/wire_capture.h"

enum { WIRE_ENTRIES = 8, WIRE_PIECE = 777 };

struct wire_world {
    struct arena arena;
    struct entry entries[WIRE_ENTRIES];
    struct str contents[WIRE_ENTRIES];
    size_t n, current, at;
    size_t broken_after; /* reading fails behind so many bytes; 0 never */
    sqlite3 *db;
    size_t n_mapped, n_seen;
};

static int world_read(void *ctx, const struct entry *entry, struct arena *a, struct bytes *ret, struct err *e)
{
    const struct wire_world *w = ctx;

    (void)a, (void)e;
    *ret = (struct bytes){(const uint8_t *)w->contents[entry->index].p, w->contents[entry->index].len};
    return 0;
}

static int world_begin(void *ctx, const struct entry *entry, struct err *e)
{
    struct wire_world *w = ctx;

    (void)e;
    w->current = entry->index;
    w->at = 0;
    return 0;
}

static int world_next(void *ctx, struct bytes *ret, struct err *e)
{
    struct wire_world *w = ctx;
    struct str all = w->contents[w->current];
    size_t n = all.len - w->at < WIRE_PIECE ? all.len - w->at : WIRE_PIECE;

    if (w->broken_after && w->at + n > w->broken_after)
        return err_set(e, ERR_FORMAT, "CRC error");
    *ret = (struct bytes){(const uint8_t *)all.p + w->at, n};
    w->at += n;
    return 0;
}

static void world_end(void *ctx)
{
    ((struct wire_world *)ctx)->at = 0;
}

UNUSED static void world_add(struct wire_world *w, const char *name, struct str content)
{
    w->entries[w->n] = (struct entry){
        .name = str_from(name), .index = w->n, .size = (int64_t)content.len, .time_ms = TIME_NONE};
    w->contents[w->n++] = content;
}

static void world_run(struct wire_world *w, sink_put_fn put, void *ctx)
{
    struct bundle_view view = {.entries = w->entries,
                               .n_entries = w->n,
                               .ctx = w,
                               .read = world_read,
                               .begin = world_begin,
                               .next = world_next,
                               .end = world_end};
    struct err e = {0};
    struct sink *sink = NULL;

    w->arena = ARENA_INIT(LIMIT_WORKER_MEMORY_BYTES / 2);
    assert_int_equal(sink_open_put(put, ctx, &sink, &e), 0);
    sink_begin(sink, "machine");
    sink_c(sink, "name", "WEB01");
    sink_end(sink);
    struct extract_state x = {.arena = &w->arena, .view = &view, .sink = sink, .collected_ms = TIME_NONE};
    if (extract_wire(&x, &e) != 0)
        fail_msg("%s", e.text);
    w->n_mapped = x.n_mapped;
    w->n_seen = x.n_seen;
    if (sink_close(sink, &e) != 0)
        fail_msg("%s", e.text);
}

UNUSED static void world_extract(struct wire_world *w)
{
    struct facts_inserter *ins = NULL;
    struct err e = {0};

    assert_int_equal(facts_create(NULL, &w->db, &e), 0);
    assert_int_equal(facts_inserter_open(w->db, "WEB01", &ins, &e), 0);
    world_run(w, facts_insert_put, ins);
    facts_inserter_close(ins);
}

static int world_count(struct bytes frame, void *ctx, struct err *e)
{
    (void)frame, (void)e;
    ++*(size_t *)ctx;
    return 0;
}

/* Only how many rows there are: for many worlds, one after the other. */
UNUSED static size_t world_rows(struct wire_world *w)
{
    size_t n = 0;

    world_run(w, world_count, &n);
    return n;
}

UNUSED static void world_done(struct wire_world *w)
{
    assert_int_equal(sqlite3_close(w->db), SQLITE_OK); /* NULL is fine */
    arena_done(&w->arena);
    *w = (struct wire_world){0};
}

/* All rows as text: columns by '|', rows by ' ; '; NULL is '-'. */
UNUSED static void world_answer(struct wire_world *w, const char *sql, struct buf *out)
{
    sqlite3_stmt *s = NULL;
    size_t rows = 0;

    if (sqlite3_prepare_v2(w->db, sql, -1, &s, NULL))
        fail_msg("%s", sqlite3_errmsg(w->db));
    while (sqlite3_step(s) == SQLITE_ROW) {
        buf_add_c(out, rows++ ? " ; " : "");
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const char *v = (const char *)sqlite3_column_text(s, i);
            buf_printf(out, "%s%s", i ? "|" : "", v ? v : "-");
        }
    }
    sqlite3_finalize(s);
}

UNUSED static void world_expect(struct wire_world *w, const char *sql, const char *expected)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT(1 << 20), problems = BUF_INIT(1 << 20);

    world_answer(w, sql, &answer);
    if (strcmp(buf_c(&answer), expected) == 0)
        return;
    world_answer(w, "SELECT entry, problem FROM bundle_problem", &problems);
    fail_msg("%s\n  gives   %s\n  and not %s\n  problems: %s", sql, buf_c(&answer), expected,
             buf_c(&problems));
}

/* One capture, closed, through the extractor. */
UNUSED static void world_of(struct wire_world *w, const struct wire *capture)
{
    *w = (struct wire_world){0};
    assert_int_equal(capture->out.failed, 0);
    world_add(w, "attach/one.pcap", buf_str(&capture->out));
    world_extract(w);
}

#endif
