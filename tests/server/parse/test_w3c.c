/* SPDX-License-Identifier: Apache-2.0
 *
 * W3C logs: columns, times, header lines, what is skipped; pieces of any size give the same lines. */
#include "w3c.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "limits.h"

#define FIELDS                                                                                               \
    "#Fields: date time s-sitename cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "              \
    "cs(User-Agent) "                                                                                        \
    "cs(Referer) cs-host sc-status sc-substatus sc-win32-status time-taken\r\n"

struct seen {
    struct buf text; /* one line a log line: number time client url status.sub.win32 taken */
    int64_t n;
};

static void add(struct buf *b, const char *name, struct str s)
{
    buf_printf(b, " %s=%.*s", name, (int)s.len, s.p ? s.p : "");
}

static int see(const struct w3c_line *line, void *ctx)
{
    struct seen *s = ctx;
    int64_t status = 0, sub = 0, win32 = 0, taken = 0;
    char time[32];
    bool good = w3c_number(line, W3C_STATUS, &status) && w3c_number(line, W3C_SUBSTATUS, &sub) &&
                w3c_number(line, W3C_WIN32, &win32);

    s->n++;
    time_format(line->time_ms, time);
    buf_printf(&s->text, "%lld %s", (long long)line->number, time);
    add(&s->text, "c", w3c_get(line, W3C_CLIENT));
    add(&s->text, "u", w3c_get(line, W3C_STEM));
    if (!w3c_number(line, W3C_TAKEN, &taken))
        taken = -2;
    buf_printf(&s->text, " %s%lld.%lld.%lld %lld\n", good ? "" : "bad ", (long long)status, (long long)sub,
               (long long)win32, (long long)taken);
    return 0;
}

/* Reads `text` in pieces of `step` bytes. */
static void read_text(struct w3c *w, struct seen *s, const char *name, struct str text, size_t step)
{
    *s = (struct seen){.text = BUF_INIT(64 << 20)};
    w3c_init(w, W3C_IIS, str_from(name), see, s);
    for (size_t i = 0; i < text.len; i += step) {
        size_t n = text.len - i < step ? text.len - i : step;
        assert_int_equal(w3c_feed(w, (struct bytes){(const uint8_t *)text.p + i, n}), 0);
    }
    assert_int_equal(w3c_finish(w), 0);
}

static void expect(const char *name, const char *text, const char *expected, int64_t skipped)
{
    for (size_t step = 1; step < 400; step = step * 3 + 1) {
        struct w3c w;
        struct seen s;
        read_text(&w, &s, name, str_from(text), step);
        assert_string_equal(buf_c(&s.text), expected);
        assert_int_equal(w.skipped, skipped);
        buf_done(&s.text);
        w3c_done(&w);
    }
}

static void the_articles_line(void **state)
{
    (void)state;
    expect("u_ex150906.log",
           FIELDS "2015-09-06 15:46:29 W3SVC1 GET / - 443 - 10.10.10.100 "
                  "Mozilla/5.0+(compatible;+MSIE+10.0;+Windows+NT+6.1;+WOW64;+Trident/6.0) - chiranth.com "
                  "500 0 64 0\r\n",
           "2 2015-09-06T15:46:29.000Z c=10.10.10.100 u=/ 500.0.64 0\n", 0);
}

static void fields_change_inside_a_file(void **state)
{
    (void)state;
    expect("x.log",
           "#Fields: date time c-ip cs-uri-stem sc-status\n2024-01-02 03:04:05 ::1%0 /a 200\n"
           "#Fields: time date sc-status sc-win32-status cs-uri-stem c-ip time-taken\n"
           "03:04:06 2024-01-02 403 2148204809 /b fe80::1%11 17",
           "2 2024-01-02T03:04:05.000Z c=::1%0 u=/a 200.-1.-1 -1\n"
           "4 2024-01-02T03:04:06.000Z c=fe80::1%11 u=/b 403.-1.2148204809 17\n",
           0);
}

static void a_missing_date_comes_from_the_header(void **state)
{
    (void)state;
    expect(
        "u_ex991231.log", "#Date: 2013-07-30 00:00:00\n#Fields: time sc-status\n23:59:59 200\n00:00:01 201\n",
        "3 2013-07-30T23:59:59.000Z c= u= 200.-1.-1 -1\n4 2013-07-31T00:00:01.000Z c= u= 201.-1.-1 -1\n", 0);
}

/* A quiet site: hardly a day lies between the two. Lines that are a little out of order are no new day. */
static void a_quiet_night_is_a_midnight(void **state)
{
    (void)state;
    expect("x.log",
           "#Date: 2013-07-30 08:00:00\n#Fields: time sc-status\n10:00:00 200\n09:40:00 201\n07:59:59 202\n",
           "3 2013-07-30T10:00:00.000Z c= u= 200.-1.-1 -1\n4 2013-07-30T09:40:00.000Z c= u= 201.-1.-1 -1\n"
           "5 2013-07-31T07:59:59.000Z c= u= 202.-1.-1 -1\n",
           0);
}

/* A machine that went down leaves NUL bytes, then a head; copy /b leaves the mark of the second file. */
static void what_stands_before_a_line_is_no_part_of_it(void **state)
{
    (void)state;
    static const char text[] = "#Fields: date time sc-status\n2024-01-02 03:04:05 200\n\0\0\0\0\0\0\0\0\0\0"
                               "#Fields: date time c-ip sc-status\r\n2024-01-02 03:04:06 ::1 403\r\n"
                               "\xef\xbb\xbf#Fields: date time sc-status\n\0\0"
                               "2024-01-02 03:04:07 201\n\0\0\0\0\0\0\0\0";

    for (size_t step = 1; step < 400; step = step * 3 + 1) {
        struct w3c w;
        struct seen s;
        read_text(&w, &s, "x.log", (struct str){text, sizeof text - 1}, step);
        assert_string_equal(buf_c(&s.text), "2 2024-01-02T03:04:05.000Z c= u= 200.-1.-1 -1\n"
                                            "4 2024-01-02T03:04:06.000Z c=::1 u= 403.-1.-1 -1\n"
                                            "6 2024-01-02T03:04:07.000Z c= u= 201.-1.-1 -1\n");
        assert_int_equal(w.skipped, 0);
        assert_false(w.binary);
        buf_done(&s.text);
        w3c_done(&w);
    }
}

/* Central binary logging: records of numbers, names in UTF-16. */
static void a_file_that_is_no_text_is_told(void **state)
{
    (void)state;
    static const char text[] = "\x01\0\x01\0W\0E\0B\0001\0\0\0\0\0\0\0\0\0\n2024-01-02 03:04:05 200\n";
    struct w3c w;
    struct seen s;

    read_text(&w, &s, "x.log", (struct str){text, sizeof text - 1}, sizeof text);
    assert_true(w.binary);
    assert_int_equal(s.n, 0);
    buf_done(&s.text);
    w3c_done(&w);
}

static void a_missing_date_comes_from_the_name(void **state)
{
    (void)state;
    expect("logs/w3svc/1/u_ex130730.log", "#Fields: time sc-status\n00:00:01 200\n",
           "2 2013-07-30T00:00:01.000Z c= u= 200.-1.-1 -1\n", 0);
    expect("logs/w3svc/1/extend1.log", "#Fields: time sc-status\n00:00:01 200\n", "", 1);
}

static void negative_win32_is_taken_as_unsigned(void **state)
{
    (void)state;
    expect("x.log", "#Fields: date time sc-status sc-win32-status\n2024-01-02 03:04:05 403 -2146762487\n",
           "2 2024-01-02T03:04:05.000Z c= u= 403.-1.2148204809 -1\n", 0);
}

static void a_head_that_was_cut_is_guessed(void **state)
{
    (void)state;
    expect("x.log", "f 8\n2024-01-02 03:04:05 10.0.0.1 GET /x - 443 - 10.0.0.2 agent - 403 7 5 3\n",
           "2 2024-01-02T03:04:05.000Z c=10.0.0.2 u=/x 403.7.5 3\n", 1);
}

static void quoted_values_hold_blanks(void **state)
{
    (void)state;
    expect("x.log",
           "#Fields: date-local time-local cs(User-Agent) c-ip sc-status\n"
           "2024-01-02 03:04:05.128 \"a \"\"b\"\" c\" \"1.2.3.4\" 404\n",
           "2 2024-01-02T03:04:05.000Z c=1.2.3.4 u= 404.-1.-1 -1\n", 0);
}

static void two_blanks_are_one(void **state)
{
    (void)state;
    expect(
        "x.log",
        "#Fields: date time s-port cs-username c-ip sc-status\n2024-01-02 03:04:05 444  dom\\user ::1 200\n",
        "2 2024-01-02T03:04:05.000Z c=::1 u= 200.-1.-1 -1\n", 0);
}

static void lines_that_do_not_fit_are_skipped(void **state)
{
    (void)state;
    expect("x.log",
           "#Fields: date time sc-status\n2024-01-02 03:04:05 200 7\n2024-01-02 03:04:05\n2024-13-02 "
           "03:04:05 200\n"
           "2024-01-02 3:04:05 200\n\n# a remark\n2024-01-02 03:04:05 200\n2024-01-02 03:0",
           "8 2024-01-02T03:04:05.000Z c= u= 200.-1.-1 -1\n", 5);
}

static void a_line_beyond_the_limit_is_skipped_and_counted(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf text = BUF_INIT(32 << 20);

    buf_add_c(&text, "#Fields: date time cs-uri-stem sc-status\n2024-01-02 03:04:05 /");
    for (int i = 0; i < (10 << 20) / 16; i++)
        buf_add_c(&text, "0123456789abcdef");
    buf_add_c(&text, " 200\n2024-01-02 03:04:06 /a 403\n");
    for (size_t step = 65536; step < text.len * 2; step *= 8) {
        struct w3c w;
        struct seen s;
        read_text(&w, &s, "x.log", buf_str(&text), step);
        assert_string_equal(buf_c(&s.text), "3 2024-01-02T03:04:06.000Z c= u=/a 403.-1.-1 -1\n");
        assert_int_equal(w.too_long, 1);
        assert_int_equal(w.skipped, 1);
        assert_int_equal(w.first_skipped, 2);
        assert_true((int64_t)w.carry.room < 2 * LIMIT_LINE_BYTES);
        buf_done(&s.text);
        w3c_done(&w);
    }
}

static int see_error(const struct w3c_line *line, void *ctx)
{
    struct seen *s = ctx;

    s->n++;
    add(&s->text, "m", w3c_get(line, W3C_METHOD));
    add(&s->text, "u", w3c_get(line, W3C_URI));
    add(&s->text, "s", w3c_get(line, W3C_STATUS));
    add(&s->text, "r", w3c_get(line, W3C_REASON));
    add(&s->text, "q", w3c_get(line, W3C_QUEUE));
    buf_add_char(&s->text, '\n');
    return 0;
}

static void httperr_keeps_blanks_of_a_url(void **state)
{
    (void)state;
    static const char text[] =
        "2024-01-02 03:04:05 10.0.0.2 5000 10.0.0.1 443 HTTP/1.1 GET /a b c 400 1 URL Pool\n"
        "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason "
        "s-queuename\n"
        "2024-01-02 03:04:05 10.0.0.2 5000 10.0.0.1 443 HTTP/1.1 GET /a b c 400 1 URL Pool\n"
        "2024-01-02 03:04:05 10.0.0.2 5000 10.0.0.1 443 - - - - - Timer_ConnectionIdle -\n";
    struct seen s = {.text = BUF_INIT(4096)};
    struct w3c w;

    w3c_init(&w, W3C_HTTPERR, STR("httperr1.log"), see_error, &s);
    assert_int_equal(w3c_feed(&w, (struct bytes){(const uint8_t *)text, sizeof text - 1}), 0);
    assert_int_equal(w3c_finish(&w), 0);
    assert_string_equal(buf_c(&s.text),
                        " m=GET u=/a b c s=400 r=URL q=Pool\n m= u= s= r=Timer_ConnectionIdle q=\n");
    assert_int_equal(w.skipped, 1);
    buf_done(&s.text);
    w3c_done(&w);
}

/* Splitting by 64, by 16 and byte by byte says the same. */
static void parts_are_found_at_every_length(void **state)
{
    (void)state;
    char line[400];
    uint32_t start[W3C_COLUMNS_MAX + 1], end[W3C_COLUMNS_MAX + 1];

    srand(7);
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)rand() % sizeof line;
        uint32_t parts = 0;
        for (size_t i = 0; i < len; i++) {
            line[i] = rand() % 6 ? 'x' : ' ';
            parts += line[i] != ' ' && (i == 0 || line[i - 1] == ' ');
        }
        uint32_t n = w3c_split(line, len, W3C_COLUMNS_MAX, start, end);
        assert_int_equal(n, parts < W3C_COLUMNS_MAX + 1 ? parts : W3C_COLUMNS_MAX + 1);
        for (uint32_t i = 0; i < n; i++) {
            assert_true(start[i] < end[i] && end[i] <= len);
            assert_true(line[start[i]] == 'x' && line[end[i] - 1] == 'x');
            assert_null(memchr(line + start[i], ' ', end[i] - start[i]));
            assert_true(end[i] == len || line[end[i]] == ' ');
        }
    }
}

/* What a piece of each real file says: lines read and skipped, worked out by hand. */
static const struct {
    const char *name;
    int64_t lines, read, skipped;
} real[] = {
    {"log2timeline__plaso__test_data__iis__iis10_edge_cases.log", 19, 15, 0},
    {"log2timeline__plaso__test_data__iis__iis6.log", 16, 12, 0},
    {"log2timeline__plaso__test_data__iis__iis_without_date.log", 15, 11, 0},
    {"log2timeline__plaso__test_data__iis__iis7_sqli.log", 6, 2, 0},
    {"tstack__lnav__test__logfile_w3c_big.0", 254, 210, 0},
    {"tstack__lnav__test__logfile_w3c.5", 2, 0, 1},
    {"microsoft__Tx__Traces__u_ex130609.log", 25, 17, 0},
    {"theodorejb__iis-log-parser__tests__files__u_ex230505.log", 94, 78, 0},
    {"elastic__beats__filebeat__module__iis__access__test__test-ipv6zone.log", 5, 1, 0},
    {"matomo-org__matomo-log-analytics__tests__logs__iis_custom.log", 10, 3, 0},
};

static bool read_real(const char *name, struct buf *ret)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(4096);

    buf_printf(&path, CT_SOURCE_DIR "/../shared/real/iis-logs/%s", name);
    FILE *f = fopen(buf_c(&path), "rb");
    if (!f)
        return false;
    char *room = buf_reserve(ret, 1 << 20);
    buf_wrote(ret, fread(room, 1, 1 << 20, f));
    fclose(f);
    return true;
}

static void real_files_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(real); i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT(4 << 20);
        struct w3c w;
        struct seen s;
        if (!read_real(real[i].name, &text))
            skip();
        read_text(&w, &s, real[i].name, buf_str(&text), 1000);
        if (w.lines != real[i].lines || s.n != real[i].read || w.skipped != real[i].skipped)
            fail_msg("%s: %lld lines, %lld read, %lld skipped\n%s", real[i].name, (long long)w.lines,
                     (long long)s.n, (long long)w.skipped, buf_c(&s.text));
        buf_done(&s.text);
        w3c_done(&w);
    }
}

static void damage(char *p, size_t *len)
{
    for (int i = rand() % 20; i > 0 && *len > 0; i--)
        p[(size_t)rand() % *len] = (char)(rand() % 4 ? " \n#\"-:9"[rand() % 7] : rand());
    if (rand() % 2)
        *len = (size_t)rand() % (*len + 1);
}

static void damaged_real_files_do_no_harm(void **state)
{
    (void)state;
    DIR *dir = opendir(CT_SOURCE_DIR "/../shared/real/iis-logs");

    if (!dir)
        skip();
    srand(42);
    for (struct dirent *d = readdir(dir); d; d = readdir(dir)) {
        CLEANUP(buf_done) struct buf text = BUF_INIT(4 << 20), copy = BUF_INIT(8 << 20);
        if (d->d_name[0] == '.' || !read_real(d->d_name, &text))
            continue;
        for (int round = 0; round < 50; round++) {
            struct w3c w;
            struct seen s;
            buf_clear(&copy);
            buf_add_str(&copy, buf_str(&text));
            damage(copy.p, &copy.len);
            buf_add_str(&copy, buf_str(&text));
            read_text(&w, &s, d->d_name, buf_str(&copy), 1 + (size_t)rand() % 5000);
            assert_true(s.n + w.skipped <= w.lines);
            buf_done(&s.text);
            w3c_done(&w);
        }
    }
    closedir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_articles_line),
        cmocka_unit_test(fields_change_inside_a_file),
        cmocka_unit_test(a_missing_date_comes_from_the_header),
        cmocka_unit_test(a_quiet_night_is_a_midnight),
        cmocka_unit_test(what_stands_before_a_line_is_no_part_of_it),
        cmocka_unit_test(a_file_that_is_no_text_is_told),
        cmocka_unit_test(a_missing_date_comes_from_the_name),
        cmocka_unit_test(negative_win32_is_taken_as_unsigned),
        cmocka_unit_test(a_head_that_was_cut_is_guessed),
        cmocka_unit_test(quoted_values_hold_blanks),
        cmocka_unit_test(two_blanks_are_one),
        cmocka_unit_test(lines_that_do_not_fit_are_skipped),
        cmocka_unit_test(a_line_beyond_the_limit_is_skipped_and_counted),
        cmocka_unit_test(httperr_keeps_blanks_of_a_url),
        cmocka_unit_test(parts_are_found_at_every_length),
        cmocka_unit_test(real_files_are_read),
        cmocka_unit_test(damaged_real_files_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
