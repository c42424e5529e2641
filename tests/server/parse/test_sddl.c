/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sddl.h"

#define POOL "S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415"
#define USER "S-1-5-21-1-2-3-1001"

static struct arena arena;

static struct sddl parse(const char *text)
{
    struct err e = {0};
    struct sddl d = {0};

    if (sddl_parse(str_from(text), &arena, &d, &e))
        fail_msg("%s: %s", text, e.text);
    return d;
}

static void reads_owner_group_and_entries(void **state)
{
    struct sddl d =
        parse("O:S-1-5-18G:BAD:PAI(A;;FA;;;SY)(A;;FR;;;" POOL ")(D;OICIIO;GR;;;WD)(A;ID;0x120089;;;BU)"
              "S:AI(AU;SAFA;DCLC;;;WD)");

    (void)state;
    assert_true(str_eq(d.owner, STR("S-1-5-18")));
    assert_true(str_eq(d.group, STR("S-1-5-32-544")));
    assert_true(d.has_dacl && !d.is_unknown);
    assert_int_equal(d.n_aces, 4);
    assert_int_equal(d.aces[0].mask, SDDL_ALL);
    assert_true(str_eq(d.aces[1].sid, STR(POOL)));
    assert_int_equal(d.aces[1].mask, SDDL_READ);
    assert_true(d.aces[2].is_deny && d.aces[2].inherit_only && !d.aces[2].inherited);
    assert_int_equal(d.aces[2].mask, SDDL_READ);
    assert_true(d.aces[3].inherited);
    assert_true(str_eq(d.aces[3].sid, STR("S-1-5-32-545")));
}

static void maps_rights_however_they_are_written(void **state)
{
    static const struct {
        const char *text;
        uint32_t mask;
    } rows[] = {{"0x80000000", SDDL_READ},
                {"0x10000000", SDDL_ALL},
                {"GRGX", SDDL_READ | SDDL_EXECUTE},
                {"1179785", SDDL_READ},
                {"04400211", SDDL_READ},
                {"CCSWRPRC", 0x20019},
                {"", 0}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[64];
        struct sddl d;
        (void)snprintf(text, sizeof(text), "D:(A;;%s;;;WD)", rows[i].text);
        d = parse(text);
        assert_int_equal(d.n_aces, 1);
        assert_int_equal(d.aces[0].mask, rows[i].mask);
    }
}

static void leaves_out_object_and_conditional_entries(void **state)
{
    struct sddl d =
        parse("D:(OA;;RP;bf967aba-0de6-11d0-a285-00aa003049e2;;PS)(XA;;FX;;;WD;(@User.a==(1)))(A;;FR;;;DA)");

    (void)state;
    assert_int_equal(d.n_aces, 1);
    assert_int_equal(d.n_left_out, 2);
    assert_true(str_eq(d.aces[0].sid, STR("DA"))); /* a domain's SID cannot be known here */
}

static void refuses_what_is_not_a_descriptor(void **state)
{
    static const char *const wrong[] = {"x",
                                        "O:",
                                        "D:(A;;FR;;;",
                                        "D:(A;;FR;;)",
                                        "D:(A;;QQ;;;WD)",
                                        "D:(A;;FR;;;ZZ)",
                                        "O:SYQ:BA",
                                        "D:(A;;0xZZ;;;WD)",
                                        "D:(A;;0x1FFFFFFFFF;;;WD)"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct err e = {0};
        struct sddl d = {.n_aces = 77};
        assert_int_equal(sddl_parse(str_from(wrong[i]), &arena, &d, &e), -ERR_FORMAT);
        assert_int_equal(d.n_aces, 77);
        assert_true(e.text[0] != 0);
    }
}

static void decides_reading_in_order(void **state)
{
    const struct str pool[] = {STR(POOL),           STR("S-1-1-0"), STR("S-1-5-11"),
                               STR("S-1-5-32-545"), STR("S-1-5-6"), STR("S-1-5-32-568")};
    const struct str user[] = {STR(USER), STR("S-1-1-0"), STR("S-1-5-11")};
    const struct sddl_token known = {.sids = pool, .n_sids = ARRAY_LEN(pool), .groups_known = true},
                            unknown = {.sids = user, .n_sids = ARRAY_LEN(user)};
    static const struct {
        const char *text;
        enum sddl_answer pool, user;
    } rows[] = {
        {"D:(A;;FA;;;SY)(A;;FA;;;BA)", SDDL_NO, SDDL_UNKNOWN}, /* the user may be an administrator */
        {"D:(A;;FA;;;SY)", SDDL_NO, SDDL_NO},
        {"D:(A;;FR;;;" POOL ")", SDDL_YES, SDDL_NO},
        {"D:(D;;FR;;;" POOL ")(A;;FR;;;WD)", SDDL_NO, SDDL_YES},
        {"D:(A;;FR;;;WD)(D;;FR;;;" POOL ")", SDDL_YES, SDDL_YES}, /* order counts, not kind */
        {"D:(A;;FR;;;IS)", SDDL_YES, SDDL_UNKNOWN},
        {"D:(A;OICIIO;FR;;;WD)", SDDL_NO, SDDL_NO}, /* for children only */
        {"D:(A;;FW;;;WD)", SDDL_NO, SDDL_NO},
        {"D:(A;;0x1;;;WD)(A;;0x120088;;;AU)", SDDL_YES, SDDL_YES}, /* granted in two parts */
        {"D:(A;;FR;;;" USER ")(D;;FR;;;S-1-5-21-1-2-3-2000)", SDDL_NO, SDDL_YES},
        {"D:(D;;FR;;;S-1-5-21-1-2-3-2000)(A;;FR;;;" USER ")", SDDL_NO, SDDL_UNKNOWN},
        {"D:", SDDL_NO, SDDL_NO}, /* an empty list grants nothing */
        {"D:NO_ACCESS_CONTROL", SDDL_YES, SDDL_YES},
        {"O:BA", SDDL_UNKNOWN, SDDL_UNKNOWN}, /* the list was not collected */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sddl d = parse(rows[i].text);
        const struct sddl_ace *by;
        if (sddl_can_read(&d, &known, &by) != rows[i].pool)
            fail_msg("%s for the pool", rows[i].text);
        if (sddl_can_read(&d, &unknown, &by) != rows[i].user)
            fail_msg("%s for the user", rows[i].text);
    }
}

static void names_the_entry_that_decided(void **state)
{
    const struct str sids[] = {STR(USER)};
    const struct sddl_token t = {.sids = sids, .n_sids = 1, .groups_known = true};
    struct sddl d = parse("D:(A;;FA;;;SY)(D;;0x1;;;" USER ")(A;;FR;;;" USER ")");
    const struct sddl_ace *by;

    (void)state;
    assert_int_equal(sddl_can_read(&d, &t, &by), SDDL_NO);
    assert_ptr_equal(by, &d.aces[1]);
}

static void survives_any_change_of_a_byte(void **state)
{
    const char good[] = "O:S-1-5-18G:BAD:PAI(A;;FA;;;SY)(A;;FR;;;S-1-5-82-1-2)(D;OICIIO;GR;;;WD)";
    char text[sizeof(good)];

    (void)state;
    srand(7);
    for (int i = 0; i < 20000; i++) {
        struct arena a = ARENA_INIT(1 << 20);
        struct err e = {0};
        struct sddl d;
        const struct sddl_ace *by;
        const struct str sid = STR("S-1-1-0");
        const struct sddl_token t = {.sids = &sid, .n_sids = 1};
        size_t len = (size_t)rand() % sizeof(good);
        memcpy(text, good, sizeof(good));
        for (int k = 0; k < 3; k++)
            text[(size_t)rand() % (sizeof(good) - 1)] = (char)rand();
        if (sddl_parse((struct str){text, len}, &a, &d, &e) == 0)
            (void)sddl_can_read(&d, &t, &by);
        arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_owner_group_and_entries),
        cmocka_unit_test(maps_rights_however_they_are_written),
        cmocka_unit_test(leaves_out_object_and_conditional_entries),
        cmocka_unit_test(refuses_what_is_not_a_descriptor),
        cmocka_unit_test(decides_reading_in_order),
        cmocka_unit_test(names_the_entry_that_decided),
        cmocka_unit_test(survives_any_change_of_a_byte),
    };
    int r;

    arena = ARENA_INIT(1 << 24);
    r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
