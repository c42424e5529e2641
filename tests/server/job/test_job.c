/* SPDX-License-Identifier: Apache-2.0
 *
 * Stored cases judged while the program that reads bundles crashes; this program plays the good worker. */
#include "server/job/job_world.h"

static void a_worker_that_crashes_is_told_and_blocks_nobody(void **state)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 24);
    struct rules_now *rules = NULL;
    struct err e = {0};
    char job_state[16];

    (void)state;
    play_worker("kill -SEGV $$");
    add_zip("poison", "poison");
    struct job_pool *pool = start_pool(0, &rules);
    wait_until_done("poison", job_state);
    assert_string_equal(job_state, "done");
    assert_int_equal(store_report_get(store, STR("poison"), STR(""), &json, &e), 0);
    assert_non_null(strstr(buf_c(&json), "the worker was killed"));
    cage_set_program("/proc/self/exe");
    add_zip("good one", "good");
    job_pool_wake(pool);
    wait_until_done("good", job_state);
    assert_string_equal(job_state, "done");
    buf_clear(&json);
    assert_int_equal(store_report_get(store, STR("good"), STR(""), &json, &e), 0);
    assert_null(strstr(buf_c(&json), "the worker was killed"));
    job_pool_stop(pool);
    rules_now_close(rules);
}

/* What a pool leaves when it is stopped, the next one does. */
static void a_stopped_pool_leaves_its_queue(void **state)
{
    struct rules_now *rules = NULL;
    struct store_job job;
    struct err e = {0};
    char job_state[16];

    (void)state;
    add_zip("a third one", "later");
    assert_int_equal(store_job_next(store, NOW, &job, &e), 1); /* and this server dies */
    struct job_pool *pool = start_pool(0, &rules);
    wait_until_done("later", job_state);
    assert_string_equal(job_state, "done");
    int64_t run = 0;
    assert_int_equal(job_pool_reprocess(pool, "test", false, &run, &e), 0);
    assert_int_equal(run, 0); /* these rules have judged all there is */
    assert_int_equal(job_pool_reprocess(pool, "test", true, &run, &e), 0);
    assert_true(run > 0);
    job_pool_stop(pool);
    rules_now_close(rules);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_that_crashes_is_told_and_blocks_nobody),
        cmocka_unit_test(a_stopped_pool_leaves_its_queue),
    };

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, setup, teardown);
}
