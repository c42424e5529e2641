/* SPDX-License-Identifier: Apache-2.0
 *
 * What netsh prints in several languages: built line by line from the words of each, in the order that every
 * version of Windows keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "compiler.h"
#include "http_sys.h"
#include "limits.h"

struct words {
    const char *endpoint, *on, *off, *null, *not_set, *set;
};

static const struct words english = {"IP:port", "Enabled", "Disabled", "(null)", "Not Set", "Set"};
static const struct words german = {"IP:Port", "Aktiviert",        "Deaktiviert",
                                    "(null)",  "Nicht festgelegt", "Festgelegt"};
static const struct words japanese = {"IP:\xe3\x83\x9d\xe3\x83\xbc\xe3\x83\x88",
                                      "\xe6\x9c\x89\xe5\x8a\xb9",
                                      "\xe7\x84\xa1\xe5\x8a\xb9",
                                      "(null)",
                                      "\xe6\x9c\xaa\xe8\xa8\xad\xe5\xae\x9a",
                                      "\xe8\xa8\xad\xe5\xae\x9a"};
/* as a console of code page 850 leaves it */
static const struct words french = {"IP:port",
                                    "Activ\x82",
                                    "D\x82sactiv\x82",
                                    "(null)",
                                    "Non d\x82"
                                    "fini",
                                    "D\x82"
                                    "fini"};

struct seen {
    char text[2048];
    size_t n, records;
    int bad;
    bool is_translated;
};

static void take(const struct http_sys_binding *b, void *ctx)
{
    struct seen *s = ctx;

    s->records++;
    s->n +=
        (size_t)snprintf(s->text + s->n, sizeof s->text - s->n, "%s|%.*s|%.*s|%x|%x\n", b->tree,
                         (int)b->endpoint.len, b->endpoint.p ? b->endpoint.p : "", (int)b->ctl_store.len,
                         b->ctl_store.p ? b->ctl_store.p : "", (unsigned)b->check_mode, (unsigned)b->flags);
}

static struct seen read_text(const char *text)
{
    struct arena a = ARENA_INIT(1 << 20);
    struct seen s = {0};
    struct err e = {0};

    s.bad = http_sys_from_netsh(str_from(text), &a, take, &s, &s.is_translated, &e);
    arena_done(&a);
    return s;
}

/* switches: revocation, cached, usage, DS mapper, negotiate, each '+' or '-'; then, if there are more:
 * reject, HTTP/2, QUIC, TLS 1.2, TLS 1.3, OCSP. */
static size_t add_record(char *out, size_t size, const struct words *w, const char *endpoint,
                         const char *switches)
{
    static const char *const later[] = {"HTTP2", "QUIC", "TLS1.2", "TLS1.3", "OCSP"};
    const char *v[5];
    size_t n;

    for (size_t i = 0; i < 5; i++)
        v[i] = switches[i] == '+' ? w->on : w->off;
    n = (size_t)snprintf(out, size,
                         "    %s                      : %s\r\n    Hash                : AABB\r\n"
                         "    ID               : {4DC3E181-E14B-4A21-B022-59FC669B0914}\r\n    Store : MY\r\n"
                         "    Revocation : %s\r\n    Cached : %s\r\n    Usage  : %s\r\n"
                         "    Freshness : 0\r\n    Timeout : 15\r\n    Ctl : %s\r\n    Ctl Store : %s\r\n"
                         "    DS : %s\r\n    Negotiate : %s\r\n",
                         w->endpoint, endpoint, v[0], v[1], v[2], w->null, w->null, v[3], v[4]);
    if (switches[5])
        n += (size_t)snprintf(out + n, size - n, "    Reject Connections : %s\r\n",
                              switches[5] == '+' ? w->on : w->off);
    for (size_t i = 0; switches[5] && i < ARRAY_LEN(later); i++)
        n += (size_t)snprintf(out + n, size - n, "    X %s : %s\r\n", later[i],
                              switches[6 + i] == '+' ? w->set : w->not_set);
    n += (size_t)snprintf(out + n, size - n, "%s\r\n",
                          switches[5] ? " Extended:\r\n    PropertyId : 0\r\n    Window : 1048576\r\n" : "");
    return n;
}

static struct seen read_two(const struct words *w, const char *first, const char *second)
{
    char text[8192];
    size_t n = (size_t)snprintf(text, sizeof text, "\r\nSSL:\r\n-----\r\n\r\n");

    n += add_record(text + n, sizeof text - n, w, "0.0.0.0:443", first);
    (void)add_record(text + n, sizeof text - n, w, "[::]:8443", second);
    return read_text(text);
}

static void every_language_says_the_same(void **state)
{
    static const struct words *const languages[] = {&english, &german, &japanese, &french};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(languages); i++) {
        struct seen s = read_two(languages[i], "+-+-+", "--++-");
        assert_int_equal(s.bad, 0);
        assert_string_equal(s.text, "ip|0.0.0.0:443||0|2\nip|[::]:8443||1|1\n");
        assert_int_equal(s.is_translated, languages[i] != &english);
    }
}

static void switches_of_later_versions_become_flags(void **state)
{
    struct seen s;

    (void)state;
    s = read_two(&english, "+-+-+-+---+", "+-+--+-+-+-");
    assert_string_equal(s.text, "ip|0.0.0.0:443||0|92\nip|[::]:8443||0|68\n");
    s = read_two(&german, "+-+-+------", "+-+--------");
    assert_int_equal(s.bad, 0);
    assert_string_equal(s.text, "ip|0.0.0.0:443||0|2\nip|[::]:8443||0|0\n");
}

/* A wrong flag is worse than none: what a translated console does not say beyond doubt is counted, not read.
 */
static void doubts_are_counted(void **state)
{
    struct seen s;

    (void)state;
    s = read_two(&german, "+-+-+", "+----"); /* the usage check differs: which word is "on"? */
    assert_int_equal(s.bad, 2);
    assert_int_equal(s.records, 0);
    s = read_two(&german, "+-+-++-----",
                 "+-+--------"); /* rejects connections, or the words are the other way round */
    assert_int_equal(s.bad, 2);
    s = read_two(&german, "+++-+", "+++--"); /* one word only */
    assert_int_equal(s.bad, 2);
    s = read_two(&german, "+-+-+----+-", "+-+--------"); /* a switch of another state than its neighbours */
    assert_int_equal(s.bad, 1);
    assert_string_equal(s.text, "ip|[::]:8443||0|0\n");
    s = read_two(&english, "+--++", "-++--"); /* English needs no guess */
    assert_int_equal(s.bad, 0);
    assert_string_equal(s.text, "ip|0.0.0.0:443||10000|3\nip|[::]:8443||3|0\n");
}

static void an_endpoint_tells_the_tree(void **state)
{
    static const char *const rows[][2] = {{"10.0.0.1:443", "ip"},
                                          {"[fe80::1]:443", "ip"},
                                          {"443", "ccs"},
                                          {"3com.example:443", "sni"},
                                          {"*.a.example:443", "sni"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[4096], expected[128];
        struct seen s;
        (void)add_record(text, sizeof text, &english, rows[i][0], "+-+--");
        (void)snprintf(expected, sizeof expected, "%s|%s||0|0\n", rows[i][1], rows[i][0]);
        s = read_text(text);
        assert_string_equal(s.text, expected);
    }
}

static void other_text_has_no_records(void **state)
{
    (void)state;
    assert_int_equal(read_text("").records, 0);
    assert_int_equal(read_text("a : b\n").records, 0);
    assert_int_equal(read_text("The system cannot find the file specified.\r\n").bad, 0);
    assert_int_equal(read_text(":\n : \n::\n :").bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_language_says_the_same),
        cmocka_unit_test(switches_of_later_versions_become_flags),
        cmocka_unit_test(doubts_are_counted),
        cmocka_unit_test(an_endpoint_tells_the_tree),
        cmocka_unit_test(other_text_has_no_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
