/* SPDX-License-Identifier: Apache-2.0
 *
 * Schannel and http.sys settings: what holds when nothing is set, by Windows (causes §0 and its groups E, F,
 * K), and what a value makes of it. */
#include "iis_world.h"

#define REG "Windows Registry Editor Version 5.00\r\n\r\n"
#define CONTROL "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\"
#define SCH CONTROL "SecurityProviders\\SCHANNEL"
#define HTTPP "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters"
/* the keys were looked for, and hold nothing */
#define EMPTY                                                                                                \
    "[" SCH "]\r\n[" HTTPP "]\r\n[" CONTROL "Lsa\\FIPSAlgorithmPolicy]\r\n"                                  \
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTPFilter]\r\n"

static void run(struct iis_world *w, int build, const char *installation, const char *more)
{
    static char text[8192];

    (void)snprintf(text, sizeof text,
                   REG "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows "
                       "NT\\CurrentVersion]\r\n\"CurrentBuildNumber\"=\"%d\"\r\n"
                       "\"InstallationType\"=\"%s\"\r\n" EMPTY "%s",
                   build, installation, more);
    world_open(w);
    world_add(w, "registry/system.reg", NULL, NULL, text_bytes(text));
    w->state.build = 0;
    if (extract_registry(&w->state, &w->e))
        fail_msg("%s", w->e.text);
}

static const char *value_of(struct iis_world *w, const char *setting)
{
    char sql[256];

    (void)snprintf(sql, sizeof sql, "SELECT value, is_set FROM schannel_setting WHERE setting = '%s'",
                   setting);
    return world_ask(w, sql);
}

/* --- nothing is set --- */

#define PROTOCOLS(side)                                                                                      \
    "SELECT group_concat(coalesce(value, '?'), '') FROM (SELECT value FROM schannel_setting WHERE setting "  \
    "LIKE '% " side "' AND NOT is_set ORDER BY setting)"

/* In the order of the names: SSL 2.0, SSL 3.0, TLS 1.0 to 1.3. */
static void protocols_by_windows(void **state)
{
    static const struct {
        int build;
        const char *server, *client;
    } rows[] = {{6001, "111000", "011000"},  {7601, "111000", "011000"},  {9200, "011110", "011110"},
                {9600, "011110", "011110"},  {14393, "001110", "001110"}, {17763, "001110", "001110"},
                {20348, "001111", "001111"}, {26100, "00??11", "00??11"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct iis_world w;
        run(&w, rows[i].build, "Server", "");
        assert_string_equal(world_ask(&w, PROTOCOLS("Server")), rows[i].server);
        assert_string_equal(world_ask(&w, PROTOCOLS("Client")), rows[i].client);
        world_close(&w);
    }
}

static void switches_by_windows(void **state)
{
    static const struct {
        int build;
        const char *issuers, *http2;
    } rows[] = {{6001, "1|0", "0|0"},  {7601, "1|0", "0|0"},  {9200, "0|0", "0|0"},  {9600, "0|0", "0|0"},
                {14393, "0|0", "1|0"}, {17763, "0|0", "1|0"}, {20348, "0|0", "1|0"}, {26100, "0|0", "1|0"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct iis_world w;
        run(&w, rows[i].build, "Server", "");
        assert_string_equal(value_of(&w, "SendTrustedIssuerList"), rows[i].issuers);
        assert_string_equal(value_of(&w, "EnableHttp2Tls"), rows[i].http2);
        assert_string_equal(value_of(&w, "EnableHttp3"),
                            "0|0"); /* from Windows Server 2022 on it can be switched on */
        world_close(&w);
    }
}

static void the_same_in_every_windows(void **state)
{
    static const char *const rows[][2] = {
        {"ClientAuthTrustMode", "0|0"},
        {"EventLogging", "1|0"},
        {"DisableRenegoOnServer", "0|0"},
        {"DisableRenegoOnClient", "0|0"},
        {"AllowInsecureRenegoClients", "1|0"},
        {"AllowInsecureRenegoServers", "1|0"},
        {"MessageLimitClient", "32768|0"},
        {"MessageLimitServer", "16384|0"},
        {"MessageLimitServerClientAuth", "32768|0"},
        {"ServerCacheTime", "36000000|0"},
        {"ClientCacheTime", "36000000|0"},
        {"MaximumCacheSize", "20000|0"},
        {"IssuerCacheTime", "600000|0"},
        {"IssuerCacheSize", "100|0"},
        {"FIPSAlgorithmPolicy", "0|0"},
        {"CertChainCacheOnlyUrlRetrieval", "1|0"},
        {"CertificateMappingMethods", "-|0"}, /* which updates it has decides (causes C13) */
        {"Ciphers\\AES 128/128", "1|0"},
        {"Ciphers\\AES 256/256", "1|0"},
        {"Hashes\\SHA", "1|0"},
        {"Hashes\\SHA256", "1|0"},
        {"Hashes\\SHA384", "1|0"},
        {"Hashes\\SHA512", "1|0"},
        {"KeyExchangeAlgorithms\\PKCS", "1|0"},
        {"KeyExchangeAlgorithms\\Diffie-Hellman", "1|0"},
        {"KeyExchangeAlgorithms\\ECDH", "1|0"}};
    static const int builds[] = {6001, 9600, 26100};

    (void)state;
    for (size_t b = 0; b < ARRAY_LEN(builds); b++) {
        struct iis_world w;
        run(&w, builds[b], "Server", "");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            if (strcmp(value_of(&w, rows[i][0]), rows[i][1]) != 0)
                fail_msg("%d %s: %s", builds[b], rows[i][0], value_of(&w, rows[i][0]));
        world_close(&w);
    }
}

/* Documented from Windows 10 and Server 2016 on. */
static void least_keys_by_windows(void **state)
{
    struct iis_world w;

    (void)state;
    run(&w, 9600, "Server", "");
    assert_string_equal(value_of(&w, "KeyExchangeAlgorithms\\PKCS ClientMinKeyBitLength"), "-|0");
    world_close(&w);
    run(&w, 17763, "Server", "");
    assert_string_equal(value_of(&w, "KeyExchangeAlgorithms\\PKCS ClientMinKeyBitLength"), "1024|0");
    assert_string_equal(value_of(&w, "KeyExchangeAlgorithms\\Diffie-Hellman ClientMinKeyBitLength"),
                        "1024|0");
    assert_string_equal(value_of(&w, "KeyExchangeAlgorithms\\Diffie-Hellman ServerMinKeyBitLength"),
                        "2048|0");
    world_close(&w);
}

/* --- something is set --- */

static void a_value_wins_over_the_default(void **state)
{
    static const struct {
        const char *text, *setting, *answer;
    } rows[] = {
        {"[" SCH "]\r\n\"SendTrustedIssuerList\"=dword:1\r\n", "SendTrustedIssuerList", "1|1"},
        {"[" SCH "]\r\n\"SendTrustedIssuerList\"=\"1\"\r\n", "SendTrustedIssuerList",
         "0|0"}, /* a string is not read */
        {"[" SCH "\\Protocols]\r\n\"SendTrustedIssuerList\"=dword:1\r\n", "SendTrustedIssuerList", "0|0"},
        {"[" SCH "]\r\n\"ClientAuthTrustMode\"=dword:2\r\n", "ClientAuthTrustMode", "2|1"},
        {"[" SCH "]\r\n\"EventLogging\"=dword:7\r\n", "EventLogging", "7|1"},
        {"[" SCH "\\Messaging]\r\n\"MessageLimitServerClientAuth\"=dword:1000\r\n",
         "MessageLimitServerClientAuth", "4096|1"},
        {"[" SCH "]\r\n\"MessageLimitServerClientAuth\"=dword:1000\r\n", "MessageLimitServerClientAuth",
         "32768|0"},
        {"[" SCH "]\r\n\"ServerCacheTime\"=dword:0\r\n", "ServerCacheTime", "0|1"},
        {"[" SCH "\\Ciphers\\RC4 128/128]\r\n\"Enabled\"=dword:0\r\n", "Ciphers\\RC4 128/128", "0|1"},
        {"[" SCH "\\Ciphers\\AES 256/256]\r\n\"Enabled\"=dword:ffffffff\r\n", "Ciphers\\AES 256/256", "1|1"},
        {"[" SCH "\\Hashes\\SHA]\r\n\"Enabled\"=dword:0\r\n", "Hashes\\SHA", "0|1"},
        {"[" SCH "\\KeyExchangeAlgorithms\\Diffie-Hellman]\r\n\"Enabled\"=dword:0\r\n",
         "KeyExchangeAlgorithms\\Diffie-Hellman", "0|1"},
        {"[" SCH "\\KeyExchangeAlgorithms\\PKCS]\r\n\"ClientMinKeyBitLength\"=dword:800\r\n",
         "KeyExchangeAlgorithms\\PKCS ClientMinKeyBitLength", "2048|1"},
        {"[" CONTROL "Lsa\\FIPSAlgorithmPolicy]\r\n\"Enabled\"=dword:1\r\n", "FIPSAlgorithmPolicy", "1|1"},
        {"[" HTTPP "]\r\n\"EnableHttp2Tls\"=dword:0\r\n", "EnableHttp2Tls", "0|1"},
        {"[" HTTPP "]\r\n\"EnableHttp3\"=dword:1\r\n", "EnableHttp3", "1|1"},
        {"[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTPFilter\\Parameters]\r\n"
         "\"CertChainCacheOnlyUrlRetrieval\"=dword:0\r\n",
         "CertChainCacheOnlyUrlRetrieval", "0|1"},
        {"[" SCH "\\Protocols\\TLS 1.3\\Server]\r\n\"Enabled\"=dword:0\r\n", "TLS 1.3 Server", "0|1"},
        {"[" SCH "\\Protocols\\TLS 1.2\\Client]\r\n\"DisabledByDefault\"=dword:1\r\n", "TLS 1.2 Client",
         "0|1"},
        {"[" SCH "\\Protocols\\TLS1.2\\Server]\r\n\"Enabled\"=dword:0\r\n", "TLS 1.2 Server",
         "1|0"}, /* no such key */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct iis_world w;
        run(&w, 20348, "Server", rows[i].text);
        if (strcmp(value_of(&w, rows[i].setting), rows[i].answer) != 0)
            fail_msg("%s: %s", rows[i].text, value_of(&w, rows[i].setting));
        world_close(&w);
    }
}

/* What this Windows does not have, no value switches on. */
static void a_value_for_a_later_windows_does_nothing(void **state)
{
    static const struct {
        int build;
        const char *text, *setting, *answer;
    } rows[] = {
        {17763, "[" HTTPP "]\r\n\"EnableHttp3\"=dword:1\r\n", "EnableHttp3", "0|0"},
        {9600, "[" HTTPP "]\r\n\"EnableHttp2Tls\"=dword:1\r\n", "EnableHttp2Tls", "0|0"},
        {14393, "[" HTTPP "]\r\n\"EnableHttp2Tls\"=dword:1\r\n", "EnableHttp2Tls", "1|1"},
        {17763, "[" SCH "\\Protocols\\TLS 1.3\\Server]\r\n\"Enabled\"=dword:1\r\n", "TLS 1.3 Server", "0|0"},
        {7601,
         "[" SCH "\\Protocols\\TLS 1.2\\Server]\r\n\"Enabled\"=dword:1\r\n\"DisabledByDefault\"=dword:0\r\n",
         "TLS 1.2 Server", "1|1"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct iis_world w;
        run(&w, rows[i].build, "Server", rows[i].text);
        if (strcmp(value_of(&w, rows[i].setting), rows[i].answer) != 0)
            fail_msg("%d %s: %s", rows[i].build, rows[i].text, value_of(&w, rows[i].setting));
        world_close(&w);
    }
}

/* --- WinINet: 1A04 of each zone --- */

static void each_zone_has_its_default(void **state)
{
    struct iis_world w;

    (void)state;
    run(&w, 19045, "Client",
        "[HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet "
        "Settings]\r\n");
    assert_string_equal(world_ask(&w, "SELECT group_concat(zone || '=' || value || ' ' || decided_by, ', ') "
                                      "FROM (SELECT * FROM client_setting WHERE"
                                      " setting = '1A04' AND user = 'S-1-5-21-1-2-3-1001' ORDER BY zone)"),
                        "0=0 default, 1=0 default, 2=3 default, 3=3 default, 4=3 default");
    world_close(&w);
}

/* Each place is added in the order of its weight, the lightest first, and takes the decision over. */
static void the_places_have_their_precedence(void **state)
{
#define ZONE3 "Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Zones\\3]\r\n\"1A04\"=dword:"
#define USER_HIVE "[HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\"
    static const char *const places[][2] = {
        {"[HKEY_LOCAL_MACHINE\\SOFTWARE\\" ZONE3 "1\r\n", "1|HKLM"},
        {USER_HIVE ZONE3 "2\r\n", "2|HKCU"},
        {USER_HIVE "Policies\\" ZONE3 "3\r\n", "3|HKCU policy"},
        {"[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\" ZONE3 "4\r\n", "4|HKLM policy"}};
    char text[4096] = "[HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\Microsoft]\r\n";

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct iis_world w;
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s", places[i][0]);
        run(&w, 19045, "Client", text);
        assert_string_equal(
            world_ask(
                &w,
                "SELECT value, decided_by FROM client_setting WHERE setting = '1A04' AND zone = 3 AND user ="
                " 'S-1-5-21-1-2-3-1001'"),
            places[i][1]);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protocols_by_windows),
        cmocka_unit_test(switches_by_windows),
        cmocka_unit_test(the_same_in_every_windows),
        cmocka_unit_test(least_keys_by_windows),
        cmocka_unit_test(a_value_wins_over_the_default),
        cmocka_unit_test(a_value_for_a_later_windows_does_nothing),
        cmocka_unit_test(each_zone_has_its_default),
        cmocka_unit_test(the_places_have_their_precedence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
