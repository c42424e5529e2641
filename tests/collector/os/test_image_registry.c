/* SPDX-License-Identifier: Apache-2.0
 *
 * .reg text through mkimage into a hive and back through the image backend. */
#include "image_fixture.h"

#include <fcntl.h>

#include "arena.h"

static const char REG[] = "Windows Registry Editor Version 5.00\n"
                          "\n"
                          "; LastWriteTime=2015-06-02T10:20:30.500Z\n"
                          "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Types]\n"
                          "@=\"the default\"\n"
                          "\"text\"=\"C:\\\\a \\\"quoted\\\" \xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e\"\n"
                          "\"number\"=dword:0000002a\n"
                          "\"bytes\"=hex:00,01,fe,\\\n"
                          "  ff\n"
                          "\"expand\"=hex(2):25,00,61,00,25,00,00,00\n"
                          "\"list\"=hex(7):61,00,00,00,62,00,00,00,00,00\n"
                          "\"big\"=hex(b):01,00,00,00,00,00,00,80\n"
                          "\"empty\"=hex:\n"
                          "\"odd type\"=hex(ffff):aa\n"
                          "\n"
                          "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Types\\Below\\Deeper]\n"
                          "\"x\"=\"y\"\n"
                          "\n"
                          "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Here]\n"
                          "\"Start\"=dword:00000002\n";

static const char MACHINE_JSON[] =
    "{\"name\": \"M1\", \"domain\": \"example.test\", \"collected\": \"2020-01-02T03:04:05Z\","
    "\"modified\": \"2019-01-01T00:00:00Z\", \"users\": {\"client01\": \"S-1-5-21-1-2-3-1001\"}}";

struct seen {
    struct arena a;
    struct buf text; /* one line a key or value, in the order of the walk */
};

static int take_key(void *ctx, struct str key, int64_t modified_ms)
{
    struct seen *s = ctx;
    char time[32];

    time_format(modified_ms, time);
    buf_printf(&s->text, "[%.*s] %s\n", (int)key.len, key.p, time);
    return 0;
}

static int take_value(void *ctx, struct str name, uint32_t type, struct bytes data)
{
    struct seen *s = ctx;

    buf_printf(&s->text, "%.*s:%u:", (int)name.len, name.p, type);
    text_hex(&s->text, data.p, data.len);
    buf_add_char(&s->text, '\n');
    return 0;
}

static int take_failed(void *ctx, struct str key, const struct err *why)
{
    struct seen *s = ctx;

    buf_printf(&s->text, "failed [%.*s] %s\n", (int)key.len, key.p, err_name(why->code));
    return 0;
}

static void walk(struct os *os, const char *key, unsigned depth, struct buf *ret)
{
    struct seen s = {.text = BUF_INIT(1 << 24)};
    struct os_reg_visitor v = {.ctx = &s, .key = take_key, .value = take_value, .failed = take_failed};
    struct err e = {0};

    if (os_reg_walk(os, str_from(key), depth, &v, &e) != 0)
        fail_msg("%s", e.text);
    *ret = s.text;
}

static int setup(void **state)
{
    struct image *im = calloc(1, sizeof *im);
    char machine[256];

    make_dir(machine);
    write_text(machine, "machine.json", MACHINE_JSON);
    write_text(machine, "registry/software.reg", REG);
    write_text(machine, "registry/user-client01.reg",
               "Windows Registry Editor Version 5.00\n\n"
               "[HKEY_CURRENT_USER\\Software\\Mine]\n\"a\"=dword:00000001\n");
    write_text(machine, "denied.txt",
               "HKLM\\SOFTWARE\\Types\\Below\nHKLM\\SYSTEM\\CurrentControlSet\\Services\\Here\n");
    image_make(im, machine, NULL);
    remove_tree(machine);
    *state = im;
    return 0;
}

static int teardown(void **state)
{
    image_done(*state);
    free(*state);
    return 0;
}

/* Does the walk of a key, all below it, show this line? */
static void assert_line(struct os *os, const char *key, unsigned depth, const char *line)
{
    CLEANUP(buf_done) struct buf text = {0};

    walk(os, key, depth, &text);
    if (strstr(buf_c(&text), line) == NULL)
        fail_msg("%s is not in:\n%s", line, buf_c(&text));
}

static void values_come_back_with_type_and_bytes(void **state)
{
    static const char *const LINES[] = {
        "\n:1:7400680065002000640065006600610075006c0074000000\n",
        "\nnumber:4:2a000000\n",
        "\nbytes:3:0001feff\n",
        "\nexpand:2:2500610025000000\n",
        "\nlist:7:61000000620000000000\n",
        "\nbig:11:0100000000000080\n",
        "\nempty:3:\n",
        "\nodd type:65535:aa\n",
    };
    struct image *im = *state;

    for (size_t i = 0; i < ARRAY_LEN(LINES); i++)
        assert_line(im->os, "HKLM\\SOFTWARE\\Types", 0, LINES[i]);
}

static void keys_come_back_with_their_time(void **state)
{
    struct image *im = *state;

    assert_line(im->os, "HKLM\\SOFTWARE\\Types", 0, "[HKLM\\SOFTWARE\\Types] 2015-06-02T10:20:30.500Z\n");
    assert_line(im->os, "HKLM\\SOFTWARE\\Microsoft", 32,
                "[HKLM\\SOFTWARE\\Microsoft\\Cryptography] 2019-01-01T00:00:00.000Z\n");
}

static void depth_bounds_the_walk(void **state)
{
    CLEANUP(buf_done) struct buf none = {0}, one = {0};
    struct image *im = *state;

    walk(im->os, "HKLM\\SOFTWARE\\Microsoft\\Windows NT", 0, &none);
    assert_null(strstr(buf_c(&none), "CurrentVersion"));
    walk(im->os, "HKLM\\SOFTWARE\\Microsoft\\Windows NT", 1, &one);
    assert_non_null(strstr(buf_c(&one), "CurrentVersion]"));
    assert_null(strstr(buf_c(&one), "ProfileList"));
}

static void text_of_values(void **state)
{
    static const struct {
        const char *key, *name, *text; /* text NULL: an error */
        int code;
    } CASES[] = {
        {"HKLM\\SOFTWARE\\types", "TEXT", "C:\\a \"quoted\" \xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e", 0},
        {"HKEY_LOCAL_MACHINE\\SOFTWARE\\Types", "number", "42", 0},
        {"HKLM\\SOFTWARE\\Types", "", "the default", 0},
        {"HKLM\\SOFTWARE\\Types", "list", "a\nb", 0},
        {"HKLM\\SOFTWARE\\Types", "big", "9223372036854775809", 0},
        {"HKLM\\SOFTWARE\\Types", "bytes", NULL, ERR_FORMAT},
        {"HKLM\\SOFTWARE\\Types", "not there", NULL, ERR_MISSING},
        {"HKLM\\SOFTWARE\\NotThere", "x", NULL, ERR_MISSING},
        {"HKLM\\SOFTWARE\\Types\\Below\\Deeper", "x", NULL, ERR_DENIED},
        {"HKLM\\SOFTWARE\\TypesX", "x", NULL, ERR_MISSING},
        {"HKLM\\SYSTEM\\CurrentControlSet\\Services\\Here", "Start", NULL, ERR_DENIED},
        {"HKLM\\SYSTEM\\ControlSet001\\Services\\Here", "Start", "2", 0},
        {"HKLM\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName", "ComputerName", "M1", 0},
        {"HKU\\S-1-5-21-1-2-3-1001\\Software\\Mine", "a", "1", 0},
        {"HKU\\S-1-5-21-1-2-3-9999\\Software\\Mine", "a", NULL, ERR_MISSING},
        {"HKU\\S-1-5-18\\Software", "a", NULL, ERR_UNSUPPORTED}, /* no DEFAULT hive in this image */
        {"HKLM\\SAM\\SAM", "a", NULL, ERR_UNSUPPORTED},
        {"HKCU\\Software", "a", NULL, ERR_UNSUPPORTED},
    };
    struct image *im = *state;

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 16);
        struct err e = {0};
        int r = os_reg_text(im->os, str_from(CASES[i].key), str_from(CASES[i].name), &text, &e);

        if (r != -CASES[i].code)
            fail_msg("%s: %s: %d %s", CASES[i].key, CASES[i].name, r, e.text);
        if (r == 0)
            assert_string_equal(buf_c(&text), CASES[i].text);
    }
}

static void denied_subkeys_are_told_and_the_walk_goes_on(void **state)
{
    CLEANUP(buf_done) struct buf text = {0};
    struct image *im = *state;

    walk(im->os, "HKLM\\SOFTWARE\\Types", 32, &text);
    assert_non_null(strstr(buf_c(&text), "failed [HKLM\\SOFTWARE\\Types\\Below] DENIED\n"));
    assert_null(strstr(buf_c(&text), "Deeper"));
}

static int stop_at_once(void *ctx, struct str key, int64_t modified_ms)
{
    (void)key;
    (void)modified_ms;
    ++*(int *)ctx;
    return 77;
}

static void a_visitor_can_stop_the_walk(void **state)
{
    struct image *im = *state;
    int calls = 0;
    struct os_reg_visitor v = {.ctx = &calls, .key = stop_at_once, .value = take_value};
    struct err e = {0};

    assert_int_equal(os_reg_walk(im->os, STR("HKLM\\SOFTWARE"), 32, &v, &e), 77);
    assert_int_equal(calls, 1);
}

static int take_user(void *ctx, struct str sid, struct str profile_path)
{
    buf_printf(ctx, "%.*s=%.*s\n", (int)sid.len, sid.p, (int)profile_path.len, profile_path.p);
    return 0;
}

static void users_machine_and_environment(void **state)
{
    CLEANUP(buf_done)
    struct buf users = BUF_INIT(4096), text = BUF_INIT(4096), sid = BUF_INIT(99), groups = BUF_INIT(99);
    struct image *im = *state;
    struct os_machine m;
    struct err e = {0};

    assert_int_equal(os_users(im->os, take_user, &users, &e), 0);
    assert_string_equal(buf_c(&users), "S-1-5-21-1-2-3-1001=C:\\Users\\client01\n");
    assert_int_equal(os_machine(im->os, &m, &e), 0);
    assert_true(str_eq(m.name, STR("M1")) && str_eq(m.domain, STR("example.test")));
    assert_int_equal(m.now_ms, 1577934245000LL);
    assert_true(m.booted_ms == TIME_NONE);
    assert_int_equal(
        os_expand(im->os, STR("%systemdrive%\\%SystemRoot%|%unknown%|%ProgramData%|100%"), &text, &e), 0);
    assert_string_equal(buf_c(&text), "C:\\C:\\Windows|%unknown%|C:\\ProgramData|100%");
    assert_int_equal(os_account(im->os, STR("NetworkService"), &sid, &groups, &e), 0);
    assert_string_equal(buf_c(&sid), "S-1-5-20");
    assert_int_equal(os_account(im->os, STR("IIS AppPool\\x"), &sid, &groups, &e), -ERR_UNSUPPORTED);
}

/* A mounted volume has no machine.json: the newest time that it carries is when it was taken. */
static void without_machine_json_now_is_the_newest_time(void **state)
{
    struct timespec late[2] = {{.tv_sec = 1560000000}, {.tv_sec = 1560000000}};
    char machine[256], path[600];
    struct image im = {0};
    struct os_machine m;
    struct err e = {0};

    (void)state;
    make_dir(machine);
    write_text(machine, "machine.json", MACHINE_JSON);
    write_text(machine, "files/inetpub/logs/LogFiles/W3SVC1/u_ex.log", "x");
    image_make(&im, machine, NULL);
    remove_tree(machine);
    (void)snprintf(path, sizeof path, "%s/machine.json", im.dir);
    assert_int_equal(remove(path), 0);
    assert_int_equal(os_machine(im.os, &m, &e), 0);
    assert_int_equal(m.now_ms, 1546300800000LL); /* all of it carries "modified" */
    os_close(im.os);
    (void)snprintf(path, sizeof path, "%s/inetpub/logs/LogFiles/W3SVC1/u_ex.log", im.dir);
    assert_int_equal(utimensat(AT_FDCWD, path, late, 0), 0);
    image_open_dir(&im);
    assert_int_equal(os_machine(im.os, &m, &e), 0);
    assert_int_equal(m.now_ms, 1560000000000LL);
    assert_true(str_eq(m.name, STR("M1")));
    image_done(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back_with_type_and_bytes),
        cmocka_unit_test(keys_come_back_with_their_time),
        cmocka_unit_test(depth_bounds_the_walk),
        cmocka_unit_test(text_of_values),
        cmocka_unit_test(denied_subkeys_are_told_and_the_walk_goes_on),
        cmocka_unit_test(a_visitor_can_stop_the_walk),
        cmocka_unit_test(users_machine_and_environment),
        cmocka_unit_test(without_machine_json_now_is_the_newest_time),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
