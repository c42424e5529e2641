/* SPDX-License-Identifier: Apache-2.0 */
#include "server/store/store_world.h"

static int count(void *ctx, const char *text)
{
    (void)text;
    ++*(int *)ctx;
    return 0;
}

static void a_bundle_is_named_by_its_hash_and_read_back(void **state)
{
    struct err e = {0};
    char sha256[65], text[16] = "";
    int fd = -1;

    (void)state;
    add("hello", "one", sha256);
    /* sha256sum of "hello" */
    assert_string_equal(sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_int_equal(blob_open(store_blobs(store), sha256, &fd, &e), 0);
    assert_int_equal(read(fd, text, sizeof text), 5);
    assert_string_equal(text, "hello");
    (void)close(fd);
}

static void the_same_bytes_twice_are_one_bundle_of_a_case(void **state)
{
    struct err e = {0};
    char sha256[65];
    int n = 0;

    (void)state;
    add("same", "two", sha256);
    add("same", "two", sha256);
    assert_int_equal(store_case_bundles(store, STR("two"), count, &n, &e), 0);
    assert_int_equal(n, 1);
}

static void a_spool_refuses_more_than_its_cap(void **state)
{
    struct err e = {0};
    struct blob_spool *spool = NULL;

    (void)state;
    assert_int_equal(blob_spool_begin(store_blobs(store), 4, &spool, &e), 0);
    assert_int_equal(blob_spool_write(spool, "12345", 5, &e), -ERR_LIMIT);
    blob_spool_drop(spool);
}

static void a_case_id_that_is_a_path_is_refused(void **state)
{
    struct err e = {0};
    struct blob_spool *spool = NULL;
    char sha256[65];

    (void)state;
    assert_int_equal(blob_spool_begin(store_blobs(store), 4, &spool, &e), 0);
    assert_int_equal(blob_spool_hash(spool, sha256, &e), 0);
    assert_int_equal(store_bundle_add(store, spool, sha256, STR("../x"), 1, &e), -ERR_USAGE);
}

static void jobs_come_in_order_and_end(void **state)
{
    struct err e = {0}, why = {0};
    char job_state[16], sha256[65];
    CLEANUP(buf_done) struct buf reason = BUF_INIT(1000);
    struct store_job job;

    (void)state;
    while (store_job_next(store, NOW, &job, &e) > 0)
        assert_int_equal(store_job_end(store, &job, NULL, NOW, &e), 0);
    add("a", "first", sha256);
    add("b", "second", sha256);
    add("c", "first", sha256); /* one queued lint of a case is enough */
    assert_int_equal(store_job_next(store, NOW, &job, &e), 1);
    assert_string_equal(job.case_id, "first");
    assert_int_equal(store_job_end(store, &job, NULL, NOW, &e), 0);
    assert_int_equal(store_job_next(store, NOW, &job, &e), 1);
    assert_string_equal(job.case_id, "second");
    (void)err_set(&why, ERR_FORMAT, "not a zip");
    assert_int_equal(store_job_end(store, &job, &why, NOW, &e), 0);
    assert_int_equal(store_job_next(store, NOW, &job, &e), 0);
    assert_int_equal(store_case_state(store, STR("second"), job_state, &reason, &e), 0);
    assert_string_equal(job_state, "failed");
    assert_string_equal(buf_c(&reason), "not a zip");
}

static void a_job_that_kills_its_server_three_times_is_set_aside(void **state)
{
    struct err e = {0};
    char job_state[16], sha256[65];
    CLEANUP(buf_done) struct buf reason = BUF_INIT(1000);
    struct store_job job;

    (void)state;
    add("poison", "poison", sha256);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(store_job_next(store, NOW, &job, &e), 1);
        assert_string_equal(job.case_id, "poison");
        assert_int_equal(store_job_requeue(store, NOW, &e), 0);
    }
    assert_int_equal(store_job_next(store, NOW, &job, &e), 0);
    assert_int_equal(store_case_state(store, STR("poison"), job_state, &reason, &e), 0);
    assert_string_equal(job_state, "failed");
}

static void tokens_hold_their_role_case_and_time(void **state)
{
    struct err e = {0};
    struct token t;
    char id[17] = "";
    CLEANUP(buf_done) struct buf secret = BUF_INIT(1000);

    (void)state;
    assert_int_equal(
        store_token_create(store, TOKEN_UPLOAD, STR("one"), STR("desk 7"), 5000, &secret, id, &e), 0);
    assert_int_equal(store_token_check(store, buf_str(&secret), 4999, &t, &e), 0);
    assert_int_equal(t.role, TOKEN_UPLOAD);
    assert_string_equal(t.case_id, "one");
    assert_string_equal(t.id, id);
    assert_int_equal(store_token_check(store, buf_str(&secret), 5001, &t, &e), -ERR_UNAUTHORIZED);
    secret.p[10] ^= 1;
    assert_int_equal(store_token_check(store, buf_str(&secret), 4999, &t, &e), -ERR_UNAUTHORIZED);
}

static void the_newest_report_is_given(void **state)
{
    struct err e = {0};
    char sha256[65];
    CLEANUP(buf_done) struct buf json = BUF_INIT(1000);
    const struct store_report first = {.json = STR("{\"n\":1}"), .ruleset = "r1", .extractors = "x1"},
                              second = {.json = STR("{\"n\":2}"), .ruleset = "r2", .extractors = "x1"};

    (void)state;
    add("r", "reported", sha256);
    assert_int_equal(store_report_get(store, STR("reported"), STR(""), &json, &e), -ERR_MISSING);
    assert_int_equal(store_report_put(store, STR("reported"), &first, 0, 1, NULL, NULL, &e), 0);
    assert_int_equal(store_report_put(store, STR("reported"), &second, 0, 2, NULL, NULL, &e), 0);
    assert_int_equal(store_report_put(store, STR("reported"), &second, 0, 3, NULL, NULL, &e), 0);
    assert_int_equal(store_report_get(store, STR("reported"), STR(""), &json, &e), 0);
    assert_string_equal(buf_c(&json), "{\"n\":2}");
    buf_clear(&json);
    assert_int_equal(store_report_get(store, STR("reported"), STR("r1"), &json, &e), 0);
    assert_string_equal(buf_c(&json), "{\"n\":1}");
    assert_int_equal(store_report_get(store, STR("reported"), STR("r3"), &json, &e), -ERR_MISSING);
}

struct seen {
    char ids[200];
    struct store_case last;
    char severity[16], cause[40];
};

static int see(void *ctx, const struct store_case *one)
{
    struct seen *seen = ctx;
    size_t at = strlen(seen->ids);

    (void)snprintf(seen->ids + at, sizeof seen->ids - at, "%s ", one->id);
    (void)snprintf(seen->severity, sizeof seen->severity, "%s", one->severity);
    (void)snprintf(seen->cause, sizeof seen->cause, "%s", one->cause);
    seen->last = *one;
    return 0;
}

static const char *listed(struct seen *seen, struct store_case_filter f)
{
    struct err e = {0};

    *seen = (struct seen){.ids = ""};
    f.limit = f.limit ? f.limit : 100;
    f.before_ms = f.before_ms ? f.before_ms : TIME_NONE;
    assert_int_equal(store_case_list(store, &f, see, seen, &e), 0);
    return seen->ids;
}

static void cases_are_listed_newest_first_and_found(void **state)
{
    const struct store_report report = {.json = STR("{}"),
                                        .ruleset = "r",
                                        .extractors = "x",
                                        .severity = "error",
                                        .cause = "Asked for too late"};
    struct err e = {0};
    struct seen seen;
    char sha256[65];

    (void)state;
    add_at("l1", "list-old", 1000, sha256);
    add_at("l2", "list-new", 3000, sha256);
    add_at("l3", "list-mid", 2000, sha256);
    assert_int_equal(store_report_put(store, STR("list-mid"), &report, 0, 5, NULL, NULL, &e), 0);
    assert_string_equal(listed(&seen, (struct store_case_filter){.word = STR("LIST-")}),
                        "list-new list-mid list-old ");
    assert_string_equal(listed(&seen, (struct store_case_filter){.word = STR("too LATE")}), "list-mid ");
    assert_string_equal(seen.severity, "error");
    assert_string_equal(seen.cause, "Asked for too late");
    assert_int_equal(seen.last.received_ms, 2000);
    assert_int_equal(seen.last.n_bundles, 1);
    assert_string_equal(
        listed(&seen, (struct store_case_filter){.word = STR("list-"), .severity = STR("error")}),
        "list-mid ");
    assert_string_equal(listed(&seen, (struct store_case_filter){.word = STR("list-"), .state = STR("done")}),
                        "");
    assert_string_equal(listed(&seen, (struct store_case_filter){.word = STR("list-"), .limit = 1}),
                        "list-new ");
    assert_string_equal(listed(&seen, (struct store_case_filter){.word = STR("list-"),
                                                                 .before_ms = 3000,
                                                                 .before_id = STR("list-new")}),
                        "list-mid list-old ");
    add_at("l4", "list-old", 4000, sha256); /* one bundle more makes it the newest */
    assert_string_equal(listed(&seen, (struct store_case_filter){.word = STR("list-"), .limit = 1}),
                        "list-old ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_is_named_by_its_hash_and_read_back),
        cmocka_unit_test(the_same_bytes_twice_are_one_bundle_of_a_case),
        cmocka_unit_test(a_spool_refuses_more_than_its_cap),
        cmocka_unit_test(a_case_id_that_is_a_path_is_refused),
        cmocka_unit_test(jobs_come_in_order_and_end),
        cmocka_unit_test(a_job_that_kills_its_server_three_times_is_set_aside),
        cmocka_unit_test(tokens_hold_their_role_case_and_time),
        cmocka_unit_test(the_newest_report_is_given),
        cmocka_unit_test(cases_are_listed_newest_first_and_found),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
