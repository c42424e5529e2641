/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "compiler.h"
#include "windows.h"

static void names_builds_by_edition(void **state)
{
    static const struct {
        int64_t build;
        const char *installation, *name;
    } rows[] = {{6001, "Server", "Windows Server 2008"},
                {7601, "Server", "Windows Server 2008 R2"},
                {7601, "Client", "Windows 7"},
                {9200, "Server", "Windows Server 2012"},
                {9600, "Server Core", "Windows Server 2012 R2"},
                {14393, "Server", "Windows Server 2016"},
                {17763, "Server", "Windows Server 2019"},
                {19045, "Client", "Windows 10"},
                {20348, "Server", "Windows Server 2022"},
                {22631, "Client", "Windows 11"},
                {26100, "Server", "Windows Server 2025"},
                {26100, "Client", "Windows 11"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(windows_name(rows[i].build, str_from(rows[i].installation)), rows[i].name);
    assert_null(windows_name(0, STR("")));
}

static void gives_each_build_its_defaults(void **state)
{
    (void)state;
    assert_int_equal(windows_of_build(7601)->sends_issuer_list, 1);
    assert_int_equal(windows_of_build(9200)->sends_issuer_list, 0);
    assert_int_equal(windows_of_build(7601)->on_server[WINDOWS_TLS12], 0);
    assert_int_equal(windows_of_build(9600)->on_server[WINDOWS_TLS12], 1);
    assert_int_equal(windows_of_build(17763)->on_server[WINDOWS_TLS13], 0);
    assert_int_equal(windows_of_build(20348)->on_server[WINDOWS_TLS13], 1);
    assert_int_equal(windows_of_build(14393)->on_server[WINDOWS_SSL3], 0);
    assert_int_equal(windows_of_build(9600)->on_server[WINDOWS_SSL3], 1);
    assert_int_equal(windows_of_build(26100)->on_server[WINDOWS_TLS10], WINDOWS_UNKNOWN);
    assert_string_equal(windows_of_build(9600)->iis, "8.5");
    assert_int_equal(windows_of_build(7601)->has_sni, 0);
    assert_int_equal(windows_of_build(9200)->binding_bits, 3);
    assert_int_equal(windows_of_build(14393)->binding_bits, 3);
    assert_int_equal(windows_of_build(17763)->binding_bits, 127);
    assert_int_equal(windows_of_build(26100)->binding_bits, 255);
    assert_int_equal(windows_of_build(17763)->late_request, WINDOWS_LATE_NONE);
    assert_int_equal(windows_of_build(20348)->late_request, WINDOWS_LATE_RESET);
    assert_int_equal(windows_of_build(26100)->late_request, WINDOWS_LATE_ERROR);
    assert_int_equal(windows_of_build(7601)->has_binding_ctl, 1);
    assert_int_equal(windows_of_build(9200)->has_binding_ctl, 0);
    assert_int_equal(windows_of_build(7601)->refuses_for_root, 0);
    assert_int_equal(windows_of_build(9200)->refuses_for_root, 1);
    assert_int_equal(windows_of_build(9200)->cuts_unsent_list, 1);
    assert_int_equal(windows_of_build(9600)->cuts_unsent_list, 0);
    assert_int_equal(windows_of_build(9600)->has_sha512, 0);
    assert_int_equal(windows_of_build(10240)->has_sha512, 1);
    assert_int_equal(windows_of_build(9200)->has_winhttp_tls12, 0);
    assert_int_equal(windows_of_build(9600)->has_winhttp_tls12, 1);
    assert_int_equal(windows_of_build(6003)->has_pool_identity, 0);
    assert_int_equal(windows_of_build(7601)->has_pool_identity, 1);
    assert_int_equal(windows_of_build(7601)->numbers_kdc_anew, 0);
    assert_int_equal(windows_of_build(17763)->numbers_kdc_anew, 1);
    assert_int_equal(windows_of_build(9600)->has_http2, 0);
    assert_int_equal(windows_of_build(14393)->has_http2, 1);
    assert_int_equal(windows_of_build(17763)->has_http3, 0);
    assert_int_equal(windows_of_build(20348)->has_http3, 1);
    assert_null(windows_of_build(2600));
}

static void table_is_sorted(void **state)
{
    int64_t last = 0;

    (void)state;
    for (int64_t build = 6000; build < 30000; build++) {
        const struct windows_family *f = windows_of_build(build);
        assert_non_null(f);
        assert_true(f->build <= build && f->build >= last);
        assert_true(f->server || f->client);
        last = f->build;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_builds_by_edition),
        cmocka_unit_test(gives_each_build_its_defaults),
        cmocka_unit_test(table_is_sorted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
