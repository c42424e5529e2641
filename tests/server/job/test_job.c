/* SPDX-License-Identifier: Apache-2.0
 *
 * Stored cases judged while the program that reads bundles crashes; this program plays the good worker. */
#include "server/store/store_world.h"

#include <sys/stat.h>

#include "cage.h"
#include "job.h"
#include "pool.h"

static const char EMPTY_ZIP[] = "PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

static void add_zip(const char *note, const char *case_id)
{
    struct err e = {0};
    struct blob_spool *spool = NULL;
    char sha256[65], comment[2];

    /* An empty zip with a comment, so that each is another bundle. */
    comment[0] = (char)strlen(note);
    comment[1] = 0;
    assert_int_equal(blob_spool_begin(store_blobs(store), 1000, &spool, &e), 0);
    assert_int_equal(blob_spool_write(spool, EMPTY_ZIP, 20, &e), 0);
    assert_int_equal(blob_spool_write(spool, comment, 2, &e), 0);
    assert_int_equal(blob_spool_write(spool, note, strlen(note), &e), 0);
    assert_int_equal(blob_spool_hash(spool, sha256, &e), 0);
    assert_int_equal(store_bundle_add(store, spool, sha256, str_from(case_id), NOW, &e), 0);
}

static void wait_until_done(const char *case_id, char ret_state[16])
{
    CLEANUP(buf_done) struct buf reason = BUF_INIT(1000);
    struct err e = {0};

    for (int i = 0; i < 600; i++) {
        buf_clear(&reason);
        assert_int_equal(store_case_state(store, str_from(case_id), ret_state, &reason, &e), 0);
        if (strcmp(ret_state, "queued") != 0 && strcmp(ret_state, "running") != 0)
            return;
        (void)usleep(100000);
    }
    fail_msg("%s is still %s", case_id, ret_state);
}

static struct job_pool *start_pool(struct rules_now **ret)
{
    struct job_pool_options o = {.store = store, .threads = 2};
    struct job_pool *pool = NULL;
    struct err e = {0};

    if (rules_now_open(NULL, ret, &e) < 0)
        fail_msg("%s", e.text);
    o.rules = *ret;
    if (job_pool_start(&o, &pool, &e) < 0)
        fail_msg("%s", e.text);
    return pool;
}

static void a_worker_that_crashes_is_told_and_blocks_nobody(void **state)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(4096), json = BUF_INIT(1 << 24);
    struct rules_now *rules = NULL;
    struct err e = {0};
    char job_state[16];

    (void)state;
    buf_printf(&path, "%s/crash", dir);
    FILE *f = fopen(buf_c(&path), "w");
    assert_non_null(f);
    (void)fputs("#!/bin/sh\nkill -SEGV $$\n", f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(buf_c(&path), 0700), 0);
    cage_set_program(buf_c(&path));
    add_zip("poison", "poison");
    struct job_pool *pool = start_pool(&rules);
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
    struct job_pool *pool = start_pool(&rules);
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
