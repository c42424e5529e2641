/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows from a sink through checked frames into a database; merging; what a confined connection may not do. */
#include "facts_db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "facts_insert.h"
#include "limits.h"
#include "quote.h"

struct world {
    sqlite3 *db;
    struct facts_inserter *ins;
    struct sink *sink;
    struct err e;
};

static void open_world(struct world *w, const char *label)
{
    memset(w, 0, sizeof *w);
    assert_int_equal(facts_create(NULL, &w->db, &w->e), 0);
    assert_int_equal(facts_inserter_open(w->db, label, &w->ins, &w->e), 0);
    assert_int_equal(sink_open_put(facts_insert_put, w->ins, &w->sink, &w->e), 0);
}

static int close_sink(struct world *w)
{
    int r = sink_close(w->sink, &w->e);

    w->sink = NULL;
    return r;
}

static void close_world(struct world *w)
{
    (void)close_sink(w);
    facts_inserter_close(w->ins);
    assert_int_equal(sqlite3_close(w->db), SQLITE_OK);
}

/* The first column of the first row as text; "NULL", "no row", or "error: …". */
static const char *ask(sqlite3 *db, const char *sql)
{
    static char answer[512];
    sqlite3_stmt *s = NULL;
    int step = sqlite3_prepare_v2(db, sql, -1, &s, NULL) ? SQLITE_ERROR : sqlite3_step(s);

    if (step == SQLITE_ROW)
        (void)snprintf(answer, sizeof answer, "%s",
                       sqlite3_column_text(s, 0) ? (const char *)sqlite3_column_text(s, 0) : "NULL");
    else if (step == SQLITE_DONE)
        (void)snprintf(answer, sizeof answer, "no row");
    else
        (void)snprintf(answer, sizeof answer, "error: %s", sqlite3_errmsg(db));
    (void)sqlite3_finalize(s);
    return answer;
}

static void begin_machine(struct world *w, const char *name)
{
    sink_begin(w->sink, "machine");
    sink_c(w->sink, "name", name);
    sink_end(w->sink);
}

static void rows_get_the_machines_label(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, NULL);
    begin_machine(&w, "WEB\x1b[31m01");
    sink_begin(w.sink, "bundle_problem");
    sink_c(w.sink, "problem", "p");
    sink_c(w.sink, "machine", "FORGED");
    sink_end(w.sink);
    assert_int_equal(sink_check(w.sink, &w.e), 0);
    assert_string_equal(ask(w.db, "SELECT machine FROM bundle_problem"), "WEB\\x1b[31m01");
    assert_string_equal(ask(w.db, "SELECT count(*) FROM machine WHERE is_server = 0 AND has_manifest = 1"),
                        "1");
    close_world(&w);
}

static void a_later_machine_row_changes_the_first(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "A");
    begin_machine(&w, "WEB01");
    sink_begin(w.sink, "machine");
    sink_int(w.sink, "build", 9600);
    sink_c(w.sink, "bundle", "forged");
    sink_c(w.sink, "machine", "forged");
    sink_end(w.sink);
    assert_int_equal(close_sink(&w), 0);
    assert_string_equal(ask(w.db, "SELECT machine || name || build || coalesce(bundle, '-') FROM machine"),
                        "AWEB019600-");
    assert_string_equal(ask(w.db, "SELECT count(*) FROM machine"), "1");
    close_world(&w);
}

static void what_is_not_a_fact_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *table, *column, *says;
        bool is_int;
    } ROWS[] = {
        {"sqlite_schema", "sql", "no table", false},    {"site_path", "site", "no table", false},
        {"binding", "evil", "no column evil", false},   {"binding", "port", "a value of type T", false},
        {"binding", "host", "a value of type I", true}, {"request", "url", "NOT NULL", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct world w;
        open_world(&w, "A");
        sink_begin(w.sink, ROWS[i].table);
        if (ROWS[i].is_int)
            sink_int(w.sink, ROWS[i].column, 1);
        else
            sink_c(w.sink, ROWS[i].column, "x");
        sink_end(w.sink);
        assert_int_equal(close_sink(&w), -ERR_FORMAT);
        assert_non_null(strstr(w.e.text, ROWS[i].says));
        close_world(&w);
    }
}

static void the_first_row_is_a_machine(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, NULL);
    sink_problem(w.sink, STR("x"), 0, "too early");
    assert_int_equal(close_sink(&w), -ERR_FORMAT);
    close_world(&w);
}

static void text_is_mended_and_cut(void **state)
{
    (void)state;
    struct world w;
    char *long_text = malloc(200000);
    open_world(&w, "A");
    memset(long_text, 0xc3, 200000);
    for (size_t i = 1; i < 200000; i += 2)
        long_text[i] = (char)0xa4;
    sink_begin(w.sink, "bundle_problem");
    sink_text(w.sink, "entry", (struct str){"a\xff\0b", 4});
    sink_text(w.sink, "problem", (struct str){long_text, 200000});
    sink_end(w.sink);
    assert_int_equal(close_sink(&w), 0);
    assert_string_equal(ask(w.db, "SELECT entry FROM bundle_problem"), "a\xef\xbf\xbd"
                                                                       "b");
    assert_string_equal(ask(w.db, "SELECT length(CAST(problem AS BLOB)) FROM bundle_problem"), "65536");
    free(long_text);
    close_world(&w);
}

static void a_row_too_long_is_lost_and_told(void **state)
{
    (void)state;
    struct world w;
    uint8_t *der = calloc(1, 2000000);
    open_world(&w, "A");
    sink_begin(w.sink, "certificate");
    sink_c(w.sink, "thumbprint", "00");
    sink_blob(w.sink, "der", (struct bytes){der, 2000000});
    sink_end(w.sink);
    assert_int_equal(close_sink(&w), 0);
    assert_string_equal(ask(w.db, "SELECT problem FROM bundle_problem"),
                        "a row of certificate was too long and is left out");
    free(der);
    close_world(&w);
}

/* A row as it goes over the wire, by hand: table, then text columns. */
static void frame(struct buf *b, const char *table, const char *column, struct str value)
{
    size_t body = 1 + strlen(table) + 2 + 1 + strlen(column) + 1 + 4 + value.len;

    buf_add_u32le(b, (uint32_t)body);
    buf_add_char(b, (char)strlen(table));
    buf_add_c(b, table);
    buf_add(b, "\1\0", 2);
    buf_add_char(b, (char)strlen(column));
    buf_add_c(b, column);
    buf_add_char(b, 'T');
    buf_add_u32le(b, (uint32_t)value.len);
    buf_add_str(b, value);
}

static int insert_frames(struct world *w, const struct buf *b)
{
    return facts_insert_frames(w->ins, (struct bytes){(const uint8_t *)b->p, b->len}, &w->e);
}

static void hostile_frames_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct str value;
        int r;
    } VALUES[] = {{{"ok", 2}, 0},
                  {{"\xff", 1}, -ERR_FORMAT},
                  {{"a\0b", 3}, -ERR_FORMAT},
                  {{"\xed\xa0\x80", 3}, -ERR_FORMAT}};

    for (size_t i = 0; i < ARRAY_LEN(VALUES); i++) {
        CLEANUP(buf_done) struct buf b = BUF_INIT(4096);
        struct world w;
        open_world(&w, "A");
        frame(&b, "bundle_problem", "problem", VALUES[i].value);
        buf_add_u32le(&b, 0);
        assert_int_equal(insert_frames(&w, &b), VALUES[i].r);
        close_world(&w);
    }
}

static void a_cut_stream_is_an_error_and_its_rows_stay(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b = BUF_INIT(4096);
    struct world w;
    open_world(&w, "A");
    frame(&b, "bundle_problem", "problem", STR("one"));
    size_t whole = b.len;
    frame(&b, "bundle_problem", "problem", STR("two"));
    for (b.len -= 1; b.len >= whole; b.len--)
        assert_int_equal(insert_frames(&w, &b), -ERR_FORMAT);
    assert_string_equal(ask(w.db, "SELECT count(*) FROM bundle_problem WHERE problem = 'two'"), "0");
    assert_string_equal(ask(w.db, "SELECT count(*) > 0 FROM bundle_problem"), "1");
    close_world(&w);
}

static void every_byte_may_be_wrong(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b = BUF_INIT(4096);
    struct world w;
    open_world(&w, "A");
    frame(&b, "bundle_problem", "problem", STR("one"));
    for (size_t i = 0; i < b.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            b.p[i] = (char)(b.p[i] ^ (1 << bit));
            (void)insert_frames(&w, &b);
            b.p[i] = (char)(b.p[i] ^ (1 << bit));
        }
    assert_string_equal(ask(w.db, "SELECT count(*) FROM sqlite_schema WHERE name = 'bundle_problem'"), "1");
    close_world(&w);
}

static void case_rows_name_a_machine_of_the_case(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "");
    assert_int_equal(sqlite3_exec(w.db, "INSERT INTO machine(machine) VALUES ('S'), ('C')", 0, 0, 0), 0);
    sink_begin(w.sink, "chain_status");
    sink_c(w.sink, "machine", "S");
    sink_c(w.sink, "leaf_machine", "C");
    sink_c(w.sink, "leaf", "00");
    sink_int(w.sink, "path", 0);
    sink_int(w.sink, "trusted", 1);
    sink_c(w.sink, "status", "CERT_TRUST_NO_ERROR");
    sink_end(w.sink);
    assert_int_equal(sink_check(w.sink, &w.e), 0);
    assert_string_equal(ask(w.db, "SELECT machine || leaf_machine FROM chain_status"), "SC");
    sink_begin(w.sink, "bundle_problem");
    sink_c(w.sink, "machine", "NOBODY");
    sink_c(w.sink, "problem", "x");
    sink_end(w.sink);
    assert_int_equal(close_sink(&w), -ERR_FORMAT);
    close_world(&w);
}

static void merge_relabels(void **state)
{
    (void)state;
    struct world a, b;
    struct err e;
    open_world(&a, "WEB");
    begin_machine(&a, "WEB");
    sink_problem(a.sink, STR("e"), 7, "gone");
    sink_begin(a.sink, "chain_status");
    sink_c(a.sink, "leaf", "00");
    sink_int(a.sink, "path", 0);
    sink_int(a.sink, "trusted", 1);
    sink_c(a.sink, "status", "CERT_TRUST_NO_ERROR");
    sink_end(a.sink);
    assert_int_equal(close_sink(&a), 0);
    open_world(&b, "x");
    assert_int_equal(facts_merge(a.db, b.db, "WEB", &e), 0);
    assert_int_equal(facts_merge(a.db, b.db, "WEB (2)", &e), 0);
    assert_string_equal(ask(b.db, "SELECT group_concat(machine || line) FROM bundle_problem"),
                        "WEB7,WEB (2)7");
    assert_string_equal(ask(b.db, "SELECT leaf_machine FROM chain_status WHERE machine = 'WEB (2)'"),
                        "WEB (2)");
    close_world(&a);
    close_world(&b);
}

static void a_file_is_made_once_and_opened_by_its_version(void **state)
{
    (void)state;
    char path[] = "/tmp/certtriage-facts-XXXXXX";
    struct err e;
    sqlite3 *db = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(facts_create(path, &db, &e), -ERR_IO);
    assert_null(db);
    (void)unlink(path);
    assert_int_equal(facts_create(path, &db, &e), 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(facts_open(path, &db, &e), 0);
    assert_string_equal(ask(db, "PRAGMA user_version"), "1");
    (void)sqlite3_close(db);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", 0, 0, 0), SQLITE_OK);
    (void)sqlite3_close(db);
    assert_int_equal(facts_open(path, &db, &e), -ERR_UNSUPPORTED);
    (void)unlink(path);
}

static void a_confined_connection_only_reads(void **state)
{
    (void)state;
    static const char *const REFUSED[] = {
        "INSERT INTO machine(machine) VALUES ('x')",
        "DELETE FROM machine",
        "CREATE TABLE t(a)",
        "CREATE TEMP TABLE t(a)",
        "ATTACH ':memory:' AS other",
        "PRAGMA query_only = OFF",
        "PRAGMA user_version",
        "SELECT load_extension('x')",
        "SELECT random()",
        "SELECT hex(randomblob(8))",
        "SELECT datetime('now')",
        "SELECT date()",
        "SELECT strftime('%s', 'now')",
        "SELECT julianday()",
        "SELECT unixepoch()",
        "SELECT time('now')",
        "SELECT current_timestamp",
        "SELECT current_date",
        "SELECT sqlite_version()",
        "SELECT confinement()",
        "SELECT zeroblob(1000000)",
        "SELECT last_insert_rowid()",
        "SELECT * FROM pragma_table_info('machine')",
        "BEGIN",
        "VACUUM INTO '/tmp/x'",
        "EXPLAIN DELETE FROM machine",
    };
    struct world w;
    open_world(&w, "A");
    begin_machine(&w, "A");
    (void)close_sink(&w);
    assert_int_equal(facts_confine(w.db, &w.e), 0);
    for (size_t i = 0; i < ARRAY_LEN(REFUSED); i++)
        if (strncmp(ask(w.db, REFUSED[i]), "error", 5) != 0)
            fail_msg("allowed: %s", REFUSED[i]);
    assert_string_equal(ask(w.db, "SELECT printf('%*d', 100000000, 1)"),
                        "NULL"); /* longer than a row may be */
    assert_string_equal(ask(w.db, "SELECT machine FROM machine"), "A");
    assert_string_equal(ask(w.db, "SELECT count(*) FROM site_path"), "0");
    assert_string_equal(ask(w.db, "SELECT count(*) FROM effective_binding"), "0");
    assert_string_equal(ask(w.db, "SELECT sum(value) FROM json_each('[1,2]')"), "3");
    assert_string_equal(ask(w.db, "SELECT iso(1441554389000)"), "2015-09-06T15:46:29.000Z");
    assert_string_equal(ask(w.db, "SELECT hex32(2147943395)"), "0x800703e3");
    assert_string_equal(ask(w.db, "SELECT quote_ps('it''s')"), "'it''s'");
    assert_string_equal(ask(w.db, "SELECT quote_cmd('%PATH%')"), "NULL");
    assert_string_equal(ask(w.db, "SELECT quote_netsh(NULL)"), "NULL");
    close_world(&w);
}

static void an_endless_query_is_stopped_and_the_next_one_runs(void **state)
{
    (void)state;
    static const char ENDLESS[] =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    struct world w;
    open_world(&w, "A");
    assert_int_equal(facts_confine(w.db, &w.e), 0);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(ask(w.db, ENDLESS), "error: interrupted");
        assert_string_equal(ask(w.db,
                                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000)"
                                " SELECT count(*) FROM n"),
                            "100000");
    }
    close_world(&w);
}

static void the_list_of_functions_is_sorted(void **state)
{
    (void)state;
    for (size_t i = 1; facts_functions[i]; i++)
        if (sqlite3_stricmp(facts_functions[i - 1], facts_functions[i]) >= 0)
            fail_msg("%s stands before %s", facts_functions[i - 1], facts_functions[i]);
}

static void check_quote(bool (*quote)(struct buf *, struct str), const char *value, const char *expected)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(4096);
    bool is_quoted = quote(&out, str_from(value));

    assert_string_equal(is_quoted ? buf_c(&out) : "refused", expected);
}

static void values_are_quoted_or_refused(void **state)
{
    (void)state;
    static const char *const HOSTILE[] = {"a\nb",         "a\"b",     "a\x7f",        "\xe2\x80\xae",
                                          "\xe2\x80\x9c", "\xff",     "\xef\xbc\x82", "a\tb",
                                          "\xc2\x85",     "\xca\xba", "\xc2\xa0"};

    for (size_t i = 0; i < ARRAY_LEN(HOSTILE); i++) {
        check_quote(quote_cmd, HOSTILE[i], "refused");
        check_quote(quote_ps, HOSTILE[i], "refused");
        check_quote(quote_netsh, HOSTILE[i], "refused");
    }
    check_quote(quote_cmd, "a & b", "\"a & b\"");
    check_quote(quote_cmd, "", "\"\"");
    check_quote(quote_cmd, "C:\\inet pub\\", "\"C:\\inet pub\\\\\"");
    check_quote(quote_cmd, "50%", "refused");
    check_quote(quote_cmd, "hi!", "refused");
    check_quote(quote_ps, "$(calc); 'x", "'$(calc); ''x'");
    check_quote(quote_ps, "C:\\a b\\", "refused");
    check_quote(quote_ps, "B\xc3\xbcro", "'B\xc3\xbcro'");
    check_quote(quote_netsh, "0.0.0.0:443", "0.0.0.0:443");
    check_quote(quote_netsh, "{4dc3e181-e14b-4a21-b022-59fc669b0914}",
                "\"{4dc3e181-e14b-4a21-b022-59fc669b0914}\"");
    check_quote(quote_netsh, "-x", "\"-x\"");
    check_quote(quote_netsh, "$(calc)", "refused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_get_the_machines_label),
        cmocka_unit_test(a_later_machine_row_changes_the_first),
        cmocka_unit_test(what_is_not_a_fact_is_refused),
        cmocka_unit_test(the_first_row_is_a_machine),
        cmocka_unit_test(text_is_mended_and_cut),
        cmocka_unit_test(a_row_too_long_is_lost_and_told),
        cmocka_unit_test(hostile_frames_are_refused),
        cmocka_unit_test(a_cut_stream_is_an_error_and_its_rows_stay),
        cmocka_unit_test(every_byte_may_be_wrong),
        cmocka_unit_test(case_rows_name_a_machine_of_the_case),
        cmocka_unit_test(merge_relabels),
        cmocka_unit_test(a_file_is_made_once_and_opened_by_its_version),
        cmocka_unit_test(a_confined_connection_only_reads),
        cmocka_unit_test(an_endless_query_is_stopped_and_the_next_one_runs),
        cmocka_unit_test(the_list_of_functions_is_sorted),
        cmocka_unit_test(values_are_quoted_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
