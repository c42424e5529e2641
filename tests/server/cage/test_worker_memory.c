/* SPDX-License-Identifier: Apache-2.0
 *
 * The judging worker's memory: pieces of all sizes that hold what was written to them, wherever they came
 * from. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "worker_memory.h"

enum { PIECES = 600, ROUNDS = 60000 };

struct piece {
    unsigned char *p;
    size_t size;
    unsigned char mark;
};

static void check(const struct piece *one)
{
    for (size_t i = 0; i < one->size; i++)
        if (one->p[i] != one->mark)
            fail_msg("byte %zu of %zu is not what was written", i, one->size);
}

static void take(struct piece *one, size_t size, unsigned char mark)
{
    *one = (struct piece){worker_memory_take(size), size, mark};
    assert_non_null(one->p);
    assert_int_equal((uintptr_t)one->p % alignof(max_align_t), 0);
    assert_in_range(worker_memory_room(one->p), size, size + size / 4 + 16);
    memset(one->p, mark, size);
}

static void give(struct piece *one)
{
    if (one->p)
        check(one);
    worker_memory_give(one->p);
    one->p = NULL;
}

/* Mostly small, now and then more than a megabyte. */
static size_t some_size(uint32_t chance)
{
    uint32_t bits = chance % 1000 == 0 ? 22 : chance % 13;

    return 1 + (chance >> 8) % (1u << bits);
}

static void pieces_do_not_touch_each_other(void **state)
{
    static struct piece pieces[PIECES];
    uint32_t chance = 1;

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        chance = chance * 1664525u + 1013904223u;
        struct piece *one = &pieces[(chance >> 16) % PIECES];
        give(one);
        take(one, some_size(chance), (unsigned char)i);
    }
    for (int i = 0; i < PIECES; i++)
        give(&pieces[i]);
}

static void each_size_has_room(void **state)
{
    struct piece one;

    (void)state;
    for (size_t size = 1; size < (size_t)3 << 20; size += 1 + size / 40) {
        take(&one, size, 1);
        give(&one);
    }
}

static void what_was_given_is_taken_again(void **state)
{
    void *first = worker_memory_take(100), *second;

    (void)state;
    worker_memory_give(first);
    second = worker_memory_take(101);
    assert_ptr_equal(first, second);
    worker_memory_give(second);
}

/* Ten times the same memory, and the largest pieces are not kept. */
static void what_is_kept_grows_no_more_than_it_must(void **state)
{
    static void *pieces[4096];
    size_t kept = 0;

    (void)state;
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < 4096; i++)
            assert_non_null(pieces[i] = worker_memory_take(4000));
        for (size_t i = 0; i < 4096; i++)
            worker_memory_give(pieces[i]);
        if (round == 0)
            kept = worker_memory_kept();
        worker_memory_give(worker_memory_take((size_t)64 << 20));
        assert_int_equal(worker_memory_kept(), kept);
    }
    assert_in_range(kept, 4096 * 4000, 64 << 20);
}

static void nothing_and_too_much_are_refused(void **state)
{
    (void)state;
    assert_null(worker_memory_take(0));
    assert_null(worker_memory_take(SIZE_MAX));
    assert_null(worker_memory_take(SIZE_MAX / 2));
    worker_memory_give(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_do_not_touch_each_other),
        cmocka_unit_test(each_size_has_room),
        cmocka_unit_test(what_was_given_is_taken_again),
        cmocka_unit_test(what_is_kept_grows_no_more_than_it_must),
        cmocka_unit_test(nothing_and_too_much_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
