/* SPDX-License-Identifier: Apache-2.0
 *
 * brief against Jansson: lists show what the report says, and what is no report is refused. */
#include "brief.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "compiler.h"

static struct brief_reader *reader;

static int open_reader(void **state)
{
    struct err e;

    (void)state;
    return brief_reader_new(&reader, &e);
}

static int close_reader(void **state)
{
    (void)state;
    brief_reader_free(reader);
    return 0;
}

static const char REPORT[] =
    "{\"version\":1,\"diagnoses\":[{\"causes\":[{\"title\":\"late \\\"renegotiation\\\" \\u00e9\"},"
    "{\"title\":\"other\"}]},{\"causes\":[]}],\"findings\":["
    "{\"rule\":\"a\",\"severity\":\"error\",\"machine\":\"WEB01\",\"site\":null,\"subject\":"
    "\"\\ud834\\udd1e\\n\","
    "\"title\":\"t\",\"fingerprint\":\"f1\",\"message\":\"not shown\",\"evidence\":[{\"rule\":\"not "
    "this\"}]},"
    "{\"rule\":\"b\",\"severity\":\"info\",\"title\":\"\xc3\xa9\",\"fingerprint\":\"f2\",\"site\":"
    "\"Default\"},{}]}";

/* Of each finding the members that lists show, where they are texts. */
static json_t *expected_findings(void)
{
    static const char *const NAMES[] = {"fingerprint", "rule",    "severity", "machine",
                                        "site",        "subject", "title"};
    json_t *report = json_loads(REPORT, 0, NULL), *all = json_array(), *finding;
    size_t i;

    json_array_foreach(json_object_get(report, "findings"), i, finding)
    {
        json_t *one = json_object();
        for (size_t k = 0; k < ARRAY_LEN(NAMES); k++)
            if (json_is_string(json_object_get(finding, NAMES[k])))
                json_object_set(one, NAMES[k], json_object_get(finding, NAMES[k]));
        json_array_append_new(all, one);
    }
    json_decref(report);
    return all;
}

static void lists_show_what_the_report_says(void **state)
{
    (void)state;
    json_t *expected = expected_findings();
    struct err e;

    for (int again = 0; again < 3; again++) {
        struct brief b = {0};
        assert_int_equal(brief_read(reader, str_from(REPORT), &b, &e), 0);
        assert_int_equal(json_array_size(b.findings), 3);
        assert_true(json_equal(b.findings, expected));
        assert_string_equal(json_string_value(b.cause), "late \"renegotiation\" \xc3\xa9");
        brief_done(&b);
    }
    json_decref(expected);
}

static void a_report_may_have_nothing(void **state)
{
    static const char *const EMPTY[] = {"{}", "{\"findings\":null}", "{\"findings\":\"[{}]\"}",
                                        " {\"findings\":[],\"diagnoses\":[]} ",
                                        "{\"findings\":[],\"diagnoses\":[{\"causes\":[]}]}"};
    struct err e;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(EMPTY); i++) {
        struct brief b = {0};
        assert_int_equal(brief_read(reader, str_from(EMPTY[i]), &b, &e), 0);
        assert_int_equal(json_array_size(b.findings), 0);
        assert_null(b.cause);
        brief_done(&b);
    }
}

static void what_is_no_report_is_refused(void **state)
{
    const struct str WRONG[] = {
        STR(""),
        STR(" "),
        STR("[]"),
        STR("null"),
        STR("\"a\""),
        STR("{"),
        STR("{}}"),
        STR("{} {}"),
        STR("{\"a\"}"),
        STR("{\"a\":1,}"),
        STR("{a:1}"),
        STR("{\"a\":'b'}"),
        STR("{}\0"),
        STR("{\"a\":\"\0\"}"),
        STR("{\"a\":\"\xff\"}"),
        STR("{\"a\":\"\xed\xa0\x80\"}"),
    };
    struct err e;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        struct brief b = {0};
        if (brief_read(reader, WRONG[i], &b, &e) != -ERR_FORMAT || !e.text[0])
            fail_msg("taken: %.*s", (int)WRONG[i].len, WRONG[i].p);
        assert_null(b.findings);
    }
    lists_show_what_the_report_says(NULL);
}

/* Cut off anywhere it is no JSON any more. */
static void a_part_of_a_report_is_refused(void **state)
{
    struct err e;

    (void)state;
    for (size_t len = 0; len < sizeof REPORT - 1; len++) {
        struct brief b = {0};
        assert_int_equal(brief_read(reader, (struct str){REPORT, len}, &b, &e), -ERR_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_show_what_the_report_says),
        cmocka_unit_test(a_report_may_have_nothing),
        cmocka_unit_test(what_is_no_report_is_refused),
        cmocka_unit_test(a_part_of_a_report_is_refused),
    };

    return cmocka_run_group_tests(tests, open_reader, close_reader);
}
