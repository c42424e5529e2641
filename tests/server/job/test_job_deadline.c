/* SPDX-License-Identifier: Apache-2.0
 *
 * label: slow
 * A case that takes too long: it is ended, tried again, set aside with its reason, and others go on
 * meanwhile. */
#include "server/job/job_world.h"

enum { JOB_MS = 4000 };
#define WORKER_SECONDS "5" /* longer than a whole case may take */

static void a_case_that_takes_too_long_is_set_aside_and_blocks_nobody(void **state)
{
    CLEANUP(buf_done) struct buf reason = BUF_INIT(4096), json = BUF_INIT(1 << 24);
    struct rules_now *rules = NULL;
    struct err e = {0};
    char job_state[16];
    int64_t run = 0;

    (void)state;
    add_zip("quick", "quick");
    struct job_pool *pool = start_pool(JOB_MS, &rules);
    wait_until_done("quick", job_state);
    assert_string_equal(job_state, "done");

    play_worker("sleep " WORKER_SECONDS "; kill -SEGV $$");
    /* Each try comes one bundle further, and no bundle is begun after its time: three tries are too few. */
    for (int i = 0; i < JOB_TRIES + 2; i++)
        add_zip((const char[]){(char)('a' + i), 0}, "slow");
    job_pool_wake(pool);
    for (int i = 1; i <= JOB_TRIES; i++) {
        if (i == 1) { /* facts of this one are there: it needs no worker */
            run_sql(pool, "INSERT INTO job(case_id, state, kind) VALUES('quick', 'queued', 'lint')");
            wait_until_done("quick", job_state);
            assert_string_equal(job_state, "done");
            assert_int_equal(tries_of("slow"), 0); /* which is still under way */
        }
        wait_for_try("slow", i);
        run_sql(pool, "UPDATE job SET not_before = 0"); /* as if the pause were over */
    }
    wait_until_done("slow", job_state);
    assert_string_equal(job_state, "failed");
    assert_int_equal(store_case_state(store, STR("slow"), job_state, &reason, &e), 0);
    assert_string_equal(buf_c(&reason), "case slow: not judged within 4 seconds");
    assert_int_equal(store_report_get(store, STR("slow"), STR(""), &json, &e), -ERR_MISSING);

    /* Set aside is not for ever: its next bundle, or judging again, takes it up. */
    cage_set_program("/proc/self/exe");
    assert_int_equal(job_pool_reprocess(pool, "test", true, &run, &e), 0);
    wait_until_done("slow", job_state);
    assert_string_equal(job_state, "done");
    job_pool_stop(pool);
    rules_now_close(rules);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_that_takes_too_long_is_set_aside_and_blocks_nobody),
    };

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, setup, teardown);
}
