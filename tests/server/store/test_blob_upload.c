/* SPDX-License-Identifier: Apache-2.0
 *
 * The hash of an upload in pieces is that of its bytes, whichever way they came: quickly, slowly, cut back,
 * sent again, after a restart, many at once. */
#include "server/store/store_world.h"

#include <openssl/sha.h>
#include <pthread.h>

enum { LARGE = 9 << 20, PIECE = 16000, AT_ONCE = 6 };

static unsigned char data[LARGE];

static void fill(void)
{
    uint32_t x = 12345;

    for (size_t i = 0; i < sizeof data; i++) {
        x = x * 1664525u + 1013904223u;
        data[i] = (unsigned char)(x >> 24);
    }
}

static void hex_of(const unsigned char *from, size_t len, char ret[65])
{
    unsigned char digest[32];

    (void)SHA256(from, len, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        (void)snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

/* data[from..to) in pieces of a request's size. */
static void send_bytes(struct blob_upload *u, size_t from, size_t to)
{
    struct err e = {0};

    for (size_t at = from; at < to; at += PIECE)
        if (blob_upload_write(u, data + at, to - at < PIECE ? to - at : PIECE, &e) < 0)
            fail_msg("%s", e.text);
}

static struct blob_upload *open_upload(const char *id, bool is_new)
{
    struct blob_upload *u = NULL;
    struct err e = {0};

    if (blob_upload_open(store_blobs(store), id, is_new, &u, &e) < 0)
        fail_msg("%s", e.text);
    return u;
}

/* Its hash is that of data[0..len); and it goes. */
static void expect(struct blob_upload *u, const char *id, size_t len)
{
    struct err e = {0};
    char expected[65], got[65];

    hex_of(data, len, expected);
    for (int i = 0; i < 2; i++) { /* asked twice it is the same */
        assert_int_equal(blob_upload_hash(u, got, &e), 0);
        assert_string_equal(got, expected);
    }
    assert_int_equal(blob_upload_size(u), len);
    blob_upload_close(u);
    assert_int_equal(blob_upload_remove(store_blobs(store), id, &e), 0);
}

static void of_every_length_in_one_go(void **state)
{
    static const size_t lengths[] = {0, 1, PIECE, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20, LARGE};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        struct blob_upload *u = open_upload("go", true);
        send_bytes(u, 0, lengths[i]);
        expect(u, "go", lengths[i]);
    }
}

static void over_pauses_and_restarts(void **state)
{
    struct blob_upload *u = open_upload("restart", true);

    (void)state;
    send_bytes(u, 0, 3 << 20);
    blob_upload_park(u);
    send_bytes(u, 3 << 20, 4 << 20);
    blob_upload_close(u); /* as a server that ends; the next one knows the file only */
    u = open_upload("restart", false);
    assert_int_equal(blob_upload_size(u), 4 << 20);
    send_bytes(u, 4 << 20, LARGE);
    expect(u, "restart", LARGE);
}

static void what_is_cut_off_was_never_there(void **state)
{
    struct blob_upload *u = open_upload("cut", true);
    struct err e = {0};

    (void)state;
    send_bytes(u, 0, 2 << 20);
    assert_int_equal(blob_upload_mark(u, &e), 0);
    send_bytes(u, 5 << 20, LARGE); /* a piece with a wrong checksum */
    assert_int_equal(blob_upload_cut(u, 2 << 20, &e), 0);
    send_bytes(u, 2 << 20, 6 << 20);
    assert_int_equal(blob_upload_cut(u, 1 << 20, &e), 0); /* behind no mark */
    send_bytes(u, 1 << 20, 7 << 20);
    assert_int_equal(blob_upload_cut(u, LARGE, &e), 0); /* longer than it is: nothing */
    expect(u, "cut", 7 << 20);
}

static void *upload_one(void *ctx)
{
    char id[8];
    const size_t *number = ctx;

    (void)snprintf(id, sizeof id, "par%zu", *number);
    struct blob_upload *u = open_upload(id, true);
    for (size_t at = 0; at < LARGE; at += LARGE / 8) {
        send_bytes(u, at, at + LARGE / 8);
        if (at % 3 == 0)
            blob_upload_park(u);
    }
    expect(u, id, LARGE);
    return NULL;
}

static void of_many_at_once(void **state)
{
    pthread_t threads[AT_ONCE];
    size_t numbers[AT_ONCE];

    (void)state;
    for (size_t i = 0; i < AT_ONCE; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, upload_one, &numbers[i]), 0);
    }
    for (size_t i = 0; i < AT_ONCE; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_every_length_in_one_go),
        cmocka_unit_test(over_pauses_and_restarts),
        cmocka_unit_test(what_is_cut_off_was_never_there),
        cmocka_unit_test(of_many_at_once),

    };

    fill();
    return cmocka_run_group_tests(tests, setup, teardown);
}
