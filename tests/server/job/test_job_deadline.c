/* SPDX-License-Identifier: Apache-2.0
 *
 * label: slow
 * A case that takes too long: it is ended, tried again, set aside with its reason, and others go on
 * meanwhile. */
#include "server/job/job_world.h"

enum { JOB_MS = 4000 };
#define WORKER_SECONDS "5" /* longer than a whole case may take */

static void run_sql(struct job_pool *pool, const char *sql)
{
    char path[128];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof path, "%s/certtriage.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    (void)sqlite3_busy_timeout(db, 10000);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    job_pool_wake(pool);
}

/* How often it was begun, once it is not running: 0 until then. */
static int tries_of(const char *case_id)
{
    char path[128];
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    int tries = 0;

    (void)snprintf(path, sizeof path, "%s/certtriage.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    (void)sqlite3_busy_timeout(db, 10000);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT tries FROM job WHERE case_id = ? AND state <> 'running'",
                                        -1, &st, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_bind_text(st, 1, case_id, -1, SQLITE_STATIC), SQLITE_OK);
    if (sqlite3_step(st) == SQLITE_ROW)
        tries = sqlite3_column_int(st, 0);
    (void)sqlite3_finalize(st);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return tries;
}

static void wait_for_try(const char *case_id, int n)
{
    for (int i = 0; i < 600 && tries_of(case_id) < n; i++)
        (void)usleep(100000);
    assert_int_equal(tries_of(case_id), n);
}

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
