/* SPDX-License-Identifier: Apache-2.0
 *
 * A sync that fails once, where nobody waits for it: at the checkpoints of the database, and when facts get
 * their name. */
#include "store_world.h"

#include "blob.h"
#include "server/store/broken_sync.h"

static int put_report(struct err *e)
{
    static char json[1 << 20];
    static int i; /* one that is as the newest would not be stored */
    struct store_report report = {.ruleset = "r", .extractors = "x"};

    uint32_t noise = 1;

    (void)snprintf(json, sizeof json, "{\"number\":%d,\"fill\":\"", ++i);
    for (size_t at = strlen(json); at < sizeof json; at++) {
        noise = noise * 1103515245 + 12345;
        json[at] = (char)('0' + (noise >> 16) % 43); /* which packing makes little smaller */
    }
    json[sizeof json - 3] = '"';
    json[sizeof json - 2] = '}';
    json[sizeof json - 1] = 0;
    report.json = (struct str){json, sizeof json - 1};
    return store_report_put(store, STR("C"), &report, 0, NOW, NULL, NULL, e);
}

static int count_report(void *ctx, const struct store_report_row *one)
{
    (void)one;
    ++*(int *)ctx;
    return 0;
}

static int reports(void)
{
    struct err e = {0};
    int n = 0;

    assert_int_equal(store_report_list(store, STR("C"), count_report, &n, &e), 0);
    return n;
}

static void start_anew(void)
{
    struct err e = {0};

    store_close(store);
    assert_int_equal(store_open(dir, &store, &e), 0);
}

static void nothing_more_is_written(void)
{
    struct err e = {0};
    int before = reports();

    broken = NULL; /* the disk is well again */
    assert_int_equal(put_report(&e), -ERR_STORAGE);
    assert_non_null(strstr(e.text, "until the server is started again"));
    e = (struct err){0};
    assert_int_equal(store_suppressions_put(store, STR("C"), STR("[]"), NOW, &e), -ERR_STORAGE);
    assert_int_equal(reports(), before);
    start_anew();
    assert_int_equal(reports(), before);
    e = (struct err){0};
    assert_int_equal(put_report(&e), 0);
    assert_int_equal(reports(), before + 1);
}

/* Lazy commits are not synced: only the checkpoint is, which comes with so much of the log. */
static void fails_at_a_checkpoint(const char *file)
{
    enum { MOST = 64 };
    char sha256[65];
    struct err e = {0};
    int i = 0, r = 0; /* reports of 1 MiB */

    add_at("bundle", "C", NOW, sha256);
    start_anew();
    assert_int_equal(put_report(&e), 0); /* the log's beginning is synced */
    broken = file;
    n_failed = 0;
    for (; i < MOST && r == 0 && n_failed == 0; i++)
        r = put_report(&e);
    assert_int_not_equal(n_failed, 0);
    assert_in_range(i, 2, MOST - 1);
    assert_int_equal(r, 0); /* what was written before stays */
    nothing_more_is_written();
}

static void a_checkpoint_whose_log_is_not_synced_is_the_last(void **state)
{
    (void)state;
    fails_at_a_checkpoint("*/certtriage.db-wal");
}

static void one_whose_database_is_not_synced_is_too(void **state)
{
    (void)state;
    fails_at_a_checkpoint("*/certtriage.db");
}

static void and_that_of_a_deletion(void **state)
{
    char sha256[65];
    struct err e = {0};

    (void)state;
    add_at("other", "D", NOW, sha256);
    broken = "*/certtriage.db";
    assert_int_equal(store_case_delete(store, STR("D"), &e), -ERR_STORAGE);
    nothing_more_is_written();
    e = (struct err){0};
    assert_int_equal(store_doomed_remove(store, &e), 0); /* it goes on where it was */
}

static void write_facts(const char *path)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_true(fputs("facts", f) >= 0 && fclose(f) == 0);
}

static void facts_that_are_not_synced_get_no_name(void **state)
{
    static const char sha256[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    CLEANUP(buf_done) struct buf path = BUF_INIT(8192), temporary = BUF_INIT(8192);
    struct err e = {0};

    (void)state;
    assert_int_equal(blob_facts_path(store_blobs(store), sha256, 1, 1, &path, &e), 0);
    assert_int_equal(blob_facts_temporary(buf_c(&path), &temporary, &e), 0);
    write_facts(buf_c(&temporary));
    broken = buf_c(&temporary);
    assert_int_equal(blob_facts_publish(buf_c(&temporary), buf_c(&path), &e), -ERR_IO);
    assert_non_null(strstr(e.text, "syncing"));
    assert_int_not_equal(access(buf_c(&path), F_OK), 0);
    broken = NULL;
    assert_int_equal(blob_facts_publish(buf_c(&temporary), buf_c(&path), &e), 0);
    assert_int_equal(access(buf_c(&path), F_OK), 0);
}

static void nor_are_they_taken_for_kept_when_their_folder_is_not_synced(void **state)
{
    static const char sha256[] = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
    CLEANUP(buf_done) struct buf path = BUF_INIT(8192), temporary = BUF_INIT(8192);
    char folder[4096];
    struct err e = {0};

    (void)state;
    assert_int_equal(blob_facts_path(store_blobs(store), sha256, 1, 1, &path, &e), 0);
    assert_int_equal(blob_facts_temporary(buf_c(&path), &temporary, &e), 0);
    write_facts(buf_c(&temporary));
    (void)snprintf(folder, sizeof folder, "%s", buf_c(&path));
    *strrchr(folder, '/') = 0;
    broken = folder;
    assert_int_equal(blob_facts_publish(buf_c(&temporary), buf_c(&path), &e), -ERR_IO);
    broken = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_whose_log_is_not_synced_is_the_last),
        cmocka_unit_test(one_whose_database_is_not_synced_is_too),
        cmocka_unit_test(and_that_of_a_deletion),
        cmocka_unit_test(facts_that_are_not_synced_get_no_name),
        cmocka_unit_test(nor_are_they_taken_for_kept_when_their_folder_is_not_synced),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
