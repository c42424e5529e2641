/* SPDX-License-Identifier: Apache-2.0
 *
 * What the collector finds in applicationHost.config: sites, folders (also those that a <location> names),
 * pools, log directories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "iis_model.h"

static const char config[] =
    "<?xml version=\"1.0\"?><configuration><system.applicationHost>"
    "<applicationPools><add name=\"A\"><processModel identityType=\"SpecificUser\" userName=\"D\\u\" /></add>"
    "<add name=\"B\" /><applicationPoolDefaults><processModel identityType=\"ApplicationPoolIdentity\"/>"
    "</applicationPoolDefaults></applicationPools>"
    "<sites><site name=\"One &amp; Only\" id=\"1\"><application path=\"/\"><virtualDirectory path=\"/\" "
    "physicalPath=\"%SystemDrive%\\w\\\" />"
    "<virtualDirectory path=\"/v\" physicalPath=\"D:\\v\" /></application>"
    "<application path=\"/app/\"><virtualDirectory path=\"/\" physicalPath=\"E:\\app\" /></application>"
    "<logFile directory=\"F:\\logs\" logFormat=\"W3C\" /><traceFailedRequestsLogging directory=\"F:\\freb\" "
    "/></site>"
    "<site name=\"Two\" id=\"2\"/>"
    "<siteDefaults><logFile directory=\"G:\\logs\" /></siteDefaults></sites></system.applicationHost>"
    "<location path=\"One &amp; Only/APP/x/y\"/><location path=\"One &amp; Only/v/../z\"/><location "
    "path=\"One &amp; Only/vv\"/>"
    "<location path=\"Nowhere/x\"/><location path=\"\"/></configuration>";

static struct iis_model read_model(struct arena *a, const char *text)
{
    struct iis_model m;
    struct err e = {0};

    if (iis_model_read(&m, (struct bytes){(const uint8_t *)text, strlen(text)}, a, &e) != 0)
        fail_msg("%s", e.text);
    return m;
}

static void folders_follow_sites_applications_directories_and_locations(void **state)
{
    static const char *const wanted[][2] = {
        {"One & Only", "%SystemDrive%\\w\\"},    {"One & Only/v", "D:\\v"},
        {"One & Only/app", "E:\\app"},           {"One & Only/APP/x", "E:\\app\\x"},
        {"One & Only/APP/x/y", "E:\\app\\x\\y"}, {"One & Only/vv", "%SystemDrive%\\w\\vv"},
    };
    struct arena a = ARENA_INIT(1 << 20);
    struct iis_model m = read_model(&a, config);
    size_t n = 0;

    (void)state;
    for (const struct iis_folder *f = m.folders; f != NULL; f = f->next, n++) {
        assert_true(n < sizeof(wanted) / sizeof(wanted[0]));
        assert_true(str_eq(f->path, str_from(wanted[n][0])));
        assert_true(str_eq(f->physical, str_from(wanted[n][1])));
        assert_true(str_eq(f->site, STR("One & Only")));
    }
    assert_int_equal(n, 6);
    arena_done(&a);
}

static void pools_and_log_directories_are_found(void **state)
{
    struct arena a = ARENA_INIT(1 << 20);
    struct iis_model m = read_model(&a, config);

    (void)state;
    assert_true(str_eq(m.pools->user_name, STR("D\\u")));
    assert_true(str_eq(m.pools->next->name, STR("B")));
    assert_int_equal(m.pools->next->identity_type.len, 0);
    assert_null(m.pools->next->next);
    assert_true(str_eq(m.sites->log_directory, STR("F:\\logs")));
    assert_true(str_eq(m.sites->freb_directory, STR("F:\\freb")));
    assert_true(str_eq(m.sites->next->name, STR("Two")));
    assert_int_equal(m.sites->next->log_directory.len, 0);
    assert_true(str_eq(m.log_directory, STR("G:\\logs")));
    arena_done(&a);
}

/* Cut off anywhere, it neither crashes nor finds what is not there. */
static void every_prefix_is_survived(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(config); n++) {
        struct arena a = ARENA_INIT(1 << 20);
        struct iis_model m;
        struct err e = {0};
        assert_int_equal(iis_model_read(&m, (struct bytes){(const uint8_t *)config, n}, &a, &e), 0);
        assert_true(m.n_folders <= 6);
        arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_follow_sites_applications_directories_and_locations),
        cmocka_unit_test(pools_and_log_directories_are_found),
        cmocka_unit_test(every_prefix_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
