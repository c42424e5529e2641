/* SPDX-License-Identifier: Apache-2.0
 *
 * The forward zip writer, read back with libzip; what a kill leaves behind; what a full disk does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zip.h>
#include <zlib.h>

#include "bundle.h"
#include "limits.h"
#include "os.h"

/* A file in memory that counts what is written and may fail at the n-th write. */
struct memory {
    struct buf file;
    int64_t at, written;
    int writes, fail_at; /* fail_at 0: never */
};

static int memory_write(void *ctx, const void *data, size_t len, struct err *e)
{
    struct memory *m = ctx;

    if (++m->writes == m->fail_at)
        return err_set(e, ERR_IO, "disk full");
    m->written += (int64_t)len;
    if ((size_t)m->at < m->file.len) {
        assert_true((size_t)m->at + len <= m->file.len);
        memcpy(m->file.p + m->at, data, len);
    } else {
        buf_add(&m->file, data, len);
    }
    m->at += (int64_t)len;
    return buf_check(&m->file, "file", e);
}

static int memory_seek(void *ctx, int64_t offset, struct err *e)
{
    (void)e;
    ((struct memory *)ctx)->at = offset;
    return 0;
}

#define MEMORY                                                                                               \
    {                                                                                                        \
        .file = BUF_INIT(64 << 20)                                                                           \
    }

static struct zip_writer *writer(struct memory *m)
{
    struct zip_sink sink = {.ctx = m, .write = memory_write, .seek = memory_seek};
    struct zip_writer *z = NULL;
    struct err e = {0};

    assert_int_equal(zip_writer_new(&sink, 1441612800000LL, &z, &e), 0);
    return z;
}

static int put(struct zip_writer *z, const char *name, const void *data, size_t len, struct err *e)
{
    if (zip_writer_begin(z, str_from(name), e) != 0 || zip_writer_add(z, data, len, e) != 0)
        return -e->code;
    return zip_writer_end(z, e);
}

static zip_t *open_memory(const struct buf *file)
{
    zip_error_t why;
    zip_source_t *source;
    zip_t *z;

    zip_error_init(&why);
    source = zip_source_buffer_create(buf_c(file), file->len, 0, &why);
    assert_non_null(source);
    z = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &why);
    if (z == NULL)
        fail_msg("%s", zip_error_strerror(&why));
    return z;
}

static void libzip_reads_what_was_written(void **state)
{
    struct memory m = MEMORY;
    struct zip_writer *z = writer(&m);
    struct err e = {0};
    char *big = malloc(3 << 20), back[16] = "";

    (void)state;
    for (size_t i = 0; i < (3 << 20); i++)
        big[i] = (char)(rand() >> 7);
    assert_int_equal(put(z, "a.txt", "hello", 5, &e), 0);
    assert_int_equal(put(z, "empty", "", 0, &e), 0);
    assert_int_equal(put(z, "b/big", big, 3 << 20, &e), 0);
    assert_int_equal(zip_writer_finish(z, &e), 0);
    assert_int_equal(zip_writer_size(z), (int64_t)m.file.len);
    zip_t *read = open_memory(&m.file);
    assert_int_equal(zip_get_num_entries(read, 0), 3);
    zip_file_t *f = zip_fopen(read, "a.txt", 0);
    assert_int_equal(zip_fread(f, back, sizeof(back)), 5);
    assert_string_equal(back, "hello");
    assert_int_equal(zip_fread(f, back, 1), 0);
    zip_fclose(f);
    f = zip_fopen(read, "b/big", 0);
    char *same = malloc(3 << 20);
    assert_int_equal(zip_fread(f, same, 3 << 20), 3 << 20);
    assert_memory_equal(same, big, 3 << 20);
    zip_fclose(f);
    struct zip_stat st;
    assert_int_equal(zip_stat(read, "a.txt", 0, &st), 0);
    zip_discard(read);
    free(same);
    free(big);
    zip_writer_free(z);
    buf_done(&m.file);
}

static void bytes_written_stay_close_to_the_size(void **state)
{
    struct memory m = MEMORY;
    struct zip_writer *z = writer(&m);
    struct err e = {0};
    char name[32], text[300];

    (void)state;
    memset(text, 'x', sizeof(text));
    for (int i = 0; i < 2000; i++) {
        (void)snprintf(name, sizeof(name), "items/%06d.json", i);
        for (size_t k = 0; k < sizeof(text); k++)
            text[k] = (char)('a' + rand() % 20);
        assert_int_equal(put(z, name, text, sizeof(text), &e), 0);
    }
    assert_int_equal(zip_writer_finish(z, &e), 0);
    print_message("%lld written, %zu bytes\n", (long long)m.written, m.file.len);
    assert_true((double)m.written <= 1.05 * (double)m.file.len);
    zip_writer_free(z);
    buf_done(&m.file);
}

static void names_are_legal_and_unique_without_regard_to_case(void **state)
{
    struct memory m = MEMORY;
    struct zip_writer *z = writer(&m);
    struct err e = {0};

    (void)state;
    assert_int_equal(put(z, "a/B", "1", 1, &e), 0);
    assert_int_equal(zip_writer_begin(z, STR("A/b"), &e), -ERR_CONFLICT);
    assert_int_equal(zip_writer_begin(z, STR("../x"), &e), -ERR_FORMAT);
    assert_int_equal(zip_writer_begin(z, STR(""), &e), -ERR_FORMAT);
    assert_int_equal(put(z, "c", "2", 1, &e), 0);
    assert_int_equal(zip_writer_finish(z, &e), 0);
    zip_t *read = open_memory(&m.file);
    assert_int_equal(zip_get_num_entries(read, 0), 2);
    zip_discard(read);
    zip_writer_free(z);
    buf_done(&m.file);
}

/* Every write fails once; each time the failure comes out, and nothing hangs or leaks. */
static void each_failing_write_is_told(void **state)
{
    int fail_at = 1, r = -1;

    (void)state;
    for (; r != 0; fail_at++) {
        struct memory m = MEMORY;
        struct zip_writer *z = writer(&m);
        struct err e = {0};
        m.fail_at = fail_at;
        r = put(z, "a", "hello", 5, &e) != 0 || put(z, "b", "world", 5, &e) != 0 ||
                    zip_writer_finish(z, &e) != 0
                ? -e.code
                : 0;
        assert_true(r == 0 || r == -ERR_IO);
        zip_writer_free(z);
        buf_done(&m.file);
    }
    assert_true(fail_at > 8);
}

/* --- bundle --- */

static int hash_add(void *ctx, const void *data, size_t len, struct err *e)
{
    return os_hash_add(ctx, data, len, e);
}

static int hash_end(void *ctx, uint8_t ret[32], struct err *e)
{
    return os_hash_end(ctx, ret, e);
}

static void expect_bundle(const struct buf *zip)
{
    struct err e = {0};
    zip_t *read = open_memory(zip);
    static const char *const order[] = {"iis/config/redirection.config",
                                        "items/000001.json",
                                        "logs/w3svc/1/u.log",
                                        "items/000002.json",
                                        "items/000003.json",
                                        "manifest.json"};
    assert_int_equal(zip_get_num_entries(read, 0), 6);
    for (zip_uint64_t i = 0; i < 6; i++)
        assert_string_equal(zip_get_name(read, i, 0), order[i]);
    static char json[65536];
    zip_file_t *f = zip_fopen(read, "manifest.json", 0);
    zip_int64_t n = zip_fread(f, json, sizeof(json));
    assert_true(n > 0);
    zip_fclose(f);
    zip_discard(read);
    struct arena a = ARENA_INIT(1 << 20);
    struct manifest back;
    if (manifest_read((struct bytes){(uint8_t *)json, (size_t)n}, &a, &back, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(back.n_items, 3);
    assert_true(str_eq(back.items[0].sha256,
                       STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
    assert_int_equal(back.items[0].size, 3);
    assert_int_equal(back.items[1].sha256.len, 0);
    assert_int_equal(back.items[2].outcome, OUTCOME_DENIED);
    assert_int_equal(back.items[2].os_code, 5);
    arena_done(&a);
}

static void a_bundle_has_its_outcome_behind_each_item_and_hashes_all_but_logs(void **state)
{
    struct memory m = MEMORY;
    struct bundle_options options = {.sink = {.ctx = &m, .write = memory_write, .seek = memory_seek},
                                     .hash = {.add = hash_add, .end = hash_end}};
    struct os_hash *sha256 = NULL;
    struct bundle *b = NULL;
    struct err e = {0};
    struct manifest_item config = {.kind = KIND_IIS_CONFIG,
                                   .entry = STR("iis/config/redirection.config"),
                                   .source = STR("C:\\x"),
                                   .original = 7,
                                   .modified_ms = TIME_NONE};
    struct manifest_item log = {
        .kind = KIND_LOG_IIS, .entry = STR("logs/w3svc/1/u.log"), .original = -1, .modified_ms = TIME_NONE};
    struct manifest_item denied = {
        .kind = KIND_KEY_ACL, .source = STR("C:\\k"), .original = -1, .modified_ms = TIME_NONE};
    struct bundle_end no = {.outcome = OUTCOME_DENIED, .reason = "access is denied", .os_code = 5};
    struct manifest manifest = {.version = MANIFEST_VERSION,
                                .bundle = STR("00000000-0000-4000-8000-000000000000"),
                                .tool_version = STR("1"),
                                .backend = STR("image"),
                                .machine = {.name = STR("M"),
                                            .roles = ROLE_SERVER,
                                            .collected_ms = 0,
                                            .booted_ms = TIME_NONE,
                                            .registry_view = STR("64")}};

    (void)state;
    assert_int_equal(os_hash_new(OS_SHA256, &sha256, &e), 0);
    options.hash.ctx = sha256;
    assert_int_equal(bundle_new(&options, &b, &e), 0);
    assert_int_equal(bundle_item_begin(b, &config, &e), 0);
    assert_int_equal(bundle_write(b, "abc", 3, &e), 0);
    assert_int_equal(bundle_item_end(b, &BUNDLE_OK, &e), 0);
    assert_int_equal(bundle_item_begin(b, &log, &e), 0);
    assert_int_equal(bundle_item_end(b, &BUNDLE_OK, &e), 0);
    assert_int_equal(bundle_item_note(b, &denied, &no, &e), 0);
    assert_int_equal(bundle_count(b, OUTCOME_DENIED), 1);
    if (bundle_finish(b, &manifest, &e) != 0)
        fail_msg("%s", e.text);

    expect_bundle(&m.file);
    bundle_free(b);
    os_hash_free(sha256);
    buf_done(&m.file);
}

static void verifying_finds_a_changed_byte(void **state)
{
    enum { LARGE = 3 << 20 }; /* not inflated again */
    char path[] = "/tmp/certtriage-verify-XXXXXX", *large = calloc(LARGE, 1);
    struct memory m = MEMORY;
    struct zip_writer *z = writer(&m);
    struct err e = {0};
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(put(z, "a", "hello hello hello hello", 23, &e), 0);
    assert_int_equal(put(z, "large", large, LARGE, &e), 0);
    free(large);
    assert_int_equal(zip_writer_finish(z, &e), 0);
    assert_int_equal(write(fd, m.file.p, m.file.len), (ssize_t)m.file.len);
    struct bytes sums = zip_writer_sums(z);
    assert_int_equal(sums.len, 8);
    assert_int_equal(bundle_verify(path, sums, &e), 0);
    assert_int_equal(bundle_verify(path, (struct bytes){sums.p, 4}, &e), -ERR_FORMAT);
    const size_t within[] = {33, m.file.len / 2}; /* the data of either entry */
    for (size_t i = 0; i < ARRAY_LEN(within); i++) {
        m.file.p[within[i]] ^= 4;
        assert_int_equal(pwrite(fd, m.file.p, m.file.len, 0), (ssize_t)m.file.len);
        assert_int_equal(bundle_verify(path, sums, &e), -ERR_FORMAT);
        m.file.p[within[i]] ^= 4;
    }
    assert_int_equal(pwrite(fd, m.file.p, m.file.len, 0), (ssize_t)m.file.len);
    assert_int_equal(bundle_verify(path, sums, &e), 0);
    close(fd);
    unlink(path);
    zip_writer_free(z);
    buf_done(&m.file);
}

static uint32_t le32(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Does it inflate to what its header says? */
static bool is_whole(const unsigned char *data, uint32_t packed, uint32_t size, uint32_t crc)
{
    unsigned char *out = malloc((size_t)size + 1);
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)data,
                  .avail_in = packed,
                  .next_out = out,
                  .avail_out = size + 1};
    bool whole;

    assert_non_null(out);
    assert_int_equal(inflateInit2(&z, -15), Z_OK);
    whole = inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == size && crc32(0, out, size) == crc;
    (void)inflateEnd(&z);
    free(out);
    return whole;
}

/* Names of the entries that can be read by their local headers alone, up to where the file is cut off. */
static int recover(const char *path)
{
    struct buf file = BUF_INIT(256 << 20);
    FILE *f = fopen(path, "rb");
    size_t n, at = 0;

    assert_non_null(f);
    while ((n = fread(buf_reserve(&file, 65536), 1, 65536, f)) > 0)
        buf_wrote(&file, n);
    fclose(f);
    const unsigned char *p = (const unsigned char *)buf_c(&file);
    while (at + 30 <= file.len && memcmp(p + at, "PK\3\4", 4) == 0) {
        uint32_t crc = le32(p + at + 14), packed = le32(p + at + 18), size = le32(p + at + 22),
                 name = p[at + 26];
        const unsigned char *data = p + at + 30 + name;
        if (at + 30 + name + packed > file.len || packed == 0)
            break; /* not finished */
        assert_true(is_whole(data, packed, size, crc));
        (void)printf("%.*s\n", (int)name, (const char *)p + at + 30);
        at += 30 + name + packed;
    }
    buf_done(&file);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--recover") == 0)
        return recover(argv[2]);

    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libzip_reads_what_was_written),
        cmocka_unit_test(bytes_written_stay_close_to_the_size),
        cmocka_unit_test(names_are_legal_and_unique_without_regard_to_case),
        cmocka_unit_test(each_failing_write_is_told),
        cmocka_unit_test(a_bundle_has_its_outcome_behind_each_item_and_hashes_all_but_logs),
        cmocka_unit_test(verifying_finds_a_changed_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
