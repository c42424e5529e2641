/* SPDX-License-Identifier: Apache-2.0
 *
 * Event log files: templates, nested data, references in attributes; damage is counted and what stands behind
 * it is read; real files give every event, and what libevtx gives of them. */
#include "evtx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "event_xml.h"
#include "evtx_file.h"
#include "evtx_internal.h"
#include "limits.h"
#include "real_events.h"

struct reading {
    struct evtx_reader *reader;
    struct buf text; /* of the events, without lines */
    int64_t n_events, n_chunks;
    uint64_t last_record;
    struct evtx_damage damage;
};

static int see_event(const struct event *e, void *ctx)
{
    struct reading *r = ctx;

    r->n_events++;
    event_describe(e, &r->text);
    return 0;
}

static int see_chunk(const struct evtx_chunk *chunk, void *ctx)
{
    struct reading *r = ctx;

    r->n_chunks++;
    r->last_record = chunk->last_record;
    return evtx_read_chunk(r->reader, chunk->bytes, see_event, r, &r->damage);
}

/* The file in pieces of `step` bytes. */
static struct reading read_evtx(struct bytes file, size_t step)
{
    struct arena a = ARENA_INIT(8 << 20);
    struct reading r = {.reader = evtx_reader_new(&a), .text = BUF_INIT(16 << 20)};
    struct evtx *x = evtx_new(&a, see_chunk, &r);

    assert_non_null(r.reader);
    assert_non_null(x);
    for (size_t i = 0; i < file.len; i += step)
        assert_int_equal(evtx_feed(x, (struct bytes){file.p + i, file.len - i < step ? file.len - i : step}),
                         0);
    assert_int_equal(evtx_finish(x, &r.damage), 0);
    evtx_reader_free(r.reader);
    arena_done(&a);
    return r;
}

static struct bytes bytes_of(const struct buf *b)
{
    return (struct bytes){(const uint8_t *)b->p, b->len};
}

static void two_chunks(struct evtx_file *f)
{
    evtx_file_begin(f);
    evtx_chunk_begin(f);
    evtx_record(f, 36887, "AlertDesc", "48");
    evtx_record(f, 36888, "AlertDesc", "40");
    evtx_chunk_end(f);
    evtx_chunk_begin(f);
    evtx_record(f, 36870, "Error\"Code", "0x8009030d");
    evtx_chunk_end(f);
}

#define FIRST "1 36887 level 2 at 2020-01-01T00:00:01.000Z Schannel System WEB01\n  AlertDesc=48\n"
#define SECOND "2 36888 level 2 at 2020-01-01T00:00:02.000Z Schannel System WEB01\n  AlertDesc=40\n"
#define THIRD "3 36870 level 2 at 2020-01-01T00:00:03.000Z Schannel System WEB01\n  Error\"Code=0x8009030d\n"

static void templates_and_nested_data(void **state)
{
    (void)state;
    struct evtx_file f;

    two_chunks(&f);
    for (size_t step = 1; step <= 65536; step = step * 37 + 1) {
        struct reading r = read_evtx(bytes_of(&f.bytes), step);
        assert_string_equal(buf_c(&r.text), FIRST SECOND THIRD);
        assert_int_equal(r.n_chunks, 2);
        assert_int_equal(r.last_record, 3);
        assert_int_equal(r.damage.records, 0);
        assert_int_equal(r.damage.bytes, 0);
        buf_done(&r.text);
    }
    buf_done(&f.bytes);
}

static void strings_without_names_are_values_of_their_own(void **state)
{
    (void)state;
    struct evtx_file f;

    evtx_file_begin(&f);
    evtx_chunk_begin(&f);
    evtx_record_strings(&f, 5719, "EXAMPLE", "no server");
    evtx_record_strings(&f, 5719, "OTHER", "");
    evtx_chunk_end(&f);
    struct reading r = read_evtx(bytes_of(&f.bytes), 65536);
    assert_string_equal(
        buf_c(&r.text),
        "1 5719 level 2 at 2020-01-01T00:00:01.000Z Schannel System WEB01\n  =EXAMPLE\n  =no server\n"
        "2 5719 level 2 at 2020-01-01T00:00:02.000Z Schannel System WEB01\n  =OTHER\n  =\n");
    buf_done(&r.text);
    buf_done(&f.bytes);
}

static void values_as_windows_writes_them(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        struct str bytes;
        const char *text;
    } cases[] = {
        {0x01, {"a\0b\0\0\0", 6}, "ab"},
        {0x02, {"ab\0c", 4}, "ab"},
        {0x03, {"\xff", 1}, "-1"},
        {0x04, {"\xff", 1}, "255"},
        {0x05, {"\xfe\xff", 2}, "-2"},
        {0x06, {"\xfe\xff", 2}, "65534"},
        {0x07, {"\0\0\0\x80", 4}, "-2147483648"},
        {0x08, {"\0\0\0\x80", 4}, "2147483648"},
        {0x09, {"\xff\xff\xff\xff\xff\xff\xff\xff", 8}, "-1"},
        {0x0a, {"\xff\xff\xff\xff\xff\xff\xff\xff", 8}, "18446744073709551615"},
        {0x0d, {"\1\0\0\0", 4}, "true"},
        {0x0d, {"\0\0\0\0", 4}, "false"},
        {0x0e, {"\x30\x82", 2}, "3082"},
        {0x0f,
         {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10", 16},
         "{04030201-0605-0807-090A-0B0C0D0E0F10}"},
        {0x11, {"\x00\x80\x3e\xd5\xde\xb1\x9d\x01", 8}, "1970-01-01T00:00:00.000Z"},
        {0x12, {"\xe8\x07\x03\0\2\0\x0c\0\x08\0\x26\0\x1e\0\x07\0", 16}, "2024-03-12T08:38:30.007Z"},
        {0x13, {"\1\2\0\0\0\0\0\5\x20\0\0\0\x20\2\0\0", 16}, "S-1-5-32-544"},
        {0x14, {"\x0d\x03\x09\x80", 4}, "0x8009030d"},
        {0x15, {"\0\0\0\0\0\0\0\x80", 8}, "0x8000000000000000"},
        {0x00, {"abcd", 4}, ""},
        {0x0f, {"short", 5}, ""},
        {0x13, {"\1\xff\0\0\0\0\0\5", 8}, ""},
        {0x84, {"\x01\x02", 2}, "0102"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buf_done) struct buf out = BUF_INIT(256);
        evtx_value_text(cases[i].type, (struct bytes){(const uint8_t *)cases[i].bytes.p, cases[i].bytes.len},
                        &out);
        if (strcmp(buf_c(&out), cases[i].text) != 0)
            fail_msg("type 0x%02x: %s, not %s", cases[i].type, buf_c(&out), cases[i].text);
    }
}

static void a_damaged_record_is_counted_and_the_next_is_read(void **state)
{
    (void)state;
    struct evtx_file f;

    two_chunks(&f);
    f.bytes.p[4096 + 512 + 24 + 10] ^= 0x55; /* where its template is */
    struct reading r = read_evtx(bytes_of(&f.bytes), 4096);
    assert_true(r.damage.records >= 1);
    assert_non_null(strstr(buf_c(&r.text), "3 36870"));
    buf_done(&r.text);
    buf_done(&f.bytes);

    two_chunks(&f);
    f.bytes.p[4096 + 512] = 'x'; /* the signature of the first record: the template in it is still there */
    r = read_evtx(bytes_of(&f.bytes), 4096);
    assert_int_equal(r.damage.records, 1);
    assert_string_equal(buf_c(&r.text), SECOND THIRD);
    buf_done(&r.text);
    buf_done(&f.bytes);
}

static void a_file_without_its_beginning_or_end(void **state)
{
    (void)state;
    struct evtx_file f;

    two_chunks(&f);
    struct reading r = read_evtx((struct bytes){(const uint8_t *)f.bytes.p + 5000, f.bytes.len - 5000}, 1000);
    assert_string_equal(buf_c(&r.text), THIRD);
    assert_int_equal(r.damage.bytes, 65536 + 4096 - 5000);
    buf_done(&r.text);
    r = read_evtx((struct bytes){(const uint8_t *)f.bytes.p, f.chunk + 700}, 1000);
    assert_string_equal(buf_c(&r.text), FIRST SECOND); /* the record of the second chunk is cut through */
    assert_int_equal(r.damage.records, 1);
    buf_done(&r.text);
    for (size_t len = 0; len < 700; len++) { /* in the middle of a chunk's header, or of the file's */
        r = read_evtx((struct bytes){(const uint8_t *)f.bytes.p + f.chunk, len}, 100);
        assert_int_equal(r.n_events, 0);
        buf_done(&r.text);
    }
    buf_done(&f.bytes);
}

static void files_behind_each_other(void **state)
{
    (void)state;
    struct evtx_file f;

    two_chunks(&f);
    size_t len = f.bytes.len;
    buf_add(&f.bytes, "some text between", 17);
    assert_non_null(buf_reserve(&f.bytes, len));
    buf_add(&f.bytes, f.bytes.p, len);
    struct reading r = read_evtx(bytes_of(&f.bytes), 5000);
    assert_string_equal(buf_c(&r.text), FIRST SECOND THIRD FIRST SECOND THIRD);
    assert_int_equal(r.damage.bytes, 17);
    buf_done(&r.text);
    buf_done(&f.bytes);
}

/* A chunk's header is behind while Windows has the file open; records that go on count, remains do not. */
static void records_behind_the_free_space(void **state)
{
    (void)state;
    struct evtx_file f;

    two_chunks(&f);
    const uint8_t *size = (const uint8_t *)f.bytes.p + 4096 + 512 + 4;
    size_t second = 512 + (size_t)(size[0] | size[1] << 8);
    evtx_patch(&f.bytes, 4096 + 48, second, 4);
    struct reading r = read_evtx(bytes_of(&f.bytes), 65536);
    assert_string_equal(buf_c(&r.text), FIRST SECOND THIRD);
    buf_done(&r.text);
    evtx_patch(&f.bytes, 4096 + second + 8, 77, 8); /* of another time */
    r = read_evtx(bytes_of(&f.bytes), 65536);
    assert_string_equal(buf_c(&r.text), FIRST THIRD);
    buf_done(&r.text);
    buf_done(&f.bytes);
}

/* A template that uses itself would never end. */
static void a_template_in_itself_ends(void **state)
{
    (void)state;
    struct evtx_file f;

    evtx_file_begin(&f);
    evtx_chunk_begin(&f);
    size_t record = f.bytes.len, definition = record - f.chunk + 24 + 4 + 10;
    f.number = 1;
    evtx_put(&f.bytes, 0x00002a2a, 4);
    evtx_put(&f.bytes, 0, 4);
    evtx_put(&f.bytes, 1, 8);
    evtx_put(&f.bytes, EVTX_TIME_2020, 8);
    for (int i = 0; i < 2; i++) { /* the second time it is the body of the first */
        evtx_put(&f.bytes, 0x0001010f, 4);
        evtx_put(&f.bytes, 0x010c, 2);
        evtx_put(&f.bytes, 1, 4);
        evtx_put(&f.bytes, definition, 4);
        if (i == 0) {
            evtx_zero(&f.bytes, f.bytes.len + 20);
            evtx_put(&f.bytes, 18, 4);
        }
    }
    evtx_put(&f.bytes, 0, 4);
    evtx_put(&f.bytes, 0, 4);
    evtx_put(&f.bytes, f.bytes.len + 4 - record, 4);
    evtx_patch(&f.bytes, record + 4, f.bytes.len - record, 4);
    evtx_chunk_end(&f);
    struct reading r = read_evtx(bytes_of(&f.bytes), 65536);
    assert_int_equal(r.n_events, 0);
    assert_int_equal(r.damage.records, 1);
    buf_done(&r.text);
    buf_done(&f.bytes);
}

static int see_xml(const struct event *e, void *ctx)
{
    struct buf *text = ctx;

    event_describe(e, text);
    return 0;
}

/* Every event that libevtx gave of the same file before it gave up is the same here. */
static void compare_with_libevtx(const char *name, const struct reading *r)
{
    CLEANUP(buf_done) struct buf xml = BUF_INIT(64 << 20), one = BUF_INIT(1 << 20);
    struct arena a = ARENA_INIT(8 << 20);
    char path[600];
    struct err e = {0};

    (void)snprintf(path, sizeof(path), "%s.xml", name);
    if (!real_event_file(path, &xml)) {
        arena_done(&a);
        return;
    }
    struct buf theirs = BUF_INIT(16 << 20);
    struct event_xml *x = event_xml_new(&a, see_xml, &theirs);
    assert_int_equal(event_xml_feed(x, bytes_of(&xml), &e), 0);
    assert_int_equal(event_xml_finish(x, &e), 0);
    assert_int_equal(event_xml_skipped(x)->count, 0);
    event_xml_free(x);
    arena_done(&a);
    assert_true(theirs.len > 1000);
    struct str rest = buf_str(&theirs);
    for (int64_t n = 0; rest.len > 0; n++) { /* an event ends where the next line has no blanks before it */
        size_t len = 0;
        do
            len += (size_t)((const char *)memchr(rest.p + len, '\n', rest.len - len) - (rest.p + len)) + 1;
        while (len < rest.len && rest.p[len] == ' ');
        buf_clear(&one);
        buf_add(&one, rest.p, len);
        if (!strstr(buf_c(&r->text), buf_c(&one)))
            fail_msg("%s: libevtx's event %lld is not among ours:\n%s", name, (long long)n, buf_c(&one));
        rest = str_skip(rest, len);
    }
    buf_done(&theirs);
}

static void real_files_are_read_whole(void **state)
{
    (void)state;
    struct real_events files;

    if (!real_events_open(&files))
        skip();
    CLEANUP(buf_done) struct buf file = BUF_INIT(64 << 20);
    size_t n = 0;
    while (real_events_next(&files, ".evtx", &file)) {
        struct reading r = read_evtx(bytes_of(&file), 65536);
        if (r.damage.records || r.damage.bytes || r.n_events < 100)
            fail_msg("%s: %lld events, %lld damaged", files.name, (long long)r.n_events,
                     (long long)r.damage.records);
        compare_with_libevtx(files.name, &r);
        buf_done(&r.text);
        n++;
    }
    real_events_close(&files);
    assert_true(n > 0);
}

static uint32_t next(uint32_t *seed)
{
    return *seed = *seed * 1664525 + 1013904223;
}

/* Cut anywhere, bits flipped, shifted, doubled: it ends, and says how much was lost. */
static void damaged_real_files(void **state)
{
    (void)state;
    struct real_events files;
    uint32_t seed = 7;

    if (!real_events_open(&files))
        skip();
    CLEANUP(buf_done) struct buf file = BUF_INIT(64 << 20);
    while (real_events_next(&files, ".evtx", &file))
        for (size_t round = 0; round < 40; round++) {
            size_t len = file.len < 300000 ? file.len : 300000,
                   from = round % 4 == 1 ? 5000 + round * 977 : 0;
            struct buf copy = BUF_INIT(1 << 20);
            buf_add(&copy, file.p + from, len - from);
            for (size_t i = 0; round % 4 > 1 && i < round * round; i++)
                copy.p[next(&seed) % copy.len] = (char)(seed >> 24);
            if (round % 4 == 0)
                copy.len = next(&seed) % copy.len;
            struct reading r = read_evtx(bytes_of(&copy), 1 + seed % 65536);
            if (round % 4 == 1)
                assert_true(r.damage.bytes > 0);
            buf_done(&r.text);
            buf_done(&copy);
        }
    real_events_close(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_and_nested_data),
        cmocka_unit_test(strings_without_names_are_values_of_their_own),
        cmocka_unit_test(values_as_windows_writes_them),
        cmocka_unit_test(a_damaged_record_is_counted_and_the_next_is_read),
        cmocka_unit_test(a_file_without_its_beginning_or_end),
        cmocka_unit_test(files_behind_each_other),
        cmocka_unit_test(records_behind_the_free_space),
        cmocka_unit_test(a_template_in_itself_ends),
        cmocka_unit_test(real_files_are_read_whole),
        cmocka_unit_test(damaged_real_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
