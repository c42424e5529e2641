/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_world.h"

#define SCH "SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL"
#define REG "Windows Registry Editor Version 5.00\r\n\r\n"
#define SETTINGS "Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Zones\\"

static void run(struct iis_world *w)
{
    w->state.build = 0;
    if (extract_registry(&w->state, &w->e))
        fail_msg("%s", w->e.text);
}

static const char system_2012r2[] =
    REG "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]\r\n"
        "\"CurrentBuildNumber\"=\"9600\"\r\n"
        "\"InstallationType\"=\"Server\"\r\n"
        "\"SystemRoot\"=\"D:\\\\Windows\"\r\n"
        "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\InetStp]\r\n"
        "\"MajorVersion\"=dword:00000008\r\n"
        "\"MinorVersion\"=dword:00000005\r\n"
        "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography]\r\n"
        "\"MachineGuid\"=\"AAAAbbbb-1111\"\r\n";

static void names_the_machine(void **state)
{
    struct iis_world w;

    (void)state;
    world_open(&w);
    world_add(&w, "registry/system.reg", NULL, NULL, text_bytes(system_2012r2));
    run(&w);
    assert_string_equal(
        world_ask(&w, "SELECT build, windows, installation, iis_version, guid, is_server FROM machine"),
        "9600|Windows Server 2012 R2|Server|8.5|aaaabbbb-1111|1");
    assert_int_equal(w.state.build, 9600);
    assert_true(str_eq(w.state.system_root, STR("D:\\Windows")));
    world_close(&w);
}

static void a_default_needs_the_proof_that_nothing_is_set(void **state)
{
    static const char sch[] = REG "[HKEY_LOCAL_MACHINE\\" SCH "]\r\n\"EventLogging\"=dword:00000003\r\n";
    struct iis_world w;
    struct manifest_item *item;

    (void)state;
    world_open(&w);
    world_add(&w, "registry/system.reg", NULL, NULL, text_bytes(system_2012r2));
    run(&w);
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM schannel_setting"), "0");
    world_close(&w);

    world_open(&w);
    world_add(&w, "registry/system.reg", NULL, NULL, text_bytes(system_2012r2));
    world_add(&w, "registry/schannel.reg", NULL, NULL, text_bytes(sch));
    run(&w);
    assert_string_equal(
        world_ask(&w, "SELECT value, is_set FROM schannel_setting WHERE setting = 'SendTrustedIssuerList'"),
        "0|0");
    assert_string_equal(
        world_ask(&w,
                  "SELECT value, is_set, entry, line FROM schannel_setting WHERE setting = 'EventLogging'"),
        "3|1|registry/schannel.reg|4");
    assert_string_equal(world_ask(&w, "SELECT value FROM schannel_setting WHERE setting = 'TLS 1.2 Server'"),
                        "1");
    assert_string_equal(world_ask(&w, "SELECT value FROM schannel_setting WHERE setting = 'TLS 1.3 Server'"),
                        "0");
    assert_string_equal(
        world_ask(&w, "SELECT count(*) FROM schannel_setting WHERE setting = 'EnableHttp2Tls'"), "0");
    world_close(&w);

    world_open(&w); /* cut off by a limit: what is not there may have been cut */
    item = world_add(&w, "registry/schannel.reg", NULL, "HKLM", text_bytes(sch));
    item->outcome = OUTCOME_TRUNCATED;
    run(&w);
    assert_string_equal(world_ask(&w, "SELECT setting, value FROM schannel_setting"), "EventLogging|3");
    world_close(&w);
}

static void the_default_follows_the_build(void **state)
{
    static const char *const builds[][2] = {{"7601", "1"}, {"9200", "0"}, {"20348", "0"}, {NULL, "-"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(builds); i++) {
        struct iis_world w;
        char text[512];
        (void)snprintf(text, sizeof text,
                       REG "[HKEY_LOCAL_MACHINE\\" SCH "]\r\n"
                           "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]\r\n%s%s%s",
                       builds[i][0] ? "\"CurrentBuildNumber\"=\"" : "", builds[i][0] ? builds[i][0] : "",
                       builds[i][0] ? "\"\r\n" : "");
        world_open(&w);
        world_add(&w, "registry/a.reg", NULL, NULL, text_bytes(text));
        run(&w);
        assert_string_equal(
            world_ask(
                &w,
                "SELECT value FROM schannel_setting WHERE setting = 'SendTrustedIssuerList' AND NOT is_set"),
            builds[i][1]);
        world_close(&w);
    }
}

static void protocols_are_read_as_schannel_does(void **state)
{
    static const struct {
        const char *values, *answer;
    } rows[] = {{"\"Enabled\"=dword:00000000\r\n", "0|1"},
                {"\"Enabled\"=dword:ffffffff\r\n", "1|1"},
                {"\"Enabled\"=dword:00000001\r\n\"DisabledByDefault\"=dword:00000001\r\n", "0|1"},
                {"\"DisabledByDefault\"=dword:00000001\r\n", "0|1"},
                {"\"Enabled\"=\"0\"\r\n", "1|0"}, /* a string is not read */
                {"", "1|0"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct iis_world w;
        char text[1024];
        (void)snprintf(text, sizeof text,
                       "%s[HKEY_LOCAL_MACHINE\\" SCH "]\r\n[HKEY_LOCAL_MACHINE\\" SCH
                       "\\Protocols\\TLS 1.2\\Server]\r\n%s",
                       system_2012r2, rows[i].values);
        world_open(&w);
        world_add(&w, "registry/a.reg", NULL, NULL, text_bytes(text));
        run(&w);
        assert_string_equal(
            world_ask(&w, "SELECT value, is_set FROM schannel_setting WHERE setting = 'TLS 1.2 Server'"),
            rows[i].answer);
        world_close(&w);
    }
}

static void the_prompt_follows_its_precedence(void **state)
{
    static const struct {
        const char *text, *answer; /* for zone 3 */
    } rows[] = {
        {"[HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\" SETTINGS "3]\r\n\"1A04\"=dword:00000000\r\n",
         "0|HKCU|1"},
        {"[HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\" SETTINGS "3]\r\n", "3|default|0"},
        {"[HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\" SETTINGS "3]\r\n\"1A04\"=dword:00000003\r\n"
         "[HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\Policies\\" SETTINGS
         "3]\r\n\"1A04\"=dword:00000000\r\n",
         "0|HKCU policy|1"},
        {"[HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\Policies\\" SETTINGS "3]\r\n\"1A04\"=dword:00000000\r\n"
         "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\" SETTINGS "3]\r\n\"1A04\"=dword:00000003\r\n",
         "3|HKLM policy|1"},
        {"[HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\" SETTINGS "3]\r\n\"1A04\"=dword:00000003\r\n"
         "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\CurrentVersion\\Internet Settings]\r\n"
         "\"Security_HKLM_only\"=dword:00000001\r\n"
         "[HKEY_LOCAL_MACHINE\\SOFTWARE\\" SETTINGS "3]\r\n\"1A04\"=dword:00000000\r\n",
         "0|HKLM|1"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct iis_world w;
        char text[2048];
        (void)snprintf(text, sizeof text, REG "%s", rows[i].text);
        world_open(&w);
        world_add(&w, "registry/client-S-1-5-21-1-2-3-1001.reg", NULL, NULL, text_bytes(text));
        run(&w);
        assert_string_equal(world_ask(&w, "SELECT value, decided_by, is_set FROM client_setting"
                                          " WHERE zone = 3 AND user = 'S-1-5-21-1-2-3-1001'"),
                            rows[i].answer);
        world_close(&w);
    }
}

static const char http[] = REG
    "; LastWriteTime=2026-01-02T03:04:05.000Z\r\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\HTTP\\Parameters\\SslBindingInfo\\10.10.10.10:443]"
    "\r\n"
    "\"SslCertHash\"=hex:00,11,22,33,44,55,66,77,88,99,aa,bb,cc,dd,ee,ff,00,11,22,33\r\n"
    "\"AppId\"=hex:81,e1,c3,4d,4b,e1,21,4a,b0,22,59,fc,66,9b,09,14\r\n"
    "\"DefaultFlags\"=dword:00000003\r\n"
    "\"DefaultSslCertCheckMode\"=dword:00000001\r\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\HTTP\\Parameters\\SslSniBindingInfo\\{0}]\r\n"
    "\"HostnamePort\"=\"www.contoso.com:8443\"\r\n"
    "\"SslCertStoreName\"=\"WebHosting\"\r\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\HTTP\\Parameters\\SslCcsBindingInfo\\443]\r\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\HTTP\\Parameters\\SslBindingInfo\\[::]:444]\r\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\HTTP\\Parameters\\UrlAclInfo]\r\n";

static void reads_bindings_of_all_trees(void **state)
{
    struct iis_world w;

    (void)state;
    world_open(&w);
    world_add(&w, "registry/http.reg", NULL, NULL, text_bytes(http));
    run(&w);
    assert_string_equal(
        world_ask(&w, "SELECT tree, endpoint, ip, port, host, thumbprint, app_id, store, check_mode, flags,"
                      " negotiate, ds_mapper, source FROM ssl_binding ORDER BY rowid"),
        "ip|10.10.10.10:443|10.10.10.10|443|-|00112233445566778899aabbccddeeff00112233|"
        "{4dc3e181-e14b-4a21-b022-59fc669b0914}|-|1|3|1|1|registry\n"
        "sni|www.contoso.com:8443|-|8443|www.contoso.com|-|-|WebHosting|0|0|0|0|registry\n"
        "ccs|443|-|443|-|-|-|-|0|0|0|0|registry\n"
        "ip|[::]:444|[::]|444|-|-|-|-|0|0|0|0|registry");
    assert_string_equal(world_ask(&w, "SELECT modified FROM ssl_binding WHERE port = 443 AND tree = 'ip'"),
                        "1767323045000");
    world_close(&w);
}

static void reads_the_records_of_the_api_and_of_netsh(void **state)
{
    static const char json[] =
        "{\"bindings\": [{\"tree\": \"ip\", \"endpoint\": \"0.0.0.0:443\", \"certHash\": \"AABB\","
        " \"appId\": \"{ABC}\", \"store\": null, \"checkMode\": 0, \"freshnessTime\": 0,"
        " \"urlRetrievalTimeout\": 0, \"ctlIdentifier\": null, \"ctlStore\": null, \"flags\": 2}]}";
    static const char netsh[] =
        "\r\nSSL Certificate bindings:\r\n-------------------------\r\n\r\n"
        "    IP:port                      : 10.0.0.1:443\r\n"
        "    Certificate Hash             : AABBCC\r\n"
        "    Application ID               : {4DC3E181-E14B-4A21-B022-59FC669B0914}\r\n"
        "    Certificate Store Name       : MY\r\n"
        "    Verify Client Certificate Revocation : Enabled\r\n"
        "    Verify Revocation Using Cached Client Certificate Only : Disabled\r\n"
        "    Usage Check                  : Enabled\r\n"
        "    Revocation Freshness Time    : 0\r\n"
        "    URL Retrieval Timeout        : 15\r\n"
        "    Ctl Identifier               : (null)\r\n"
        "    Ctl Store Name               : (null)\r\n"
        "    DS Mapper Usage              : Disabled\r\n"
        "    Negotiate Client Certificate : Enabled\r\n\r\n";
    struct iis_world w;

    (void)state;
    world_open(&w);
    world_add(&w, "http/sslcert.json", NULL, NULL, text_bytes(json));
    world_add(&w, "http/sslcert.txt", NULL, NULL, text_bytes(netsh));
    run(&w);
    assert_string_equal(
        world_ask(&w,
                  "SELECT endpoint, thumbprint, app_id, store, check_mode, url_retrieval_timeout, negotiate,"
                  " source FROM ssl_binding"),
        "0.0.0.0:443|aabb|{abc}|-|0|0|1|api\n"
        "10.0.0.1:443|aabbcc|{4dc3e181-e14b-4a21-b022-59fc669b0914}|MY|0|15|1|netsh");
    world_close(&w);
}

static void broken_entries_are_told_and_the_rest_is_read(void **state)
{
    struct iis_world w;

    (void)state;
    world_open(&w);
    world_add(&w, "registry/system.reg", NULL, NULL, text_bytes("no registry text"));
    world_add(&w, "registry/http.reg", NULL, NULL, text_bytes(http));
    world_add(&w, "http/sslcert.json", NULL, NULL, text_bytes("{\"bindings\": ["));
    run(&w);
    assert_string_equal(world_ask(&w, "SELECT entry FROM bundle_problem ORDER BY entry"),
                        "http/sslcert.json\nregistry/system.reg");
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM ssl_binding"), "4");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_machine),
        cmocka_unit_test(a_default_needs_the_proof_that_nothing_is_set),
        cmocka_unit_test(the_default_follows_the_build),
        cmocka_unit_test(protocols_are_read_as_schannel_does),
        cmocka_unit_test(the_prompt_follows_its_precedence),
        cmocka_unit_test(reads_bindings_of_all_trees),
        cmocka_unit_test(reads_the_records_of_the_api_and_of_netsh),
        cmocka_unit_test(broken_entries_are_told_and_the_rest_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
