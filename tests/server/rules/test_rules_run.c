/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts, texts and ranking over facts that are put in here row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "facts_db.h"
#include "report.h"
#include "rules.h"

static const char machines[] = "INSERT INTO machine(machine, is_server, build, windows, collected) VALUES "
                               "('WEB', 1, 9600, 'Windows Server 2012 R2', 1000);"
                               "INSERT INTO item(machine, kind, source, outcome) VALUES ('WEB', "
                               "'iis-config', 'C:\\x\\applicationHost.config', 'ok');";

static const char head[] = "-- code: X1\n-- title: something is wrong\n-- confidence: V\n-- role: server\n";
static const char tail[] = "-- references: https://example.test/\n-- since: 1\n";

struct fixture {
    char folder[64];
    char files[8][128];
    size_t n_files;
};

/* Writes a rule file as it is. */
static void write_file(struct fixture *f, const char *id, const char *text)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%.60s/%s.sql", f->folder, id);
    memcpy(f->files[f->n_files++], path, sizeof path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void add_rule(struct fixture *f, const char *id, const char *fields, const char *sql)
{
    char text[4096];

    (void)snprintf(text, sizeof text, "-- rule: %s\n%s%s%s%s\n", id, head, fields, tail, sql);
    write_file(f, id, text);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    (void)snprintf(f->folder, sizeof f->folder, "/tmp/rules-run-XXXXXX");
    *state = f;
    return f && mkdtemp(f->folder) ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < f->n_files; i++)
        (void)unlink(f->files[i]);
    (void)rmdir(f->folder);
    free(f);
    return 0;
}

static json_t *run(struct fixture *f, const char *facts)
{
    struct ruleset *set = NULL;
    struct err e = {0};
    sqlite3 *db = NULL;
    json_t *report = NULL;

    assert_int_equal(facts_create(NULL, &db, &e), 0);
    assert_int_equal(sqlite3_exec(db, machines, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, facts, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(facts_confine(db, &e), 0);
    if (ruleset_load(f->n_files ? f->folder : NULL, f->n_files == 0, &set, &e) < 0)
        fail_msg("%s", e.text);
    if (ruleset_run(set, db, "CASE-1", &report, &e) < 0)
        fail_msg("%s", e.text);
    ruleset_free(set);
    sqlite3_close(db);
    return report;
}

static const char *verdict_of(const json_t *report, const char *rule, const char *subject)
{
    size_t i;
    json_t *v;

    json_array_foreach(json_object_get(report, "verdicts"), i, v)
    {
        if (strcmp(json_string_value(json_object_get(v, "rule")), rule) == 0 &&
            strcmp(json_string_value(json_object_get(v, "subject")), subject) == 0)
            return json_string_value(json_object_get(v, "verdict"));
    }
    return "none";
}

static const char *item_of(const json_t *report)
{
    const json_t *v = json_array_get(json_object_get(report, "verdicts"), 0);
    const char *s = json_string_value(json_array_get(json_object_get(v, "items"), 0));

    return s ? s : "";
}

#define SITES "-- severity: error\n-- needs: server/iis-config\n-- message: {site}\n-- remedy: mend it\n"
#define SITES_SQL "SELECT machine, site AS subject, site FROM site ORDER BY 1, 2"

static void rows_are_findings_and_none_is_a_pass(void **state)
{
    json_t *report;

    add_rule(*state, "a", SITES, SITES_SQL);
    report = run(*state, "INSERT INTO site(machine, site) VALUES ('WEB', 'One');");
    assert_string_equal(verdict_of(report, "a", "One"), "finding");
    assert_int_equal(report_exit_code(report), 1);
    json_decref(report);
    report = run(*state, "");
    assert_string_equal(verdict_of(report, "a", ""), "pass");
    assert_int_equal(report_exit_code(report), 0);
    json_decref(report);
}

static void denied_evidence_leaves_a_rule_undecided(void **state)
{
    json_t *report;

    add_rule(*state, "a", SITES, SITES_SQL);
    report = run(*state, "UPDATE item SET outcome = 'denied', reason = 'access is denied'; INSERT INTO "
                         "site(machine, site) VALUES ('WEB', 'One');");
    assert_string_equal(verdict_of(report, "a", ""), "not-evaluated");
    assert_string_equal(verdict_of(report, "a", "One"), "none");
    assert_non_null(strstr(item_of(report), "access is denied"));
    json_decref(report);
    report = run(*state, "DELETE FROM item;");
    assert_string_equal(verdict_of(report, "a", ""), "not-evaluated");
    assert_non_null(strstr(item_of(report), "was not collected"));
    json_decref(report);
}

/* What a cut log shows was seen; what it does not show proves nothing. */
static void truncated_evidence_proves_presence_only(void **state)
{
    json_t *report;

    add_rule(*state, "a", SITES, SITES_SQL);
    report =
        run(*state,
            "UPDATE item SET outcome = 'truncated'; INSERT INTO site(machine, site) VALUES ('WEB', 'One');");
    assert_string_equal(verdict_of(report, "a", "One"), "finding");
    json_decref(report);
    report = run(*state, "UPDATE item SET outcome = 'truncated';");
    assert_string_equal(verdict_of(report, "a", ""), "not-evaluated");
    json_decref(report);
}

static void whole_evidence_is_wanted_by_an_absence(void **state)
{
    json_t *report;

    add_rule(*state, "a", "-- severity: error\n-- needs: server/iis-config!\n-- message: m\n-- remedy: r\n",
             SITES_SQL);
    report =
        run(*state,
            "UPDATE item SET outcome = 'truncated'; INSERT INTO site(machine, site) VALUES ('WEB', 'One');");
    assert_string_equal(verdict_of(report, "a", ""), "not-evaluated");
    json_decref(report);
}

static void one_denied_web_config_hides_its_path_only(void **state)
{
    static const char facts[] = "INSERT INTO item(machine, kind, source, outcome, path) VALUES ('WEB', "
                                "'web-config', 'C:\\a\\web.config', 'denied', 'One/a');"
                                "INSERT INTO application(machine, site, path) VALUES ('WEB', 'One', "
                                "'One/A/b'), ('WEB', 'One', 'One/ab');";
    json_t *report;

    add_rule(
        *state, "a",
        "-- severity: error\n-- needs: server/iis-config server/web-config\n-- message: m\n-- remedy: r\n",
        "SELECT machine, path AS subject, path FROM application");
    report = run(*state, facts);
    assert_string_equal(verdict_of(report, "a", "One/a"), "not-evaluated");
    assert_string_equal(verdict_of(report, "a", "One/A/b"), "none");
    assert_string_equal(verdict_of(report, "a", "One/ab"), "finding");
    json_decref(report);
}

static void applies_decides_and_says_why_it_cannot(void **state)
{
    json_t *report;

    add_rule(*state, "a", SITES "-- applies: (SELECT build >= 26100 FROM machine WHERE machine = :machine)\n",
             SITES_SQL);
    add_rule(*state, "b", SITES "-- applies: 'the moon is not known'\n", SITES_SQL);
    add_rule(*state, "c", SITES "-- applies: nonsense\n", SITES_SQL);
    report = run(*state, "");
    assert_string_equal(verdict_of(report, "a", ""), "not-applicable");
    assert_string_equal(verdict_of(report, "b", ""), "not-evaluated");
    assert_string_equal(verdict_of(report, "c", ""), "error");
    json_decref(report);
}

static void a_rule_that_runs_away_is_an_error_not_silence(void **state)
{
    json_t *report;

    add_rule(*state, "a", SITES,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'WEB' AS machine, i AS "
             "subject, i AS site"
             " FROM n WHERE i < 0");
    add_rule(*state, "b", SITES, SITES_SQL);
    report = run(*state, "");
    assert_string_equal(verdict_of(report, "a", ""), "error");
    assert_string_equal(verdict_of(report, "b", ""), "pass");
    json_decref(report);
}

static void hostile_names_never_reach_a_command(void **state)
{
    json_t *report;
    char *text;

    add_rule(*state, "a",
             "-- severity: error\n-- needs: server/iis-config\n-- message: {site}\n-- remedy: do\n--   $ "
             "appcmd set {site|cmd}\n"
             "--   PS> Set-It {site|ps}\n--   $ netsh {site|netsh}\n",
             SITES_SQL);
    report = run(*state, "INSERT INTO site(machine, site) VALUES ('WEB', 'a\" & rd /s /q C:\\ & \"'), "
                         "('WEB', 'b%PATH%'), ('WEB', 'it''s')");
    text = json_dumps(json_object_get(report, "findings"), JSON_SORT_KEYS);
    assert_non_null(strstr(text, "appcmd set <site>"));
    assert_null(strstr(text, "appcmd set \\\"a"));
    assert_null(strstr(text, "Set-It 'a\\\""));
    assert_null(strstr(text, "netsh \\\"b%"));
    assert_non_null(strstr(text, "Set-It 'it''s'"));
    assert_non_null(strstr(text, "put the value in by hand"));
    free(text);
    json_decref(report);
}

static void a_raw_value_in_a_command_is_refused_at_run_time(void **state)
{
    json_t *report;

    add_rule(
        *state, "a",
        "-- severity: error\n-- needs: server/iis-config\n-- message: m\n-- remedy: do\n--   $ del {site}\n",
        SITES_SQL);
    report = run(*state, "INSERT INTO site(machine, site) VALUES ('WEB', 'One');");
    assert_string_equal(verdict_of(report, "a", ""), "error");
    json_decref(report);
}

static const char log_403[] = "INSERT INTO site(machine, site) VALUES ('WEB', 'One');"
                              "INSERT INTO request_count(machine, site, place, status, substatus, win32, "
                              "hour, count, clients, first, last)"
                              " VALUES ('WEB', 'One', 'One', 403, 7, 64, 0, 3, 1, 5000, 6000), ('WEB', "
                              "'One', 'One', 403, 7, 0, 0, 2, 1, 5000, 7000);";

static const json_t *cause_at(const json_t *report, size_t i)
{
    return json_array_get(json_object_get(json_array_get(json_object_get(report, "diagnoses"), 0), "causes"),
                          i);
}

static const char *cause_name(const json_t *report, size_t i)
{
    const char *s = json_string_value(json_object_get(cause_at(report, i), "rule"));

    return s ? s : "none";
}

#define CAUSE(more)                                                                                          \
    "-- severity: error\n-- needs: server/iis-config\n-- message: m\n-- remedy: r\n-- explains: "            \
    "403.7.*\n" more

static void causes_are_ranked_by_strength_then_by_rank(void **state)
{
    json_t *report;

    add_rule(*state, "a", CAUSE("-- strength: may\n"), SITES_SQL);
    add_rule(*state, "b", CAUSE("-- strength: must\n"), SITES_SQL);
    add_rule(*state, "c", CAUSE("-- strength: seen\n-- outranks: b\n"), SITES_SQL);
    report = run(*state, log_403);
    assert_string_equal(cause_name(report, 0), "c");
    assert_string_equal(cause_name(report, 1), "a");
    assert_string_equal(cause_name(report, 2), "b");
    assert_string_equal(json_string_value(json_object_get(cause_at(report, 2), "masked_by")), "c");
    json_decref(report);
}

static void one_symptom_whatever_its_win32(void **state)
{
    json_t *report;
    const json_t *symptom;

    add_rule(*state, "a", CAUSE(""), SITES_SQL);
    report = run(*state, log_403);
    assert_int_equal(json_array_size(json_object_get(report, "diagnoses")), 1);
    symptom = json_object_get(json_array_get(json_object_get(report, "diagnoses"), 0), "symptom");
    assert_int_equal(json_integer_value(json_object_get(symptom, "count")), 5);
    assert_true(json_is_null(json_object_get(symptom, "win32")));
    assert_string_equal(json_string_value(json_object_get(symptom, "last")), "1970-01-01T00:00:07.000Z");
    json_decref(report);
}

static void nothing_explains_says_what_was_not_collected(void **state)
{
    json_t *report;
    const json_t *d;

    add_rule(*state, "a",
             "-- severity: error\n-- needs: client/cert-store:My\n-- message: m\n-- remedy: r\n-- explains: "
             "403.7.*\n",
             SITES_SQL);
    report = run(*state, log_403);
    d = json_array_get(json_object_get(report, "diagnoses"), 0);
    assert_true(json_is_false(json_object_get(d, "explained")));
    assert_int_equal(json_array_size(json_object_get(d, "not_evaluated")), 1);
    json_decref(report);
}

static void what_a_browser_answers_is_no_failure(void **state)
{
    json_t *report;
    char facts[2048];

    add_rule(*state, "a", CAUSE(""), "SELECT machine, 'Two' AS subject, 'Two' AS site FROM site");
    (void)snprintf(facts, sizeof facts, "%s%s", log_403,
                   "INSERT INTO request_symptom(machine, site, place, status, substatus, win32, count, "
                   "clients, clients_exact, answered,"
                   " preflights) SELECT machine, site, place, status, substatus, win32, count, 1, 1, count, "
                   "0 FROM request_count;");
    report = run(*state, facts);
    assert_int_equal(json_array_size(json_object_get(report, "diagnoses")),
                     1); /* the finding alone, not the symptom */
    assert_true(json_is_null(json_object_get(
        json_object_get(json_array_get(json_object_get(report, "diagnoses"), 0), "symptom"), "status")));
    json_decref(report);
}

static void a_source_changed_later_may_be_mended(void **state)
{
    json_t *report;
    const char *note;

    add_rule(*state, "a", CAUSE(""), "SELECT machine, site AS subject, site, 9000 AS changed FROM site");
    report = run(*state, log_403);
    note = json_string_value(json_object_get(cause_at(report, 0), "note"));
    assert_non_null(note);
    assert_non_null(strstr(note, "may already be mended"));
    json_decref(report);
}

static void of_two_alike_the_one_that_was_so_comes_first(void **state)
{
    json_t *report;

    add_rule(*state, "a", CAUSE(""), "SELECT machine, site AS subject, site, 9000 AS changed FROM site");
    add_rule(*state, "b", CAUSE(""), "SELECT machine, site AS subject, site, 10 AS changed FROM site");
    report = run(*state, log_403);
    assert_string_equal(cause_name(report, 0), "b");
    assert_null(json_object_get(cause_at(report, 0), "note"));
    assert_string_equal(cause_name(report, 1), "a");
    json_decref(report);
}

static void another_site_is_not_blamed(void **state)
{
    json_t *report;

    add_rule(*state, "a", CAUSE(""), "SELECT machine, 'Two' AS subject, 'Two' AS site FROM site");
    report = run(*state, log_403);
    assert_string_equal(cause_name(report, 0), "none");
    json_decref(report);
}

static void confidence_limits_severity(void **state)
{
    json_t *report;
    const json_t *finding;
    char fields[512];
    struct fixture *f = *state;

    (void)snprintf(fields, sizeof fields,
                   "-- rule: p\n-- code: X1\n-- title: t\n-- confidence: P\n-- role: server\n%s%s%s\n", SITES,
                   tail, SITES_SQL);
    write_file(f, "p", fields);
    report = run(f, "INSERT INTO site(machine, site) VALUES ('WEB', 'One');");
    finding = json_array_get(json_object_get(report, "findings"), 0);
    assert_string_equal(json_string_value(json_object_get(finding, "severity")), "warning");
    json_decref(report);
}

static void the_same_facts_give_the_same_bytes(void **state)
{
    char *first, *second;
    json_t *a = run(*state, log_403), *b = run(*state, log_403); /* the built-in rules */

    first = json_dumps(a, JSON_SORT_KEYS);
    second = json_dumps(b, JSON_SORT_KEYS);
    assert_string_equal(first, second);
    free(first);
    free(second);
    json_decref(a);
    json_decref(b);
}

#define TEST_CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(rows_are_findings_and_none_is_a_pass),
        TEST_CASE(denied_evidence_leaves_a_rule_undecided),
        TEST_CASE(truncated_evidence_proves_presence_only),
        TEST_CASE(whole_evidence_is_wanted_by_an_absence),
        TEST_CASE(one_denied_web_config_hides_its_path_only),
        TEST_CASE(applies_decides_and_says_why_it_cannot),
        TEST_CASE(a_rule_that_runs_away_is_an_error_not_silence),
        TEST_CASE(hostile_names_never_reach_a_command),
        TEST_CASE(a_raw_value_in_a_command_is_refused_at_run_time),
        TEST_CASE(causes_are_ranked_by_strength_then_by_rank),
        TEST_CASE(one_symptom_whatever_its_win32),
        TEST_CASE(nothing_explains_says_what_was_not_collected),
        TEST_CASE(what_a_browser_answers_is_no_failure),
        TEST_CASE(a_source_changed_later_may_be_mended),
        TEST_CASE(of_two_alike_the_one_that_was_so_comes_first),
        TEST_CASE(another_site_is_not_blamed),
        TEST_CASE(confidence_limits_severity),
        TEST_CASE(the_same_facts_give_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
