/* SPDX-License-Identifier: Apache-2.0
 *
 * Hexadecimal, UTF-8, UTF-16 and times. */
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void hex_goes_there_and_back(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b = BUF_INIT(100);
    uint8_t out[4];
    size_t len = 9;

    text_hex(&b, "\x00\xab\xff", 3);
    assert_string_equal(buf_c(&b), "00abff");
    assert_true(text_unhex(STR("00ABff"), out, sizeof out, &len));
    assert_int_equal(len, 3);
    assert_memory_equal(out, "\x00\xab\xff", 3);
    assert_false(text_unhex(STR("0"), out, sizeof out, &len));
    assert_false(text_unhex(STR("0g"), out, sizeof out, &len));
    assert_false(text_unhex(STR("0011223344"), out, sizeof out, &len));
    assert_int_equal(len, 3);
}

static void utf8_is_strict(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_good;
    } ROWS[] = {
        {"a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xee\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\xc0\x80", false},
        {"\xc1\xbf", false},
        {"\xe0\x9f\xbf", false},
        {"\xed\xa0\x80", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\x80", false},
        {"\xc3", false},
        {"\xe2\x82", false},
        {"\xc3(", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
        if (text_is_utf8(str_from(ROWS[i].text)) != ROWS[i].is_good)
            fail_msg("row %zu", i);
    assert_true(text_is_utf8((struct str){NULL, 0}));
}

/* Every code point, encoded by the rule of the standard, is taken as that one; nothing else of its length is.
 */
static void every_code_point_is_utf8(void **state)
{
    (void)state;
    for (uint32_t c = 0x80; c < 0x110000; c++) {
        char p[4];
        size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (size_t i = 1; i < n; i++)
            p[n - i] = (char)(0x80 | ((c >> (6 * (i - 1))) & 0x3f));
        p[0] = (char)((0xf0u << (4 - n)) | (c >> (6 * (n - 1))));
        bool is_surrogate = c >= 0xd800 && c < 0xe000;
        if (text_is_utf8((struct str){p, n}) == is_surrogate)
            fail_msg("U+%04X", (unsigned)c);
    }
}

static const char *lossy(struct buf *b, const char *p, size_t len)
{
    buf_clear(b);
    text_add_utf8_lossy(b, (struct str){p, len});
    return buf_c(b);
}

static void what_is_not_utf8_is_replaced(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b = BUF_INIT(1000);

    assert_string_equal(lossy(&b, "a\0b", 3), "ab");
    assert_string_equal(lossy(&b, "a\xff\xc3\xa4", 4), "a\xef\xbf\xbd\xc3\xa4");
    assert_string_equal(lossy(&b, "\xe2\x82", 2), "\xef\xbf\xbd\xef\xbf\xbd");
}

static void what_is_hidden_is_shown(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b = BUF_INIT(1000);

    text_add_printable(&b, (struct str){"a\x1b[2J\n\0\xff\xc2\x85\xe2\x80\xae\xe2\x80\xa8\xc3\xa4\x7f", 19});
    assert_string_equal(buf_c(&b), "a\\x1b[2J\\x0a\\x00\\xff\\u{0085}\\u{202e}\\u{2028}\xc3\xa4\\x7f");
    assert_true(text_is_printable(STR("a \xc3\xa4")));
    assert_false(text_is_printable(STR("a\t")));
}

static const char *decoded(struct buf *b, const char *p, size_t len)
{
    buf_clear(b);
    text_add_decoded(b, (struct bytes){(const uint8_t *)p, len});
    return buf_c(b);
}

static void files_are_read_by_their_mark(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b = BUF_INIT(1000);

    assert_string_equal(decoded(&b, "\xef\xbb\xbf\xc3\xa4", 5), "\xc3\xa4");
    assert_string_equal(decoded(&b, "\xff\xfe\xe4\0a\0", 6), "\xc3\xa4"
                                                             "a");
    assert_string_equal(decoded(&b, "\xfe\xff\0\xe4\0a", 6), "\xc3\xa4"
                                                             "a");
    assert_string_equal(decoded(&b, "a\0b\0", 4), "ab");
    assert_string_equal(decoded(&b, "plain", 5), "plain");
    assert_string_equal(decoded(&b, "\xff\xfe\x3d\xd8\x00\xde", 6), "\xf0\x9f\x98\x80");
    assert_string_equal(decoded(&b, "\xff\xfe\x3d\xd8\x41\0", 6), "\xef\xbf\xbd"
                                                                  "A");
    assert_string_equal(decoded(&b, "\xff\xfe\x41\0\x42", 5), "A");
    assert_string_equal(decoded(&b, "", 0), "");
}

static void times_are_written(void **state)
{
    (void)state;
    char text[32];

    time_format(1441554389000, text);
    assert_string_equal(text, "2015-09-06T15:46:29.000Z");
    time_format(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    time_format(TIME_NONE, text);
    assert_string_equal(text, "");
    time_format(INT64_MAX, text);
    assert_string_equal(text, "");
}

static void times_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } ROWS[] = {
        {"2015-09-06T15:46:29Z", 1441554389000},      {"2015-09-06 15:46:29.5z", 1441554389500},
        {"2015-09-06T17:46:29+02:00", 1441554389000}, {"2015-09-06T10:16:29.0001-05:30", 1441554389000},
        {"2016-02-29T00:00:00Z", 1456704000000},      {"1970-01-01T00:00:00Z", 0},
        {"2016-12-31T23:59:60Z", 1483228799000},
    };
    static const char *const BAD[] = {"",
                                      "2015-09-06",
                                      "2015-09-06T15:46:29",
                                      "2015-02-29T00:00:00Z",
                                      "2015-13-01T00:00:00Z",
                                      "2015-09-06T24:00:00Z",
                                      "2015-09-06T15:46:29.Z",
                                      "2015-9-06T15:46:29Z",
                                      "2015-09-06T15:46:29Zx",
                                      "2015-09-06T15:46:29+0200",
                                      "x015-09-06T15:46:29Z"};
    int64_t ms = 5;

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        assert_true(time_parse(str_from(ROWS[i].text), &ms));
        assert_true(ms == ROWS[i].ms);
    }
    ms = 5;
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        if (time_parse(str_from(BAD[i]), &ms))
            fail_msg("accepted: %s", BAD[i]);
    assert_int_equal(ms, 5);
}

/* Against the C library, over five centuries. */
static void the_calendar_is_the_c_librarys(void **state)
{
    (void)state;
    for (int64_t s = -9000000000; s < 9000000000; s += 86400 * 13 + 3571) {
        time_t t = (time_t)s;
        struct tm tm;
        char ours[32], theirs[32];
        assert_non_null(gmtime_r(&t, &tm));
        (void)strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
        time_format(s * 1000, ours);
        assert_string_equal(ours, theirs);
        assert_true(time_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                                    tm.tm_sec) == s * 1000);
    }
    assert_true(time_from_filetime(130860279890000000) == 1441554389000);
    assert_true(time_from_filetime(0) == TIME_NONE);
}

static void utf8_becomes_utf16(void **state)
{
    CLEANUP(buf_done) struct buf wide = BUF_INIT(64);
    CLEANUP(buf_done) struct buf back = BUF_INIT(64);

    (void)state;
    text_add_as_utf16le(&wide, STR("a\xc3\xa9\xf0\x9f\x94\x91\xff"));
    assert_int_equal(wide.len, 10);
    assert_memory_equal(wide.p, "a\0\xe9\0\x3d\xd8\x11\xdd\xfd\xff", 10);
    text_add_utf16le(&back, wide.p, 8);
    assert_string_equal(buf_c(&back), "a\xc3\xa9\xf0\x9f\x94\x91");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_goes_there_and_back),
        cmocka_unit_test(utf8_becomes_utf16),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(every_code_point_is_utf8),
        cmocka_unit_test(what_is_not_utf8_is_replaced),
        cmocka_unit_test(what_is_hidden_is_shown),
        cmocka_unit_test(files_are_read_by_their_mark),
        cmocka_unit_test(times_are_written),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(the_calendar_is_the_c_librarys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
