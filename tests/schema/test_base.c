/* SPDX-License-Identifier: Apache-2.0
 *
 * The small things that everything stands on: errors, views, buffers, arenas, words and names. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "limits.h"
#include "names.h"

static void an_error_is_one_printable_line(void **state)
{
    (void)state;
    struct err e;
    char long_text[2000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;

    assert_int_equal(err_set(&e, ERR_FORMAT, "a\nb\x1b%s", "c"), -ERR_FORMAT);
    assert_string_equal(e.text, "a?b?c");
    assert_int_equal(err_wrap(&e, "entry %d", 3), -ERR_FORMAT);
    assert_string_equal(e.text, "entry 3: a?b?c");
    (void)err_set(&e, ERR_LIMIT, "%s", long_text);
    assert_int_equal(strlen(e.text), ERR_TEXT_BYTES - 1);
    assert_int_equal(err_wrap(&e, "outer"), -ERR_LIMIT);
    assert_memory_equal(e.text, "outer: xxx", 10);
    (void)err_wrap(&e, "%s", long_text);
    assert_int_equal(strlen(e.text), ERR_TEXT_BYTES - 1);
}

static void errno_becomes_a_code(void **state)
{
    (void)state;
    static const struct {
        int number, code;
    } ROWS[] = {{ENOENT, ERR_MISSING}, {EACCES, ERR_DENIED},  {EPERM, ERR_DENIED},
                {ENOMEM, ERR_NOMEM},   {ENOSPC, ERR_STORAGE}, {EIO, ERR_IO}};

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct err e;
        errno = ROWS[i].number;
        assert_int_equal(err_errno(&e, "file"), -ROWS[i].code);
        assert_int_equal(e.os_code, ROWS[i].number);
        assert_memory_equal(e.text, "file: ", 6);
    }
    assert_int_equal(err_http_status(ERR_LIMIT), 413);
    assert_int_equal(err_http_status(-ERR_FORMAT), 422);
    assert_int_equal(err_http_status(9999), 500);
    assert_string_equal(err_name(-ERR_CAGE), "CAGE");
    assert_int_equal(err_exit_code(ERR_USAGE), 2);
}

static void views_are_compared_and_cut(void **state)
{
    (void)state;
    struct str rest, none = {NULL, 0};

    assert_true(str_eq(none, STR("")));
    assert_true(str_ieq(STR("AbC"), STR("aBc")));
    assert_false(str_ieq(STR("\xc4"), STR("\xe4"))); /* ASCII only */
    assert_true(str_icmp(STR("a"), STR("B")) < 0);
    assert_true(str_icmp(STR("ab"), STR("a")) > 0);
    assert_true(str_iends(STR("x.LOG"), STR(".log")));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_true(str_eq(str_trim(STR(" \t a b\r\n")), STR("a b")));
    assert_int_equal(str_skip(STR("abc"), 9).len, 0);
    assert_true(str_eq(str_cut(STR("a=b=c"), '=', &rest), STR("a")));
    assert_true(str_eq(rest, STR("b=c")));
    assert_true(str_eq(str_cut(STR("abc"), '=', &rest), STR("abc")));
    assert_null(rest.p);
    (void)str_cut(STR("abc="), '=', &rest);
    assert_non_null(rest.p);
}

static void numbers_are_whole_or_nothing(void **state)
{
    (void)state;
    static const char *const BAD[] = {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "18446744073709551616"};
    uint64_t n = 7;

    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        assert_false(str_to_u64(str_from(BAD[i]), UINT64_MAX, &n));
    assert_false(str_to_u64(STR("65536"), 65535, &n));
    assert_int_equal(n, 7);
    assert_true(str_to_u64(STR("18446744073709551615"), UINT64_MAX, &n));
    assert_true(n == UINT64_MAX);
    assert_true(str_to_u64(STR("00065535"), 65535, &n));
}

static void a_buffer_keeps_its_cap_and_its_failure(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b = BUF_INIT(1000);
    static const char filler[500];
    struct err e;

    assert_string_equal(buf_c(&b), "");
    for (int i = 0; i < 100; i++)
        buf_printf(&b, "%04d|", i);
    assert_int_equal(b.len, 500);
    assert_int_equal(buf_check(&b, "text", &e), 0);
    buf_add(&b, filler, 500); /* exactly full */
    assert_int_equal(b.len, 1000);
    buf_add_char(&b, 'x');
    assert_int_equal(buf_check(&b, "text", &e), -ERR_LIMIT);
    assert_string_equal(e.text, "text: longer than 1000 bytes");
    buf_add_c(&b, "");
    assert_int_equal(b.len, 1000);
    buf_clear(&b);
    buf_add_u32le(&b, 0x01020304);
    assert_memory_equal(b.p, "\4\3\2\1", 5);
    assert_null(buf_reserve(&b, SIZE_MAX));
    assert_int_equal(b.failed, ERR_LIMIT);
}

static void an_arena_is_zeroed_aligned_and_capped(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT(1 << 20);
    size_t n = 0;

    for (size_t size = 0; size < 300; size++) {
        unsigned char *p = arena_alloc(&a, size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, size);
    }
    assert_null(arena_array(&a, SIZE_MAX / 2, 4));
    assert_null(arena_alloc(&a, 1 << 20));
    while (arena_alloc(&a, 50000))
        n++;
    assert_in_range(n, 15, 20);
    assert_true(a.used_bytes <= a.cap_bytes);
    struct str kept = arena_keep(&a, STR("abc"));
    assert_string_equal(kept.p, "abc");
    assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
    arena_done(&a);
    assert_int_equal(a.used_bytes, 0);
    assert_non_null(arena_alloc(&a, 1000));
    arena_done(&a);
}

static void words_go_there_and_back(void **state)
{
    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        enum outcome o = OUTCOME_COUNT;
        assert_true(outcome_from(str_from(outcome_text((enum outcome)i)), &o));
        assert_int_equal(o, i);
    }
    for (int i = 0; i < KIND_COUNT; i++) {
        enum kind k = KIND_COUNT;
        assert_true(kind_from(str_from(kind_text((enum kind)i)), &k));
        assert_int_equal(k, i);
    }
    enum outcome o;
    assert_false(outcome_from(STR("lost"), &o)); /* the server's word, no collector says it */
    assert_false(outcome_from(STR("OK"), &o));
}

static void an_entry_says_its_kind(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum kind kind;
    } ROWS[] = {
        {"iis/config/applicationHost.config", KIND_IIS_CONFIG},
        {"iis/config/schema/IIS_schema.xml", KIND_IIS_CONFIG},
        {"iis/web/12/web.config", KIND_WEB_CONFIG},
        {"registry/schannel.reg", KIND_REG_SCHANNEL},
        {"registry/client-S-1-5-21-1.reg", KIND_REG_CLIENT},
        {"certs/stores.json", KIND_CERT_STORE},
        {"certs/stores-S-1-5-21-1.json", KIND_CERT_STORE},
        {"certs/LocalMachine/Root/00.cer", KIND_CERT_STORE},
        {"registry/everything of SCHANNEL.reg", KIND_REG_SYSTEM},
        {"certs/LocalMachine/Root.sst", KIND_CERT_STORE},
        {"certs/CurrentUser/CA/chain.p7b", KIND_CERT_STORE},
        {"certs/LocalMachine/Disallowed/disallowedcert.stl", KIND_CERT_STORE},
        {"logs/W3SVC/1/u_ex.LOG", KIND_LOG_IIS},
        {"logs/httperr/httperr1.log", KIND_LOG_HTTPERR},
        {"logs/freb/1/fr000001.xml", KIND_LOG_FREB},
        {"logs/events/System.evtx", KIND_LOG_EVENT},
        {"attach/System.evtx", KIND_LOG_EVENT},
        {"attach/a/b.pcap", KIND_ATTACHMENT},
    };
    enum kind k;

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        assert_true(kind_of_entry(str_from(ROWS[i].name), &k));
        assert_int_equal(k, ROWS[i].kind);
    }
    assert_false(kind_of_entry(STR("manifest.json"), &k));
    assert_false(kind_of_entry(STR("readme.txt"), &k));
}

static void names_of_entries_are_legal_or_not(void **state)
{
    (void)state;
    static const char *const GOOD[] = {"a", "a/b.c", "a b/c", "...a", "a..b/c", "~$x", "(1)/[2]"};
    static const char *const BAD[] = {"",      "/a",   "a/",   "a//b", ".",     "..",      "a/..", "./a",
                                      "a/./b", "a\\b", "c:/a", "a*",   "a?",    "a|b",     "a<b",  "a\"b",
                                      "a\nb",  "a.",   "a /b", "a/b.", "a\x7f", "\xc3\xa4"};
    char longest[600];

    for (size_t i = 0; i < ARRAY_LEN(GOOD); i++)
        if (!entry_name_is_legal(str_from(GOOD[i])))
            fail_msg("refused: %s", GOOD[i]);
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        if (entry_name_is_legal(str_from(BAD[i])))
            fail_msg("accepted: %s", BAD[i]);
    assert_false(entry_name_is_legal((struct str){"a\0b", 3}));
    memset(longest, 'a', sizeof longest);
    assert_true(entry_name_is_legal((struct str){longest, (size_t)LIMIT_ENTRY_NAME_BYTES}));
    assert_false(entry_name_is_legal((struct str){longest, (size_t)LIMIT_ENTRY_NAME_BYTES + 1}));
}

static void case_ids_are_legal_or_not(void **state)
{
    (void)state;
    assert_true(case_id_is_legal(STR("2026-01_A.b")));
    assert_false(case_id_is_legal(STR("")));
    assert_false(case_id_is_legal(STR(".a")));
    assert_false(case_id_is_legal(STR("a/b")));
    assert_false(case_id_is_legal(STR("a b")));
    assert_true(case_id_is_legal(STR("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd")));
    assert_false(case_id_is_legal(STR("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddd")));
}

static void patterns_fit(void **state)
{
    (void)state;
    assert_true(str_fits(STR("C:\\inetpub\\Logs\\u.log"), STR("c:/inetpub/*.LOG")));
    assert_true(str_fits(STR("aXbXc"), STR("*x*c")));
    assert_true(str_fits(STR("abab"), STR("*ab")));
    assert_true(str_fits(STR(""), STR("**")));
    assert_false(str_fits(STR("abc"), STR("ab")));
    assert_false(str_fits(STR("ab"), STR("abc")));
    assert_false(str_fits(STR("a/b"), STR("a\\b")));
    assert_false(str_fits(STR("a"), STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_fit),
        cmocka_unit_test(an_error_is_one_printable_line),
        cmocka_unit_test(errno_becomes_a_code),
        cmocka_unit_test(views_are_compared_and_cut),
        cmocka_unit_test(numbers_are_whole_or_nothing),
        cmocka_unit_test(a_buffer_keeps_its_cap_and_its_failure),
        cmocka_unit_test(an_arena_is_zeroed_aligned_and_capped),
        cmocka_unit_test(words_go_there_and_back),
        cmocka_unit_test(an_entry_says_its_kind),
        cmocka_unit_test(names_of_entries_are_legal_or_not),
        cmocka_unit_test(case_ids_are_legal_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
