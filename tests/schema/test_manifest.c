/* SPDX-License-Identifier: Apache-2.0
 *
 * manifest.json: written and read back; a stranger's that is wrong in one place is refused by the name of
 * that place. */
#include "manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"

static struct manifest_item items[] = {
    {.id = 1,
     .kind = KIND_WEB_CONFIG,
     .source = {"C:\\inetpub\\\xc3\xa4\\web.config", 24},
     .entry = {"iis/web/1/web.config", 20},
     .outcome = OUTCOME_TRUNCATED,
     .reason = {"too long", 8},
     .os_code = 5,
     .size = 10,
     .original = 4000000000000,
     .cut = {"tail", 4},
     .modified_ms = 1441554389123,
     .sha256 = {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 64},
     .site = {"S", 1},
     .path = {"S/app", 5},
     .location = {"LocalMachine", 12},
     .store = {"My", 2},
     .user = {"S-1-5-18", 8}},
    {.id = 2, .kind = KIND_REG_HTTP, .outcome = OUTCOME_ABSENT, .original = -1, .modified_ms = TIME_NONE},
};

static struct manifest sample(void)
{
    return (struct manifest){.version = 1,
                             .bundle = STR("uuid"),
                             .case_id = STR("C-1"),
                             .tool_version = STR("0.1.0"),
                             .backend = STR("image"),
                             .redacted = true,
                             .items = items,
                             .n_items = 2,
                             .machine = {.name = STR("WEB01"),
                                         .domain = STR("contoso.test"),
                                         .guid = STR("guid"),
                                         .roles = ROLE_SERVER | ROLE_CLIENT,
                                         .collected_ms = 1441554389000,
                                         .booted_ms = TIME_NONE,
                                         .elevated = true,
                                         .registry_view = STR("64")},
                             .complaint = {.url = STR("https://a/b"),
                                           .when = STR("yesterday"),
                                           .account = STR("A\\b"),
                                           .thumbprint = STR("00"),
                                           .seen = STR("\"403\"")}};
}

static int read_text(const char *json, struct arena *a, struct manifest *m, struct err *e)
{
    return manifest_read((struct bytes){(const uint8_t *)json, strlen(json)}, a, m, e);
}

static void a_manifest_comes_back_as_it_was(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a = ARENA_INIT(1 << 20);
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 20), again = BUF_INIT(1 << 20);
    struct manifest m = sample(), back;
    struct err e;

    assert_int_equal(manifest_write(&m, &json, &e), 0);
    assert_int_equal(read_text(buf_c(&json), &a, &back, &e), 0);
    assert_int_equal(manifest_write(&back, &again, &e), 0);
    assert_string_equal(buf_c(&json), buf_c(&again));
    assert_int_equal(back.n_items, 2);
    assert_true(str_eq(back.items[0].source, items[0].source));
    assert_true(back.items[0].modified_ms == items[0].modified_ms);
    assert_true(back.items[0].original == items[0].original);
    assert_int_equal(back.items[0].os_code, 5);
    assert_int_equal(back.items[1].outcome, OUTCOME_ABSENT);
    assert_int_equal(back.items[1].original, -1);
    assert_true(back.items[1].modified_ms == TIME_NONE && back.machine.booted_ms == TIME_NONE);
    assert_int_equal(back.machine.roles, ROLE_SERVER | ROLE_CLIENT);
    assert_true(back.machine.elevated && back.redacted);
    assert_true(str_eq(back.complaint.seen, STR("\"403\"")));
    assert_true(str_eq(back.items[0].user, STR("S-1-5-18")) && str_eq(back.items[0].path, STR("S/app")));
}

static void an_item_comes_back_as_it_was(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a = ARENA_INIT(1 << 20);
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 20);
    struct manifest_item back;
    struct err e;

    assert_int_equal(manifest_item_write(&items[0], &json, &e), 0);
    assert_int_equal(manifest_item_read((struct bytes){(const uint8_t *)json.p, json.len}, &a, &back, &e), 0);
    assert_true(str_eq(back.sha256, items[0].sha256) && back.kind == KIND_WEB_CONFIG && back.size == 10);
}

static void what_is_not_utf8_cannot_be_written(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 20);
    struct manifest_item item = items[1];
    struct err e;

    item.reason = STR("\xff");
    assert_int_equal(manifest_item_write(&item, &json, &e), -ERR_FORMAT);
    assert_string_equal(e.text, "item: reason: not UTF-8");
}

static void a_buffer_too_small_is_an_error(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf json = BUF_INIT(100);
    struct manifest m = sample();
    struct err e;

    assert_int_equal(manifest_write(&m, &json, &e), -ERR_LIMIT);
}

#define HEAD "{\"version\":1,\"machine\":{},\"items\":["
#define ITEM "{\"id\":1,\"kind\":\"reg-http\",\"outcome\":\"ok\""

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int r;
        const char *says;
    } ROWS[] = {
        {"", -ERR_FORMAT, "line"},
        {"{", -ERR_FORMAT, "line 1"},
        {"[]", -ERR_FORMAT, "not an object"},
        {"{\"version\":1,\"version\":1}", -ERR_FORMAT, "duplicate"},
        {"{\"version\":2}", -ERR_UNSUPPORTED, "version: 2 is newer"},
        {"{\"version\":\"1\"}", -ERR_FORMAT, "version"},
        {"{\"version\":0}", -ERR_FORMAT, "version"},
        {"{\"version\":1,\"items\":[]}", -ERR_FORMAT, "machine: not an object"},
        {"{\"version\":1,\"machine\":{},\"items\":{}}", -ERR_FORMAT, "items: not a list"},
        {"{\"version\":1,\"machine\":{\"name\":5},\"items\":[]}", -ERR_FORMAT, "machine: name: not a text"},
        {"{\"version\":1,\"machine\":{\"roles\":[\"king\"]},\"items\":[]}", -ERR_FORMAT, "machine: roles[0]"},
        {"{\"version\":1,\"machine\":{\"collected\":\"now\"},\"items\":[]}", -ERR_FORMAT,
         "machine: collected"},
        {"{\"version\":1,\"machine\":{\"elevated\":1},\"items\":[]}", -ERR_FORMAT, "machine: elevated"},
        {"{\"version\":1,\"machine\":{},\"case\":\"../x\",\"items\":[]}", -ERR_FORMAT,
         "case: not a legal case id"},
        {"{\"version\":1,\"machine\":{},\"complaint\":{\"url\":[]},\"items\":[]}", -ERR_FORMAT,
         "complaint: url"},
        {HEAD "5]}", -ERR_FORMAT, "items[0]: not an object"},
        {HEAD "{\"id\":0,\"kind\":\"reg-http\",\"outcome\":\"ok\"}]}", -ERR_FORMAT, "items[0]: id"},
        {HEAD "{\"id\":-1,\"kind\":\"reg-http\",\"outcome\":\"ok\"}]}", -ERR_FORMAT, "items[0]: id"},
        {HEAD "{\"id\":4294967296,\"kind\":\"reg-http\",\"outcome\":\"ok\"}]}", -ERR_FORMAT, "items[0]: id"},
        {HEAD "{\"id\":1,\"kind\":\"nonsense\",\"outcome\":\"ok\"}]}", -ERR_FORMAT,
         "items[0]: kind: nonsense"},
        {HEAD "{\"id\":1,\"kind\":\"reg-http\",\"outcome\":\"lost\"}]}", -ERR_FORMAT,
         "items[0]: outcome: lost"},
        {HEAD ITEM ",\"entry\":\"../x\"}]}", -ERR_FORMAT, "items[0]: entry"},
        {HEAD ITEM ",\"sha256\":\"00\"}]}", -ERR_FORMAT, "items[0]: sha256"},
        {HEAD ITEM ",\"cut\":\"middle\"}]}", -ERR_FORMAT, "items[0]: cut"},
        {HEAD ITEM ",\"size\":-1}]}", -ERR_FORMAT, "items[0]: size"},
        {HEAD ITEM ",\"size\":1.5}]}", -ERR_FORMAT, "items[0]: size"},
        {HEAD ITEM "}," ITEM "}]}", -ERR_FORMAT, "items: id 1 is there twice"},
    };

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        CLEANUP(arena_done) struct arena a = ARENA_INIT(1 << 20);
        struct manifest m = {.version = 77};
        struct err e;
        int r = read_text(ROWS[i].json, &a, &m, &e);
        if (r != ROWS[i].r || !strstr(e.text, ROWS[i].says) || m.version != 77)
            fail_msg("%s: %d %s", ROWS[i].json, r, e.text);
    }
}

static void unknown_members_and_nulls_are_nothing(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a = ARENA_INIT(1 << 20);
    struct manifest m;
    struct err e;

    assert_int_equal(
        read_text("\xef\xbb\xbf{\"version\":1,\"new\":{\"a\":[1]},\"complaint\":null,\"case\":null,"
                  "\"machine\":{\"name\":null,\"roles\":null},\"items\":[" ITEM
                  ",\"entry\":null,\"colour\":\"red\"}]}",
                  &a, &m, &e),
        0);
    assert_int_equal(m.n_items, 1);
    assert_int_equal(m.items[0].entry.len + m.case_id.len + m.machine.name.len, 0);
}

static void depth_and_memory_are_bounded(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a = ARENA_INIT(2000);
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 20);
    struct manifest m;
    struct err e;

    for (int i = 0; i < 100000; i++)
        buf_add_char(&json, '[');
    assert_int_equal(read_text(buf_c(&json), &a, &m, &e), -ERR_LIMIT);
    buf_clear(&json);
    buf_add_c(&json, HEAD);
    for (int i = 1; i < 100; i++)
        buf_printf(&json, "{\"id\":%d,\"kind\":\"reg-http\",\"outcome\":\"ok\"}%s", i, i < 99 ? "," : "]}");
    assert_int_equal(read_text(buf_c(&json), &a, &m, &e), -ERR_NOMEM);
}

static void roles_are_a_set(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b = BUF_INIT(100);
    unsigned roles = 99;

    assert_true(roles_from(STR("server, Client,server"), &roles));
    assert_int_equal(roles, ROLE_SERVER | ROLE_CLIENT);
    roles_add(&b, roles | ROLE_DC);
    assert_string_equal(buf_c(&b), "server,client,dc");
    assert_false(roles_from(STR(""), &roles));
    assert_false(roles_from(STR("server,"), &roles));
    assert_false(roles_from(STR("both"), &roles));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_comes_back_as_it_was),
        cmocka_unit_test(an_item_comes_back_as_it_was),
        cmocka_unit_test(what_is_not_utf8_cannot_be_written),
        cmocka_unit_test(a_buffer_too_small_is_an_error),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(unknown_members_and_nulls_are_nothing),
        cmocka_unit_test(depth_and_memory_are_bounded),
        cmocka_unit_test(roles_are_a_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
