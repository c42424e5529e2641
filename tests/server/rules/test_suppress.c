/* SPDX-License-Identifier: Apache-2.0
 *
 * What a suppression covers, and what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "compiler.h"
#include "rules.h"
#include "suppress.h"
#include "text.h"

enum { NOW = 1000000 };

static struct ruleset *rules;

static int setup(void **state)
{
    struct err e = {0};

    (void)state;
    return ruleset_load(NULL, true, &rules, &e);
}

static int teardown(void **state)
{
    (void)state;
    ruleset_free(rules);
    return 0;
}

static json_t *read_list(const char *list)
{
    struct err e = {0};
    json_t *ret = NULL;

    if (suppressions_read(rules, str_from(list), &ret, &e) < 0)
        fail_msg("%s: %s", list, e.text);
    return ret;
}

static json_t *make_report(void)
{
    static const char text[] =
        "{\"machines\": [], \"findings\": ["
        "{\"rule\": \"freb-disabled\", \"machine\": \"WEB1\", \"subject\": \"\", \"severity\": \"info\", "
        "\"fingerprint\": \"1\"},"
        "{\"rule\": \"freb-disabled\", \"machine\": \"WEB1\", \"subject\": \"Default Web Site\", "
        "\"severity\": "
        "\"info\", \"fingerprint\": \"2\"},"
        "{\"rule\": \"freb-disabled\", \"machine\": \"WEB2\", \"subject\": \"\", \"severity\": \"info\", "
        "\"fingerprint\": \"3\"},"
        "{\"rule\": \"server-root-missing\", \"machine\": \"WEB1\", \"subject\": \"\", \"severity\": "
        "\"error\", "
        "\"fingerprint\": \"4\"}],"
        "\"diagnoses\": [{\"causes\": [{\"rule\": \"server-root-missing\", \"findings\": [\"4\"]}]}]}";
    json_t *report = json_loads(text, 0, NULL);

    assert_non_null(report);
    return report;
}

/* The fingerprints that a list covers, one behind the other; *ret_used: how often each of it did. */
static void covered(const char *list, int64_t now_ms, char ret[16], json_t **ret_report)
{
    json_t *report = make_report(), *suppressions = read_list(list), *one;
    struct err e = {0};
    size_t i;

    ret[0] = 0;
    assert_int_equal(suppressions_apply(report, suppressions, now_ms, &e), 0);
    json_array_foreach(json_object_get(report, "findings"), i, one)
    {
        if (json_object_get(one, "suppressed"))
            (void)snprintf(ret + strlen(ret), 16 - strlen(ret), "%s",
                           json_string_value(json_object_get(one, "fingerprint")));
    }
    json_decref(suppressions);
    *ret_report = report;
}

static void expect(const char *list, const char *fingerprints)
{
    json_t *report = NULL;
    char got[16];

    covered(list, NOW, got, &report);
    if (strcmp(got, fingerprints) != 0)
        fail_msg("%s covers %s, not %s", list, got, fingerprints);
    json_decref(report);
}

static void an_empty_subject_is_only_the_empty_one(void **state)
{
    (void)state;
    expect("[{\"rule\": \"freb-disabled\", \"reason\": \"r\", \"subject\": \"\"}]", "13");
    expect("[{\"rule\": \"freb-disabled\", \"reason\": \"r\", \"subject\": \"\", \"machine\": \"web1\"}]",
           "1");
    expect("[{\"rule\": \"freb-disabled\", \"reason\": \"r\", \"subject\": \"default*\"}]", "2");
}

static void all_subjects_are_covered_when_that_is_asked_for(void **state)
{
    (void)state;
    expect("[{\"rule\": \"freb-disabled\", \"reason\": \"r\"}]", "123");
    expect("[{\"rule\": \"freb-disabled\", \"reason\": \"r\", \"subject\": \"*\"}]", "123");
    expect("[{\"rule\": \"freb-disabled\", \"reason\": \"r\", \"machine\": \"WEB?\", \"subject\": \"*\"}]",
           "123");
    expect("[{\"rule\": \"freb-disabled\", \"reason\": \"r\", \"machine\": \"\"}]", "");
}

static void what_covers_nothing_and_what_has_ended_is_said(void **state)
{
    static const char list[] =
        "[{\"rule\": \"freb-disabled\", \"reason\": \"r\", \"subject\": \"nobody\"},"
        " {\"rule\": \"server-root-missing\", \"reason\": \"r\", \"until\": \"1970-01-01\"}]";
    json_t *report = NULL, *said;
    char got[16];

    (void)state;
    covered(list, NOW, got, &report);
    assert_string_equal(got, "4");
    said = json_object_get(report, "suppressions");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(said, 0), "used")), 0);
    assert_false(json_is_true(json_object_get(json_array_get(said, 0), "ended")));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(said, 1), "used")), 1);
    assert_int_equal(json_array_size(json_object_get(report, "diagnoses")), 0); /* its cause is lived with */
    json_decref(report);

    covered(list, 86400000, got, &report); /* the next day */
    assert_string_equal(got, "");
    said = json_object_get(report, "suppressions");
    assert_true(json_is_true(json_object_get(json_array_get(said, 1), "ended")));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(said, 1), "used")), 0);
    assert_int_equal(json_array_size(json_object_get(report, "diagnoses")), 1);
    json_decref(report);
}

static void what_might_cover_more_than_was_meant_is_refused(void **state)
{
    static const char *const wrong[] = {
        "[{\"rule\": \"freb-disabled\", \"reason\": \"r\", \"subjekt\": \"s\"}]",
        "[{\"rule\": \"freb-disabled\", \"reason\": \"r\", \"subject\": 7}]",
        "[{\"rule\": \"freb-disabled\", \"reason\": \"r\", \"machine\": null}]",
        "[{\"rule\": \"freb-disabled\", \"reason\": \"r\", \"until\": \"\"}]",
        "[{\"rule\": \"freb-disabled\", \"reason\": \"\"}]",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct err e = {0};
        json_t *list = NULL;
        assert_int_equal(suppressions_read(rules, str_from(wrong[i]), &list, &e), -ERR_FORMAT);
        assert_null(list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_subject_is_only_the_empty_one),
        cmocka_unit_test(all_subjects_are_covered_when_that_is_asked_for),
        cmocka_unit_test(what_covers_nothing_and_what_has_ended_is_said),
        cmocka_unit_test(what_might_cover_more_than_was_meant_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
