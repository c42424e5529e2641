/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts that the disk does not take are nowhere: they are made anew, from the bundle, when it is well again.
 */
#include "server/job/job_world.h"
#include "server/store/broken_sync.h"

#include "rules.h"

static int n_files; /* of facts, also half ones */

static int count_facts(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info, (void)where;
    n_files += type == FTW_F && strstr(path, ".sqlite");
    return 0;
}

static int facts_of(const char *folder)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", dir, folder);
    n_files = 0;
    (void)nftw(path, count_facts, 8, FTW_PHYS);
    return n_files;
}

static void are_made_anew(const char *case_id, const char *files, const char *folder)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 24);
    struct ruleset *rules = NULL;
    struct err e = {0};
    int before = facts_of(folder);

    assert_int_equal(ruleset_load(NULL, true, &rules, &e), 0);
    add_bundle(case_id, case_id);
    broken = files;
    n_failed = 0;
    assert_int_equal(job_lint_case(store, rules, str_from(case_id), NULL, NULL, &e), -ERR_IO);
    assert_int_equal(n_failed, 1);
    assert_int_equal(facts_of(folder), before);
    broken = NULL;
    assert_int_equal(store_report_get(store, str_from(case_id), STR(""), &json, &e), -ERR_MISSING);
    e = (struct err){0};
    assert_int_equal(job_lint_case(store, rules, str_from(case_id), NULL, NULL, &e), 0);
    assert_int_equal(facts_of(folder), before + 1);
    assert_int_equal(store_report_get(store, str_from(case_id), STR(""), &json, &e), 0);
    ruleset_free(rules);
}

static void facts_of_a_bundle_that_are_not_synced_are_made_anew(void **state)
{
    (void)state;
    are_made_anew("bundle", "*/facts/*", "facts");
}

static void facts_of_a_case_that_are_not_synced_are_too(void **state)
{
    (void)state;
    are_made_anew("case", "*/cases/*.sqlite*", "cases");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_of_a_bundle_that_are_not_synced_are_made_anew),
        cmocka_unit_test(facts_of_a_case_that_are_not_synced_are_too),
    };

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, setup, teardown);
}
