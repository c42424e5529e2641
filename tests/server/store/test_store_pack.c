/* SPDX-License-Identifier: Apache-2.0
 *
 * Packed texts: what comes back is what went in or an error, never another text; and reports are kept so. */
#include "server/store/store_world.h"

#include "limits.h"
#include "store_keep.h"
#include "store_pack.h"

enum { LARGE = 3 << 20 };

/* Half words that repeat, half noise: the same each time. */
static void fill(struct buf *to, size_t len, bool is_noise)
{
    static const char words[] = "\"verdict\":\"pass\",\"machine\":\"WEB2019\",";
    uint32_t n = 1;

    for (size_t i = 0; i < len; i++) {
        n = n * 1103515245 + 12345;
        buf_add_char(to, is_noise ? (char)(n >> 16) : words[i % (sizeof words - 1)]);
    }
}

static void comes_back(struct str text)
{
    CLEANUP(buf_done) struct buf packed = BUF_INIT(2 * LARGE), got = BUF_INIT(2 * LARGE);
    struct err e = {0};

    assert_int_equal(store_pack(text, &packed, &e), 0);
    assert_int_equal(store_unpack(buf_str(&packed), &got, &e), 0);
    assert_int_equal(got.len, text.len);
    assert_true(str_eq(buf_str(&got), text));
}

static void each_text_comes_back(void **state)
{
    static const size_t sizes[] = {1, 2, 100, 65535, 65536, 1 << 20, (1 << 20) + 1, LARGE};

    (void)state;
    comes_back(STR(""));
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        for (int noise = 0; noise < 2; noise++) {
            CLEANUP(buf_done) struct buf text = BUF_INIT(2 * LARGE);
            fill(&text, sizes[i], noise);
            comes_back(buf_str(&text));
        }
}

static void damaged_bytes_are_no_other_text(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(10000), packed = BUF_INIT(20000), got = BUF_INIT(1 << 22);
    struct err e = {0};
    size_t n_refused = 0;

    (void)state;
    fill(&text, 400, false);
    fill(&text, 100, true);
    assert_int_equal(store_pack(buf_str(&text), &packed, &e), 0);
    for (size_t i = 0; i < packed.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            packed.p[i] = (char)(packed.p[i] ^ 1 << bit);
            buf_clear(&got);
            if (store_unpack(buf_str(&packed), &got, &e) == 0) /* a bit that says nothing of the text */
                assert_true(str_eq(buf_str(&got), buf_str(&text)));
            else
                n_refused++;
            packed.p[i] = (char)(packed.p[i] ^ 1 << bit);
        }
    assert_true(n_refused > 8 * (packed.len - 20));
    for (size_t len = 0; len < packed.len; len++) {
        buf_clear(&got);
        assert_int_equal(store_unpack((struct str){packed.p, len}, &got, &e), -ERR_FORMAT);
    }
    buf_add_char(&packed, 'x');
    buf_clear(&got);
    assert_int_equal(store_unpack(buf_str(&packed), &got, &e), -ERR_FORMAT);
}

static void more_than_may_be_kept_is_refused(void **state)
{
    CLEANUP(buf_done)
    struct buf text = BUF_INIT(2 * LARGE), packed = BUF_INIT(2 * LARGE), got = BUF_INIT(LARGE / 2);
    struct err e = {0};

    (void)state;
    fill(&text, LARGE, false);
    assert_int_equal(store_pack(buf_str(&text), &packed, &e), 0);
    assert_true(packed.len < LARGE / 50);
    assert_int_equal(store_unpack(buf_str(&packed), &got, &e), -ERR_LIMIT);
    assert_true(got.len <= LARGE / 2);
}

static void texts_of_other_bytes_differ(void **state)
{
    CLEANUP(buf_done) struct buf a = BUF_INIT(4096), b = BUF_INIT(4096), c = BUF_INIT(4096);
    struct err e = {0};

    (void)state;
    assert_int_equal(store_pack(STR("{\"n\":1}"), &a, &e), 0);
    assert_int_equal(store_pack(STR("{\"n\":2}"), &b, &e), 0);
    assert_int_equal(store_pack(STR("{\"n\":1}"), &c, &e), 0);
    assert_true(store_pack_differs(buf_str(&a), buf_str(&b)));
    assert_false(store_pack_differs(buf_str(&a), buf_str(&c)));
}

static void run_sql(const char *sql)
{
    char path[128];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof path, "%s/certtriage.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int take_line(void *ctx, bool is_damage, const char *line)
{
    struct buf *to = ctx;

    if (is_damage)
        buf_printf(to, "%s\n", line);
    return 0;
}

static void a_report_is_kept_packed_and_its_damage_is_found(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 17), got = BUF_INIT(1 << 22), lines = BUF_INIT(1 << 16);
    struct store_report report = {.ruleset = "r", .extractors = "x"};
    struct store_checked checked;
    struct err e = {0};
    char sha256[65];

    (void)state;
    buf_add_c(&text, "{\"findings\":[],\"more\":[");
    for (int i = 0; i < 2000; i++)
        buf_printf(&text, "{\"rule\":\"rule-%d\",\"verdict\":\"pass\"},", i);
    buf_add_c(&text, "0]}");
    report.json = buf_str(&text);
    add("p", "packed", sha256);
    assert_int_equal(store_report_put(store, STR("packed"), &report, 0, 1, NULL, NULL, &e), 0);
    assert_int_equal(store_report_put(store, STR("packed"), &report, 0, 2, NULL, NULL, &e), 0);
    assert_int_equal(store_report_get(store, STR("packed"), STR(""), &got, &e), 0);
    assert_string_equal(buf_c(&got), buf_c(&text));
    assert_int_equal(store_check(store, take_line, &lines, &checked, &e), 0);
    assert_string_equal(buf_c(&lines), "");
    assert_int_equal(checked.reports, 1);

    run_sql("UPDATE report SET json = substr(json, 1, length(json) - 9) || x'00' || substr(json, -8)"
            " WHERE typeof(json) = 'blob' AND length(json) < 20000");
    run_sql("UPDATE report SET json = CAST(json AS BLOB)"); /* || makes a text of it */
    buf_clear(&got);
    assert_int_equal(store_report_get(store, STR("packed"), STR(""), &got, &e), -ERR_FORMAT);
    assert_int_equal(store_check(store, take_line, &lines, &checked, &e), 0);
    assert_non_null(strstr(buf_c(&lines), "packed: a report that is not JSON"));
    /* What cannot be read is not the same as what comes now. */
    assert_int_equal(store_report_put(store, STR("packed"), &report, 0, 3, NULL, NULL, &e), 0);
    buf_clear(&got);
    assert_int_equal(store_report_get(store, STR("packed"), STR(""), &got, &e), 0);
    assert_string_equal(buf_c(&got), buf_c(&text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_text_comes_back),
        cmocka_unit_test(damaged_bytes_are_no_other_text),
        cmocka_unit_test(more_than_may_be_kept_is_refused),
        cmocka_unit_test(texts_of_other_bytes_differ),
        cmocka_unit_test(a_report_is_kept_packed_and_its_damage_is_found),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
