/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of an image: names without regard to case, never out of the folder, listings, security, what is
 * denied. */
#include "image_fixture.h"

#include "image/image.h"
#include "image/sd.h"

static int setup(void **state)
{
    struct image *im = calloc(1, sizeof *im);
    char target[300];

    make_dir(im->dir);
    write_text(im->dir, "windows/System32/Config/readme.TXT", "hello");
    write_text(im->dir, "Data/b.log", "bb");
    write_text(im->dir, "Data/a.log", "a");
    write_text(im->dir, "Data/sub/c.log", "c");
    write_text(im->dir, "Secret/x.txt", "x");
    write_text(im->dir, "E_drive/logs/e.log", "eee");
    write_text(im->dir, "acl.sddl", "C:\\Data\\a.log\tO:BAG:SYD:(A;;FA;;;SY)\n");
    write_text(im->dir, "denied.txt", "C:\\Secret\nC:\\Data\\b.log\n");
    (void)snprintf(target, sizeof target, "%s/out", im->dir);
    assert_int_equal(symlink("/etc/passwd", target), 0);
    (void)snprintf(target, sizeof target, "%s/up", im->dir);
    assert_int_equal(symlink("../../../../../../etc", target), 0);
    (void)snprintf(target, sizeof target, "%s/inside", im->dir);
    assert_int_equal(symlink("Data/sub", target), 0);
    (void)snprintf(target, sizeof target, "%s/fifo", im->dir);
    assert_int_equal(mkfifo(target, 0600), 0);
    image_open_dir(im);
    *state = im;
    return 0;
}

static int teardown(void **state)
{
    image_done(*state);
    free(*state);
    return 0;
}

/* The file's bytes into text; the code of the failure otherwise. */
static int read_text(struct os *os, const char *path, char text[64])
{
    struct os_file *f = NULL;
    struct err e = {0};
    int r = os_file_open(os, str_from(path), &f, &e);
    int64_t n;

    if (r != 0) {
        assert_int_equal(r, -e.code);
        assert_string_not_equal(e.text, "");
        return r;
    }
    n = os_file_read(f, 0, text, 63, &e);
    assert_true(n >= 0);
    text[n] = '\0';
    assert_int_equal(os_file_read(f, n, text + n, 1, &e), 0);
    os_file_close(f);
    return 0;
}

static void paths_are_found_as_windows_finds_them(void **state)
{
    static const struct {
        const char *path, *text;
        int code;
    } CASES[] = {
        {"C:\\Windows\\System32\\config\\README.txt", "hello", 0},
        {"c:/WINDOWS/./system32//config/x/../readme.txt", "hello", 0},
        {"\\\\?\\C:\\Windows\\System32\\config\\readme.txt. ", "hello", 0},
        {"C:\\..\\..\\..\\Data\\a.log", "a", 0},
        {"E:\\logs\\e.log", "eee", 0},
        {"C:\\inside\\c.log", "c", 0},
        {"C:\\Data\\none.log", NULL, ERR_MISSING},
        {"C:\\None\\a.log", NULL, ERR_MISSING},
        {"C:\\Data\\a.log\\below", NULL, ERR_MISSING},
        {"D:\\logs\\e.log", NULL, ERR_UNSUPPORTED},
        {"\\\\server\\share\\a.log", NULL, ERR_UNSUPPORTED},
        {"Data\\a.log", NULL, ERR_UNSUPPORTED},
        {"", NULL, ERR_UNSUPPORTED},
        {"C:\\Data", NULL, ERR_IO},
        {"C:\\fifo", NULL, ERR_IO},
        {"C:\\Secret\\x.txt", NULL, ERR_DENIED},
        {"c:\\secret\\.\\X.TXT", NULL, ERR_DENIED},
        {"C:\\Data\\B.LOG", NULL, ERR_DENIED},
    };
    struct image *im = *state;
    char text[64];

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        int r = read_text(im->os, CASES[i].path, text);

        if (r != -CASES[i].code)
            fail_msg("%s: %d", CASES[i].path, r);
        if (r == 0)
            assert_string_equal(text, CASES[i].text);
    }
}

static void links_never_lead_out(void **state)
{
    struct image *im = *state;
    char text[64];

    assert_int_equal(read_text(im->os, "C:\\out", text), -ERR_UNSUPPORTED);
    assert_int_not_equal(read_text(im->os, "C:\\up\\passwd", text), 0);
    assert_int_not_equal(read_text(im->os, "C:\\Windows\\..\\..\\etc\\passwd", text), 0);
}

static int take_name(void *ctx, struct str name, const struct os_file_info *info)
{
    buf_printf(ctx, "%.*s %lld%s\n", (int)name.len, name.p, (long long)info->size,
               info->is_dir ? " dir" : "");
    return 0;
}

static int stop_listing(void *ctx, struct str name, const struct os_file_info *info)
{
    (void)name;
    (void)info;
    ++*(int *)ctx;
    return 5;
}

static void listing_is_sorted_and_can_be_stopped(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
    struct image *im = *state;
    struct os_file_info info;
    struct err e = {0};
    int calls = 0;

    assert_int_equal(os_stat(im->os, STR("C:\\Data\\sub"), &info, &e), 0);
    assert_true(info.is_dir);
    assert_int_equal(os_dir_list(im->os, STR("C:\\DATA"), take_name, &text, &e), 0);
    assert_memory_equal(buf_c(&text), "a.log 1\nb.log 2\nsub ", 20);
    assert_int_equal(os_dir_list(im->os, STR("C:\\Data"), stop_listing, &calls, &e), 5);
    assert_int_equal(calls, 1);
    assert_int_equal(os_dir_list(im->os, STR("C:\\Secret"), stop_listing, &calls, &e), -ERR_DENIED);
    assert_int_equal(os_dir_list(im->os, STR("C:\\nowhere"), stop_listing, &calls, &e), -ERR_MISSING);
}

static void security_is_what_the_list_says_or_not_known(void **state)
{
    CLEANUP(buf_done) struct buf sddl = BUF_INIT(4096);
    struct image *im = *state;
    struct err e = {0};

    assert_int_equal(os_sddl(im->os, STR("c:\\data\\A.LOG"), &sddl, &e), 0);
    assert_string_equal(buf_c(&sddl), "O:BAG:SYD:(A;;FA;;;SY)");
    assert_int_equal(os_sddl(im->os, STR("C:\\Data\\sub\\c.log"), &sddl, &e), -ERR_UNSUPPORTED);
    assert_int_equal(os_sddl(im->os, STR("C:\\Data\\none"), &sddl, &e), -ERR_MISSING);
    assert_int_equal(os_sddl(im->os, STR("C:\\Secret\\x.txt"), &sddl, &e), -ERR_DENIED);
}

/* Owner BA, group SY, DACL P: allow FA to SY (inherited), deny 0x1 to a user, container and object inherit.
 */
static const uint8_t SD[] = {
    1, 0,    0x04, 0x90, 20,   0,    0,    0, 36, 0, 0, 0, 0,    0, 0, 0, 48, 0, 0, 0, /* head */
    1, 2,    0,    0,    0,    0,    0,    5, 32, 0, 0, 0, 0x20, 2, 0, 0,              /* S-1-5-32-544 */
    1, 1,    0,    0,    0,    0,    0,    5, 18, 0, 0, 0,                             /* S-1-5-18 */
    2, 0,    56,   0,    2,    0,    0,    0,                                          /* ACL of 56 bytes */
    0, 0x10, 20,   0,    0xff, 0x01, 0x1f, 0, 1,  1, 0, 0, 0,    0, 0, 5, 18, 0, 0, 0, /* allow */
    1, 0x03, 28,   0,    1,    0,    0,    0, 1,  3, 0, 0, 0,    0, 0, 5, 21, 0, 0, 0,
    7, 0,    0,    0,    233,  3,    0,    0, /* deny */
};

static void a_stored_descriptor_becomes_sddl(void **state)
{
    CLEANUP(buf_done) struct buf sddl = BUF_INIT(4096);
    struct err e = {0};

    (void)state;
    assert_int_equal(sd_to_sddl((struct bytes){SD, sizeof SD}, &sddl, &e), 0);
    assert_string_equal(buf_c(&sddl),
                        "O:S-1-5-32-544G:S-1-5-18D:P(A;ID;FA;;;S-1-5-18)(D;CIOI;0x1;;;S-1-5-21-7-1001)");
}

static void a_damaged_descriptor_is_refused_wherever_it_is_cut(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof SD; len++) {
        CLEANUP(buf_done) struct buf sddl = BUF_INIT(4096);
        struct err e = {0};
        uint8_t *cut = malloc(len + 1); /* exactly as long, for the sanitizer */

        assert_non_null(cut);
        memcpy(cut, SD, len);
        assert_int_equal(sd_to_sddl((struct bytes){cut, len}, &sddl, &e), -ERR_FORMAT);
        free(cut);
    }
}

static int ignore_key(void *ctx, struct str key, int64_t modified_ms)
{
    (void)ctx;
    (void)key;
    (void)modified_ms;
    return 0;
}

static int take_descriptor(void *ctx, struct str name, uint32_t type, struct bytes data)
{
    CLEANUP(buf_done) struct buf sddl = BUF_INIT(4096);
    struct err e = {0};

    (void)type;
    if (sd_to_sddl(data, &sddl, &e) != 0)
        fail_msg("%.*s: %s", (int)name.len, name.p, e.text);
    if (str_eq(name, STR("http://+:80/Temporary_Listen_Addresses/")))
        assert_string_equal(buf_c(&sddl), "D:(A;;0x20000000;;;S-1-1-0)");
    ++*(unsigned *)ctx;
    return 0;
}

/* Windows keeps descriptors of the same form in http.sys' URL reservations: real ones, through a hive. */
static void descriptors_that_windows_wrote_are_read(void **state)
{
    unsigned n = 0;
    const struct os_reg_visitor v = {.ctx = &n, .key = ignore_key, .value = take_descriptor};
    size_t len = 0;
    char *text = read_real("mkorman90__regipy__regipy_tests__data__SYSTEM_2__HTTP_Parameters.reg", &len),
         machine[256];
    struct image im = {0};
    struct err e = {0};

    (void)state;
    if (text == NULL)
        skip();
    make_dir(machine);
    write_text(machine, "machine.json", "{\"collected\": \"2020-01-01T00:00:00Z\"}");
    write_file(machine, "registry/system.reg", text, len);
    free(text);
    image_make(&im, machine, NULL);
    remove_tree(machine);
    assert_int_equal(
        os_reg_walk(im.os, STR("HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters\\UrlAclInfo"), 0,
                    &v, &e),
        0);
    assert_true(n >= 10);
    image_done(&im);
}

static void a_folder_without_windows_is_no_image(void **state)
{
    char dir[256];
    struct os *os = NULL;
    struct err e = {0};

    (void)state;
    make_dir(dir);
    assert_int_equal(os_open(dir, &os, &e), -ERR_FORMAT);
    remove_tree(dir);
    assert_int_equal(os_open(dir, &os, &e), -ERR_MISSING);
    assert_int_equal(os_open(NULL, &os, &e), -ERR_UNSUPPORTED);
    assert_null(os);
}

static void without_hives_registry_is_not_known(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
    struct image *im = *state;
    struct err e = {0};

    assert_int_equal(os_reg_text(im->os, STR("HKLM\\SOFTWARE\\x"), STR("y"), &text, &e), -ERR_UNSUPPORTED);
    assert_int_equal(os_http_sslcerts(im->os, NULL, NULL, &e), -ERR_UNSUPPORTED);
    assert_string_equal(os_backend(im->os), "image");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_found_as_windows_finds_them),
        cmocka_unit_test(links_never_lead_out),
        cmocka_unit_test(listing_is_sorted_and_can_be_stopped),
        cmocka_unit_test(security_is_what_the_list_says_or_not_known),
        cmocka_unit_test(a_stored_descriptor_becomes_sddl),
        cmocka_unit_test(a_damaged_descriptor_is_refused_wherever_it_is_cut),
        cmocka_unit_test(descriptors_that_windows_wrote_are_read),
        cmocka_unit_test(a_folder_without_windows_is_no_image),
        cmocka_unit_test(without_hives_registry_is_not_known),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
