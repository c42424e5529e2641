/* SPDX-License-Identifier: Apache-2.0
 *
 * IIS bindings against the records of http.sys: which one is selected, what stands in its way, and where the
 * two disagree. Expectations: the order of causes §2. */
#include "iis_world.h"

#define REG "Windows Registry Editor Version 5.00\r\n\r\n"
#define HTTPP "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters\\"
#define IP(endpoint, flags)                                                                                  \
    "[" HTTPP "SslBindingInfo\\" endpoint "]\r\n\"DefaultFlags\"=dword:" flags                               \
    "\r\n\"SslCertHash\"=hex:01\r\n"
#define NAMED(tree, id, endpoint, flags)                                                                     \
    "[" HTTPP tree "\\{" id "}]\r\n\"HostnamePort\"=\"" endpoint "\"\r\n\"DefaultFlags\"=dword:" flags "\r"  \
    "\n"
#define PORT(port, flags) "[" HTTPP "SslCcsBindingInfo\\" port "]\r\n\"DefaultFlags\"=dword:" flags "\r\n"
#define BUILD(build)                                                                                         \
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]\r\n"                              \
    "\"CurrentBuildNumber\"=\"" build "\"\r\n\"InstallationType\"=\"Server\"\r\n"
#define BINDING(information, flags)                                                                          \
    "<binding protocol='https' bindingInformation='" information "' sslFlags='" flags "'/>"
#define SITE_OF(bindings)                                                                                    \
    "<configuration><system.applicationHost><sites><site name='S' id='1'>"                                   \
    "<application path='/'><virtualDirectory path='/' physicalPath='C:\\s'/></application>"                  \
    "<bindings>" bindings "</bindings></site></sites></system.applicationHost></configuration>"

struct row {
    const char *bindings, *registry, *sql, *answer;
};

static void expect(const struct row *row)
{
    struct iis_world w;

    world_open(&w);
    world_add(&w, "iis/config/applicationHost.config", NULL, NULL, text_bytes(row->bindings));
    world_add(&w, "registry/http.reg", NULL, NULL, text_bytes(row->registry));
    w.state.build = 0;
    if (extract_registry(&w.state, &w.e))
        fail_msg("%s", w.e.text);
    world_run(&w);
    const char *answer = world_ask(&w, row->sql);
    if (strcmp(answer, row->answer) != 0)
        fail_msg("%s: '%s' instead of '%s'", row->sql, answer, row->answer);
    world_close(&w);
}

static void expect_all(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        expect(&rows[i]);
}

#define SELECTED "SELECT endpoint FROM effective_binding"

static void the_record_that_http_sys_selects(void **state)
{
    static const struct row rows[] = {
        /* an exact address before SNI, CCS and every address */
        {SITE_OF(BINDING("10.0.0.1:443:a.test", "1")),
         REG IP("0.0.0.0:443", "0") PORT("443", "0") NAMED("SslSniBindingInfo", "1", "a.test:443", "0")
             IP("10.0.0.1:443", "0"),
         SELECTED, "10.0.0.1:443"},
        {SITE_OF(BINDING("*:443:A.test", "1")),
         REG IP("0.0.0.0:443", "0") PORT("443", "0") NAMED("SslSniBindingInfo", "1", "a.TEST:443", "0"),
         SELECTED, "a.TEST:443"},
        /* a name before the wildcard that covers it, which stands for one label */
        {SITE_OF(BINDING("*:443:a.test", "1")),
         REG NAMED("SslSniBindingInfo", "1", "*.test:443", "0")
             NAMED("SslSniBindingInfo", "2", "a.test:443", "0"),
         SELECTED, "a.test:443"},
        {SITE_OF(BINDING("*:443:a.test", "1")),
         REG IP("0.0.0.0:443", "0") NAMED("SslSniBindingInfo", "1", "*.test:443", "0"), SELECTED,
         "*.test:443"},
        {SITE_OF(BINDING("*:443:b.a.test", "1")),
         REG IP("0.0.0.0:443", "0") NAMED("SslSniBindingInfo", "1", "*.test:443", "0"), SELECTED,
         "0.0.0.0:443"},
        {SITE_OF(BINDING("*:443:a.test", "3")), REG IP("0.0.0.0:443", "0") PORT("443", "0"), SELECTED, "443"},
        {SITE_OF(BINDING("*:443:a.test", "3")),
         REG PORT("443", "0") NAMED("SslSniCcsBindingInfo", "1", "a.test:443", "0"), SELECTED, "a.test:443"},
        {SITE_OF(BINDING("*:443:a.test", "3")),
         REG PORT("443", "0") NAMED("SslSniCcsBindingInfo", "1", "b.test:443", "0"), SELECTED, "443"},
        /* what the client asks for counts, not what IIS thinks of it */
        {SITE_OF(BINDING("*:443:a.test", "0")),
         REG IP("0.0.0.0:443", "0") NAMED("SslSniBindingInfo", "1", "a.test:443", "0"), SELECTED,
         "a.test:443"},
        {SITE_OF(BINDING("*:443:a.test", "1")), REG IP("0.0.0.0:443", "0") PORT("443", "0"), SELECTED, "443"},
        {SITE_OF(BINDING("*:443:", "0")), REG IP("0.0.0.0:443", "0") PORT("443", "0"), SELECTED,
         "0.0.0.0:443"},
        {SITE_OF(BINDING("*:443:", "0")), REG IP("[::]:443", "0") IP("0.0.0.0:443", "0"), SELECTED,
         "0.0.0.0:443"},
        {SITE_OF(BINDING("*:443:", "0")), REG IP("0.0.0.0:444", "0"), SELECTED, "-"},
    };

    (void)state;
    expect_all(rows, ARRAY_LEN(rows));
}

static void flags_have_names(void **state)
{
    static const struct row rows[] = {
        {SITE_OF(""), REG IP("0.0.0.0:443", "0000fff3"),
         "SELECT count(*), group_concat(name, ' ') FROM (SELECT name FROM ssl_binding_flag WHERE bit < 0x100 "
         "ORDER "
         "BY bit)",
         "6|USE_DS_MAPPER NEGOTIATE_CLIENT_CERT DISABLE_HTTP2 DISABLE_QUIC DISABLE_TLS13 "
         "DISABLE_OCSP_STAPLING"},
        {SITE_OF(""), REG IP("0.0.0.0:443", "0000ffff"), "SELECT count(*), sum(bit) FROM ssl_binding_flag",
         "16|65535"},
        {SITE_OF(BINDING("*:443:", "255")), REG, "SELECT count(*), sum(bit) FROM binding_flag", "8|255"},
    };

    (void)state;
    expect_all(rows, ARRAY_LEN(rows));
}

static void an_exact_address_takes_connections_from_a_binding(void **state)
{
    static const char sql[] = "SELECT endpoint, shadow, negotiate, shadow_negotiate FROM binding_shadow";
    static const struct row rows[] = {
        {SITE_OF(BINDING("*:443:a.test", "1")),
         REG NAMED("SslSniBindingInfo", "1", "a.test:443", "00000002") IP("10.0.0.1:443", "0"), sql,
         "a.test:443|10.0.0.1:443|1|0"},
        {SITE_OF(BINDING("*:443:a.test", "1")),
         REG NAMED("SslSniBindingInfo", "1", "a.test:443", "00000002") IP("10.0.0.1:444", "0")
             IP("0.0.0.0:443", "0"),
         sql, ""},
        {SITE_OF(BINDING("10.0.0.2:443:a.test", "1")),
         REG NAMED("SslSniBindingInfo", "1", "a.test:443", "00000002") IP("10.0.0.1:443", "0"), sql, ""},
    };

    (void)state;
    expect_all(rows, ARRAY_LEN(rows));
}

static void iis_and_http_sys_are_compared(void **state)
{
    static const char sql[] = "SELECT what, iis, http_sys FROM binding_mismatch";
    static const struct row rows[] = {
        {SITE_OF(BINDING("*:443:", "0")), REG BUILD("17763") IP("0.0.0.0:443", "00000002"), sql, ""},
        {SITE_OF(BINDING("*:443:", "0")), REG BUILD("26100") IP("0.0.0.0:443", "00000002"), sql,
         "negotiate|not set|NEGOTIATE_CLIENT_CERT"},
        {SITE_OF(BINDING("*:443:", "128")), REG BUILD("26100") IP("0.0.0.0:443", "00000002"), sql, ""},
        {SITE_OF(BINDING("*:443:", "128")), REG BUILD("26100") IP("0.0.0.0:443", "0"), sql,
         "flag|NegotiateClientCert|not set"},
        {SITE_OF(BINDING("*:443:", "36")), REG BUILD("20348") IP("0.0.0.0:443", "00000010"), sql,
         "flag|DisableTLS13|not set"},
        {SITE_OF(BINDING("*:443:a.test", "1")), REG BUILD("20348") IP("0.0.0.0:443", "0"), sql,
         "tree|sni|ip"},
        {SITE_OF(BINDING("*:444:", "0")), REG BUILD("20348") IP("0.0.0.0:443", "0"), sql, "no record|-|-"},
        {SITE_OF(BINDING("*:444:", "0")), REG BUILD("20348"), sql,
         ""}, /* nothing of http.sys was collected */
    };

    (void)state;
    expect_all(rows, ARRAY_LEN(rows));
}

static void an_edited_registry_is_told_from_what_http_sys_uses(void **state)
{
    static const char api[] =
        "{\"bindings\": [{\"tree\": \"ip\", \"endpoint\": \"0.0.0.0:443\", \"certHash\": \"01\","
        " \"checkMode\": 0, \"flags\": 0}]}";
    struct iis_world w;

    (void)state;
    world_open(&w);
    world_add(&w, "iis/config/applicationHost.config", NULL, NULL,
              text_bytes(SITE_OF(BINDING("*:443:", "0"))));
    world_add(&w, "registry/http.reg", NULL, NULL, text_bytes(REG IP("0.0.0.0:443", "00000002")));
    world_add(&w, "http/sslcert.json", NULL, NULL, text_bytes(api));
    assert_int_equal(extract_registry(&w.state, &w.e), 0);
    world_run(&w);
    assert_string_equal(world_ask(&w, "SELECT source, negotiate FROM effective_binding"), "api|0");
    assert_string_equal(world_ask(&w, "SELECT what, iis, http_sys FROM binding_mismatch"),
                        "source|registry 0x2|API 0x0");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_record_that_http_sys_selects),
        cmocka_unit_test(flags_have_names),
        cmocka_unit_test(an_exact_address_takes_connections_from_a_binding),
        cmocka_unit_test(iis_and_http_sys_are_compared),
        cmocka_unit_test(an_edited_registry_is_told_from_what_http_sys_uses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
