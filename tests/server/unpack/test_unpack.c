/* SPDX-License-Identifier: Apache-2.0
 *
 * Every entry that unpack gives has the bytes that libzip gives by itself; what is broken is broken for both.
 * Broken zips, one by one, are in tests/hostile. */
#include "unpack.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zip.h>

#include "ahead.h"
#include "hostile/zip_maker.h"
#include "limits.h"

/* What libzip says an entry holds; false: it cannot be read. */
static bool read_with_libzip(const char *path, struct str name, struct buf *out)
{
    char entry[1024];
    int error = 0;
    zip_int64_t n = -1;
    (void)snprintf(entry, sizeof entry, "%.*s", (int)name.len, name.p);
    zip_t *zip = zip_open(path, ZIP_RDONLY, &error);
    zip_file_t *f = zip ? zip_fopen(zip, entry, ZIP_FL_ENC_RAW) : NULL;

    while (f) {
        char *to = buf_reserve(out, 65536);
        if (!to || (n = zip_fread(f, to, 65536)) <= 0)
            break;
        buf_wrote(out, (size_t)n);
    }
    if (f)
        (void)zip_fclose(f);
    if (zip)
        zip_discard(zip);
    return n == 0;
}

/* Pieces against what is expected next. */
struct comparison {
    struct str expected;
    bool differs;
};

static int compare_piece(void *ctx, struct bytes piece)
{
    struct comparison *c = ctx;

    assert_in_range(piece.len, 1, 256 << 10);
    if (piece.len > c->expected.len || memcmp(piece.p, c->expected.p, piece.len) != 0)
        c->differs = true;
    c->expected = str_skip(c->expected, piece.len);
    return 0;
}

/* The number of entries that were compared. */
static size_t compare_zip(const char *path, struct ahead *ahead)
{
    CLEANUP(arena_done) struct arena a = ARENA_INIT(256 << 20);
    struct unpack *u = NULL;
    struct err e;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t n = 0;

    assert_true(fd >= 0);
    int r = unpack_open(fd, ahead, &a, &u, &e);
    bool is_whole = r == 0 && unpack_problem_count(u) == 0;
    for (size_t i = 0; is_whole && i < unpack_count(u); i++, n++) {
        CLEANUP(buf_done) struct buf expected = BUF_INIT(64 << 20);
        bool is_good = read_with_libzip(path, unpack_entry(u, i)->name, &expected);
        struct comparison c = {.expected = buf_str(&expected)};
        r = unpack_stream(u, i, compare_piece, &c, &e);
        if ((r == 0) != is_good || (is_good && (c.differs || c.expected.len)))
            fail_msg("%s: entry %zu: %d %s", path, i, r, r ? e.text : "");
        struct bytes whole;
        if (is_good && unpack_entry(u, i)->size <= LIMIT_WHOLE_ENTRY_BYTES) {
            assert_int_equal(unpack_read(u, i, &a, &whole, &e), 0);
            assert_int_equal(whole.len, expected.len);
        }
    }
    unpack_close(u);
    (void)close(fd);
    return n;
}

static void write_zip(char *path, const struct zip_maker *z)
{
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, z->out.p, z->out.len), z->out.len);
    (void)close(fd);
}

/* Text that deflates well, badly, and not at all; sizes around the pieces'. */
static void entries_are_what_libzip_says(void **state)
{
    (void)state;
    CLEANUP(zip_maker_done) struct zip_maker z = ZIP_MAKER_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT(4 << 20);
    static const size_t SIZES[] = {0, 1, 2, 100, 65535, 65536, 131071, 131072, 131073, 262144, 3000000};
    char path[] = "/tmp/certtriage-unpack-XXXXXX", name[32];
    uint32_t seed = 1;

    for (size_t i = 0; i < 3000000; i++) {
        seed = seed * 1664525u + 1013904223u;
        buf_add_char(&data, i % 300000 < 100000   ? 'x'
                            : i % 300000 < 200000 ? "0123456789ab"[seed >> 29]
                                                  : (char)(seed >> 24));
    }
    for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
        (void)snprintf(name, sizeof name, "attach/%zu", i);
        zip_put(&z, name, (struct str){data.p, SIZES[i]});
    }
    (void)zip_add_raw(&z, STR("attach/stored"), 0, zip_crc(buf_str(&data)), buf_str(&data), data.len,
                      &(struct zip_lie){.flags = 0});
    zip_finish(&z);
    write_zip(path, &z);
    struct ahead *ahead = NULL;
    struct err e;
    assert_int_equal(compare_zip(path, NULL), ARRAY_LEN(SIZES) + 1);
    assert_int_equal(ahead_start(&ahead, &e), 0);
    assert_int_equal(compare_zip(path, ahead), ARRAY_LEN(SIZES) + 1);
    ahead_stop(ahead);
    (void)unlink(path);
}

static int stop_at_once(void *ctx, struct bytes piece)
{
    (void)ctx, (void)piece;
    return -77;
}

static void a_taker_may_stop_and_the_next_entry_is_whole(void **state)
{
    (void)state;
    CLEANUP(zip_maker_done) struct zip_maker z = ZIP_MAKER_INIT;
    CLEANUP(arena_done) struct arena a = ARENA_INIT(64 << 20);
    char path[] = "/tmp/certtriage-unpack-XXXXXX";
    struct unpack *u;
    struct bytes whole;
    struct err e;
    zip_put(&z, "attach/a", STR("aaaa"));
    zip_put(&z, "attach/b", STR("bbbb"));
    zip_finish(&z);
    write_zip(path, &z);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_int_equal(unpack_open(fd, NULL, &a, &u, &e), 0);
    assert_int_equal(unpack_stream(u, 0, stop_at_once, NULL, &e), -77);
    assert_int_equal(unpack_read(u, 1, &a, &whole, &e), 0);
    assert_memory_equal(whole.p, "bbbb", 4);
    assert_int_equal(unpack_read(u, 0, &a, &whole, &e), 0);
    assert_memory_equal(whole.p, "aaaa", 4);
    unpack_close(u);
    (void)close(fd);
    (void)unlink(path);
}

/* While the thread inflates what nobody asks for any more. A wrong CRC-32 comes after all its bytes. */
static void a_large_entry_may_be_left_and_read_again(void **state)
{
    (void)state;
    CLEANUP(zip_maker_done) struct zip_maker z = ZIP_MAKER_INIT;
    CLEANUP(arena_done) struct arena a = ARENA_INIT(64 << 20);
    CLEANUP(buf_done) struct buf data = BUF_INIT(8 << 20);
    char path[] = "/tmp/certtriage-unpack-XXXXXX";
    struct ahead *ahead = NULL;
    struct unpack *u;
    struct bytes whole;
    struct err e;
    for (size_t i = 0; i < 5000000; i++)
        buf_add_char(&data, (char)('a' + i % 23));
    zip_put(&z, "attach/a", buf_str(&data));
    (void)zip_add_raw(&z, STR("attach/b"), 0, zip_crc(buf_str(&data)) ^ 1, buf_str(&data), data.len,
                      &(struct zip_lie){.flags = 0});
    zip_finish(&z);
    write_zip(path, &z);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_int_equal(ahead_start(&ahead, &e), 0);
    assert_int_equal(unpack_open(fd, ahead, &a, &u, &e), 0);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(unpack_stream(u, 0, stop_at_once, NULL, &e), -77);
    struct comparison c = {.expected = buf_str(&data)};
    assert_int_equal(unpack_stream(u, 1, compare_piece, &c, &e), -ERR_FORMAT);
    assert_false(c.differs);
    assert_int_equal(c.expected.len, 0);
    assert_non_null(strstr(e.text, "CRC"));
    assert_int_equal(unpack_read(u, 0, &a, &whole, &e), 0);
    assert_memory_equal(whole.p, data.p, data.len);
    unpack_close(u);
    ahead_stop(ahead);
    (void)close(fd);
    (void)unlink(path);
}

static void zips_of_others_are_what_libzip_says(void **state)
{
    (void)state;
    char path[1024], file[2048];
    const char *source = getenv("CT_SOURCE_DIR") ? getenv("CT_SOURCE_DIR") : CT_SOURCE_DIR;
    (void)snprintf(path, sizeof path, "%s/../shared/real/zips", source);
    DIR *dir = opendir(path);
    struct ahead *ahead = NULL;
    struct err e;
    size_t n = 0;

    assert_int_equal(ahead_start(&ahead, &e), 0);
    if (!dir) {
        ahead_stop(ahead);
        print_message("skipped: no collection of zips\n");
        skip();
    }
    for (struct dirent *d; (d = readdir(dir));) {
        (void)snprintf(file, sizeof file, "%s/%s", path, d->d_name);
        if (d->d_name[0] != '.')
            n += compare_zip(file, ahead);
    }
    ahead_stop(ahead);
    (void)closedir(dir);
    print_message("%zu entries\n", n);
    assert_true(n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_what_libzip_says),
        cmocka_unit_test(a_taker_may_stop_and_the_next_entry_is_whole),
        cmocka_unit_test(a_large_entry_may_be_left_and_read_again),
        cmocka_unit_test(zips_of_others_are_what_libzip_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
