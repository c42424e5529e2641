/* SPDX-License-Identifier: Apache-2.0
 *
 * What clients are set to: zones, proxies, .NET, browsers' policies; and the orders of Schannel. */
#include "iis_world.h"

#define REG "Windows Registry Editor Version 5.00\r\n\r\n"
#define USER "[HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\"
#define SETTINGS "Microsoft\\Windows\\CurrentVersion\\Internet Settings"
#define ZONEMAP SETTINGS "\\ZoneMap"
#define MACHINE "[HKEY_LOCAL_MACHINE\\SOFTWARE\\"

static struct manifest manifest;

static void run(struct iis_world *w, const char *text, const char *url)
{
    world_open(w);
    manifest = (struct manifest){.complaint = {.url = str_from(url)}};
    w->view.manifest = url ? &manifest : NULL;
    world_add(w, "registry/client-S-1-5-21-1-2-3-1001.reg", NULL, NULL, text_bytes(text));
    if (extract_registry(&w->state, &w->e))
        fail_msg("%s", w->e.text);
}

static const char zones[] =
    REG USER ZONEMAP "]\r\n\"IntranetName\"=dword:00000001\r\n" USER ZONEMAP
                     "\\Domains\\contoso.com]\r\n\"*\"=dword:00000001\r\n" USER ZONEMAP
                     "\\Domains\\contoso.com\\www]\r\n\"https\"=dword:00000002\r\n" USER ZONEMAP
                     "\\Ranges\\Range1]\r\n\":Range\"=\"10.0.0.*\"\r\n\"*\"=dword:00000001\r\n" USER ZONEMAP
                     "\\EscDomains\\esc.example]\r\n\"https\"=dword:00000002\r\n" USER "Policies\\" SETTINGS
                     "\\ZoneMapKey]\r\n\"https://policy.example\"=\"4\"\r\n"
                     "\"*.odd.example\"=\"none\"\r\n";

static void a_url_falls_into_its_zone(void **state)
{
    static const char *const cases[][2] = {
        {"https://www.contoso.com/app", "2|an entry names it"},
        {"http://www.contoso.com/", "1|an entry names it"}, /* the domain's own entry holds for any scheme */
        {"https://other.contoso.com:8443/", "1|an entry names it"},
        {"https://contoso.com", "1|an entry names it"},
        {"https://notcontoso.com/", "3|no entry names it"},
        {"https://10.0.0.7/", "1|an entry names it"},
        {"https://10.0.1.7/", "3|no entry names it"},
        {"https://policy.example/x?y", "4|an entry names it"},
        {"http://policy.example/", "3|no entry names it"},
        {"https://esc.example/", "3|no entry names it"}, /* Enhanced Security is not on */
        {"https://portal/", "1|a name without a dot (IntranetName)"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct iis_world w;
        run(&w, zones, cases[i][0]);
        const char *answer =
            world_ask(&w, "SELECT zone, why FROM url_zone WHERE user = 'S-1-5-21-1-2-3-1001'");
        if (strcmp(answer, cases[i][1]) != 0)
            fail_msg("%s: %s", cases[i][0], answer);
        world_close(&w);
    }
}

static void zone_entries_are_told_as_they_stand(void **state)
{
    struct iis_world w;

    (void)state;
    run(&w, zones, NULL);
    assert_string_equal(
        world_ask(&w, "SELECT pattern, scheme, zone, list, decided_by FROM zone_entry ORDER BY line"),
        "*.contoso.com|*|1|Domains|HKCU\nwww.contoso.com|https|2|Domains|HKCU\n10.0.0.*|*|1|Ranges|HKCU\n"
        "*.esc.example|https|2|EscDomains|HKCU\npolicy.example|https|4|policy list|HKCU policy\n"
        "*.odd.example|*|-|policy list|HKCU policy");
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM url_zone"), "0");
    world_close(&w);
}

static void enhanced_security_has_lists_of_its_own(void **state)
{
    struct iis_world w;

    (void)state;
    run(&w,
        REG USER ZONEMAP "]\r\n\"IEHarden\"=dword:00000001\r\n" USER ZONEMAP
                         "\\EscDomains\\esc.example]\r\n\"https\"=dword:00000002\r\n" USER ZONEMAP
                         "\\Domains\\esc.example]\r\n\"https\"=dword:00000001\r\n",
        "https://esc.example/");
    assert_string_equal(world_ask(&w, "SELECT zone FROM url_zone"), "2");
    world_close(&w);
}

/* In two zones at once, or a name whose zone only the network tells: not known, and said so. */
static void what_cannot_be_known_is_not_guessed(void **state)
{
    struct iis_world w;

    (void)state;
    run(&w,
        REG USER ZONEMAP "\\Domains\\a.example]\r\n\"*\"=dword:00000001\r\n" MACHINE ZONEMAP
                         "\\Domains\\a.example]\r\n\"*\"=dword:00000002\r\n",
        "https://a.example/");
    assert_string_equal(world_ask(&w, "SELECT zone, why FROM url_zone"), "-|it stands in several zones");
    world_close(&w);
    run(&w, REG USER ZONEMAP "]\r\n\"AutoDetect\"=dword:00000001\r\n", "https://portal/");
    assert_string_equal(world_ask(&w, "SELECT zone, why FROM url_zone"),
                        "-|a name without a dot, and the intranet is detected on the network");
    world_close(&w);
    run(&w, REG "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Other]\r\n",
        "https://portal/"); /* no ZoneMap in the evidence */
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM url_zone"), "0");
    world_close(&w);
}

static void only_the_machines_map_counts_when_it_is_so_set(void **state)
{
    struct iis_world w;

    (void)state;
    run(&w,
        REG MACHINE "Policies\\" SETTINGS "]\r\n\"Security_HKLM_only\"=dword:00000001\r\n" USER ZONEMAP
                    "\\Domains\\a.example]\r\n\"*\"=dword:00000001\r\n" MACHINE ZONEMAP
                    "\\Domains\\a.example]\r\n\"*\"=dword:00000002\r\n",
        "https://a.example/");
    assert_string_equal(world_ask(&w, "SELECT zone FROM url_zone"), "2");
    world_close(&w);
}

static void proxies_are_told_without_their_users(void **state)
{
    struct iis_world w;

    (void)state;
    run(&w,
        REG USER SETTINGS
        "]\r\n\"ProxyEnable\"=dword:00000001\r\n\"ProxyServer\"=\"http://joe:secret@proxy:8080\"\r\n"
        "\"AutoConfigURL\"=\"http://wpad/x.pac\"\r\n" USER "Policies\\" SETTINGS
        "]\r\n\"AutoConfigURL\"=\"http://policy/x.pac\"\r\n" MACHINE SETTINGS
        "\\Connections]\r\n\"WinHttpSettings\"=hex:18,00,00,00,00,00,00,00,03,00,00,00,04,00,00,00,"
        "70,3a,38,30,07,00,00,00,3c,6c,6f,63,61,6c,3e\r\n",
        NULL);
    assert_string_equal(
        world_ask(&w,
                  "SELECT setting, value, text, decided_by FROM client_setting WHERE zone IS NULL AND is_set"
                  " ORDER BY setting"),
        "AutoConfigURL|-|http://policy/x.pac|HKCU "
        "policy\nProxyEnable|1|-|HKCU\nProxyServer|-|proxy:8080|HKCU\n"
        "WinHttp bypass|-|<local>|HKLM\nWinHttp proxy|-|p:80|HKLM");
    world_close(&w);
}

static void cut_winhttp_settings_say_nothing(void **state)
{
    static const char *const cut[] = {"18,00,00", "18,00,00,00,00,00,00,00,03,00,00,00,ff,ff,ff,ff,70",
                                      "18,00,00,00,00,00,00,00,03,00,00,00,01,00,00,00,70,09,00"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cut); i++) {
        struct iis_world w;
        char text[512];
        (void)snprintf(text, sizeof text,
                       REG MACHINE SETTINGS "\\Connections]\r\n\"WinHttpSettings\"=hex:%s\r\n", cut[i]);
        run(&w, text, NULL);
        assert_string_equal(
            world_ask(&w, "SELECT count(*) FROM client_setting WHERE setting LIKE 'WinHttp%'"), "0");
        world_close(&w);
    }
}

static void dotnet_is_set_or_proven_not_to_be(void **state)
{
    struct iis_world w;

    (void)state;
    run(&w, REG MACHINE "Microsoft\\.NETFramework\\v4.0.30319]\r\n\"SchUseStrongCrypto\"=dword:00000001\r\n",
        NULL);
    assert_string_equal(
        world_ask(&w, "SELECT setting, value, is_set, decided_by FROM client_setting WHERE setting"
                      " LIKE '.NET%' ORDER BY setting"),
        ".NET 4 SchUseStrongCrypto|1|1|HKLM\n.NET 4 SystemDefaultTlsVersions|-|0|default");
    world_close(&w);
}

static void browsers_pick_by_policy(void **state)
{
    struct iis_world w;

    (void)state;
    run(&w,
        REG MACHINE
        "Policies\\Microsoft\\Edge\\AutoSelectCertificateForUrls]\r\n"
        "\"1\"=\"{\\\"pattern\\\":\\\"https://[*.]contoso.com\\\",\\\"filter\\\":{\\\"ISSUER\\\":{\\\"CN\\\":"
        "\\\"Contoso CA\\\"}}}\"\r\n\"2\"=\"{}\"\r\n\"3\"=\"not JSON\"\r\n" USER
        "Policies\\Google\\Chrome\\AutoSelectCertificateForUrls]\r\n"
        "\"1\"=\"{\\\"pattern\\\":\\\"*\\\",\\\"filter\\\":{}}\"\r\n",
        NULL);
    assert_string_equal(
        world_ask(&w,
                  "SELECT user, browser, position, pattern, issuer_cn, filter, decided_by FROM browser_policy"
                  " ORDER BY browser DESC, position"),
        "-|Edge|1|https://[*.]contoso.com|Contoso CA|{\"ISSUER\":{\"CN\":\"Contoso CA\"}}|HKLM policy\n"
        "-|Edge|2|-|-|-|HKLM policy\n-|Edge|3|-|-|-|HKLM policy\n"
        "S-1-5-21-1-2-3-1001|Chrome|1|*|-|{}|HKCU policy");
    world_close(&w);
}

static void firefox_follows_the_machines_policy_then_the_users(void **state)
{
    struct iis_world w;

    (void)state;
    run(&w,
        REG MACHINE
        "Policies\\Mozilla\\Firefox]\r\n\"Preferences\"=\"{\\\"security.osclientcerts.autoload\\\":"
        "{\\\"Value\\\":true,\\\"Status\\\":\\\"locked\\\"}}\"\r\n" USER
        "Policies\\Mozilla\\Firefox\\Preferences]\r\n\"security.osclientcerts.autoload\"=dword:0\r\n"
        "\"security.default_personal_cert\"=\"Select Automatically\"\r\n",
        NULL);
    assert_string_equal(
        world_ask(&w, "SELECT user, setting, value, text, decided_by FROM client_setting WHERE setting LIKE "
                      "'Firefox s%'"
                      " ORDER BY 2"),
        "S-1-5-21-1-2-3-1001|Firefox security.default_personal_cert|-|Select Automatically|HKCU policy\n"
        "-|Firefox security.osclientcerts.autoload|1|-|HKLM policy");
    world_close(&w);
}

static void a_policy_of_depth_is_not_read(void **state)
{
    struct iis_world w;
    char depth[4001] = {0}, text[8192];

    (void)state;
    memset(depth, '[', sizeof depth - 1);
    (void)snprintf(text, sizeof text,
                   REG MACHINE "Policies\\Google\\Chrome\\AutoSelectCertificateForUrls]\r\n\"1\"=\"%s\"\r\n",
                   depth);
    run(&w, text, NULL);
    assert_string_equal(world_ask(&w, "SELECT count(*), max(pattern) FROM browser_policy"), "1|-");
    world_close(&w);
}

static void orders_come_from_the_policy_first(void **state)
{
    static const char local[] =
        "[HKEY_LOCAL_"
        "MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Cryptography\\Configuration\\Local\\SSL\\00010002]\r\n"
        "\"Functions\"=hex(7):41,00,00,00,42,00,00,00,00,00\r\n\"EccCurves\"=hex(7):43,00,00,00,00,00\r\n";
    struct iis_world w;
    char text[2048];

    (void)state;
    (void)snprintf(text, sizeof text, REG "%s", local);
    run(&w, text, NULL);
    assert_string_equal(
        world_ask(&w, "SELECT list, position, name, decided_by FROM schannel_order ORDER BY 1, 2"),
        "cipher suites|1|A|local\ncipher suites|2|B|local\ncurves|1|C|local");
    world_close(&w);
    (void)snprintf(text, sizeof text,
                   REG "%s" MACHINE "Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\00010002]\r\n"
                       "\"Functions\"=\"X, Y,,Z\"\r\n",
                   local);
    run(&w, text, NULL);
    assert_string_equal(world_ask(&w, "SELECT position, name, decided_by FROM schannel_order WHERE list ="
                                      " 'cipher suites' ORDER BY 1"),
                        "1|X|policy\n2|Y|policy\n3|Z|policy");
    world_close(&w);
}

static void algorithms_are_on_unless_switched_off(void **state)
{
    static const char text[] =
        REG "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL]\r\n"
            "[HKEY_LOCAL_"
            "MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Hashes\\SHA]\r\n"
            "\"Enabled\"=dword:00000000\r\n";
    struct iis_world w;

    (void)state;
    run(&w, text, NULL);
    assert_string_equal(world_ask(&w, "SELECT setting, value, is_set FROM schannel_setting WHERE setting LIKE"
                                      " 'Hashes%' ORDER BY 1"),
                        "Hashes\\SHA|0|1\nHashes\\SHA256|1|0\nHashes\\SHA384|1|0\nHashes\\SHA512|1|0");
    assert_string_equal(
        world_ask(&w, "SELECT count(*) FROM schannel_setting WHERE setting LIKE 'Ciphers\\RC4%'"), "0");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_falls_into_its_zone),
        cmocka_unit_test(zone_entries_are_told_as_they_stand),
        cmocka_unit_test(enhanced_security_has_lists_of_its_own),
        cmocka_unit_test(what_cannot_be_known_is_not_guessed),
        cmocka_unit_test(only_the_machines_map_counts_when_it_is_so_set),
        cmocka_unit_test(proxies_are_told_without_their_users),
        cmocka_unit_test(cut_winhttp_settings_say_nothing),
        cmocka_unit_test(dotnet_is_set_or_proven_not_to_be),
        cmocka_unit_test(browsers_pick_by_policy),
        cmocka_unit_test(firefox_follows_the_machines_policy_then_the_users),
        cmocka_unit_test(a_policy_of_depth_is_not_read),
        cmocka_unit_test(orders_come_from_the_policy_first),
        cmocka_unit_test(algorithms_are_on_unless_switched_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
