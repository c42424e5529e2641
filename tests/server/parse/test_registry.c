/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "registry.h"

#define SCH "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL"

static int problems;

static void count(int64_t line, const char *what, void *ctx)
{
    (void)line;
    (void)what;
    (void)ctx;
    problems++;
}

static struct registry *parse(struct arena *a, const void *text, size_t len)
{
    struct err e = {0};
    struct registry *r = NULL;

    problems = 0;
    assert_int_equal(registry_new(a, &r, &e), 0);
    if (registry_parse(r, (struct bytes){text, len}, STR("registry/x.reg"), count, NULL, &e))
        fail_msg("%s", e.text);
    return r;
}

static const char text[] =
    "Windows Registry Editor Version 5.00\r\n"
    "\r\n"
    "; LastWriteTime=2026-01-02T03:04:05.000Z\r\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Control\\SecurityProviders\\SCHANNEL]\r\n"
    "\"EventLogging\"=dword:00000007\r\n"
    "\"Number\"=hex(b):01,00,00,00,01,00,00,00\r\n"
    "@=\"the \\\"default\\\" C:\\\\x\"\r\n"
    "\"Multi\"=hex(7):61,00,00,00,62,00,\\\r\n"
    "  00,00,00,00\r\n"
    "\"Path\"=hex(2):25,00,78,00,25,00,00,00\r\n"
    "\"Bin\"=hex:de,ad,\\\r\n"
    "  be,ef\r\n"
    "\"Two\r\nlines\"=dword:1\r\n"
    "\"Gone\"=dword:1\r\n"
    "\"Gone\"=-\r\n"
    "nonsense\r\n"
    "; Absent=[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTPFilter]\r\n"
    "\r\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet002\\Control]\r\n"
    "\"Other\"=dword:2\r\n"
    "[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Old]\r\n";

static void reads_every_type_with_its_line(void **state)
{
    struct arena a = ARENA_INIT(1 << 22);
    struct registry *r = parse(&a, text, sizeof(text) - 1);
    const struct registry_key *k =
        registry_find(r, STR("hklm\\system\\currentcontrolset\\control\\securityproviders\\schannel"));

    (void)state;
    assert_non_null(k);
    assert_true(k->modified_ms == time_from_civil(2026, 1, 2, 3, 4, 5));
    assert_int_equal(k->line, 4);
    assert_int_equal(registry_get(r, SCH, "eventlogging")->number, 7);
    assert_int_equal(registry_get(r, SCH, "eventlogging")->line, 5);
    assert_true(registry_get(r, SCH, "Number")->number == 0x100000001);
    assert_true(str_eq(registry_get(r, SCH, "")->text, STR("the \"default\" C:\\x")));
    assert_true(str_eq(registry_get(r, SCH, "Multi")->text, STR("a\nb")));
    assert_int_equal(registry_get(r, SCH, "Multi")->line, 8);
    assert_true(str_eq(registry_get(r, SCH, "Path")->text, STR("%x%")));
    assert_memory_equal(registry_get(r, SCH, "Bin")->raw.p, "\xde\xad\xbe\xef", 4);
    assert_int_equal(registry_get(r, SCH, "Two\nlines")->number, 1);
    assert_null(registry_get(r, SCH, "Gone"));
    assert_int_equal(problems, 1); /* the nonsense */
    arena_done(&a);
}

static void folds_one_control_set_only(void **state)
{
    struct arena a = ARENA_INIT(1 << 22);
    struct registry *r = parse(&a, text, sizeof(text) - 1);

    (void)state;
    assert_null(registry_get(r, "HKLM\\SYSTEM\\CurrentControlSet\\Control", "Other"));
    assert_non_null(registry_get(r, "HKLM\\SYSTEM\\ControlSet002\\Control", "Other"));
    arena_done(&a);
}

static void knows_what_silence_proves(void **state)
{
    struct arena a = ARENA_INIT(1 << 22);
    struct registry *r = parse(&a, text, sizeof(text) - 1);
    const struct registry_key *absent;

    (void)state;
    assert_non_null(registry_proof(r, STR(SCH "\\Protocols\\TLS 1.3\\Server"), STR(SCH)));
    assert_null(registry_proof(r, STR("HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters"),
                               STR("HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters")));
    absent = registry_proof(r, STR("HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTPFilter\\Parameters"),
                            STR("HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTPFilter\\Parameters"));
    assert_true(absent && absent->is_absent);
    assert_true(registry_find(r, STR("HKLM\\SOFTWARE\\Old"))->is_absent);
    arena_done(&a);
}

static void reads_utf16_and_regedit4(void **state)
{
    static const char ansi[] =
        "REGEDIT4\n\n[HKEY_CURRENT_USER\\A]\n\"m\"=hex(7):61,62,00,63,00,00\n\"e\"=hex(2):41,00\n";
    struct arena a = ARENA_INIT(1 << 22);
    struct registry *r = parse(&a, ansi, sizeof(ansi) - 1);
    char wide[2 * sizeof(text) + 2] = "\xff\xfe";

    (void)state;
    assert_true(str_eq(registry_get(r, "HKCU\\A", "m")->text, STR("ab\nc")));
    assert_true(str_eq(registry_get(r, "HKCU\\A", "e")->text, STR("A")));
    for (size_t i = 0; i + 1 < sizeof(text); i++) {
        wide[2 + 2 * i] = text[i];
        wide[3 + 2 * i] = 0;
    }
    r = parse(&a, wide, 2 + 2 * (sizeof(text) - 1));
    assert_int_equal(registry_get(r, SCH, "EventLogging")->number, 7);
    arena_done(&a);
}

/* A deleted key takes along what stands below it, whatever the order of the names; what comes later is there
 * again. */
static void a_deleted_key_takes_all_below_it(void **state)
{
    static const char deletes[] = "Windows Registry Editor Version 5.00\n\n"
                                  "[HKEY_CURRENT_USER\\A\\B\\C]\n\"x\"=dword:1\n"
                                  "[HKEY_CURRENT_USER\\AB]\n\"x\"=dword:2\n"
                                  "[HKEY_CURRENT_USER\\A]\n\"x\"=dword:3\n"
                                  "[-HKEY_CURRENT_USER\\a]\n\"x\"=dword:4\n"
                                  "[HKEY_CURRENT_USER\\A\\New]\n\"x\"=dword:5\n"
                                  "[HKEY_CURRENT_USER\\A\\B]\n";
    struct arena a = ARENA_INIT(1 << 22);
    struct registry *r = parse(&a, deletes, sizeof(deletes) - 1);

    (void)state;
    assert_true(registry_find(r, STR("HKCU\\A"))->is_absent);
    assert_true(registry_find(r, STR("HKCU\\A\\B\\C"))->is_absent);
    assert_null(registry_get(r, "HKCU\\A\\B\\C", "x"));
    assert_null(registry_get(r, "HKCU\\A", "x"));
    assert_int_equal(registry_get(r, "HKCU\\AB", "x")->number, 2);
    assert_int_equal(registry_get(r, "HKCU\\A\\New", "x")->number, 5);
    assert_false(registry_find(r, STR("HKCU\\A\\B"))->is_absent);
    arena_done(&a);
}

static void refuses_other_text(void **state)
{
    struct arena a = ARENA_INIT(1 << 22);
    struct err e = {0};
    struct registry *r;

    (void)state;
    assert_int_equal(registry_new(&a, &r, &e), 0);
    assert_int_equal(
        registry_parse(r, (struct bytes){(const uint8_t *)"hello\n", 6}, STR("x"), count, NULL, &e),
        -ERR_FORMAT);
    arena_done(&a);
}

static void survives_cuts_and_flipped_bits(void **state)
{
    char bad[sizeof(text)];

    (void)state;
    srand(11);
    for (int i = 0; i < 5000; i++) {
        struct arena a = ARENA_INIT(1 << 22);
        struct err e = {0};
        struct registry *r;
        size_t len = (size_t)rand() % sizeof(text);
        memcpy(bad, text, sizeof(text));
        for (int k = 0; k < 4; k++)
            bad[40 + (size_t)rand() % (sizeof(text) - 40)] ^= (char)(1 << rand() % 8);
        assert_int_equal(registry_new(&a, &r, &e), 0);
        (void)registry_parse(r, (struct bytes){(const uint8_t *)bad, len}, STR("x"), count, NULL, &e);
        arena_done(&a);
    }
}

static size_t read_whole(const char *path, uint8_t **ret)
{
    FILE *f = fopen(path, "rb");
    size_t n;

    assert_non_null(f);
    *ret = malloc(16u << 20);
    assert_non_null(*ret);
    n = fread(*ret, 1, 16u << 20, f);
    (void)fclose(f);
    return n;
}

static void reads_exports_of_real_machines(void **state)
{
    static const char folder[] = CT_SOURCE_DIR "/../shared/real/registry";
    DIR *d = opendir(folder);
    int n = 0, values = 0;

    (void)state;
    if (!d)
        skip();
    for (struct dirent *f = readdir(d); f; f = readdir(d)) {
        struct arena a = ARENA_INIT(64 << 20);
        char path[1024];
        uint8_t *file;
        size_t len;
        struct registry *r;
        if (!str_iends(str_from(f->d_name), STR(".reg")))
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, f->d_name);
        len = read_whole(path, &file);
        r = parse(&a, file, len);
        if (problems)
            fail_msg("%s: %d lines not read", f->d_name, problems);
        for (const struct registry_key *k = registry_first(r); k; k = k->next)
            for (const struct registry_value *v = k->values; v; v = v->next)
                values++;
        n++;
        free(file);
        arena_done(&a);
    }
    (void)closedir(d);
    assert_true(n >= 20);
    assert_true(values > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type_with_its_line),   cmocka_unit_test(folds_one_control_set_only),
        cmocka_unit_test(knows_what_silence_proves),        cmocka_unit_test(reads_utf16_and_regedit4),
        cmocka_unit_test(a_deleted_key_takes_all_below_it), cmocka_unit_test(refuses_other_text),
        cmocka_unit_test(survives_cuts_and_flipped_bits),   cmocka_unit_test(reads_exports_of_real_machines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
