/* SPDX-License-Identifier: Apache-2.0
 *
 * json_write writes what Jansson writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler.h"
#include "json_write.h"

static void expect_same(const json_t *value)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);
    char *expected = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    assert_non_null(expected);
    json_write(value, &b);
    assert_string_equal(buf_c(&b), expected);
    assert_int_equal(b.len, strlen(expected));
    free(expected);
}

static void test_trees(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "[[],{},[[]],[{}]]",
        "{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"\",\"e\":\"x\"},\"\":\"\"}",
        "[0,-1,9223372036854775807,-9223372036854775808]",
        "[0.5,-1.25e300,1e-7,3.0,0.1]",
        "{\"\\\"\\\\\\n\":\"both \\\" and \\\\\",\"\xC3\xA9\":\"\xE2\x82\xAC \xF0\x9D\x84\x9E /\"}",
        "[\"\\b\",\"\\f\",\"\\n\",\"\\r\",\"\\t\",\"\\u0001\\u001f\\u007f\",\"a\\tb\\tc\",\"\\t\\t\"]",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        json_t *value = json_loads(texts[i], 0, NULL);
        assert_non_null(value);
        expect_same(value);
        json_decref(value);
    }
}

/* Each byte that a text can have, alone, first, last and between. */
static void test_bytes(void **state)
{
    (void)state;
    for (char c = 0; c >= 0 && c < 127; c++) {
        const char text[] = {c, 'a', c, 'b', c, c};
        for (size_t len = 0; len <= sizeof text; len++) {
            json_t *value = json_stringn(text, len);
            assert_non_null(value);
            expect_same(value);
            json_decref(value);
        }
    }
}

/* Each byte at each place of a text that is looked at by eights. */
static void test_bytes_in_long_texts(void **state)
{
    (void)state;
    for (char c = 0; c >= 0 && c < 127; c++) {
        for (size_t at = 0; at < 20; at++) {
            char text[20];
            memset(text, 'a', sizeof text);
            text[at] = c;
            json_t *value = json_pack("{s:o}", "before", json_stringn(text, sizeof text));
            assert_non_null(value);
            expect_same(value);
            json_decref(value);
        }
    }
}

static void test_a_full_buffer_says_so(void **state)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(64);
    json_t *value = json_array();
    struct err e = {0};

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(json_array_append_new(value, json_string("text")), 0);
    json_write(value, &b);
    assert_int_equal(buf_check(&b, "report", &e), -ERR_LIMIT);
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_bytes_in_long_texts),
        cmocka_unit_test(test_a_full_buffer_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
