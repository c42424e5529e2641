/* SPDX-License-Identifier: Apache-2.0
 *
 * What mkimage promises in tests/machines/README.md beyond the round trips of tests/collector/os. */
#include "collector/os/image_fixture.h"

static const char MACHINE_JSON[] = "{\"name\": \"M1\", \"collected\": \"2020-01-02T03:04:05Z\", \"guid\": "
                                   "\"11111111-2222-3333-4444-555555555555\","
                                   "\"users\": {\"client01\": \"S-1-5-21-1-2-3-1001\"}}";
static const char PEM[] = CT_SOURCE_DIR "/tests/machines/pki";

struct folders {
    char parent[256], machine[300], change[300], out[300];
};

/* A small machine, an empty overlay, and where the image goes. */
static int setup(void **state)
{
    struct folders *f = calloc(1, sizeof *f);
    char pki[300];

    make_dir(f->parent);
    (void)snprintf(f->machine, sizeof f->machine, "%s/machine", f->parent);
    (void)snprintf(f->change, sizeof f->change, "%s/change", f->parent);
    (void)snprintf(f->out, sizeof f->out, "%s/out", f->parent);
    (void)snprintf(pki, sizeof pki, "%s/pki", f->parent);
    assert_int_equal(symlink(PEM, pki), 0);
    assert_int_equal(mkdir(f->machine, 0755) | mkdir(f->change, 0755), 0);
    write_text(f->machine, "machine.json", MACHINE_JSON);
    write_text(f->machine, "files/inetpub/a.config", "one\r\ntwo\r\nthree\r\n");
    write_text(f->machine, "files/inetpub/plain.txt", "{key:x} {guid}\n");
    write_text(f->machine, "registry/software.reg",
               "Windows Registry Editor Version "
               "5.00\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\n\"x\"=dword:1\n\"y\"=\"2\"\n"
               "[HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\Sub]\n\"z\"=dword:3\n");
    write_text(f->machine, "stores.txt", "LocalMachine Root root-ca.pem\nLocalMachine CA issuing-ca.pem\n");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct folders *f = *state;

    remove_tree(f->parent);
    free(f);
    return 0;
}

static void make(struct folders *f, const char *overlay, struct image *ret)
{
    assert_int_equal(run_mkimage(f->machine, overlay, f->out), 0);
    (void)snprintf(ret->dir, sizeof ret->dir, "%.255s", f->out);
    image_open_dir(ret);
}

static void assert_file(struct image *im, const char *path, const char *expected)
{
    struct os_file *f = NULL;
    char text[4096];
    struct err e = {0};
    int64_t n;

    if (os_file_open(im->os, str_from(path), &f, &e) != 0)
        fail_msg("%s", e.text);
    n = os_file_read(f, 0, text, sizeof text - 1, &e);
    os_file_close(f);
    assert_true(n >= 0);
    text[n] = '\0';
    assert_string_equal(text, expected);
}

static void assert_reg(struct image *im, const char *key, const char *name, int code, const char *expected)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
    struct err e = {0};

    assert_int_equal(os_reg_text(im->os, str_from(key), str_from(name), &text, &e), -code);
    assert_string_equal(buf_c(&text), expected);
}

static int count_cert(void *ctx, const struct os_cert *c)
{
    (void)c;
    ++*(int *)ctx;
    return 0;
}

static void an_overlay_changes_files_registry_and_stores(void **state)
{
    struct folders *f = *state;
    struct image im = {0};
    struct err e = {0};
    int n = 0;

    write_text(f->change, "files/inetpub/new.txt", "new");
    write_text(f->change, "DELETE", "C:\\inetpub\\plain.txt\n");
    write_text(f->change, "EDIT", "@ C:\\inetpub\\a.config\n< two\n> zwei\n> zweieinhalb\n");
    write_text(
        f->change, "registry/software.reg",
        "Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\n\"x\"=-\n\"y\"=\"two\"\n"
        "[-HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\Sub]\n");
    write_text(f->change, "stores.txt", "-LocalMachine Root root-ca.pem\nLocalMachine CA root-ca.pem\n");
    write_text(f->change, "machine.json", "{\"name\": \"M2\"}");
    make(f, f->change, &im);
    assert_file(&im, "C:\\inetpub\\new.txt", "new");
    assert_file(&im, "C:\\inetpub\\a.config", "one\r\nzwei\r\nzweieinhalb\r\nthree\r\n");
    assert_reg(&im, "HKLM\\SOFTWARE\\A", "x", ERR_MISSING, "");
    assert_reg(&im, "HKLM\\SOFTWARE\\A", "y", 0, "two");
    assert_reg(&im, "HKLM\\SOFTWARE\\A\\Sub", "z", ERR_MISSING, "");
    assert_reg(&im, "HKLM\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName", "ComputerName", 0,
               "M2");
    assert_int_equal(os_store_walk(im.os, STR(""), STR("Root"), count_cert, &n, &e), -ERR_MISSING);
    assert_int_equal(os_store_walk(im.os, STR(""), STR("CA"), count_cert, &n, &e), 0);
    assert_int_equal(n, 2);
    os_close(im.os);
}

static void words_in_braces_are_expanded_in_configuration_only(void **state)
{
    struct folders *f = *state;
    struct image im = {0};

    write_text(f->change, "files/inetpub/a.config",
               "{4dc3e181-e14b-4a21-b022-59fc669b0914} {pool:DefaultAppPool} {sid:client01}\n"
               "C:\\RSA\\{key:iisWasKey} {unknown:x}\n"
               "C:\\Keys\\{key:Google Chromekey1} {key:{A}}\n");
    make(f, f->change, &im);
    assert_file(&im, "C:\\inetpub\\a.config",
                "{4dc3e181-e14b-4a21-b022-59fc669b0914} "
                "S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415 S-1-5-21-1-2-3-1001\n"
                "C:\\RSA\\76944fb33636aeddb9590521c2e8815a_11111111-2222-3333-4444-555555555555 {unknown:x}\n"
                "C:\\Keys\\7096db7aeb75c0d3497ecd56d355a695_11111111-2222-3333-4444-555555555555 "
                "58211ceb2ed506cd5d41073c78bb02b3_11111111-2222-3333-4444-555555555555\n");
    os_close(im.os);
}

static void security_of_keys_is_written_and_the_files_made(void **state)
{
    static const char PATH[] = "C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\"
                               "52ab417621a9d74c73e3e0f1bc374e0a_11111111-2222-3333-4444-555555555555";
    struct folders *f = *state;
    CLEANUP(buf_done) struct buf sddl = BUF_INIT(4096);
    struct image im = {0};
    struct os_file_info info;
    struct err e = {0};

    write_text(
        f->machine, "acl.sddl",
        "C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\\tO:SYD:(A;;FA;;;BA)\n"
        "C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\{key:MyCoolContainer}\tO:BAD:(A;;FA;;;SY)\n"
        "C:\\gone\\x\tO:BA\n");
    write_text(f->change, "acl.sddl", "C:\\gone\\x\t-\n");
    make(f, f->change, &im);
    assert_int_equal(os_stat(im.os, str_from(PATH), &info, &e), 0);
    assert_true(info.size == 0 && !info.is_dir);
    assert_int_equal(os_sddl(im.os, str_from(PATH), &sddl, &e), 0);
    assert_string_equal(buf_c(&sddl), "O:BAD:(A;;FA;;;SY)");
    assert_int_equal(os_stat(im.os, STR("C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys"), &info, &e),
                     0);
    assert_true(info.is_dir);
    assert_int_equal(os_stat(im.os, STR("C:\\gone\\x"), &info, &e), -ERR_MISSING);
    os_close(im.os);
}

static void times_are_the_machines_or_those_of_the_list(void **state)
{
    struct folders *f = *state;
    struct image im = {0};
    struct os_file_info info;
    struct err e = {0};

    write_text(f->machine, "modified.txt", "C:\\inetpub\\plain.txt\t2019-12-31T23:00:00Z\n");
    make(f, NULL, &im);
    assert_int_equal(os_stat(im.os, STR("C:\\inetpub\\plain.txt"), &info, &e), 0);
    assert_int_equal(info.modified_ms, 1577833200000LL);
    assert_int_equal(os_stat(im.os, STR("C:\\inetpub"), &info, &e), 0);
    assert_int_equal(info.modified_ms,
                     1577934245000LL - 90LL * 24 * 3600 * 1000); /* collected, less 90 days */
    assert_file(&im, "C:\\inetpub\\plain.txt", "{key:x} {guid}\n");
    os_close(im.os);
}

static void what_no_longer_fits_is_refused(void **state)
{
    static const struct {
        const char *file, *text;
    } CASES[] = {
        {"EDIT", "@ C:\\inetpub\\a.config\n< not in it\n> x\n"},
        {"EDIT", "@ C:\\inetpub\\none.config\n< one\n> x\n"},
        {"DELETE", "C:\\inetpub\\none.txt\n"},
        {"stores.txt", "-LocalMachine Root issuing-ca.pem\n"},
        {"stores.txt", "LocalMachine Root no-such.pem\n"},
        {"registry/x.reg", "[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\n\"none\"=-\n"},
        {"registry/x.reg", "[-HKEY_LOCAL_MACHINE\\SOFTWARE\\None]\n"},
        {"registry/x.reg", "[HKEY_LOCAL_MACHINE\\HARDWARE\\A]\n"},
        {"registry/x.reg", "[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\n\"x\"=dword:zz\n"},
        {"machine.json", "{"},
    };
    struct folders *f = *state;

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        remove_tree(f->change);
        assert_int_equal(mkdir(f->change, 0755), 0);
        write_text(f->change, CASES[i].file, CASES[i].text);
        remove_tree(f->out);
        if (run_mkimage(f->machine, f->change, f->out) != 2)
            fail_msg("case %zu was taken", i);
    }
    write_text(f->parent, "out/not-empty", "x");
    assert_int_equal(run_mkimage(f->machine, NULL, f->out), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_overlay_changes_files_registry_and_stores, setup, teardown),
        cmocka_unit_test_setup_teardown(words_in_braces_are_expanded_in_configuration_only, setup, teardown),
        cmocka_unit_test_setup_teardown(security_of_keys_is_written_and_the_files_made, setup, teardown),
        cmocka_unit_test_setup_teardown(times_are_the_machines_or_those_of_the_list, setup, teardown),
        cmocka_unit_test_setup_teardown(what_no_longer_fits_is_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
