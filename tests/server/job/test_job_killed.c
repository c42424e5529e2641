/* SPDX-License-Identifier: Apache-2.0
 *
 * A worker that was killed may have been so by a busy machine: its bundle is tried again, and when that helps
 * nothing is left of it; when it does not, the bundle is set aside with its reason, and the case's others are
 * judged without it. */
#include "server/job/job_world.h"

#include "facts_db.h"

#define KILLED "the worker was killed: it took too much time or memory"
#define AGAIN KILLED "; it is tried again"
/* Of a bundle with "poison" in it (descriptor 3); others are read. */
#define KILL_POISON "grep -q poison /proc/self/fd/3 && kill -KILL $$\nexec \"$self\" \"$@\""

static int reports_of(const char *case_id, struct buf *ret)
{
    struct err e = {0};

    buf_clear(ret);
    return store_report_get(store, str_from(case_id), STR(""), ret, &e);
}

static void a_killed_worker_is_tried_again(void **state)
{
    CLEANUP(buf_done) struct buf reason = BUF_INIT(4096), json = BUF_INIT(1 << 24);
    struct rules_now *rules = NULL;
    struct err e = {0};
    char job_state[16];

    (void)state;
    play_worker("kill -KILL $$");
    add_zip("unlucky", "unlucky");
    struct job_pool *pool = start_pool(0, &rules);
    wait_for_try("unlucky", 1);
    assert_int_equal(store_case_state(store, STR("unlucky"), job_state, &reason, &e), 0);
    assert_string_equal(job_state, "queued");
    assert_non_null(strstr(buf_c(&reason), KILLED));
    assert_int_equal(reports_of("unlucky", &json), -ERR_MISSING);

    cage_set_program("/proc/self/exe"); /* the machine has time again */
    run_sql(pool, "UPDATE job SET not_before = 0");
    wait_until_done("unlucky", job_state);
    assert_string_equal(job_state, "done");
    assert_int_equal(reports_of("unlucky", &json), 0);
    assert_null(strstr(buf_c(&json), "the worker was killed"));
    job_pool_stop(pool);
    rules_now_close(rules);
}

static void one_that_is_always_killed_is_set_aside(void **state)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 24);
    struct rules_now *rules = NULL;
    char job_state[16];

    (void)state;
    play_worker("kill -KILL $$");
    add_zip("poison", "poisoned");
    struct job_pool *pool = start_pool(0, &rules);
    for (int i = 1; i < JOB_TRIES; i++) {
        wait_for_try("poisoned", i);
        run_sql(pool, "UPDATE job SET not_before = 0");
    }
    wait_until_done("poisoned", job_state);
    assert_string_equal(job_state, "done");
    assert_int_equal(tries_of("poisoned"), JOB_TRIES);
    assert_int_equal(reports_of("poisoned", &json), 0);
    assert_non_null(strstr(buf_c(&json), KILLED));
    assert_non_null(strstr(buf_c(&json), "So nothing is known of this case"));
    assert_null(strstr(buf_c(&json), "no error was found"));
    assert_null(strstr(buf_c(&json), "read by its entry names"));

    /* It is not tried once more when another bundle comes, which is judged at once. */
    cage_set_program("/proc/self/exe");
    add_zip("good", "poisoned");
    job_pool_wake(pool);
    wait_until_done("poisoned", job_state);
    assert_string_equal(job_state, "done");
    assert_int_equal(reports_of("poisoned", &json), 0);
    assert_non_null(strstr(buf_c(&json), KILLED));
    job_pool_stop(pool);
    rules_now_close(rules);
}

static size_t n_temporary;

static int count_temporary(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    n_temporary += strstr(path, ".tmp-") != NULL;
    return 0;
}

/* The case's other bundles are judged after the first try, and the report names what is still to come. */
static void the_others_are_judged_meanwhile(void **state)
{
    CLEANUP(buf_done) struct buf reason = BUF_INIT(4096), json = BUF_INIT(1 << 24);
    struct rules_now *rules = NULL;
    struct err e = {0};
    char job_state[16];

    (void)state;
    play_worker(KILL_POISON);
    add_bundle("attach/poison.txt", "mixed");
    add_bundle("attach/fine.txt", "mixed");
    struct job_pool *pool = start_pool(0, &rules);
    wait_for_try("mixed", 1);
    assert_int_equal(store_case_state(store, STR("mixed"), job_state, &reason, &e), 0);
    assert_string_equal(job_state, "queued");
    assert_non_null(strstr(buf_c(&reason), KILLED));
    assert_int_equal(reports_of("mixed", &json), 0);
    assert_non_null(strstr(buf_c(&json), AGAIN));
    assert_non_null(strstr(
        buf_c(&json), "Of 1 bundle nothing could be read; the coverage says why. 1 machine was looked at"));

    cage_set_program("/proc/self/exe");
    run_sql(pool, "UPDATE job SET not_before = 0");
    wait_until_done("mixed", job_state);
    assert_string_equal(job_state, "done");
    assert_int_equal(reports_of("mixed", &json), 0);
    assert_null(strstr(buf_c(&json), KILLED));
    n_temporary = 0;
    assert_int_equal(nftw(dir, count_temporary, 16, FTW_PHYS), 0);
    assert_int_equal(n_temporary, 0);
    job_pool_stop(pool);
    rules_now_close(rules);
}

static int make_older(void *ctx, const char *sha256)
{
    CLEANUP(buf_done) struct buf now = BUF_INIT(8192), before = BUF_INIT(8192);
    struct err e = {0};

    (void)ctx;
    assert_int_equal(blob_facts_path(store_blobs(store), sha256, FACTS_VERSION, EXTRACTORS_VERSION, &now, &e),
                     0);
    assert_int_equal(
        blob_facts_path(store_blobs(store), sha256, FACTS_VERSION, EXTRACTORS_VERSION - 1, &before, &e), 0);
    assert_int_equal(rename(buf_c(&now), buf_c(&before)), 0);
    return 0;
}

/* What was known of the bundle before is not taken for gone while it is tried again. */
static void what_was_known_stays(void **state)
{
    CLEANUP(buf_done) struct buf before = BUF_INIT(1 << 24), after = BUF_INIT(1 << 24);
    struct rules_now *rules = NULL;
    struct err e = {0};
    char job_state[16];

    (void)state;
    cage_set_program("/proc/self/exe");
    add_bundle("attach/poison-later.txt", "known");
    add_bundle("attach/fine-too.txt", "known");
    struct job_pool *pool = start_pool(0, &rules);
    wait_until_done("known", job_state);
    assert_int_equal(reports_of("known", &before), 0);
    assert_int_equal(store_case_bundles(store, STR("known"), make_older, NULL, &e), 0);
    assert_int_equal(blob_case_forget(store_blobs(store), STR("known"), "", &e), 0);

    play_worker(KILL_POISON);
    run_sql(pool, "UPDATE job SET state = 'queued', tries = 0 WHERE case_id = 'known'");
    wait_for_try("known", 1);
    assert_int_equal(reports_of("known", &after), 0);
    assert_string_equal(buf_c(&before), buf_c(&after));
    job_pool_stop(pool);
    rules_now_close(rules);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_worker_is_tried_again),
        cmocka_unit_test(one_that_is_always_killed_is_set_aside),
        cmocka_unit_test(the_others_are_judged_meanwhile),
        cmocka_unit_test(what_was_known_stays),
    };

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, setup, teardown);
}
