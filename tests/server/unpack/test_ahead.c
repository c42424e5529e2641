/* SPDX-License-Identifier: Apache-2.0
 *
 * Pieces made ahead come whole, in order, once; an error comes after the pieces before it. */
#include "ahead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct source {
    size_t n;  /* pieces before the end or the error */
    int error; /* 0: it ends */
    atomic_size_t made;
};

/* Piece i has i % 1000 + 1 bytes, each i % 251. */
static int make(void *ctx, uint8_t *to, size_t *ret, struct err *e)
{
    struct source *s = ctx;
    size_t i = atomic_fetch_add(&s->made, 1);

    if (i >= s->n && s->error)
        return err_set(e, s->error, "after %zu pieces", s->n);
    *ret = i < s->n ? i % 1000 + 1 : 0;
    memset(to, (int)(i % 251), *ret);
    return 0;
}

static void expect_pieces(struct ahead *a, size_t n)
{
    struct bytes piece;
    struct err e;

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(ahead_next(a, &piece, &e), 0);
        assert_int_equal(piece.len, i % 1000 + 1);
        for (size_t k = 0; k < piece.len; k++)
            assert_int_equal(piece.p[k], i % 251);
    }
}

static void all_pieces_come_in_order_then_the_end(void **state)
{
    (void)state;
    struct ahead *a = NULL;
    struct bytes piece;
    struct err e;

    assert_int_equal(ahead_start(&a, &e), 0);
    for (size_t n = 0; n < 3000; n = n * 2 + 1) {
        struct source s = {.n = n};
        ahead_begin(a, make, &s);
        expect_pieces(a, n);
        for (int again = 0; again < 3; again++) {
            assert_int_equal(ahead_next(a, &piece, &e), 0);
            assert_int_equal(piece.len, 0);
        }
        ahead_end(a);
        assert_int_equal(atomic_load(&s.made), n + 1);
    }
    ahead_stop(a);
}

static void an_error_comes_after_the_pieces_before_it(void **state)
{
    (void)state;
    struct source s = {.n = 7, .error = ERR_FORMAT};
    struct ahead *a = NULL;
    struct bytes piece;
    struct err e;

    assert_int_equal(ahead_start(&a, &e), 0);
    ahead_begin(a, make, &s);
    expect_pieces(a, 7);
    for (int again = 0; again < 3; again++) {
        assert_int_equal(ahead_next(a, &piece, &e), -ERR_FORMAT);
        assert_string_equal(e.text, "after 7 pieces");
    }
    ahead_stop(a); /* ends the stream, too */
}

/* What is made is bounded by what was taken, and nothing is made after the end of the stream. */
static void no_more_is_made_than_there_is_room_for(void **state)
{
    (void)state;
    struct ahead *a = NULL;
    struct err e;

    assert_int_equal(ahead_start(&a, &e), 0);
    for (size_t taken = 0; taken < 200; taken++) {
        struct source s = {.n = 100000};
        ahead_begin(a, make, &s);
        expect_pieces(a, taken);
        ahead_end(a);
        assert_in_range(atomic_load(&s.made), taken, taken + AHEAD_PIECES);
        size_t made = atomic_load(&s.made);
        ahead_end(a);
        assert_int_equal(atomic_load(&s.made), made);
    }
    ahead_stop(a);
    ahead_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_pieces_come_in_order_then_the_end),
        cmocka_unit_test(an_error_comes_after_the_pieces_before_it),
        cmocka_unit_test(no_more_is_made_than_there_is_room_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
