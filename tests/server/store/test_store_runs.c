/* SPDX-License-Identifier: Apache-2.0
 *
 * The queue, runs, findings across cases, and stores of other versions. */
#include "server/store/store_world.h"

static void drain(void)
{
    struct err e = {0};
    struct store_job job;

    while (store_job_next(store, NOW, &job, &e) > 0)
        assert_int_equal(store_job_end(store, &job, NULL, NOW, &e), 0);
}

static void what_may_pass_is_tried_three_times_and_blocks_nobody(void **state)
{
    struct err e = {0}, why = {0};
    char job_state[16], sha256[65];
    CLEANUP(buf_done) struct buf reason = BUF_INIT(1000);
    struct store_job job;
    int64_t now = NOW;

    (void)state;
    drain();
    (void)err_set(&why, ERR_IO, "the disk is away");
    add("slow", "slow", sha256);
    add("other", "other", sha256);
    for (int i = 0; i < JOB_TRIES; i++) {
        assert_int_equal(store_job_next(store, now, &job, &e), 1);
        assert_string_equal(job.case_id, "slow");
        assert_int_equal(store_job_end(store, &job, &why, now, &e), i < JOB_TRIES - 1);
        if (i == 0) { /* it waits, the next one does not */
            assert_int_equal(store_job_next(store, now, &job, &e), 1);
            assert_string_equal(job.case_id, "other");
            assert_int_equal(store_job_end(store, &job, NULL, now, &e), 0);
            assert_int_equal(store_job_next(store, now + 29999, &job, &e), 0);
        }
        now += 10 * 60000;
    }
    assert_int_equal(store_job_next(store, now, &job, &e), 0);
    assert_int_equal(store_case_state(store, STR("slow"), job_state, &reason, &e), 0);
    assert_string_equal(job_state, "failed");
    assert_string_equal(buf_c(&reason), "the disk is away");
}

static void a_disk_without_room_costs_no_try(void **state)
{
    struct err e = {0}, full = {0}, why = {0};
    char sha256[65];
    struct store_job job;
    int64_t now = NOW;

    (void)state;
    drain();
    (void)err_set(&full, ERR_STORAGE, "no room");
    (void)err_set(&why, ERR_IO, "the disk is away");
    add("roomless", "roomless", sha256);
    for (int i = 0; i < 5 * JOB_TRIES; i++) {
        assert_int_equal(store_job_next(store, now, &job, &e), 1);
        assert_int_equal(store_job_end(store, &job, &full, now, &e), 1);
        assert_int_equal(store_job_next(store, now + 29999, &job, &e), 0);
        now += 30000; /* and the pause does not grow */
    }
    for (int i = 0; i < JOB_TRIES; i++) { /* it still has all of them */
        assert_int_equal(store_job_next(store, now, &job, &e), 1);
        assert_int_equal(store_job_end(store, &job, &why, now, &e), i < JOB_TRIES - 1);
        now += 10 * 60000;
    }
}

static void a_case_is_never_judged_by_two_at_once(void **state)
{
    struct err e = {0};
    char sha256[65];
    struct store_job first, second;

    (void)state;
    drain();
    add("t1", "twin", sha256);
    assert_int_equal(store_job_next(store, NOW, &first, &e), 1);
    add("t2", "twin", sha256); /* one more bundle while the first is judged */
    assert_int_equal(store_job_next(store, NOW, &second, &e), 0);
    assert_int_equal(store_job_end(store, &first, NULL, NOW, &e), 0);
    assert_int_equal(store_job_next(store, NOW, &second, &e), 1);
    assert_string_equal(second.case_id, "twin");
    assert_int_equal(store_job_end(store, &second, NULL, NOW, &e), 0);
}

static struct store_run seen_run;

static int see_run(void *ctx, const struct store_run *one)
{
    (void)ctx;
    seen_run = *one;
    return 0;
}

static int see_change(void *ctx, const struct store_change *one)
{
    char *to = ctx;
    size_t at = strlen(to);

    (void)snprintf(to + at, 200 - at, "%c%s/%s ", one->mark, one->rule, one->subject);
    return 0;
}

static void put_findings(const char *case_id, const char *ruleset, const char *findings, int64_t run,
                         int64_t now_ms, char ret[200])
{
    struct err e = {0};
    CLEANUP(buf_done) struct buf json = BUF_INIT(4096);
    json_t *list = json_loads(findings, 0, NULL);

    assert_non_null(list);
    buf_printf(&json, "{\"ruleset\":\"%s\",\"findings\":%s}", ruleset, findings);
    const struct store_report report = {
        .json = buf_str(&json), .ruleset = ruleset, .extractors = "x", .findings = list};
    ret[0] = 0;
    assert_int_equal(store_report_put(store, str_from(case_id), &report, run, now_ms, see_change, ret, &e),
                     0);
    json_decref(list);
}

#define FINDING(rule, site)                                                                                  \
    "{\"rule\":\"" rule "\",\"severity\":\"error\",\"machine\":\"WEB1\",\"site\":\"" site                    \
    "\",\"subject\":\"s\",\"title\":\"t\",\"fingerprint\":\"" rule site "\"}"

static void a_run_goes_behind_new_bundles_and_tells_what_it_changed(void **state)
{
    struct err e = {0};
    char sha256[65], changes[200] = "";
    struct store_job job;
    int64_t run = 0, again = 0;

    (void)state;
    add("run1", "run1", sha256);
    drain();
    put_findings("run1", "old", "[" FINDING("a", "x") "," FINDING("b", "x") "]", 0, 5, changes);
    assert_int_equal(store_run_start(store, "new", "x", "test", false, NOW, &run, &e), 0);
    assert_true(run > 0);
    add("fresh", "fresh", sha256);
    assert_int_equal(store_job_next(store, NOW, &job, &e), 1);
    assert_string_equal(job.case_id, "fresh"); /* though it came last */
    assert_int_equal(store_job_end(store, &job, NULL, NOW, &e), 0);
    while (store_job_next(store, NOW, &job, &e) > 0) {
        assert_int_equal(job.kind, JOB_REPROCESS);
        assert_int_equal(job.run, run);
        if (strcmp(job.case_id, "run1") == 0)
            put_findings("run1", "new", "[" FINDING("b", "x") "," FINDING("c", "x") "]", run, 6, changes);
        assert_int_equal(store_job_end(store, &job, NULL, NOW, &e), 0);
    }
    assert_string_equal(changes, "+c/s -a/s ");
    assert_int_equal(store_run_list(store, run, 1, see_run, NULL, &e), 0);
    assert_int_equal(seen_run.done, seen_run.cases);
    assert_int_equal(seen_run.changed, 1);
    assert_int_equal(seen_run.added, 1);
    assert_int_equal(seen_run.removed, 1);
    assert_int_equal(seen_run.ended_ms, NOW);
    changes[0] = 0;
    assert_int_equal(store_run_changes(store, run, 10, see_change, changes, &e), 0);
    assert_string_equal(changes, "-a/s +c/s ");
    /* What these rules have judged is not judged by them again. */
    assert_int_equal(store_run_start(store, "new", "x", "test", false, NOW, &again, &e), 0);
    while (store_job_next(store, NOW, &job, &e) > 0) {
        assert_string_not_equal(job.case_id, "run1");
        assert_int_equal(store_job_end(store, &job, NULL, NOW, &e), 0);
    }
}

static int see_finding(void *ctx, const struct store_finding *one)
{
    char *to = ctx;
    size_t at = strlen(to);

    (void)snprintf(to + at, 200 - at, "%s:%s@%d ", one->case_id, one->rule, (int)one->first_ms);
    return 0;
}

static const char *found(char ret[200], struct store_finding_filter f)
{
    struct err e = {0};

    ret[0] = 0;
    f.limit = f.limit ? f.limit : 100;
    f.before_ms = f.before_ms ? f.before_ms : TIME_NONE;
    f.since_ms = f.since_ms ? f.since_ms : TIME_NONE;
    f.until_ms = TIME_NONE;
    assert_int_equal(store_finding_list(store, &f, see_finding, ret, &e), 0);
    return ret;
}

static void findings_are_found_across_cases_with_their_age(void **state)
{
    char sha256[65], text[200];

    (void)state;
    add("f1", "f1", sha256);
    add("f2", "f2", sha256);
    put_findings("f1", "r1", "[" FINDING("q1", "Shop") "]", 0, 100, text);
    put_findings("f2", "r1", "[" FINDING("q1", "shop") "," FINDING("q2", "Wiki") "]", 0, 200, text);
    put_findings("f1", "r2", "[" FINDING("q1", "Shop") "," FINDING("q2", "Shop") "]", 0, 300, text);
    assert_string_equal(text, "+q2/s "); /* the one that stays keeps its age */
    assert_string_equal(found(text, (struct store_finding_filter){.rule = STR("q1")}),
                        "f2:q1@200 f1:q1@100 ");
    assert_string_equal(found(text, (struct store_finding_filter){.rule = STR("q2"), .site = STR("WIKI")}),
                        "f2:q2@200 ");
    assert_string_equal(found(text, (struct store_finding_filter){.rule = STR("q1"), .since_ms = 150}),
                        "f2:q1@200 ");
    assert_string_equal(found(text, (struct store_finding_filter){.case_id = STR("f1"), .limit = 1}),
                        "f1:q2@300 ");
    assert_string_equal(
        found(text, (struct store_finding_filter){.rule = STR("q1"), .severity = STR("info")}), "");
}

static void suppressions_are_kept_by_case(void **state)
{
    struct err e = {0};
    char sha256[65];
    CLEANUP(buf_done) struct buf json = BUF_INIT(1000);

    (void)state;
    add("s", "sup", sha256);
    assert_int_equal(store_suppressions_get(store, STR("sup"), &json, &e), 0);
    assert_string_equal(buf_c(&json), "[]");
    buf_clear(&json);
    assert_int_equal(store_suppressions_put(store, STR("sup"), STR("[1]"), 1, &e), 0);
    assert_int_equal(store_suppressions_get(store, STR("sup"), &json, &e), 0);
    assert_string_equal(buf_c(&json), "[1]");
    assert_int_equal(store_suppressions_put(store, STR("nobody"), STR("[1]"), 1, &e), -ERR_MISSING);
}

static void a_store_of_a_newer_program_is_refused(void **state)
{
    struct err e = {0};
    char folder[] = "/tmp/certtriage-store-XXXXXX", path[64];
    struct store *newer = NULL;
    sqlite3 *db = NULL;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/certtriage.db", folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 9999", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(store_open(folder, &newer, &e), -ERR_UNSUPPORTED);
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_pass_is_tried_three_times_and_blocks_nobody),
        cmocka_unit_test(a_disk_without_room_costs_no_try),
        cmocka_unit_test(a_case_is_never_judged_by_two_at_once),
        cmocka_unit_test(a_run_goes_behind_new_bundles_and_tells_what_it_changed),
        cmocka_unit_test(findings_are_found_across_cases_with_their_age),
        cmocka_unit_test(suppressions_are_kept_by_case),
        cmocka_unit_test(a_store_of_a_newer_program_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
