/* SPDX-License-Identifier: Apache-2.0
 *
 * The levels above applicationHost.config, sections that configSource takes from files of their own, files of
 * UTF-16, and secrets, which stay where they are. */
#include "iis_world.h"

#define AH_ENTRY "iis/config/applicationHost.config"
#define FLAGS(path_)                                                                                         \
    "SELECT value, origin, entry, line FROM effective_config WHERE path = '" path_                           \
    "' AND attribute = 'sslFlags'"
#define ERRORS "SELECT path, kind, entry FROM config_error"

struct file {
    const char *name, *path, *source, *text;
};

static void open_with(struct iis_world *w, const struct file *files)
{
    world_open(w);
    for (; files->name; files++)
        world_add(w, files->name, files->path, files->source, text_bytes(files->text));
    world_run(w);
}

static void what_stands_above_is_inherited(void **state)
{
    static const struct file files[] = {
        {"iis/config/machine.config", NULL, NULL, WEB(ACCESS("Ssl"))},
        {"iis/config/framework-web.config", NULL, NULL,
         WEB(ACCESS("Ssl128") "\n" LOCATION("path='Other'", ACCESS("SslNegotiateCert")))},
        {AH_ENTRY, NULL, NULL, APPHOST("")},
        {NULL, NULL, NULL, NULL},
    };
    struct iis_world w;

    (void)state;
    open_with(&w, files);
    assert_string_equal(world_ask(&w, FLAGS("Site")), "Ssl128|inherited|iis/config/framework-web.config|1");
    assert_string_equal(world_ask(&w, FLAGS("Other")),
                        "SslNegotiateCert|location|iis/config/framework-web.config|2");
    assert_string_equal(world_ask(&w, "SELECT value, used FROM config_fragment WHERE entry LIKE '%machine%'"),
                        "Ssl|0");
    world_close(&w);
}

static void application_host_is_nearer_than_what_stands_above(void **state)
{
    static const struct file files[] = {
        {"iis/config/framework-web.config", NULL, NULL,
         WEB(LOCATION("path='Site' allowOverride='false'", ACCESS("Ssl128")))},
        {AH_ENTRY, NULL, NULL,
         APPHOST(ACCESS("None") LOCATION("path='Site' overrideMode='Allow'", ACCESS("Ssl")))},
        {"iis/web/0/web.config", "Site", NULL, WEB(ACCESS("SslNegotiateCert"))},
        {NULL, NULL, NULL, NULL},
    };
    struct iis_world w;

    (void)state;
    open_with(&w, files);
    assert_string_equal(world_ask(&w, FLAGS("Site")), "SslNegotiateCert|own|iis/web/0/web.config|1");
    assert_string_equal(world_ask(&w, FLAGS("Other")), "None|inherited|" AH_ENTRY "|1");
    assert_string_equal(world_ask(&w, ERRORS), "");
    world_close(&w);
}

static void a_broken_file_above_breaks_everything(void **state)
{
    static const struct file files[] = {
        {"iis/config/machine.config", NULL, NULL, "<configuration>"},
        {AH_ENTRY, NULL, NULL, APPHOST("")},
        {"iis/config/administration.config", NULL, NULL, "<configuration>"},
        {NULL, NULL, NULL, NULL},
    };
    struct iis_world w;

    (void)state;
    open_with(&w, files);
    assert_string_equal(world_ask(&w, ERRORS " ORDER BY entry"),
                        "-|malformed-administration|iis/config/administration.config\n"
                        "-|malformed|iis/config/machine.config");
    assert_string_equal(
        world_ask(&w, "SELECT min(broken), (SELECT count(*) FROM cert_wanted) FROM site_path"), "1|0");
    world_close(&w);
}

#define UNLOCK LOCATION("path='Site' overrideMode='Allow'", IN_SECURITY("<access/>"))
#define NAMED WEB(IN_SECURITY("\n<access configSource='parts\\access.config'/>"))

static void a_section_may_stand_in_a_file_of_its_own(void **state)
{
    static const struct file files[] = {
        {AH_ENTRY, NULL, NULL, APPHOST(UNLOCK)},
        {"iis/web/0/web.config", "Site", "C:\\inetpub\\wwwroot\\web.config", NAMED},
        {"iis/web/0/access.config", NULL, "C:\\inetpub\\wwwroot\\parts\\access.config",
         "\n\n\n<access sslFlags='Ssl'/>"},
        {"iis/web/0/other.config", NULL, "C:\\inetpub\\wwwroot\\other.config", "<access sslFlags='None'/>"},
        {NULL, NULL, NULL, NULL},
    };
    struct iis_world w;

    (void)state;
    open_with(&w, files);
    assert_string_equal(world_ask(&w, FLAGS("Site/app")), "Ssl|inherited|iis/web/0/access.config|4");
    assert_string_equal(world_ask(&w, "SELECT entry, used, why FROM config_file WHERE level = 'part'"),
                        "iis/web/0/access.config|1|-\n"
                        "iis/web/0/other.config|0|no configSource names it");
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM bundle_problem"), "0");
    world_close(&w);
}

static void by_name_in_a_bundle_made_by_hand(void **state)
{
    static const struct file files[] = {
        {AH_ENTRY, NULL, NULL,
         APPHOST(LOCATION("path='Site'", IN_SECURITY("<access configSource='a.config'/>")))},
        {"iis/config/a.config", NULL, NULL, "<access sslFlags='Ssl, Bogus'/>"},
        {NULL, NULL, NULL, NULL},
    };
    struct iis_world w;

    (void)state;
    open_with(&w, files);
    assert_string_equal(world_ask(&w, ERRORS), "Site|unknown-flag|iis/config/a.config");
    world_close(&w);
}

static void what_a_missing_file_says_is_not_known(void **state)
{
    static const struct file files[] = {
        {AH_ENTRY, NULL, NULL, APPHOST(UNLOCK)},
        {"iis/web/0/web.config", "Site", "C:\\inetpub\\wwwroot\\web.config", NAMED},
        {"iis/web/0/access.config", NULL, "C:\\elsewhere\\parts\\access.config", "<access sslFlags='Ssl'/>"},
        {NULL, NULL, NULL, NULL},
    };
    struct iis_world w;

    (void)state;
    open_with(&w, files);
    assert_string_equal(world_ask(&w, FLAGS("Site")), "-|own|iis/web/0/web.config|2");
    assert_string_equal(world_ask(&w, "SELECT entry, line FROM bundle_problem"), "iis/web/0/web.config|2");
    world_close(&w);
}

static void files_of_utf16_are_read(void **state)
{
    static const char apphost[] = APPHOST(LOCATION("path='Site'", ACCESS("Ssl")) "\n");
    static uint8_t wide[2][2 * sizeof apphost];

    (void)state;
    for (int big = 0; big < 2; big++) {
        struct iis_world w;
        wide[big][0] = big ? 0xfe : 0xff;
        wide[big][1] = big ? 0xff : 0xfe;
        for (size_t i = 0; i + 1 < sizeof apphost; i++) {
            wide[big][2 * i + 2 + (size_t)big] = (uint8_t)apphost[i];
            wide[big][2 * i + 3 - (size_t)big] = 0;
        }
        world_open(&w);
        world_add(&w, AH_ENTRY, NULL, NULL, (struct bytes){wide[big], 2 * sizeof apphost});
        world_run(&w);
        assert_string_equal(world_ask(&w, FLAGS("Site")), "Ssl|location|" AH_ENTRY "|1");
        world_close(&w);
    }
}

#define SECRET "hunter2"
#define ENCRYPTED "[enc:IISWASOnlyAesProvider:" SECRET ":enc]"

/* Every attribute that may hold a password, in clear and encrypted, in a bundle that nobody redacted. */
static void no_secret_becomes_a_fact(void **state)
{
    static const struct file files[] = {
        {AH_ENTRY, NULL, NULL,
         "<configuration>" DECLARATIONS
         "<system.applicationHost><applicationPools><add name='P'><processModel "
         "identityType='SpecificUser' userName='" ENCRYPTED "' password='" SECRET
         "'/></add></applicationPools><sites><siteDefaults><logFile directory='" ENCRYPTED
         "'/></siteDefaults>"
         "<site name='Site' id='1'><application path='/' applicationPool='P'><virtualDirectory path='/' "
         "physicalPath='\\\\s\\x' userName='u' password='" ENCRYPTED "'/></application></site></sites>"
         "</system.applicationHost><system.webServer><security><authentication><anonymousAuthentication "
         "enabled='true' userName='" ENCRYPTED "' password='" SECRET "'/>"
         "<iisClientCertificateMappingAuthentication enabled='true'><manyToOneMappings><add name='m' "
         "userName='u' password='" SECRET "'/></manyToOneMappings><oneToOneMappings><add userName='" ENCRYPTED
         "' password='" SECRET "' certificate='x'/></oneToOneMappings>"
         "</iisClientCertificateMappingAuthentication></authentication></security>"
         "<httpRedirect destination='" ENCRYPTED "'/></system.webServer></configuration>"},
        {NULL, NULL, NULL, NULL},
    };
    static const char *const tables[] = {"app_pool",          "site",
                                         "virtual_directory", "effective_config",
                                         "config_fragment",   "certificate_mapping",
                                         "effective_item",    "config_error",
                                         "bundle_problem"};
    struct iis_world w;
    char sql[128];

    (void)state;
    open_with(&w, files);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        (void)snprintf(sql, sizeof sql, "SELECT * FROM %s", tables[i]);
        if (strstr(world_ask(&w, sql), SECRET))
            fail_msg("%s holds a secret: %s", tables[i], world_ask(&w, sql));
    }
    assert_string_equal(world_ask(&w, "SELECT user_name, account FROM app_pool"), "-|-");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_above_is_inherited),
        cmocka_unit_test(application_host_is_nearer_than_what_stands_above),
        cmocka_unit_test(a_broken_file_above_breaks_everything),
        cmocka_unit_test(a_section_may_stand_in_a_file_of_its_own),
        cmocka_unit_test(by_name_in_a_bundle_made_by_hand),
        cmocka_unit_test(what_a_missing_file_says_is_not_known),
        cmocka_unit_test(files_of_utf16_are_read),
        cmocka_unit_test(no_secret_becomes_a_fact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
