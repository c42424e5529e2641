/* SPDX-License-Identifier: Apache-2.0
 *
 * Users and passwords of proxies and URLs, however they are written; certificates told from keys; names and
 * what becomes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compiler.h"
#include "pseudonym.h"
#include "redact.h"

static void what_may_be_secret_goes(void **state)
{
    static const char *const rows[][2] = {
        {"proxy:8080", "proxy:8080"},
        {"http=proxy:8080;https=proxy:8081", "http=proxy:8080;https=proxy:8081"},
        {"u:p@proxy:8080", "[redacted]@proxy:8080"},
        {"http=u:p@a:1;https=u:q@b:2", "http=[redacted]@a:1;https=[redacted]@b:2"},
        {"http://u:p@proxy", "http://[redacted]@proxy"},
        {"https=https://u:p@proxy/", "https=https://[redacted]@proxy/"},
        {"http://u@proxy", "http://[redacted]@proxy"},
        {"u:p@w@proxy", "[redacted]@proxy"},
        {"http://u:p/w@proxy:80", "http://[redacted]@proxy:80"},
        {"http://proxy:80/a@b", "http://proxy:80/a@b"},
        {"http://[::1]:80/a@b", "http://[::1]:80/a@b"},
        {"http://wpad/x.pac?k=1", "http://wpad/x.pac"},
        {"http://wpad/x.pac#k", "http://wpad/x.pac"},
        {"data:text/plain;base64,AAAA", "data:"},
        {"a@b.example", "a@b.example"}, /* a mail address */
        {"{\"a\":\"https://u:p@h/?q\",\"b\":\"x:y\"}", "{\"a\":\"https://[redacted]@h/\",\"b\":\"x:y\"}"},
        {"[redacted]@proxy:8080", "[redacted]@proxy:8080"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) struct buf out = BUF_INIT(4096);
        CLEANUP(buf_done) struct buf bytes = BUF_INIT(4096);
        redact_secrets(&out, str_from(rows[i][0]));
        assert_string_equal(buf_c(&out), rows[i][1]);
        buf_add_c(&bytes, rows[i][0]);
        redact_secrets_in_place(&bytes, 1);
        assert_int_equal(bytes.len, strlen(rows[i][0]));
        assert_int_equal(strcmp(buf_c(&bytes), rows[i][0]) == 0,
                         strcmp(rows[i][0], rows[i][1]) == 0 || strstr(rows[i][0], "[redacted]") != NULL);
    }
}

static void a_name_has_one_pseudonym_everywhere(void **state)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(4096);
    CLEANUP(buf_done) struct buf map = BUF_INIT(4096);
    CLEANUP(buf_done) struct buf same = BUF_INIT(4096);
    static const char text[] =
        "web01 WEB01.contoso.com CONTOSO\\jane jane@contoso.com janet 10.1.2.3 110.1.2.3 "
        "S-1-5-21-1-2-3-500 <jane jane=\"jane\"/>";
    struct pseudonyms *p = NULL, *other = NULL;
    struct err e = {0};

    (void)state;
    assert_int_equal(pseudonyms_new(&p, &e), 0);
    pseudonyms_learn_host(p, STR("web01.contoso.com"));
    pseudonyms_learn_host(p, STR("web01"));
    pseudonyms_learn_host(p, STR("contoso.com"));
    pseudonyms_learn_user(p, STR("CONTOSO\\jane"));
    pseudonyms_learn_user(p, STR("NT AUTHORITY\\SYSTEM"));
    pseudonyms_learn(
        p, STR("c-ip 10.1.2.3 version 4.0.0.0 oid 2.5.29.37 S-1-5-21-1-2-3-500 S-1-5-82-1-2-3-4-5"));
    pseudonyms_apply(p, str_from(text), &out);
    assert_string_equal(buf_c(&out), "name1 name1.name2.com name2\\name3 name3@name2.com janet 198.18.0.1 "
                                     "110.1.2.3 S-1-5-21-1-1-1-500 <jane jane=\"name3\"/>");
    pseudonyms_map(p, &map);
    assert_int_equal(pseudonyms_new(&other, &e), 0);
    pseudonyms_read(other, buf_str(&map));
    pseudonyms_learn_host(other, STR("zeus"));
    pseudonyms_apply(other, str_from(text), &same);
    assert_string_equal(buf_c(&same), buf_c(&out));
    buf_clear(&same);
    pseudonyms_apply(other, STR("zeus"), &same);
    assert_string_equal(buf_c(&same), "name4");
    pseudonyms_free(p);
    pseudonyms_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_be_secret_goes),
        cmocka_unit_test(a_name_has_one_pseudonym_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
