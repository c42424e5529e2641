/* SPDX-License-Identifier: Apache-2.0 */
#include "rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SECOND = 1000000, START = 5 * SECOND };

static struct rate *rate_of(int64_t per_minute)
{
    struct rate *r = NULL;
    struct err e = {0};

    assert_int_equal(rate_new(per_minute, &r, &e), 0);
    return r;
}

static void a_minute_at_once_then_the_steady_rate(void **state)
{
    struct rate *r = rate_of(60);

    (void)state;
    for (int i = 0; i < 60; i++)
        assert_int_equal(rate_take(r, STR("a"), START), 0);
    assert_int_equal(rate_take(r, STR("a"), START), SECOND);
    assert_int_equal(rate_take(r, STR("a"), START + SECOND / 4), SECOND - SECOND / 4);
    assert_int_equal(rate_take(r, STR("a"), START + SECOND), 0);
    assert_int_equal(rate_take(r, STR("a"), START + SECOND), SECOND);
    rate_free(r);
}

static void what_is_refused_is_not_counted(void **state)
{
    struct rate *r = rate_of(2);

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(rate_take(r, STR("a"), START), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(rate_take(r, STR("a"), START), 30 * SECOND);
    assert_int_equal(rate_take(r, STR("a"), START + 30 * SECOND), 0);
    rate_free(r);
}

static void each_key_has_its_own(void **state)
{
    struct rate *r = rate_of(1);

    (void)state;
    assert_int_equal(rate_take(r, STR("a"), START), 0);
    assert_int_equal(rate_take(r, STR("b"), START), 0);
    assert_true(rate_take(r, STR("a"), START) > 0);
    assert_true(rate_take(r, STR("b"), START) > 0);
    rate_free(r);
}

/* A crowd of other keys, each with a request, does not free one that had many. */
static void a_crowd_does_not_free_who_took_much(void **state)
{
    struct rate *r = rate_of(100);
    char key[16];

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(rate_take(r, STR("busy"), START), 0);
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        assert_int_equal(rate_take(r, str_from(key), START), 0);
    }
    assert_true(rate_take(r, STR("busy"), START) > 0);
    rate_free(r);
}

static void none_is_no_limit(void **state)
{
    struct rate *r = rate_of(0);

    (void)state;
    assert_null(r);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(rate_take(r, STR("a"), START), 0);
    rate_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minute_at_once_then_the_steady_rate),
        cmocka_unit_test(what_is_refused_is_not_counted),
        cmocka_unit_test(each_key_has_its_own),
        cmocka_unit_test(a_crowd_does_not_free_who_took_much),
        cmocka_unit_test(none_is_no_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
