/* SPDX-License-Identifier: Apache-2.0
 *
 * Sites, bindings, pools; which files count; where a URL belongs. */
#include "iis_world.h"

#define AH_ENTRY "iis/config/applicationHost.config"
#define AREA(attributes, inner) LOCATION(attributes, IN_SECURITY(inner))

static void run_with(struct iis_world *w, const char *apphost)
{
    world_open(w);
    world_add(w, AH_ENTRY, NULL, NULL, text_bytes(apphost));
    world_run(w);
}

static void expect(struct iis_world *w, const char *sql, const char *answer)
{
    assert_string_equal(world_ask(w, sql), answer);
}

#define BINDING(protocol, information, more)                                                                 \
    "<binding protocol='" protocol "' bindingInformation='" information "'" more "/>"

static void bindings_join_the_records_of_http_sys(void **state)
{
    (void)state;
    struct iis_world w;
    run_with(
        &w,
        WEB("<system.applicationHost><sites><site name='A' id='7'><bindings>" BINDING("https", "*:443:", "")
                BINDING("https", ":444:Host.Example", " sslFlags='3'") BINDING("https", "[FE80::1]:443:h", "")
                    BINDING("http", "10.1.2.3:80:", "") BINDING("net.tcp", "808:*", "") BINDING(
                        "https", "nonsense", "") "</bindings></site></sites></system.applicationHost>"));
    expect(&w, "SELECT protocol, information, ip, port, host, ssl_flags FROM binding ORDER BY rowid",
           "https|*:443:|0.0.0.0|443||0\nhttps|:444:Host.Example|0.0.0.0|444|Host.Example|3\n"
           "https|[FE80::1]:443:h|[fe80::1]|443|h|0\nhttp|10.1.2.3:80:|10.1.2.3|80||0\n"
           "net.tcp|808:*|-|-|-|0\nhttps|nonsense|-|-|-|0");
    world_close(&w);
}

#define POOL(inner)                                                                                          \
    "<system.applicationHost><applicationPools>" inner "</applicationPools></system.applicationHost>"

static void pools_have_accounts_and_sids(void **state)
{
    (void)state;
    struct iis_world w;
    run_with(
        &w,
        WEB(POOL(
            "<add name='DefaultAppPool'/><add name='N'><processModel identityType='NetworkService'/></add>"
            "<add name='U'><processModel identityType='SpecificUser' userName='DOM\\svc' "
            "password='secret'/></add>"
            "<add name='L' enableConfigurationOverride='false'><processModel identityType='0' "
            "loadUserProfile='true'/>"
            "</add>")));
    expect(&w,
           "SELECT app_pool, identity_type, user_name, account, sid, load_user_profile, "
           "enable_configuration_override FROM app_pool",
           "DefaultAppPool|ApplicationPoolIdentity|-|IIS AppPool\\DefaultAppPool|"
           "S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415|-|1\n"
           "N|NetworkService|-|NT AUTHORITY\\NETWORK "
           "SERVICE|S-1-5-20|-|1\nU|SpecificUser|DOM\\svc|DOM\\svc|-|-|1\n"
           "L|LocalSystem|-|NT AUTHORITY\\SYSTEM|S-1-5-18|1|0");
    assert_int_equal(w.state.n_identities, 4);
    assert_true(str_eq(w.state.identities[2].account, STR("DOM\\svc")));
    assert_int_equal(w.state.identities[2].sid.len, 0);
    world_close(&w);
}

static void defaults_of_pools_are_inherited_and_depend_on_windows(void **state)
{
    (void)state;
    struct iis_world w;
    run_with(&w,
             WEB(POOL("<add name='A'/><add name='B'><processModel identityType='LocalService'/></add>"
                      "<applicationPoolDefaults enableConfigurationOverride='false'>"
                      "<processModel identityType='SpecificUser' userName='x'/></applicationPoolDefaults>")));
    expect(&w, "SELECT app_pool, identity_type, account, enable_configuration_override FROM app_pool",
           "A|SpecificUser|x|0\nB|LocalService|NT AUTHORITY\\LOCAL SERVICE|0");
    world_close(&w);
    world_open(&w);
    w.state.build = 6002;
    world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(WEB(POOL("<add name='A'/>"))));
    world_run(&w);
    expect(&w, "SELECT identity_type FROM app_pool", "NetworkService");
    world_close(&w);
}

static void a_site_has_its_folders_and_logs(void **state)
{
    (void)state;
    struct iis_world w;
    run_with(&w,
             WEB("<system.applicationHost><sites><site name='A' id='3' serverAutoStart='false'>"
                 "<application path='/'><virtualDirectory path='/' physicalPath='%SystemDrive%\\a'/>"
                 "<virtualDirectory path='/img/deep' physicalPath='%Unknown%\\x%'/></application>"
                 "<application path='/App' applicationPool='P' enabledProtocols='http,net.tcp'>"
                 "<virtualDirectory path='/' physicalPath='%windir%\\b'/></application>"
                 "<traceFailedRequestsLogging enabled='true'/></site>"
                 "<siteDefaults><logFile logFormat='IIS' directory='%SystemDrive%\\logs' "
                 "logExtFileFlags='Date, HttpStatus'/>"
                 "</siteDefaults><applicationDefaults applicationPool='Q'/>"
                 "<virtualDirectoryDefaults allowSubDirConfig='false'/></sites></system.applicationHost>"));
    expect(&w,
           "SELECT site, id, auto_start, log_directory, log_format, log_fields, freb_directory, freb_enabled "
           "FROM site",
           "A|3|0|C:\\logs|IIS|Date, HttpStatus|C:\\inetpub\\logs\\FailedReqLogFiles|1");
    expect(&w, "SELECT path, app_pool, enabled_protocols FROM application", "A|Q|http\nA/App|P|http,net.tcp");
    expect(&w, "SELECT application, path, physical_path, allow_subdir_config FROM virtual_directory",
           "A|A|C:\\a|0\nA|A/img/deep|%Unknown%\\x%|0\nA/App|A/App|C:\\Windows\\b|0");
    assert_int_equal(w.state.n_sites, 1);
    assert_int_equal(w.state.sites[0].id, 3);
    world_close(&w);
}

static void urls_belong_to_the_longest_configured_path(void **state)
{
    static const struct {
        const char *url, *place;
    } cases[] = {
        {"/", "Site"},
        {"", "Site"},
        {"/x/y.aspx", "Site"},
        {"/app", "Site/app"},
        {"/app/", "Site/app"},
        {"/APP/Inner/x", "Site/app/inner"},
        {"/apple/inner", "Site"},
        {"/app/two+words/x", "Site/app/two words"},
        {"/app/a+b", "Site/app/a+b"},
        {"/files/a/b/c", "Site/files"},
        {"app", "Site"},
    };

    (void)state;
    struct iis_world w;
    run_with(&w, APPHOST(LOCATION("path='Site/app/two words'", ACCESS("Ssl"))
                             LOCATION("path='Site/app/a+b'", ACCESS("Ssl"))));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str place = extract_place(&w.state, STR("site"), str_from(cases[i].url));
        if (!str_eq(place, str_from(cases[i].place)))
            fail_msg("%s: '%.*s'", cases[i].url, (int)place.len, place.p);
    }
    struct str unknown = extract_place(&w.state, STR("No such"), STR("/app"));
    assert_true(str_eq(unknown, STR("No such")));
    world_close(&w);
}

#define REDIRECT(enabled, path) WEB("<configurationRedirection enabled='" enabled "' path='" path "'/>")

static void a_redirected_configuration_makes_the_local_file_stale(void **state)
{
    (void)state;
    struct iis_world w;
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, "C:\\Windows\\System32\\inetsrv\\config\\applicationHost.config",
              text_bytes(APPHOST("")));
    world_add(&w, "iis/config/redirection.config", NULL, NULL,
              text_bytes(REDIRECT("true", "\\\\farm\\share\\")));
    world_run(&w);
    expect(&w, "SELECT level, used FROM config_file", "apphost|0\nredirection|1");
    expect(&w, "SELECT count(*) FROM site", "0");
    expect(&w, "SELECT count(*) FROM effective_config", "0");
    expect(&w, "SELECT entry FROM bundle_problem", "iis/config/redirection.config");
    world_close(&w);
}

static void the_redirected_file_counts_when_it_is_there(void **state)
{
    (void)state;
    struct iis_world w;
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, "C:\\Windows\\System32\\inetsrv\\config\\applicationHost.config",
              text_bytes(APPHOST("")));
    world_add(&w, "iis/config/shared/applicationHost.config", NULL, "\\\\FARM\\share\\applicationHost.config",
              text_bytes(APPHOST(ACCESS("Ssl"))));
    world_add(&w, "iis/config/redirection.config", NULL, NULL,
              text_bytes(REDIRECT("true", "\\\\farm\\share")));
    world_run(&w);
    expect(&w, "SELECT entry, used FROM config_file WHERE level = 'apphost' ORDER BY used",
           AH_ENTRY "|0\niis/config/shared/applicationHost.config|1");
    expect(&w, "SELECT DISTINCT value FROM effective_config WHERE attribute = 'sslFlags'", "Ssl");
    world_close(&w);
}

static void redirection_that_is_off_changes_nothing(void **state)
{
    (void)state;
    struct iis_world w;
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(APPHOST("")));
    world_add(&w, "iis/config/redirection.config", NULL, NULL,
              text_bytes(REDIRECT("false", "\\\\farm\\share")));
    world_run(&w);
    expect(&w, "SELECT used FROM config_file WHERE level = 'apphost'", "1");
    expect(&w, "SELECT count(*) FROM site", "2");
    world_close(&w);
}

static void files_that_iis_does_not_read_are_named(void **state)
{
    (void)state;
    struct iis_world w;
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(APPHOST("")));
    world_add(&w, "iis/web/0/web.config", "Site/closed", NULL, text_bytes(WEB(ACCESS("Ssl"))));
    world_add(&w, "iis/web/1/web.config", "Site/files/sub", NULL, text_bytes(WEB(ACCESS("Ssl"))));
    world_add(&w, "iis/web/2/web.config", "Gone/app", NULL, text_bytes(WEB(ACCESS("Ssl"))));
    world_add(&w, "iis/web/3/web.config", "Site/app", NULL, text_bytes(WEB("")));
    world_add(&w, "iis/web/4/web.config", NULL, NULL, text_bytes(WEB("")));
    world_run(&w);
    expect(&w, "SELECT path, used, why FROM config_file WHERE level = 'web' ORDER BY entry",
           "Site/closed|0|its application pool has enableConfigurationOverride=\"false\"\n"
           "Site/files/sub|0|its virtual directory has allowSubDirConfig=\"false\"\nGone/app|0|no site of "
           "this name\n"
           "Site/app|1|-\n-|0|nothing says at which path it stands");
    expect(&w, "SELECT path, used FROM config_fragment ORDER BY path",
           "Gone/app|0\nSite/closed|0\nSite/files/sub|0");
    expect(&w, "SELECT count(*) FROM config_error", "0");
    world_close(&w);
}

static void one_folder_serves_every_path_that_is_mapped_to_it(void **state)
{
    (void)state;
    struct iis_world w;
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, NULL,
              text_bytes(APPHOST(AREA("path='' overrideMode='Allow'", "<access/>"))));
    world_add(&w, "iis/web/0/web.config", NULL, "c:\\APP\\sub\\web.config", text_bytes(WEB(ACCESS("Ssl"))));
    world_add(&w, "iis/web/1/web.config", NULL, "C:\\inetpub\\wwwroot\\app\\web.config",
              text_bytes(WEB(ACCESS("Ssl128"))));
    world_run(&w);
    /* wwwroot\app is hidden: the path Site/app is another folder. */
    expect(&w, "SELECT path, used FROM config_file WHERE level = 'web' ORDER BY path DESC",
           "Site/app/sub|1\n-|0");
    expect(&w, "SELECT path, value FROM effective_config WHERE attribute = 'sslFlags' AND origin = 'own'",
           "Site/app/sub|Ssl");
    world_close(&w);
}

#define TWICE                                                                                                \
    "<application path='/'><virtualDirectory path='/' physicalPath='C:\\x'/></application>"                  \
    "<application path='/again'><virtualDirectory path='/' physicalPath='c:\\X\\'/></application>"

static void a_file_may_stand_at_two_paths(void **state)
{
    (void)state;
    struct iis_world w;
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, NULL,
              text_bytes(WEB("<system.applicationHost><sites><site name='S' id='1'>" TWICE
                             "</site></sites></system.applicationHost>")));
    world_add(&w, "iis/web/1/web.config", "S", "C:\\x\\web.config", text_bytes(WEB(ACCESS("Ssl"))));
    world_run(&w);
    expect(&w, "SELECT path, used FROM config_file WHERE level = 'web' ORDER BY path", "S|1\nS/again|1");
    expect(&w, "SELECT path, origin FROM effective_config WHERE attribute = 'sslFlags' ORDER BY path",
           "S|own\nS/again|own");
    expect(&w, "SELECT count(*) FROM config_error", "0");
    world_close(&w);
}

static void unmatched_and_shadowed_fragments_are_facts(void **state)
{
    (void)state;
    struct iis_world w;
    run_with(&w,
             APPHOST(LOCATION("path='1/app'", ACCESS("Ssl")) LOCATION("path='/Site'", ACCESS("Ssl"))
                         LOCATION("path='Site/app/'", ACCESS("Ssl")) LOCATION("path='Site'", ACCESS("Ssl"))));
    expect(&w, "SELECT location, matched, used FROM config_fragment WHERE attribute = 'sslFlags'",
           "1/app|0|0\n/Site|0|0\nSite/app/|0|0\nSite|1|1");
    world_close(&w);
}

static void locks_are_facts(void **state)
{
    (void)state;
    struct iis_world w;
    run_with(&w, APPHOST(AREA("path='Site' overrideMode='Allow'", "<access/>")));
    expect(&w, "SELECT path, mode FROM section_lock WHERE section = 'system.webServer/security/access'",
           "|Deny\nSite|Allow");
    world_close(&w);
}

static void modules_are_collections(void **state)
{
    (void)state;
    struct iis_world w;
    run_with(
        &w, APPHOST("<system.webServer><globalModules><add name='WebDAVModule'/><add "
                    "name='RewriteModule'/></globalModules>"
                    "</system.webServer>" LOCATION("path='' overrideMode='Allow'",
                                                   "<system.webServer><modules><add name='WebDAVModule'/>"
                                                   "<add name='RewriteModule'/></modules></system.webServer>")
                        LOCATION("path='Site/app'",
                                 "<system.webServer><modules><remove name='WebDAVModule'/></modules>"
                                 "</system.webServer>")));
    expect(&w,
           "SELECT path, value FROM effective_config WHERE section = 'system.webServer/modules' AND "
           "attribute = 'WebDAVModule' "
           "AND path IN ('Site', 'Site/app', 'Site/app/inner')",
           "Site|present\nSite/app|absent\nSite/app/inner|absent");
    expect(&w,
           "SELECT DISTINCT value FROM effective_config WHERE section = 'system.webServer/globalModules' AND "
           "attribute = 'WebDAVModule'",
           "present");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bindings_join_the_records_of_http_sys),
        cmocka_unit_test(pools_have_accounts_and_sids),
        cmocka_unit_test(defaults_of_pools_are_inherited_and_depend_on_windows),
        cmocka_unit_test(a_site_has_its_folders_and_logs),
        cmocka_unit_test(urls_belong_to_the_longest_configured_path),
        cmocka_unit_test(a_redirected_configuration_makes_the_local_file_stale),
        cmocka_unit_test(the_redirected_file_counts_when_it_is_there),
        cmocka_unit_test(redirection_that_is_off_changes_nothing),
        cmocka_unit_test(files_that_iis_does_not_read_are_named),
        cmocka_unit_test(one_folder_serves_every_path_that_is_mapped_to_it),
        cmocka_unit_test(a_file_may_stand_at_two_paths),
        cmocka_unit_test(unmatched_and_shadowed_fragments_are_facts),
        cmocka_unit_test(locks_are_facts),
        cmocka_unit_test(modules_are_collections),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
