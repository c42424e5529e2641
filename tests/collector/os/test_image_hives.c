/* SPDX-License-Identifier: Apache-2.0
 *
 * Real hives and damaged ones through the image backend: real ones are read whole, damage is an error and no
 * more. */
#include "image_fixture.h"

struct tally {
    unsigned keys, values, failed;
};

static int count_key(void *ctx, struct str key, int64_t modified_ms)
{
    struct tally *t = ctx;

    (void)modified_ms;
    assert_true(key.len > 0);
    t->keys++;
    return 0;
}

static int count_value(void *ctx, struct str name, uint32_t type, struct bytes data)
{
    struct tally *t = ctx;

    (void)type;
    for (size_t i = 0; i < data.len; i++) /* touch every byte */
        t->values += data.p[i] == 0 && name.len > 1u << 30;
    t->values++;
    return 0;
}

static int count_failed(void *ctx, struct str key, const struct err *why)
{
    struct tally *t = ctx;

    (void)key;
    assert_int_not_equal(why->code, 0);
    t->failed++;
    return 0;
}

/* The hive as SOFTWARE of an image; the walk's result. */
static int walk_hive(const char *data, size_t len, struct tally *ret)
{
    struct os_reg_visitor v = {.ctx = ret, .key = count_key, .value = count_value, .failed = count_failed};
    struct image im = {0};
    struct err e = {0};
    int r;

    *ret = (struct tally){0};
    make_dir(im.dir);
    write_file(im.dir, "Windows/System32/config/SOFTWARE", data, len);
    image_open_dir(&im);
    r = os_reg_walk(im.os, STR("HKLM\\SOFTWARE"), 32, &v, &e);
    assert_true(r == 0 || (r < 0 && e.text[0] != '\0'));
    image_done(&im);
    return r;
}

static void free_text(char **p)
{
    free(*p);
}

static void real_hives_are_read_whole(void **state)
{
    static const struct {
        const char *name;
        unsigned keys_at_least;
    } REAL[] = {
        {"mkorman90__regipy__regipy_tests__data__NTUSER.DAT", 1000},
        {"mkorman90__regipy__regipy_tests__data__NTUSER-WSL.DAT", 1000},
        {"mkorman90__regipy__regipy_tests__data__NTUSER_modified.DAT", 1000},
        {"mkorman90__regipy__regipy_tests__data__transactions_NTUSER.DAT", 1000},
        {"mkorman90__regipy__regipy_tests__data__BCD", 50},
        {"libguestfs__hivex__images__special", 3},
        {"libguestfs__hivex__images__minimal", 1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(REAL); i++) {
        size_t len = 0;
        CLEANUP(free_text) char *data = read_real(REAL[i].name, &len);
        struct tally t;

        if (data == NULL)
            skip();
        if (walk_hive(data, len, &t) != 0 || t.keys < REAL[i].keys_at_least || t.failed != 0)
            fail_msg("%s: %u keys, %u values, %u failed", REAL[i].name, t.keys, t.values, t.failed);
    }
}

static void no_cut_and_no_flipped_byte_brings_it_down(void **state)
{
    size_t len = 0;
    CLEANUP(free_text) char *data = read_real("mkorman90__regipy__regipy_tests__data__BCD", &len);
    uint32_t seed = 1;
    struct tally t;
    unsigned refused = 0;

    (void)state;
    if (data == NULL)
        skip();
    for (size_t cut = 0; cut < len; cut += 1021)
        refused += walk_hive(data, cut, &t) != 0;
    assert_true(refused > 0);
    for (unsigned i = 0; i < 300; i++) {
        size_t at;
        char kept;

        seed = seed * 1664525u + 1013904223u;
        at = i < 100 ? i * 41 : seed % len;
        kept = data[at];
        data[at] = (char)(seed >> 13);
        (void)walk_hive(data, len, &t);
        data[at] = kept;
    }
    assert_int_equal(walk_hive(data, len, &t), 0);
}

static void what_is_no_hive_is_an_error_and_not_absence(void **state)
{
    static const char *const TEXTS[] = {"", "regf", "not a hive at all, but long enough to look at"};
    struct tally t;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++)
        assert_int_equal(walk_hive(TEXTS[i], strlen(TEXTS[i]), &t), -ERR_FORMAT);
}

static void le32_put(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* A hive whose root has itself as its own subkey, twice: the walk must end. */
static void a_hive_that_points_at_itself_ends(void **state)
{
    static uint8_t hive[8192];
    uint8_t *bin = hive + 4096, *root = bin + 32, *list = bin + 120;
    uint32_t sum = 0;
    struct tally t;
    int r;

    (void)state;
    memcpy(hive, "regf", 4);
    le32_put(hive + 20, 1);
    le32_put(hive + 24, 3);
    le32_put(hive + 36, 32);
    le32_put(hive + 40, 4096);
    for (unsigned i = 0; i < 508; i += 4)
        sum ^=
            hive[i] | (uint32_t)hive[i + 1] << 8 | (uint32_t)hive[i + 2] << 16 | (uint32_t)hive[i + 3] << 24;
    le32_put(hive + 508, sum);
    memcpy(bin, "hbin", 4);
    le32_put(bin + 8, 4096);
    le32_put(root, (uint32_t)-88);
    memcpy(root + 4, "nk", 2);
    root[6] = 0x2c;
    le32_put(root + 24, 2);   /* subkeys */
    le32_put(root + 32, 120); /* their list */
    le32_put(root + 44, UINT32_MAX);
    le32_put(root + 48, UINT32_MAX);
    le32_put(root + 52, UINT32_MAX);
    root[76] = 1;
    root[80] = 'x';
    le32_put(list, (uint32_t)-24);
    memcpy(list + 4, "lf", 2);
    list[6] = 2;
    le32_put(list + 8, 32);
    le32_put(list + 16, 32);
    le32_put(bin + 144, 4096 - 144);
    r = walk_hive((const char *)hive, sizeof hive, &t);
    assert_true(r < 0 || t.failed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_hives_are_read_whole),
        cmocka_unit_test(no_cut_and_no_flipped_byte_brings_it_down),
        cmocka_unit_test(what_is_no_hive_is_an_error_and_not_absence),
        cmocka_unit_test(a_hive_that_points_at_itself_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
