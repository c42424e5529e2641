/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proxy.h"

static void the_one_for_https_is_chosen(void **state)
{
    static const struct {
        const char *list, *chosen; /* "": none */
    } cases[] = {
        {"", ""},
        {"proxy:8080", "http://proxy:8080"},
        {"http=a:1;https=b:2;ftp=c:3", "http://b:2"},
        {"http=a:1 https=b:2", "http://b:2"},
        {"http=a:1", ""},
        {"https=https://b:2", "https://b:2"},
        {"a:1;b:2", "http://a:1"},
        {"ftp=c:3;any:4", "http://any:4"},
        {";; ", ""},
        {"HTTPS=b:2", "http://b:2"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf got = BUF_INIT(1024);
        if (proxy_choose(str_from(cases[i].list), &got) != (cases[i].chosen[0] != 0))
            fail_msg("%s", cases[i].list);
        assert_string_equal(buf_c(&got), cases[i].chosen);
        buf_done(&got);
    }
}

static void exceptions_go_past_the_proxy(void **state)
{
    static const struct {
        const char *exceptions, *url;
        bool bypassed;
    } cases[] = {
        {"", "https://triage.test", false},
        {"*.contoso.com", "https://triage.contoso.com:8443/x", true},
        {"*.contoso.com", "https://TRIAGE.Contoso.COM", true},
        {"*.contoso.com", "https://contoso.com", false},
        {"*.contoso.com", "https://triage.contoso.com.evil.test", false},
        {"contoso.com", "https://triage.contoso.com", false},
        {"10.*;192.168.*", "https://192.168.1.2", true},
        {"10.*", "https://110.1.1.1", false},
        {"<local>", "https://triage", true},
        {"<local>", "https://triage:8443/a.b", true},
        {"<local>", "https://triage.test", false},
        {"<local>", "https://[2001:db8::1]", false},
        {"[2001:db8::1]", "https://[2001:db8::1]:8443", true},
        {"a.test b.test;c.test", "https://b.test", true},
        {"https://b.test:443", "https://b.test/x", true},
        {"*", "https://any.test", true},
        {";; ;", "https://any.test", false},
        {"*a*b", "https://xaab", true},
        {"*a*b", "https://xaba", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (proxy_is_bypassed(str_from(cases[i].exceptions), str_from(cases[i].url)) != cases[i].bypassed)
            fail_msg("%s: %s", cases[i].exceptions, cases[i].url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_for_https_is_chosen),
        cmocka_unit_test(exceptions_go_past_the_proxy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
