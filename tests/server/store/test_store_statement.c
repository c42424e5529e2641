/* SPDX-License-Identifier: Apache-2.0
 *
 * Kept statements: what one use left must not show in the next. */
#include "store_world.h"

#include "store_db.h"

static int64_t number_of(const char *sql, const int64_t *value)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct err e = {0};

    assert_int_equal(store_prepare(store, &st, &e, sql, value ? "i" : "", value), 0);
    assert_int_equal(store_step(store, st.row, &e), 1);
    return sqlite3_column_int64(st.row, 0);
}

static const char ECHO[] = "SELECT coalesce(?1, -1)";

static void a_statement_is_taken_again_and_its_values_are_gone(void **state)
{
    struct store_statement st = {0};
    struct err e = {0};
    int64_t seven = 7;
    const sqlite3_stmt *first;

    (void)state;
    assert_int_equal(number_of(ECHO, &seven), 7);
    assert_int_equal(store_prepare(store, &st, &e, ECHO, ""), 0);
    first = st.row;
    assert_int_equal(store_step(store, st.row, &e), 1);
    assert_int_equal(sqlite3_column_int64(st.row, 0), -1);
    store_give_back(&st);
    assert_null(st.row);
    assert_int_equal(store_prepare(store, &st, &e, ECHO, ""), 0);
    assert_ptr_equal(st.row, first);
    store_give_back(&st);
}

static void of_a_text_in_use_there_is_another(void **state)
{
    static const char sql[] = "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT ?1";
    struct store_statement outer = {0};
    struct err e = {0};
    int64_t five = 5;

    (void)state;
    assert_int_equal(store_prepare(store, &outer, &e, sql, "i", &five), 0);
    for (int64_t row = 1; row <= 2; row++) {
        assert_int_equal(store_step(store, outer.row, &e), 1);
        assert_int_equal(sqlite3_column_int64(outer.row, 0), row);
        assert_int_equal(number_of(sql, NULL), 1);
    }
    assert_int_equal(store_step(store, outer.row, &e), 1);
    assert_int_equal(sqlite3_column_int64(outer.row, 0), 5);
    store_give_back(&outer);
}

/* All at one address, too: the text counts. */
static void there_may_be_more_texts_than_are_kept(void **state)
{
    char sql[64];

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 3 * STORE_KEPT; i++) {
            (void)snprintf(sql, sizeof sql, "SELECT %d", i);
            assert_int_equal(number_of(sql, NULL), i);
        }
    for (size_t i = 0; i < STORE_KEPT; i++)
        assert_false(store->kept[i].in_use);
}

static void more_may_be_in_use_than_are_kept(void **state)
{
    struct store_statement st[STORE_KEPT + 3] = {0};
    struct err e = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(st); i++)
        assert_int_equal(store_prepare(store, &st[i], &e, ECHO, "i", &(int64_t){(int64_t)i}), 0);
    for (size_t i = 0; i < ARRAY_LEN(st); i++) {
        assert_int_equal(store_step(store, st[i].row, &e), 1);
        assert_int_equal(sqlite3_column_int64(st[i].row, 0), i);
    }
    for (size_t i = 0; i < ARRAY_LEN(st); i++)
        store_give_back(&st[i]);
    assert_int_equal(number_of(ECHO, NULL), -1);
}

static void other_program(const char *sql)
{
    sqlite3 *db = NULL;
    char path[128];

    (void)snprintf(path, sizeof path, "%s/certtriage.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_schema_may_change_under_it(void **state)
{
    static const char sql[] = "SELECT * FROM changing";

    (void)state;
    other_program("CREATE TABLE changing(a, b); INSERT INTO changing VALUES(1, 2)");
    assert_int_equal(number_of(sql, NULL), 1);
    other_program("DROP TABLE changing; CREATE TABLE changing(c); INSERT INTO changing VALUES(3)");
    assert_int_equal(number_of(sql, NULL), 3);
    other_program("DROP TABLE changing");
}

static void one_that_failed_can_be_used_again(void **state)
{
    static const char sql[] = "INSERT INTO cases(id, created, received) VALUES(?1, 1, 1)";
    struct err e = {0};

    (void)state;
    for (int i = 0; i < 3; i++) {
        e = (struct err){0};
        assert_int_equal(store_begin_lazy(store, &e), 0);
        assert_int_equal(store_end(store, store_run(store, &e, sql, "c", "same"), &e), i ? -ERR_IO : 0);
    }
    e = (struct err){0};
    assert_int_equal(store_begin(store, &e), 0);
    assert_int_equal(store_end(store, store_run(store, &e, sql, "c", "other"), &e), 0);
    assert_int_equal(number_of("SELECT count(*) FROM cases", NULL), 2);
}

/* https://www.sqlite.org/pragma.html#pragma_synchronous */
static void a_durable_one_is_synced_after_lazy_ones(void **state)
{
    enum { NORMAL = 1, FULL = 2 };
    struct err e = {0};

    (void)state;
    for (int i = 0; i < 4; i++) {
        bool is_lazy = i & 1;
        assert_int_equal(is_lazy ? store_begin_lazy(store, &e) : store_begin(store, &e), 0);
        assert_int_equal(number_of("PRAGMA synchronous", NULL), is_lazy ? NORMAL : FULL);
        assert_int_equal(store_end(store, 0, &e), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_is_taken_again_and_its_values_are_gone),
        cmocka_unit_test(of_a_text_in_use_there_is_another),
        cmocka_unit_test(there_may_be_more_texts_than_are_kept),
        cmocka_unit_test(more_may_be_in_use_than_are_kept),
        cmocka_unit_test(a_schema_may_change_under_it),
        cmocka_unit_test(one_that_failed_can_be_used_again),
        cmocka_unit_test(a_durable_one_is_synced_after_lazy_ones),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
