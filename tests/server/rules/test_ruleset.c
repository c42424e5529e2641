/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "rules.h"

static const char header[] =
    "-- rule: a-rule\n-- code: X1\n-- title: something is wrong\n-- severity: error\n"
    "-- confidence: V\n-- role: server\n-- needs: server/iis-config\n";
static const char rest[] = "-- remedy: mend it\n-- references: https://example.test/\n-- since: 1\n";

struct folder {
    char path[64];
};

static void write_rule(struct folder *f, const char *name, const char *text)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", f->path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(struct folder *f)
{
    (void)snprintf(f->path, sizeof f->path, "/tmp/ruleset-XXXXXX");
    assert_non_null(mkdtemp(f->path));
}

static void drop_folder(struct folder *f, const char *name)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", f->path, name);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(f->path), 0);
}

/* Loads one rule made of header, the given fields and SELECT; what ruleset_check or the load says is in
 * `said`. */
static int check_one(const char *fields, const char *sql, char *said, size_t room)
{
    struct folder f;
    struct ruleset *set = NULL;
    struct buf out = BUF_INIT(65536);
    struct err e = {0};
    char text[4096];

    make_folder(&f);
    (void)snprintf(text, sizeof text, "%s%s%s%s", header, fields, rest, sql);
    write_rule(&f, "a-rule.sql", text);
    int r = ruleset_load(f.path, false, &set, &e);
    if (r == 0)
        r = ruleset_check(set, &out, &e);
    (void)snprintf(said, room, "%s%s", buf_c(&out), r < 0 ? e.text : "");
    buf_done(&out);
    ruleset_free(set);
    drop_folder(&f, "a-rule.sql");
    return r;
}

static void built_in_rules_are_sound(void **state)
{
    struct ruleset *set = NULL;
    struct buf out = BUF_INIT(1 << 20);
    struct err e = {0};
    (void)state;

    int r = ruleset_load(NULL, true, &set, &e);
    if (r == 0)
        r = ruleset_check(set, &out, &e);
    if (r < 0)
        print_error("%s%s\n", buf_c(&out), e.text);
    assert_int_equal(r, 0);
    assert_true(ruleset_count(set) >= 30);
    buf_done(&out);
    ruleset_free(set);
}

static void folder_and_program_hold_the_same_rules(void **state)
{
    struct ruleset *built_in = NULL, *folder = NULL;
    struct err e = {0};
    (void)state;

    assert_int_equal(ruleset_load(NULL, true, &built_in, &e), 0);
    assert_int_equal(ruleset_load(CT_SOURCE_DIR "/server/rules/pack", false, &folder, &e), 0);
    assert_string_equal(ruleset_version(built_in), ruleset_version(folder));
    assert_int_equal(ruleset_count(built_in), ruleset_count(folder));
    ruleset_free(built_in);
    ruleset_free(folder);
}

static void a_good_rule_passes(void **state)
{
    char said[4096];
    (void)state;

    assert_int_equal(check_one("-- message: {site} of {machine}\n",
                               "SELECT machine, site AS subject, site FROM site\n", said, sizeof said),
                     0);
    assert_string_equal(said, "");
}

static void unknown_column_is_named_with_a_guess(void **state)
{
    char said[4096];
    (void)state;

    assert_true(
        check_one("-- message: x\n", "SELECT machine, sitee AS subject FROM site\n", said, sizeof said) < 0);
    assert_non_null(strstr(said, "a-rule.sql:12: no such column: sitee; did you mean site?"));
}

static void text_may_name_only_selected_columns(void **state)
{
    char said[4096];
    (void)state;

    assert_true(check_one("-- message: {path}\n", "SELECT machine, site AS subject FROM site\n", said,
                          sizeof said) < 0);
    assert_non_null(strstr(said, "a-rule.sql:8: a text names a column that is not selected: {path}"));
}

static void value_in_a_command_wants_quoting(void **state)
{
    char said[4096];
    (void)state;

    assert_true(check_one("-- message: x\n-- why: y\n--   $ del {subject}\n",
                          "SELECT machine, site AS subject FROM site\n", said, sizeof said) < 0);
    assert_non_null(strstr(said, "a value in a command wants"));
}

static void a_value_within_quotes_is_refused(void **state)
{
    char said[4096];
    (void)state;

    assert_true(check_one("-- message: x\n-- confirm: y\n--   $ reg query \"HKCU\\{subject|cmd}\"\n",
                          "SELECT machine, site AS subject FROM site\n", said, sizeof said) < 0);
    assert_non_null(strstr(said, "a-rule.sql:10: a quoted value within quotes"));
    assert_int_equal(check_one("-- message: x\n-- confirm: y\n--   $ find \"x\" {subject|cmd}\n",
                               "SELECT machine, site AS subject FROM site\n", said, sizeof said),
                     0);
}

static void unknown_table_is_named_with_a_guess(void **state)
{
    char said[4096];
    (void)state;

    assert_true(
        check_one("-- message: x\n", "SELECT machine, site AS subject FROM sites\n", said, sizeof said) < 0);
    assert_non_null(strstr(said, "a-rule.sql:12: no such table: sites; did you mean site?"));
}

static void a_cause_says_what_would_confirm_it(void **state)
{
    char said[4096];
    (void)state;

    assert_true(check_one("-- message: x\n-- explains: 403.7.*\n",
                          "SELECT machine, site AS subject FROM site\n", said, sizeof said) < 0);
    assert_non_null(strstr(said, "does not say what would confirm or refute it: confirm"));
    assert_int_equal(check_one("-- message: x\n-- explains: 403.7.*\n-- confirm: Look at it.\n",
                               "SELECT machine, site AS subject FROM site\n", said, sizeof said),
                     0);
}

static void needs_match_what_is_read(void **state)
{
    char said[4096];
    (void)state;

    assert_true(check_one("-- message: x\n", "SELECT machine, thumbprint AS subject FROM private_key\n", said,
                          sizeof said) < 0);
    assert_non_null(strstr(said, "needs evidence of which it reads no table: server/iis-config"));
    assert_non_null(strstr(said, "neither in needs nor in uses: private_key (cert-store key-acl)"));
    assert_int_equal(check_one("-- message: x\n-- uses: client/key-acl\n",
                               "SELECT s.machine, s.site AS subject FROM site s, private_key k\n", said,
                               sizeof said),
                     0);
}

static void header_errors_name_file_and_line(void **state)
{
    char said[4096];
    (void)state;

    assert_true(check_one("-- message: x\n-- colour: red\n", "SELECT 1\n", said, sizeof said) < 0);
    assert_non_null(strstr(said, "a-rule.sql:9: no such header field"));
    assert_true(check_one("", "SELECT 1\n", said, sizeof said) < 0);
    assert_non_null(strstr(said, "header field is missing: message"));
}

static void changing_the_facts_is_refused(void **state)
{
    char said[4096];
    (void)state;

    assert_true(check_one("-- message: x\n", "DELETE FROM site\n", said, sizeof said) < 0);
    assert_true(check_one("-- message: x\n", "SELECT machine, random() AS subject FROM site\n", said,
                          sizeof said) < 0);
    assert_non_null(strstr(said, "not authorized"));
    assert_true(check_one("-- message: x\n", "SELECT machine, 1 AS subject FROM site; SELECT 2\n", said,
                          sizeof said) < 0);
    assert_non_null(strstr(said, "more than one statement"));
}

static void file_must_be_named_after_its_rule(void **state)
{
    struct folder f;
    struct ruleset *set = NULL;
    struct err e = {0};
    char text[4096];
    (void)state;

    make_folder(&f);
    (void)snprintf(text, sizeof text, "%s-- message: x\n%sSELECT 1\n", header, rest);
    write_rule(&f, "other.sql", text);
    assert_int_equal(ruleset_load(f.path, false, &set, &e), -3);
    assert_non_null(strstr(e.text, "other.sql:1: the file must be called"));
    drop_folder(&f, "other.sql");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_rules_are_sound),
        cmocka_unit_test(folder_and_program_hold_the_same_rules),
        cmocka_unit_test(a_good_rule_passes),
        cmocka_unit_test(unknown_column_is_named_with_a_guess),
        cmocka_unit_test(text_may_name_only_selected_columns),
        cmocka_unit_test(value_in_a_command_wants_quoting),
        cmocka_unit_test(a_value_within_quotes_is_refused),
        cmocka_unit_test(unknown_table_is_named_with_a_guess),
        cmocka_unit_test(a_cause_says_what_would_confirm_it),
        cmocka_unit_test(needs_match_what_is_read),
        cmocka_unit_test(header_errors_name_file_and_line),
        cmocka_unit_test(changing_the_facts_is_refused),
        cmocka_unit_test(file_must_be_named_after_its_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
