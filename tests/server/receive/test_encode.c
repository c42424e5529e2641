/* SPDX-License-Identifier: Apache-2.0 */
#include "encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

static void tags_are_of_the_content(void **state)
{
    char one[40], same[40], other[40];

    (void)state;
    assert_true(encode_etag(STR("a"), one) && encode_etag(STR("a"), same) && encode_etag(STR("b"), other));
    assert_string_equal(one, same);
    assert_string_not_equal(one, other);
    assert_memory_equal(one, "W/\"", 3);
}

static void tags_are_compared_weakly_in_lists(void **state)
{
    (void)state;
    assert_true(encode_matches("W/\"ab\"", "W/\"ab\""));
    assert_true(encode_matches("\"ab\"", "W/\"ab\""));
    assert_true(encode_matches("\"x\", W/\"ab\" ,\"y\"", "W/\"ab\""));
    assert_true(encode_matches("*", "W/\"ab\""));
    assert_false(encode_matches("\"abc\"", "W/\"ab\""));
    assert_false(encode_matches("", "W/\"ab\""));
    assert_false(encode_matches(NULL, "W/\"ab\""));
}

static void gzip_is_asked_for(void **state)
{
    (void)state;
    assert_true(encode_is_taken("gzip"));
    assert_true(encode_is_taken("br, GZIP;q=0.5"));
    assert_false(encode_is_taken("gzip;q=0"));
    assert_false(encode_is_taken("deflate, gzip; q=0.000"));
    assert_true(encode_is_taken("gzip;q=0.001"));
    assert_false(encode_is_taken("br"));
    assert_false(encode_is_taken(NULL));
}

static void gzip_gives_the_same_bytes_back(void **state)
{
    static char text[100000], back[100001];
    void *packed = NULL;
    size_t n = 0;
    z_stream z = {0};

    (void)state;
    memset(text, 'x', sizeof text);
    assert_true(encode_is_worth_it("text/plain; charset=utf-8", (struct str){text, sizeof text}));
    assert_true(encode_gzip((struct str){text, sizeof text}, &packed, &n));
    assert_true(n < 1000);
    assert_int_equal(inflateInit2(&z, 16 + MAX_WBITS), Z_OK);
    z.next_in = packed;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)back;
    z.avail_out = sizeof back;
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, sizeof text);
    assert_memory_equal(back, text, sizeof text);
    (void)inflateEnd(&z);
    free(packed);
}

static void what_does_not_shrink_stays(void **state)
{
    unsigned char noise[2000];
    unsigned seed = 1;
    void *packed = NULL;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (unsigned char)((seed = seed * 1103515245u + 12345u) >> 16);
    assert_false(encode_gzip((struct str){(char *)noise, sizeof noise}, &packed, &n));
    assert_false(encode_is_worth_it("application/zip", (struct str){(char *)noise, sizeof noise}));
    assert_false(encode_is_worth_it("application/json", STR("{}")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_of_the_content),    cmocka_unit_test(tags_are_compared_weakly_in_lists),
        cmocka_unit_test(gzip_is_asked_for),          cmocka_unit_test(gzip_gives_the_same_bytes_back),
        cmocka_unit_test(what_does_not_shrink_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
