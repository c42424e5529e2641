/* SPDX-License-Identifier: Apache-2.0
 *
 * W3C logs: columns on the list stay, others become "-", lines stay lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "redact.h"

static int collect(void *ctx, const void *data, size_t len, struct err *e)
{
    buf_add(ctx, data, len);
    return buf_check(ctx, "out", e);
}

/* In pieces of `piece` bytes. */
static struct buf redact_text(const char *in, size_t len, size_t piece)
{
    struct buf out = BUF_INIT(64 << 20);
    struct redact_log *r = NULL;
    struct err e = {0};

    assert_int_equal(redact_log_new(collect, &out, &r, &e), 0);
    for (size_t at = 0; at < len; at += piece)
        assert_int_equal(redact_log_add(r, in + at, len - at < piece ? len - at : piece, &e), 0);
    assert_int_equal(redact_log_end(r, &e), 0);
    redact_log_free(r);
    return out;
}

static void expect(const char *in, const char *wanted)
{
    static const size_t pieces[] = {1, 7, 65536};

    for (size_t i = 0; i < 3; i++) {
        struct buf out = redact_text(in, strlen(in), pieces[i]);
        assert_string_equal(buf_c(&out), wanted);
        buf_done(&out);
    }
}

static void columns_that_are_not_listed_go(void **state)
{
    (void)state;
    expect("#Software: Microsoft X\r\n#Fields: date cs-uri-stem cs-uri-query cs-username cs(Cookie) x-mine "
           "sc-status\r\n"
           "2015-01-01 /a?b tok=1 CONTOSO\\u c=2 v 403\r\n",
           "#Software: Microsoft X\r\n#Fields: date cs-uri-stem cs-uri-query cs-username cs(Cookie) x-mine "
           "sc-status\r\n"
           "2015-01-01 /a - CONTOSO\\u - - 403\r\n");
}

static void a_line_that_does_not_fit_its_fields_is_not_trusted(void **state)
{
    (void)state;
    expect("#Fields: date cs-uri-stem\n2015-01-01 /a secret\n2015-01-01\n2015-01-01 /a\n",
           "#Fields: date cs-uri-stem\n- - -\n-\n2015-01-01 /a\n");
    expect("secret before fields\n", "- - -\n");
}

static void remarks_go_and_directives_stay(void **state)
{
    (void)state;
    expect("#Remark: secret\n#Date: 2015-01-01 00:00:00\n# secret", "#\n#Date: 2015-01-01 00:00:00\n#");
}

static void fields_may_change_in_the_middle(void **state)
{
    (void)state;
    expect("#Fields: date cs-uri-query\nd q\n#Fields: cs-uri-query date\nq d\n",
           "#Fields: date cs-uri-query\nd -\n#Fields: cs-uri-query date\n- d\n");
}

static void preallocated_nul_bytes_are_dropped(void **state)
{
    static const char in[] = "#Fields: date\nd\n\0\0\0\0";
    struct buf out = redact_text(in, sizeof(in) - 1, 5);

    (void)state;
    assert_string_equal(buf_c(&out), "#Fields: date\nd\n");
    assert_int_equal(out.len, strlen("#Fields: date\nd\n"));
    buf_done(&out);
}

static void a_line_without_end_costs_no_memory(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    struct redact_log *r = NULL;
    struct err e = {0};
    char piece[65536];

    (void)state;
    memset(piece, 's', sizeof(piece));
    assert_int_equal(redact_log_new(collect, &out, &r, &e), 0);
    assert_int_equal(redact_log_add(r, "#Fields: date\n", 14, &e), 0);
    for (int i = 0; i < 160; i++) /* 10 MiB */
        assert_int_equal(redact_log_add(r, piece, sizeof(piece), &e), 0);
    assert_int_equal(redact_log_add(r, "\nd\n", 3, &e), 0);
    assert_int_equal(redact_log_end(r, &e), 0);
    redact_log_free(r);
    assert_true(out.len < 100);
    assert_non_null(strstr(buf_c(&out), "\nd\n"));
    assert_null(strstr(buf_c(&out), "ssss"));
    buf_done(&out);
}

static int refuse(void *ctx, const void *data, size_t len, struct err *e)
{
    (void)ctx, (void)data, (void)len;
    return err_set(e, ERR_IO, "disk full");
}

static void a_failing_writer_ends_it(void **state)
{
    struct redact_log *r = NULL;
    struct err e = {0};

    (void)state;
    assert_int_equal(redact_log_new(refuse, NULL, &r, &e), 0);
    assert_int_equal(redact_log_add(r, "x\n", 2, &e), 0);
    assert_int_equal(redact_log_end(r, &e), -ERR_IO);
    assert_string_equal(e.text, "disk full");
    redact_log_free(r);
}

static size_t lines_of(const struct buf *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->len; i++)
        n += b->p[i] == '\n';
    return n;
}

/* Word for word, what stands in the columns of query, cookie and referer of a real log is not in what is
 * left. */
static size_t words_of(struct str line)
{
    size_t n = 0;

    for (; line.p != NULL; n++)
        (void)str_cut(line, ' ', &line);
    return n;
}

/* Word for word, what stands in the columns of query, cookie and referer of a real log is not in what is
 * left. */
static size_t check_columns(struct str file, const struct buf *out)
{
    bool secret[64] = {false};
    size_t n = 0, n_fields = 0;

    while (file.p != NULL) {
        struct str line = str_trim(str_cut(file, '\n', &file)), word;
        bool fields = str_starts(line, STR("#Fields:"));
        if (fields)
            line = str_trim(str_skip(line, 8));
        if (fields)
            n_fields = words_of(line);
        else if (words_of(line) != n_fields)
            continue; /* misaligned: nothing of it is kept, and what is secret in it is not known */
        for (size_t i = 0; line.p != NULL && i < 64; i++) {
            word = str_cut(line, ' ', &line);
            if (fields)
                secret[i] = str_ieq(word, STR("cs-uri-query")) || str_ieq(word, STR("cs(Cookie)")) ||
                            str_ieq(word, STR("cs(Referer)"));
            else if (secret[i] && word.len > 8 && memmem(out->p, out->len, word.p, word.len) != NULL)
                fail_msg("%.*s", (int)word.len, word.p);
            else
                n += secret[i] && word.len > 8;
        }
    }
    return n;
}

static void real_logs_keep_their_lines(void **state)
{
    char path[1024];
    size_t n = 0, values = 0;
    DIR *d = opendir(CT_SOURCE_DIR "/../shared/real/iis-logs");

    (void)state;
    if (d == NULL)
        skip();
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        struct buf file = BUF_INIT(64 << 20);
        size_t got;
        if (f->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), CT_SOURCE_DIR "/../shared/real/iis-logs/%s", f->d_name);
        FILE *in = fopen(path, "rb");
        assert_non_null(in);
        while ((got = fread(buf_reserve(&file, 65536), 1, 65536, in)) > 0)
            buf_wrote(&file, got);
        fclose(in);
        struct buf out = redact_text(buf_c(&file), file.len, 4096);
        assert_int_equal(lines_of(&file), lines_of(&out));
        assert_null(strstr(buf_c(&out), "ASP.NET_SessionId"));
        assert_null(strstr(buf_c(&out), "ASPSESSIONID"));
        values += check_columns(buf_str(&file), &out);
        buf_done(&out);
        buf_done(&file);
        n++;
    }
    closedir(d);
    print_message("%zu logs, %zu values\n", n, values);
    assert_true(values > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_that_are_not_listed_go),
        cmocka_unit_test(a_line_that_does_not_fit_its_fields_is_not_trusted),
        cmocka_unit_test(remarks_go_and_directives_stay),
        cmocka_unit_test(fields_may_change_in_the_middle),
        cmocka_unit_test(preallocated_nul_bytes_are_dropped),
        cmocka_unit_test(a_line_without_end_costs_no_memory),
        cmocka_unit_test(a_failing_writer_ends_it),
        cmocka_unit_test(real_logs_keep_their_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
