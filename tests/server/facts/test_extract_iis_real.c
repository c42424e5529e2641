/* SPDX-License-Identifier: Apache-2.0
 *
 * Real configuration files, each expectation worked out by hand from the file with a pencil: line by line,
 * nearest path, last word. Skipped where the files are not there. */
#include "iis_world.h"

#include <dirent.h>

#define REAL CT_SOURCE_DIR "/../shared/real/iis-config"
#define AH_ENTRY "iis/config/applicationHost.config"
#define EXCHANGE                                                                                             \
    "microsoft__CSS-Exchange__Diagnostics__HealthChecker__Tests__DataCollection__E16__Exchange__IIS__"
#define E16 "microsoft__CSS-Exchange__Shared__Tests__"
#define BACK_END "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\"
#define DOCS "MicrosoftDocs__iis-docs__iis__configuration__system.webServer__"
#define IN_DOCS "security__authentication__"
#define FULL_IIS "aspnet__IISIntegration__test__Common.FunctionalTests__AppHostConfig__IIS.config"

static bool is_there(void)
{
    DIR *folder = opendir(REAL);

    if (folder)
        (void)closedir(folder);
    return folder != NULL;
}

/* before, file, after; freed with the test program. */
static struct bytes read_file(const char *before, const char *name, const char *after)
{
    struct buf all = BUF_INIT(4194304);
    char path[1024], piece[4096];
    size_t n;

    (void)snprintf(path, sizeof path, "%s/%s", REAL, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s: not there", path);
    buf_add_c(&all, before);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(&all, piece, n);
    (void)fclose(f);
    buf_add_c(&all, after);
    return (struct bytes){(const uint8_t *)all.p, all.len};
}

static void forget(struct bytes file)
{
    struct buf b = BUF_INIT(0);
    union {
        const uint8_t *in;
        char *out;
    } p = {.in = file.p};

    b.p = p.out;
    buf_done(&b);
}

enum use {
    ALONE, /* the file is applicationHost.config */
    PIECE, /* the file is a part of one, without <configuration> */
    BELOW, /* a web.config of Default Web Site under FULL_IIS */
};

struct expectation {
    enum use kind;
    const char *file, *sql, *answer;
};

#define FLAGS_AT(path_)                                                                                      \
    "SELECT value, origin, line FROM effective_config WHERE path = '" path_ "' AND attribute = 'sslFlags'"
#define AT(path_, section_, attribute_)                                                                      \
    "SELECT value, origin, line FROM effective_config WHERE path = '" path_                                  \
    "' AND section LIKE '%/" section_ "' AND attribute = '" attribute_ "'"
#define ERRORS "SELECT path, kind, section, line FROM config_error"
#define ENDPOINTS                                                                                            \
    "SELECT DISTINCT binding, security_mode, client_credential_type, message_credential_type, is_client "    \
    "FROM wcf_endpoint"
#define CERTIFICATE_IN_MESSAGE "wsHttpBinding|Message|None|Certificate|"

static const struct expectation expectations[] = {
    {ALONE, EXCHANGE "applicationHost.config", FLAGS_AT("Default Web Site"), "Ssl, Ssl128|location|1299"},
    {ALONE, EXCHANGE "applicationHost.config", FLAGS_AT("Default Web Site/owa"),
     "Ssl, Ssl128|inherited|1299"},
    {ALONE, EXCHANGE "applicationHost.config", FLAGS_AT("Default Web Site/owa/Calendar"),
     "None|location|2010"},
    {ALONE, EXCHANGE "applicationHost.config", FLAGS_AT("Default Web Site/PowerShell"),
     "SslNegotiateCert|location|2341"},
    {ALONE, EXCHANGE "applicationHost.config", FLAGS_AT("Default Web Site/Rpc"), "None|location|2390"},
    {ALONE, EXCHANGE "applicationHost.config", FLAGS_AT("Exchange Back End/PowerShell"),
     "Ssl, SslNegotiateCert, Ssl128|location|1332"},
    {ALONE, EXCHANGE "applicationHost.config", FLAGS_AT("Exchange Back End/mapi"),
     "Ssl, Ssl128|inherited|1394"},
    {ALONE, EXCHANGE "applicationHost.config", FLAGS_AT("Exchange Back End/mapi/emsmdb"),
     "Ssl|location|1350"},
    {ALONE, EXCHANGE "applicationHost.config", FLAGS_AT("Exchange Back End/RpcWithCert"),
     "None|location|1953"},
    {ALONE, EXCHANGE "applicationHost.config",
     FLAGS_AT("Exchange Back End/Microsoft-Server-ActiveSync/Proxy"), "Ssl, Ssl128|inherited|1818"},
    {ALONE, EXCHANGE "applicationHost.config",
     AT("Exchange Back End/PowerShell", "anonymousAuthentication", "enabled"), "false|location|1326"},
    {ALONE, EXCHANGE "applicationHost.config", AT("Default Web Site", "anonymousAuthentication", "enabled"),
     "true|inherited|669"},
    {ALONE, EXCHANGE "applicationHost.config",
     AT("Default Web Site", "windowsAuthentication", "useKernelMode"), "false|inherited|679"},
    {ALONE, EXCHANGE "applicationHost.config",
     AT("Exchange Back End/Rpc", "serverRuntime", "uploadReadAheadSize"), "0|location|1935"},
    {ALONE, EXCHANGE "applicationHost.config",
     AT("Default Web Site", "iisClientCertificateMappingAuthentication", "enabled"), "false|location|1302"},
    {ALONE, EXCHANGE "applicationHost.config",
     AT("Default Web Site", "modules", "IISCertificateMappingAuthenticationModule"),
     "absent|schema default|-"},
    {ALONE, EXCHANGE "applicationHost.config", ERRORS, ""},
    {ALONE, "microsoft__CSS-Exchange__Shared__Tests__Data__E16_applicationHost_Mixed.config",
     FLAGS_AT("Default Web Site/ecp"), "Ssl|inherited|1303"},
    {ALONE, "microsoft__CSS-Exchange__Shared__Tests__Data__E16_applicationHost_Mixed.config",
     FLAGS_AT("Default Web Site/mapi"), "Ssl|location|2386"},
    {ALONE,
     "microsoft__CSS-Exchange__Shared__Tests__ExtendedProtection__Data__E16_Configured_IPFilter_"
     "ApplicationHost.config",
     FLAGS_AT("Exchange Back End/mapi/nspi"), "Ssl|location|1368"},
    {ALONE, "aspnet__AspNetKatana__tests__Microsoft.Owin.Host.IntegrationTests__applicationHost.config",
     FLAGS_AT("TheWebSite"), "SslNegotiateCert|inherited|317"},
    {ALONE, FULL_IIS, FLAGS_AT("Default Web Site"), "None|inherited|292"},
    {ALONE, FULL_IIS, "SELECT ip, port, host FROM binding", "0.0.0.0|80|"},
    {ALONE, "jexuswebserver__JexusManager__Tests.JexusManager__original.config",
     "SELECT b.information, b.protocol FROM binding b WHERE site = 'GuessMeWeb'",
     "*:61902:localhost|http\n*:44300:localhost|https"},
    {ALONE, "jexuswebserver__JexusManager__Tests.JexusManager__original.config",
     "SELECT path, physical_path FROM virtual_directory WHERE site = 'WebSite2'",
     "WebSite2|%JEXUS_TEST_HOME%\\Website2\nWebSite2/help|%JEXUS_TEST_HOME%\\help"},
    {PIECE, DOCS IN_DOCS "clientCertificateMappingAuthentication__samples__sample1.xml",
     FLAGS_AT("Default Web Site"), "Ssl, SslNegotiateCert|location|4"},
    {PIECE, DOCS IN_DOCS "clientCertificateMappingAuthentication__samples__sample1.xml",
     AT("Default Web Site", "clientCertificateMappingAuthentication", "enabled"), "true|location|10"},
    {PIECE, DOCS IN_DOCS "iisClientCertificateMappingAuthentication__index__samples__sample1.xml",
     "SELECT field, sub_field, criteria, case_sensitive FROM mapping_rule", "Subject|O|Contoso|1"},
    {PIECE, DOCS IN_DOCS "iisClientCertificateMappingAuthentication__index__samples__sample2.xml",
     "SELECT path, depth, user_name, thumbprint, blob_problem FROM certificate_mapping",
     "Default Web Site|1|administrator|-|is not Base64"},
    {PIECE, DOCS "security__index__samples__sample1.xml",
     "SELECT location, matched FROM config_fragment WHERE attribute = 'sslFlags'", "Contoso|0"},
    {BELOW, "carathorys__aspnetcore_iisclientcertauth__IISClientCertAuthProject__web.config", ERRORS,
     "Default Web "
     "Site|locked|system.webServer/security/authentication/iisClientCertificateMappingAuthentication|6"},
    {BELOW, "carathorys__aspnetcore_iisclientcertauth__IISClientCertAuthProject__web.config",
     "SELECT depth, thumbprint, blob_problem, user_name, file_level FROM certificate_mapping",
     "1|acb3ed861065e23421ba73a581672c6d79c116ca|-|__USERNAME__|web"},
    {BELOW,
     "dotnet__wcf__src__System.Private.ServiceModel__tools__IISHostedWcfService__ClientCertificateAccepted__"
     "web.config",
     ERRORS, "Default Web Site|locked|system.webServer/security/access|7"},
    {BELOW,
     "dotnet__wcf__src__System.Private.ServiceModel__tests__Stress__SharedPoolsOfWCFObjectsServer__Web."
     "config",
     "SELECT DISTINCT security_mode, client_credential_type FROM wcf_endpoint WHERE binding_name = "
     "'CertNetTcp'",
     "Transport|Certificate"},
    {BELOW,
     "dotnet__samples__framework__wcf__Extensibility__Security__X509CertificateValidator__CS__service__App."
     "config",
     ENDPOINTS, CERTIFICATE_IN_MESSAGE "0"},
    {BELOW,
     "dotnet__samples__framework__wcf__Extensibility__Metadata__CustomMexEndpoint__CS__SvcutilClient__App."
     "config",
     ENDPOINTS, CERTIFICATE_IN_MESSAGE "1"},
    {ALONE, "jexuswebserver__JexusManager__Tests__expected3.config", FLAGS_AT("WebSite1"),
     "None|schema default|-"},
    {ALONE, "jexuswebserver__JexusManager__Tests__expected3.config",
     AT("WebSite2", "anonymousAuthentication", "userName"), "test|location|1166"},
    {ALONE, "jexuswebserver__JexusManager__Tests__expected3.config",
     "SELECT information, line FROM binding WHERE site = 'WebSite1' AND protocol = 'https'",
     ":443:localhost|181\n:44300:*|183"},
    {ALONE, "jexuswebserver__JexusManager__Tests__original2.config",
     AT("WebSite2", "anonymousAuthentication", "userName"), "test|location|1153"},
    {ALONE, "jexuswebserver__JexusManager__Tests__original2.config",
     "SELECT DISTINCT location, matched FROM config_fragment WHERE location = 'Default Web Site'",
     "Default Web Site|0"},
    /* all its sites stand in one comment */
    {ALONE, "jexuswebserver__JexusManager__Microsoft.Web.Administration__Resources__original.config",
     "SELECT count(*), min(id), max(id) FROM site", "0|-|-"},
    {ALONE, "aspnet__AspNetCore__src__Middleware__WebSockets__test__ConformanceTests__Http.config",
     FLAGS_AT("HttpTestSite"), "None|inherited|318"},
    {ALONE, "aspnet__AspNetCore__src__Middleware__WebSockets__test__ConformanceTests__Http.config",
     AT("HttpTestSite", "anonymousAuthentication", "enabled"), "true|inherited|326"},
    {ALONE, "aspnet__AspNetCore__src__Servers__IIS__build__applicationhost.iis.config",
     AT("Default Web Site", "anonymousAuthentication", "userName"), "IUSR|inherited|303"},
    {ALONE, "aspnet__AspNetCore__src__Servers__IIS__build__applicationhost.iis.config",
     AT("Default Web Site", "iisClientCertificateMappingAuthentication", "enabled"),
     "false|schema default|-"},
    {ALONE, "aspnet__IISIntegration__test__IIS.Tests__AppHostConfig__HostableWebCore.config",
     FLAGS_AT("Default Web Site"), "None|schema default|-"},
    {ALONE, "aspnet__IISIntegration__build__applicationhost.config", FLAGS_AT("DefaultSite"),
     "None|inherited|290"},
    {ALONE, "aspnet__IISIntegration__build__applicationhost.config",
     AT("DefaultSite", "windowsAuthentication", "enabled"), "false|inherited|300"},
    {ALONE, E16 "Data__E16_applicationHost_Default.config", FLAGS_AT("Exchange Back End/owa/Calendar"),
     "None|location|1516"},
    {ALONE, E16 "Data__E16_applicationHost_Default.config", FLAGS_AT("Default Web Site/owa/auth"),
     "Ssl|inherited|1300"},
    {ALONE, E16 "Data__E16_applicationHost_Default.config", FLAGS_AT("Default Web Site/Rpc"),
     "Ssl, Ssl128|location|2417"},
    {ALONE, E16 "Data__E16_applicationHost_Default.config",
     AT("Exchange Back End/EWS/bin", "anonymousAuthentication", "enabled"), "false|location|1911"},
    {ALONE, E16 "ExtendedProtection__Data__E16_Configured_ApplicationHost.config", ERRORS, ""},
    {PIECE,
     "MicrosoftDocs__iis-docs__iis__manage__configuring-security__how-to-set-up-ssl-on-iis__samples__"
     "sample5.xml",
     FLAGS_AT("Default Web Site"), "Ssl|inherited|3"},
    {PIECE, DOCS "index__samples__sample1.xml", FLAGS_AT("Default Web Site"), "None|inherited|57"},
    /* .png three times: the second is a duplicate, and nothing is served then */
    {PIECE, DOCS "index__samples__sample1.xml", ERRORS, "-|duplicate|system.webServer/staticContent|87"},
    {BELOW,
     "dotnet__samples__framework__wcf__Basic__Binding__WS__MessageSecurity__Certificate__CS__client__App."
     "config",
     "SELECT find_type, find_value, store_location, store FROM wcf_endpoint WHERE is_client",
     "FindBySubjectName|client.com|CurrentUser|My"},
    {BELOW,
     "dotnet__samples__framework__wcf__Extensibility__Security__ClientValidation__CS__service__App.config",
     "SELECT binding_name, security_mode, message_credential_type FROM wcf_endpoint ORDER BY binding_name",
     "-|Message|Windows\n-|None|-\nsafeBinding|Message|Certificate\n"
     "untrustedNtlmBinding|Message|Windows\nuntrustedTransactionBinding|Message|Certificate"},
};

static void expect_one(const struct expectation *x)
{
    struct iis_world w;
    struct bytes host = {NULL, 0}, file;

    world_open(&w);
    if (x->kind == PIECE)
        file = read_file(
            "<configuration><system.applicationHost><sites><site name='Default Web Site' id='1'/></sites>"
            "</system.applicationHost>",
            x->file, "</configuration>");
    else
        file = read_file("", x->file, "");
    if (x->kind == BELOW) {
        host = read_file("", FULL_IIS, "");
        world_add(&w, AH_ENTRY, NULL, NULL, host);
        world_add(&w, "iis/web/0/web.config", "Default Web Site", NULL, file);
    } else {
        world_add(&w, AH_ENTRY, NULL, NULL, file);
    }
    world_run(&w);
    const char *answer = world_ask(&w, x->sql);
    if (strcmp(answer, x->answer) != 0)
        fail_msg("%s: %s: '%s' instead of '%s'", x->file, x->sql, answer, x->answer);
    world_close(&w);
    forget(file);
    forget(host);
}

static void real_files_mean_what_they_mean(void **state)
{
    (void)state;
    if (!is_there())
        skip();
    for (size_t i = 0; i < ARRAY_LEN(expectations); i++)
        expect_one(&expectations[i]);
}

/* A working Exchange server: what it ships must not be called an error. */
static void a_working_exchange_server_has_no_configuration_error(void **state)
{
    static const struct {
        const char *folder, *file;
    } webs[] = {{"exchweb\\EWS", "EWS"},
                {"ecp", "ECP"},
                {"owa", "OWA"},
                {"autodiscover", "AutoD"},
                {"mapi\\emsmdb", "MapiEmsmdb"}};
    struct bytes files[ARRAY_LEN(webs) + 1];
    char names[ARRAY_LEN(webs)][64], sources[ARRAY_LEN(webs)][256], file[256];
    struct iis_world w;

    (void)state;
    if (!is_there())
        skip();
    world_open(&w);
    files[0] = read_file("", EXCHANGE "applicationHost.config", "");
    world_add(&w, AH_ENTRY, NULL, NULL, files[0]);
    for (size_t i = 0; i < ARRAY_LEN(webs); i++) {
        (void)snprintf(names[i], sizeof names[i], "iis/web/%zu/web.config", i);
        (void)snprintf(sources[i], sizeof sources[i], "%s%s\\web.config", BACK_END, webs[i].folder);
        (void)snprintf(file, sizeof file, EXCHANGE "ExchangeBackEnd-%s_web.config", webs[i].file);
        files[i + 1] = read_file("", file, "");
        world_add(&w, names[i], NULL, sources[i], files[i + 1]);
    }
    world_run(&w);
    assert_string_equal(world_ask(&w, ERRORS), "");
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM bundle_problem"), "0");
    assert_string_equal(world_ask(&w, AT("Exchange Back End/owa", "serverRuntime", "uploadReadAheadSize")),
                        "0|own|23");
    assert_string_equal(world_ask(&w, AT("Exchange Back End/EWS", "requestFiltering",
                                         "requestLimits.maxAllowedContentLength")),
                        "67108864|own|320");
    assert_string_equal(world_ask(&w, AT("Exchange Back End/Autodiscover", "httpErrors", "existingResponse")),
                        "PassThrough|own|287");
    assert_string_equal(world_ask(&w, "SELECT security_mode, client_credential_type FROM wcf_endpoint "
                                      "WHERE path = 'Exchange Back End/ecp' AND is_client"),
                        "Transport|Certificate");
    world_close(&w);
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        forget(files[i]);
}

/* Whatever it is, as the server's file and as a web.config: an answer, and no crash. */
static void every_real_file_is_survived(void **state)
{
    DIR *folder = opendir(REAL);
    size_t n = 0;

    (void)state;
    if (!folder)
        skip();
    for (const struct dirent *d = readdir(folder); d; d = readdir(folder)) {
        if (d->d_name[0] == '.')
            continue;
        struct iis_world w;
        struct bytes file = read_file("", d->d_name, "");
        world_open(&w);
        world_add(&w, AH_ENTRY, NULL, NULL, file);
        world_add(&w, "iis/web/0/web.config", "Default Web Site", NULL, file);
        world_run(&w);
        if (strstr(d->d_name, "access__samples__sample1") == NULL) /* that one lacks an end tag */
            assert_string_equal(world_ask(&w, "SELECT count(*) FROM config_error WHERE kind = 'malformed' "
                                              "AND message NOT LIKE '%where <configuration> should be'"),
                                "0");
        world_close(&w);
        forget(file);
        n++;
    }
    (void)closedir(folder);
    assert_true(n > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_files_mean_what_they_mean),
        cmocka_unit_test(a_working_exchange_server_has_no_configuration_error),
        cmocka_unit_test(every_real_file_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
