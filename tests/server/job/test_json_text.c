/* SPDX-License-Identifier: Apache-2.0
 *
 * json_text against Jansson: what it accepts Jansson reads, and both see the same members and elements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "buf.h"
#include "compiler.h"
#include "json_text.h"

static bool accepts(struct str text)
{
    struct err e = {0};
    int r = json_text_check(text, &e);

    assert_true(r == 0 || (r == -ERR_FORMAT && e.text[0]));
    return r == 0;
}

static void compare(struct str text, const json_t *with);

static void compare_object(struct str text, const json_t *with)
{
    struct str name, value;
    size_t at = 0, n = 0;

    while (json_text_pair(text, &at, &name, &value)) {
        const json_t *one = json_object_getn(with, name.p, name.len);
        assert_non_null(one);
        compare(value, one);
        assert_ptr_equal(json_text_member(text, name).p, value.p);
        n++;
    }
    assert_int_equal(n, json_object_size(with));
}

static void compare_array(struct str text, const json_t *with)
{
    struct str value;
    size_t at = 0, n = 0;

    while (json_text_next(text, &at, &value))
        compare(value, json_array_get(with, n++));
    assert_int_equal(n, json_array_size(with));
}

/* Slices are the values that Jansson has at that place. */
static void compare(struct str text, const json_t *with)
{
    json_t *one = json_loadb(text.p, text.len, JSON_DECODE_ANY, NULL);

    assert_true(json_equal(one, with));
    json_decref(one);
    if (json_is_object(with))
        compare_object(text, with);
    else if (json_is_array(with))
        compare_array(text, with);
}

/* True: it was accepted. */
static bool try_text(struct str text)
{
    json_error_t why;
    json_t *tree;

    if (!accepts(text))
        return false;
    tree = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES, &why);
    if (!tree)
        fail_msg("Jansson refuses %.*s: %s", (int)text.len, text.p, why.text);
    compare((struct str){strchr(text.p, '{'), text.len - (size_t)(strchr(text.p, '{') - text.p)}, tree);
    json_decref(tree);
    return true;
}

static void test_accepts(void **state)
{
    static const char *const texts[] = {
        "{}",
        " {\t}\r\n",
        "{\"a\":[],\"b\":{},\"c\":[ ],\"d\":{ }}",
        "{ \"a\" : [ 1 , -2 , 0 , -0 , 1.5 , 123456789012345678 , true , false , null ] , \"b\" : \"\" }",
        "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD834\\uDD1E\",\"b\":\"],}{[,:\"}",
        "{\"\xC3\xA9\":\"\xF0\x9D\x84\x9E \xE2\x82\xAC\",\"\":[[[{\"a\":[{}]}]]]}",
        "{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":1}]}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!try_text(str_from(texts[i])))
            fail_msg("refused: %s", texts[i]);
}

static void test_refuses(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "[]",
        "1",
        "\"a\"",
        "null",
        "{",
        "}",
        "{}}",
        "{} {}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":[1,]}",
        "{\"a\":[1}",
        "{\"a\":(1)}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":-}",
        "{\"a\":tru}",
        "{\"a\":TRUE}",
        "{\"a\":NaN}",
        "{\"a\":nulls}",
        "{\"a\":\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\ud834\"}",
        "{\"a\":\"\\ud834\\u0041\"}",
        "{\"a\":\"\\udd1e\"}",
        "{\"a\":\"\xC3\"}",
        "{\"a\":\"\xC0\x80\"}",
        "{\"a\":\"\xED\xA0\x80\"}",
        "{\"a\":\"\xFF\"}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"c\":2,\"b\":3}}",
        /* What Jansson would read, and no report has. */
        "{\"a\":1e5}",
        "{\"a\":1234567890123456789}",
        "{\"\\u0061\":1}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (accepts(str_from(texts[i])))
            fail_msg("accepted: %s", texts[i]);
    assert_false(accepts((struct str){"{\"a\":\"\0\"}", 9}));
    assert_false(accepts((struct str){"{}\0", 3}));
}

/* An object in so many arrays, and one of so many members. */
static bool accepts_depth(size_t depth)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 16);

    buf_add_c(&b, "{\"a\":");
    for (size_t i = 0; i < depth; i++)
        buf_add_char(&b, '[');
    for (size_t i = 0; i < depth; i++)
        buf_add_char(&b, ']');
    buf_add_char(&b, '}');
    return accepts(buf_str(&b));
}

static bool accepts_members(size_t n)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 16);

    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s\"%zu\":0", i ? "," : "{", i);
    buf_add_char(&b, '}');
    return accepts(buf_str(&b));
}

static void test_limits(void **state)
{
    (void)state;
    assert_true(accepts_depth(JSON_TEXT_DEPTH - 1));
    assert_false(accepts_depth(JSON_TEXT_DEPTH));
    assert_false(accepts_depth(20000));
    assert_true(accepts_members(JSON_TEXT_MEMBERS));
    assert_false(accepts_members(JSON_TEXT_MEMBERS + 1));
}

/* Bytes changed, left out and doubled, by chance that is the same each time. */
static void test_mutations(void **state)
{
    static const char text[] = "{\"a\":[1,-2.5,true,null,{\"b\":\"x\\n\\u00e9\\\"y\",\"c\":[]}],\"d\":{\"e\":"
                               "\"\xC3\xA9],}\"},\"f\":[[],{}, \"\"] ,\"g\":false}";
    static const char signs[] = "{}[],:\"\\u0e19.- \ntfnab\xC3\xA9\xF0";
    size_t accepted = 0;
    uint32_t chance = 1;

    (void)state;
    for (int i = 0; i < 300000; i++) {
        char copy[sizeof text];
        memcpy(copy, text, sizeof text);
        for (int k = 0; k < 1 + i % 3; k++) {
            chance = chance * 1664525u + 1013904223u;
            size_t at = (chance >> 8) % (sizeof text - 1);
            if (chance >> 31)
                copy[at] = signs[(chance >> 4) % (sizeof signs - 1)];
            else
                memmove(copy + at, copy + at + 1, sizeof text - 1 - at);
        }
        accepted += try_text(str_from(copy));
    }
    assert_in_range(accepted, 10000, 200000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_mutations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
