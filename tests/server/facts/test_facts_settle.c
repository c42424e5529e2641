/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "facts_functions.h"
#include "facts_image.h"
#include "limits.h"

static int number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    int n = -1;

    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) || sqlite3_step(s) != SQLITE_ROW)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    n = sqlite3_column_int(s, 0);
    (void)sqlite3_finalize(s);
    return n;
}

static sqlite3 *facts_with(const char *rows)
{
    struct err e = {0};
    sqlite3 *db = NULL;

    assert_int_equal(facts_create(NULL, &db, &e), 0);
    if (sqlite3_exec(db, rows, NULL, NULL, NULL))
        fail_msg("%s", sqlite3_errmsg(db));
    return db;
}

/* The same facts laid out as a case's are kept; *memory holds them. */
static sqlite3 *laid_out(sqlite3 *facts, unsigned char **memory)
{
    struct err e = {0};
    sqlite3 *db = NULL;
    size_t len = 0;

    *memory = facts_image_map(&e);
    assert_non_null(*memory);
    if (facts_lay_out_at(facts, *memory, &len, &e) < 0 || facts_open_bytes(*memory, len, &db, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(facts_functions_register(db), 0);
    return db;
}

static void laid_out_done(sqlite3 *db, unsigned char *memory)
{
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(munmap(memory, FACTS_IMAGE_BYTES), 0);
}

static const char ONE_SERVER[] =
    "INSERT INTO machine(machine, name, is_server, build) VALUES('S', 'S', 1, 9600);"
    "INSERT INTO binding(machine, site, protocol, information, ip, port) VALUES('S', 'A', 'https', '*:443:', "
    "'*', 443);"
    "INSERT INTO ssl_binding(machine, tree, endpoint, ip, port, flags, negotiate, source)"
    " VALUES('S', 'ip', '0.0.0.0:443', '0.0.0.0', 443, 0, 0, 'registry');";

/* Each path's items are worked out for whoever asks. */
static const char LEFT[] =
    "SELECT count(*) = 1 AND max(name) = 'path_item' FROM sqlite_master WHERE type = 'view'";

/* Every view says the same before and after, row by row. */
static void a_view_and_its_table_say_the_same(void **state)
{
    struct err e = {0};
    sqlite3 *before = facts_with(ONE_SERVER), *after = facts_with(ONE_SERVER);
    unsigned char *memory = NULL;
    sqlite3 *kept = laid_out(before, &memory);
    sqlite3_stmt *views = NULL;
    int n = 0, n_rows = 0;
    (void)state;

    assert_int_equal(facts_settle(after, &e), 0);
    assert_int_equal(facts_settle(after, &e), 0); /* a second time changes nothing */
    assert_int_equal(facts_functions_register(before), 0);
    assert_int_equal(number(after, LEFT), 1);
    assert_int_equal(number(after, "SELECT count(*) FROM sqlite_master WHERE name = 'settled'"), 0);
    assert_int_equal(number(after, "SELECT count(*) FROM effective_binding WHERE endpoint = '0.0.0.0:443'"),
                     1);
    assert_int_equal(
        number(after, "SELECT count(*) FROM ssl_binding_command WHERE add_command LIKE 'netsh http add%'"),
        1);
    assert_int_equal(
        sqlite3_prepare_v2(before, "SELECT name FROM sqlite_master WHERE type = 'view'", -1, &views, NULL),
        0);
    while (sqlite3_step(views) == SQLITE_ROW) {
        char sql[256];
        (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\"",
                       (const char *)sqlite3_column_text(views, 0));
        assert_int_equal(number(before, sql), number(after, sql));
        assert_int_equal(number(kept, sql), number(after, sql));
        n_rows += number(after, sql) > 0;
        n++;
    }
    (void)sqlite3_finalize(views);
    assert_true(n > 10 && n_rows > 2);
    assert_int_equal(number(kept, LEFT), 1);
    laid_out_done(kept, memory);
    (void)sqlite3_close(before);
    (void)sqlite3_close(after);
}

/* Hostile facts: a view of more rows than the limit is left for the rule's own budget. */
static void a_view_beyond_measure_stays_a_view(void **state)
{
    struct err e = {0};
    sqlite3 *db = facts_with(ONE_SERVER);
    unsigned char *memory = NULL;
    char sql[512];
    (void)state;

    (void)snprintf(
        sql, sizeof sql,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= %d)"
        "INSERT INTO request_count(machine, site, place, status, substatus, win32, hour, count, clients)"
        " SELECT 'S', 'A', 'A/' || i, 403, 7, 64, 0, 1, 1 FROM n",
        (int)LIMIT_VIEW_ROWS);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), 0);
    sqlite3 *kept = laid_out(db, &memory);
    assert_int_equal(
        number(kept, "SELECT count(*) FROM sqlite_master WHERE type = 'view' AND name = 'symptom'"), 1);
    assert_int_equal(number(kept, "SELECT count(*) FROM symptom"), LIMIT_VIEW_ROWS + 1);
    assert_int_equal(number(kept, "SELECT count(*) FROM request_count"), LIMIT_VIEW_ROWS + 1);
    laid_out_done(kept, memory);
    assert_int_equal(facts_settle(db, &e), 0);
    assert_int_equal(
        number(db, "SELECT count(*) FROM sqlite_master WHERE type = 'view' AND name = 'symptom'"), 1);
    assert_int_equal(
        number(db, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'cert_place'"), 1);
    assert_int_equal(number(db, "SELECT count(*) FROM symptom"), LIMIT_VIEW_ROWS + 1);
    (void)sqlite3_close(db);
}

/* One that takes too long is interrupted, and the rest is worked out all the same. */
static void a_view_that_takes_too_long_stays_a_view(void **state)
{
    struct err e = {0};
    sqlite3 *db = facts_with(ONE_SERVER);
    (void)state;

    assert_int_equal(
        sqlite3_exec(db,
                     "CREATE VIEW aaa_slow AS\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                     "FROM n WHERE i < 1000000000) SELECT count(*) AS n FROM n;"
                     "CREATE VIEW zzz_fast AS\nSELECT machine FROM machine",
                     NULL, NULL, NULL),
        0);
    assert_int_equal(facts_settle(db, &e), 0);
    assert_int_equal(
        number(db, "SELECT count(*) FROM sqlite_master WHERE type = 'view' AND name = 'aaa_slow'"), 1);
    assert_int_equal(
        number(
            db,
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('zzz_fast', 'cert_place')"),
        2);
    (void)sqlite3_close(db);
}

static void and_so_it_is_when_it_is_kept(void **state)
{
    sqlite3 *db = facts_with(ONE_SERVER);
    unsigned char *memory = NULL;
    (void)state;

    assert_int_equal(sqlite3_exec(db,
                                  "DROP VIEW stopped_site; CREATE VIEW stopped_site AS\nWITH RECURSIVE n(i) "
                                  "AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT "
                                  "'S' AS machine, count(*) AS site FROM n",
                                  NULL, NULL, NULL),
                     0);
    sqlite3 *kept = laid_out(db, &memory);
    assert_int_equal(
        number(kept, "SELECT count(*) FROM sqlite_master WHERE type = 'view' AND name = 'stopped_site'"), 1);
    assert_int_equal(number(kept, "SELECT count(*) FROM sqlite_master WHERE type = 'view'"), 2);
    assert_int_equal(number(kept, "SELECT count(*) FROM effective_binding"), 1);
    assert_int_equal(number(kept, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
                     1);
    laid_out_done(kept, memory);
    (void)sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_and_its_table_say_the_same),
        cmocka_unit_test(a_view_beyond_measure_stays_a_view),
        cmocka_unit_test(a_view_that_takes_too_long_stays_a_view),
        cmocka_unit_test(and_so_it_is_when_it_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
