/* SPDX-License-Identifier: Apache-2.0
 *
 * job_world: stored cases and a pool that judges them, for the tests of this folder, which play the worker
 * themselves. */
#ifndef CERTTRIAGE_JOB_WORLD_H
#define CERTTRIAGE_JOB_WORLD_H

#include "hostile/zip_maker.h"
#include "server/store/store_world.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cage.h"
#include "job.h"
#include "pool.h"

static const char EMPTY_ZIP[] = "PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

UNUSED static void add_zip(const char *note, const char *case_id)
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

/* A bundle with something in it, in an attached file of this name. */
UNUSED static void add_bundle(const char *name, const char *case_id)
{
    CLEANUP(zip_maker_done) struct zip_maker z = ZIP_MAKER_INIT;
    struct err e = {0};
    struct blob_spool *spool = NULL;
    char sha256[65];

    zip_put(&z, "iis/config/applicationHost.config", STR("<configuration/>"));
    zip_put(&z, name, STR(""));
    zip_finish(&z);
    assert_int_equal(blob_spool_begin(store_blobs(store), (int64_t)z.out.len, &spool, &e), 0);
    assert_int_equal(blob_spool_write(spool, z.out.p, z.out.len, &e), 0);
    assert_int_equal(blob_spool_hash(spool, sha256, &e), 0);
    assert_int_equal(store_bundle_add(store, spool, sha256, str_from(case_id), NOW, &e), 0);
}

UNUSED static void wait_until_done(const char *case_id, char ret_state[16])
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

/* job_ms: as of struct job_pool_options. */
UNUSED static struct job_pool *start_pool(int64_t job_ms, struct rules_now **ret)
{
    struct job_pool_options o = {.store = store, .threads = 2, .job_ms = job_ms};
    struct job_pool *pool = NULL;
    struct err e = {0};

    if (rules_now_open(NULL, ret, &e) < 0)
        fail_msg("%s", e.text);
    o.rules = *ret;
    if (job_pool_start(&o, &pool, &e) < 0)
        fail_msg("%s", e.text);
    return pool;
}

/* A worker that reads bundles and is a script of sh; the one that judges is this program still, and what the
 * script may run as "$self". */
UNUSED static void play_worker(const char *script)
{
    static char path[128]; /* is not copied */
    char self[PATH_MAX];

    assert_non_null(realpath("/proc/self/exe", self));
    (void)snprintf(path, sizeof path, "%s/worker", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fprintf(f, "#!/bin/sh\nself='%s'\n[ \"$2\" = judge ] && exec \"$self\" \"$@\"\n%s\n", self, script);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0700), 0);
    cage_set_program(path);
}

/* Behind the pool's back. */
UNUSED static void run_sql(struct job_pool *pool, const char *sql)
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
UNUSED static int tries_of(const char *case_id)
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

UNUSED static void wait_for_try(const char *case_id, int n)
{
    for (int i = 0; i < 600 && tries_of(case_id) < n; i++)
        (void)usleep(100000);
    assert_int_equal(tries_of(case_id), n);
}

#endif
