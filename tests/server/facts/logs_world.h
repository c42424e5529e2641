/* SPDX-License-Identifier: Apache-2.0
 *
 * logs_world: entries in memory through extract_events and extract_logs into facts, and questions to them. */
#ifndef CERTTRIAGE_TESTS_LOGS_WORLD_H
#define CERTTRIAGE_TESTS_LOGS_WORLD_H

#include "extract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts_db.h"
#include "facts_insert.h"
#include "limits.h"

#define FIELDS                                                                                               \
    "#Software: Microsoft Internet Information Services 8.5\r\n"                                             \
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "     \
    "sc-status sc-substatus sc-win32-status time-taken\r\n"
#define LINE(time, method, url, client, agent, status)                                                       \
    "2015-09-06 " time " 10.10.10.10 " method " " url " - 443 - " client " " agent " " status "\r\n"

enum { ENTRIES_MAX = 64 };

/* Entries in memory; the last may be made line by line while it is read. */
struct world {
    struct arena arena;
    struct entry entries[ENTRIES_MAX];
    struct str texts[ENTRIES_MAX];
    struct manifest_item items[ENTRIES_MAX];
    size_t n;
    size_t broken_after; /* stream fails behind so many bytes; 0 never */
    void (*generate)(struct buf *out, int64_t line);
    int64_t n_generated;
    sqlite3 *db;
};

static int read_whole(void *ctx, const struct entry *entry, struct arena *a, struct bytes *ret, struct err *e)
{
    (void)ctx, (void)entry, (void)a, (void)ret;
    return err_set(e, ERR_FORMAT, "not needed here");
}

static int stream_generated(struct world *w, int (*take)(void *, struct bytes), void *take_ctx)
{
    CLEANUP(buf_done) struct buf piece = BUF_INIT(1 << 20);
    int r = 0;

    for (int64_t i = 0; r == 0 && i < w->n_generated; i++) {
        w->generate(&piece, i);
        if (piece.len < 65536 && i + 1 < w->n_generated)
            continue;
        r = take(take_ctx, (struct bytes){(const uint8_t *)piece.p, piece.len});
        buf_clear(&piece);
    }
    return r;
}

UNUSED static int stream(void *ctx, const struct entry *entry, int (*take)(void *, struct bytes),
                         void *take_ctx, struct err *e)
{
    struct world *w = ctx;
    struct str text = w->texts[entry->index];
    size_t end = w->broken_after ? w->broken_after : text.len;
    int r = 0;

    if (w->generate && entry->index + 1 == w->n)
        return stream_generated(w, take, take_ctx);
    for (size_t i = 0; r == 0 && i < end; i += 4096)
        r = take(take_ctx, (struct bytes){(const uint8_t *)text.p + i, end - i < 4096 ? end - i : 4096});
    if (r == 0 && w->broken_after)
        return err_set(e, ERR_FORMAT, "CRC mismatch");
    return r;
}

UNUSED static void add(struct world *w, const char *name, struct str text)
{
    w->entries[w->n] =
        (struct entry){.name = str_from(name), .index = w->n, .size = -1, .time_ms = TIME_NONE};
    w->texts[w->n++] = text;
}

UNUSED static void extract(struct world *w)
{
    struct extract_site sites[] = {{STR("Default Web Site"), 1}, {STR("Other"), 2}};
    struct extract_path paths[] = {{STR("Default Web Site"), STR("Default Web Site")},
                                   {STR("Default Web Site"), STR("Default Web Site/app")},
                                   {STR("Default Web Site"), STR("Default Web Site/app/deep")},
                                   {STR("Other"), STR("Other")}};
    struct bundle_view view = {
        .entries = w->entries, .n_entries = w->n, .ctx = w, .read = read_whole, .stream = stream};
    struct err e = {0};
    struct facts_inserter *ins = NULL;
    struct sink *sink = NULL;

    w->arena = ARENA_INIT(LIMIT_WORKER_MEMORY_BYTES / 2);
    assert_int_equal(facts_create(NULL, &w->db, &e), 0);
    assert_int_equal(facts_inserter_open(w->db, "WEB01", &ins, &e), 0);
    assert_int_equal(sink_open_put(facts_insert_put, ins, &sink, &e), 0);
    sink_begin(sink, "machine");
    sink_c(sink, "name", "WEB01");
    sink_end(sink);
    struct extract_state x = {.arena = &w->arena,
                              .view = &view,
                              .sink = sink,
                              .collected_ms = TIME_NONE,
                              .sites = sites,
                              .n_sites = ARRAY_LEN(sites),
                              .paths = paths,
                              .n_paths = ARRAY_LEN(paths)};
    if (extract_events(&x, &e) != 0 || extract_logs(&x, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(sink_close(sink, &e), 0);
    facts_inserter_close(ins);
}

UNUSED static void end(struct world *w)
{
    assert_int_equal(sqlite3_close(w->db), SQLITE_OK);
    arena_done(&w->arena);
    *w = (struct world){.n = 0};
}

/* All rows as text: columns by '|', rows by blanks; NULL is '-'. */
UNUSED static const char *ask(struct world *w, const char *sql)
{
    static char answers[2][4096];
    static int turn;
    char *answer = answers[turn ^= 1];
    sqlite3_stmt *s = NULL;
    size_t n = 0;

    answer[0] = 0;
    if (sqlite3_prepare_v2(w->db, sql, -1, &s, NULL))
        fail_msg("%s", sqlite3_errmsg(w->db));
    while (sqlite3_step(s) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const char *v = (const char *)sqlite3_column_text(s, i);
            n += (size_t)snprintf(answer + n, sizeof answers[0] - n, "%s%s",
                                  i   ? "|"
                                  : n ? " "
                                      : "",
                                  v ? v : "-");
            assert_true(n < sizeof answers[0]);
        }
    sqlite3_finalize(s);
    return answer;
}

UNUSED static void expect(struct world *w, const char *sql, const char *expected)
{
    const char *answer = ask(w, sql);

    if (strcmp(answer, expected) != 0)
        fail_msg("%s\n  gives   %s\n  and not %s\n  problems: %s", sql, answer, expected,
                 ask(w, "SELECT entry, line, problem FROM bundle_problem"));
}

UNUSED static void one_log(struct world *w, const char *text)
{
    *w = (struct world){.n = 0};
    add(w, "logs/w3svc/1/u_ex150906.log", str_from(text));
    extract(w);
}

#endif
