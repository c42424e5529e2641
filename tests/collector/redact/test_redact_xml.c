/* SPDX-License-Identifier: Apache-2.0
 *
 * What redaction lets through and what not: configuration files and traces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "markup.h"
#include "redact.h"

static struct buf redact_bytes(enum redact_format format, const void *data, size_t len)
{
    struct buf out = BUF_INIT(64 << 20);
    struct err e = {0};

    assert_int_equal(redact_xml(format, (struct bytes){data, len}, &out, &e), 0);
    return out;
}

static void expect(enum redact_format format, const char *in, const char *wanted)
{
    struct buf out = redact_bytes(format, in, strlen(in));

    assert_string_equal(buf_c(&out), wanted);
    buf_done(&out);
}

static void keeps_what_is_listed_and_nothing_else(void **state)
{
    (void)state;
    expect(
        REDACT_CONFIG,
        "<configuration><system.webServer><security><access sslFlags=\"Ssl, SslRequireCert\" x='y'/>"
        "</security></system.webServer></configuration>",
        "<configuration><system.webServer><security><access sslFlags=\"Ssl, SslRequireCert\" x='[redacted]'/>"
        "</security></system.webServer></configuration>");
    expect(REDACT_CONFIG,
           "<configuration><appSettings><add key=\"name\" value=\"v\"/></appSettings>"
           "<connectionStrings><add name=\"db\" "
           "connectionString=\"Server=s\"/></connectionStrings></configuration>",
           "<configuration><appSettings><add key=\"[redacted]\" value=\"[redacted]\"/></appSettings>"
           "<connectionStrings><add name=\"[redacted]\" connectionString=\"[redacted]\"/></connectionStrings>"
           "</configuration>");
}

static void keeps_a_mapping_certificate_exactly_and_no_password(void **state)
{
    (void)state;
    expect(
        REDACT_CONFIG,
        "<system.webServer><oneToOneMappings><add enabled=\"true\" userName=\"CONTOSO\\web\" "
        "password=\"[enc:AesProvider:AbC==:enc]\" certificate=\"-----BEGIN\nMIIB&#xA;\"/></oneToOneMappings>"
        "</system.webServer>",
        "<system.webServer><oneToOneMappings><add enabled=\"true\" userName=\"CONTOSO\\web\" "
        "password=\"[enc:AesProvider:redacted]\" certificate=\"-----BEGIN\nMIIB&#xA;\"/></oneToOneMappings>"
        "</system.webServer>");
}

static void an_encrypted_value_keeps_only_the_name_of_its_provider(void **state)
{
    (void)state;
    expect(
        REDACT_CONFIG,
        "<system.webServer><access sslFlags=\"[enc:IISWASOnlyCngProvider:x9:enc]\"/></system.webServer>",
        "<system.webServer><access sslFlags=\"[enc:IISWASOnlyCngProvider:redacted]\"/></system.webServer>");
    expect(REDACT_CONFIG, "<system.webServer><x y=\"[enc:not a provider:x9:enc]\"/></system.webServer>",
           "<system.webServer><x y=\"[redacted]\"/></system.webServer>");
}

static void text_comments_and_instructions_go_with_their_lines_kept(void **state)
{
    (void)state;
    expect(
        REDACT_CONFIG,
        "<?xml version=\"1.0\"\nencoding=\"utf-16\"?>\n<a>\n se\ncret </a><!-- pass\r\nword -->\n<?php x\n?>",
        "<?xml version=\"1.0\" encoding=\"utf-8\"\n?>\n<a>[redacted]\n\n</a><!--\r\n-->\n<?php\n?>");
    expect(REDACT_CONFIG, "<a><![CDATA[secret\n]]></a>", "<a><![CDATA[[redacted]\n]]></a>");
    expect(REDACT_CONFIG, "<!DOCTYPE a [<!ENTITY b \"secret>\n\">]><a/>", "\n<a/>");
}

static void from_a_break_on_nothing_is_kept(void **state)
{
    (void)state;
    expect(REDACT_CONFIG, "<system.webServer>\n<access sslFlags=\"Ssl\">\n<access sslFlags=\"Ssl>\nx",
           "<system.webServer>\n<access sslFlags=\"Ssl\">\n<[redacted]\n");
    expect(REDACT_CONFIG, "<system.webServer></x>\n<access sslFlags=\"Ssl\"/>",
           "<system.webServer><[redacted]\n");
    expect(REDACT_CONFIG, "<a b=\"x & y\"/>\n", "<[redacted]\n");
    expect(REDACT_CONFIG, "<a b=\"x < y\"/>\n", "<[redacted]\n");
    expect(REDACT_CONFIG, "<a>&nbsp;</a>", "<a><[redacted]");
}

static void nesting_beyond_the_limit_is_a_break(void **state)
{
    struct buf deep = BUF_INIT(1 << 20);

    (void)state;
    for (int i = 0; i < 300; i++)
        buf_add_c(&deep, "<a>");
    struct buf out = redact_bytes(REDACT_CONFIG, deep.p, deep.len);
    assert_non_null(strstr(buf_c(&out), "<[redacted]"));
    buf_done(&out);
    buf_done(&deep);
}

static void utf16_becomes_utf8_with_the_same_lines(void **state)
{
    static const char text[] = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<location path=\"S\xe4\"/>";
    struct buf utf16 = BUF_INIT(4096);

    (void)state;
    buf_add(&utf16, "\xff\xfe", 2);
    for (const char *p = text; *p != 0; p++) {
        buf_add_char(&utf16, *p);
        buf_add_char(&utf16, 0);
    }
    struct buf out = redact_bytes(REDACT_CONFIG, utf16.p, utf16.len);
    assert_string_equal(buf_c(&out),
                        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<location path=\"S\xc3\xa4\"/>");
    buf_done(&out);
    buf_done(&utf16);
}

static void a_url_loses_user_and_query(void **state)
{
    static const char *const pairs[][2] = {
        {"https://h/p?q=secret#f", "https://h/p"},
        {"https://user:pass@h:8443/p", "https://[redacted]@h:8443/p"},
        {"net.tcp://a@b@h/p", "net.tcp://[redacted]@h/p"},
        {"/p?x://y@z", "/p"},
        {"http://h?u@v://", "http://h"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct buf out = BUF_INIT(4096);
        redact_url(&out, str_from(pairs[i][0]));
        assert_string_equal(buf_c(&out), pairs[i][1]);
        buf_done(&out);
    }
}

static void a_trace_keeps_its_error_and_loses_headers_and_bodies(void **state)
{
    (void)state;
    expect(REDACT_FREB,
           "<failedRequest url=\"https://h/p?t=secret\" statusCode=\"403.7\" foo=\"x\"><Event><EventData>"
           "<Data Name=\"ErrorCode\">2147943395</Data><Data Name=\"Buffer\">secret</Data>"
           "<Data Name=\"RequestURL\">https://h/p?t=secret</Data>"
           "<Data Name=\"Headers\">Host: h\nCookie: secret\n folded: secret\nX-ARR-ClientCert: "
           "MII&#xd;&#xa;Via: p</Data>"
           "<Data Name=\"Unknown\">secret</Data></EventData></Event></failedRequest>",
           "<failedRequest url=\"https://h/p\" statusCode=\"403.7\" foo=\"[redacted]\"><Event><EventData>"
           "<Data Name=\"ErrorCode\">2147943395</Data><Data Name=\"Buffer\">[redacted]</Data>"
           "<Data Name=\"RequestURL\">https://h/p</Data>"
           "<Data Name=\"Headers\">Host: h\nCookie: [redacted]\n[redacted]\nX-ARR-ClientCert: "
           "[redacted]&#xd;&#xa;Via: p</Data>"
           "<Data Name=\"Unknown\">[redacted]</Data></EventData></Event></failedRequest>");
}

/* Whatever byte is changed, lines stay lines, nothing hangs, and what stands where nothing is kept never
 * comes through. */
static void changed_bytes_never_let_a_secret_through(void **state)
{
    static const char sample[] =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- s3cret -->\n<configuration>\n<appSettings><add "
        "key='s3cret'\n"
        "value=\"s3cret\"/>s3cret<![CDATA[s3cret]]></appSettings>\n<system.webServer><security>\n<access "
        "sslFlags=\"Ssl\"/>"
        "<x password=\"[enc:AesProvider:s3cret:enc]\"/></security></system.webServer></configuration>\n";
    static const char bytes[] = "<>\"'=/!-[]?& \n\0a";
    char text[sizeof(sample)];

    (void)state;
    for (size_t at = 0; at < sizeof(sample) - 1; at++)
        for (size_t k = 0; k < sizeof(bytes) - 1; k++) {
            memcpy(text, sample, sizeof(sample));
            text[at] = bytes[k];
            size_t lines = 0, kept = 0;
            struct buf out = redact_bytes(REDACT_CONFIG, text, sizeof(sample) - 1);
            for (size_t i = 0; i < sizeof(sample) - 1; i++)
                lines += text[i] == '\n';
            for (size_t i = 0; i < out.len; i++)
                kept += out.p[i] == '\n';
            assert_int_equal(lines, kept);
            if (strstr(buf_c(&out), "s3cret") != NULL)
                fail_msg("byte %zu as '%c': %s", at, bytes[k], buf_c(&out));
            buf_done(&out);
        }
}

/* --- every real file that we have --- */

static size_t count_lines(const char *p, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += p[i] == '\n';
    return n;
}

/* The line where Expat stumbles, 0 when it does not. */
static unsigned long broken_line(const char *p, size_t len)
{
    XML_Parser x = XML_ParserCreate(NULL);
    unsigned long line = 0;

    assert_non_null(x);
    if (XML_Parse(x, p, (int)len, 1) != XML_STATUS_OK)
        line = XML_GetCurrentLineNumber(x);
    XML_ParserFree(x);
    return line;
}

static bool names_a_secret(struct str name)
{
    static const char *const words[] = {"password",      "connectionString", "validationKey",
                                        "decryptionKey", "sessionKey",       "secret"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (str_iends(name, str_from(words[i])))
            return true;
    return false;
}

/* No attribute of the redacted text that is named like a secret has a value. */
static size_t check_secrets(const struct buf *out, const char *file)
{
    struct markup x;
    struct markup_token t;
    size_t n = 0;

    markup_init(&x, buf_str(out));
    while (markup_next(&x, &t) != MARKUP_END && t.kind != MARKUP_BROKEN) {
        struct markup_attribute a;
        struct str inner = t.inner;
        while ((t.kind == MARKUP_START || t.kind == MARKUP_EMPTY) && markup_attribute_next(&inner, &a)) {
            if (!names_a_secret(a.name))
                continue;
            n++;
            if (str_trim(a.value).len != 0 && !str_starts(a.value, STR("[redacted]")) &&
                !str_iends(a.value, STR(":redacted]")))
                fail_msg("%s: %.*s=%.*s", file, (int)a.name.len, a.name.p, (int)a.value.len, a.value.p);
        }
    }
    return n;
}

static struct buf read_whole(const char *path)
{
    struct buf b = BUF_INIT(64 << 20);
    FILE *f = fopen(path, "rb");
    size_t n;

    assert_non_null(f);
    while ((n = fread(buf_reserve(&b, 65536), 1, 65536, f)) > 0)
        buf_wrote(&b, n);
    fclose(f);
    return b;
}

static void check_file(enum redact_format format, const char *path, size_t *secrets)
{
    struct buf file = read_whole(path), out = redact_bytes(format, file.p, file.len);
    bool utf16 = file.len > 1 && (unsigned char)file.p[0] >= 0xfe;
    /* entities of a document type are gone with it; IIS and .NET refuse such a file anyway */
    bool doctype = strstr(buf_c(&file), "<!DOCTYPE") != NULL;

    if (!utf16) {
        assert_int_equal(count_lines(file.p, file.len), count_lines(buf_c(&out), out.len));
        if (!doctype && broken_line(file.p, file.len) != broken_line(buf_c(&out), out.len))
            fail_msg("%s: breaks at %lu, redacted at %lu", path, broken_line(file.p, file.len),
                     broken_line(buf_c(&out), out.len));
    }
    *secrets += check_secrets(&out, path);
    buf_done(&out);
    buf_done(&file);
}

static size_t check_folder(enum redact_format format, const char *folder, size_t *secrets)
{
    char path[1024];
    size_t n = 0;
    DIR *d;

    (void)snprintf(path, sizeof(path), "%s/../shared/real/%s", CT_SOURCE_DIR, folder);
    d = opendir(path);
    if (d == NULL)
        return 0;
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        if (f->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "%s/../shared/real/%s/%s", CT_SOURCE_DIR, folder, f->d_name);
        check_file(format, path, secrets);
        n++;
    }
    closedir(d);
    return n;
}

static void real_files_keep_lines_and_breaks_and_lose_secrets(void **state)
{
    size_t secrets = 0, n = check_folder(REDACT_CONFIG, "iis-config", &secrets);

    (void)state;
    if (n == 0)
        skip();
    n += check_folder(REDACT_FREB, "freb", &secrets);
    n += check_folder(REDACT_CONFIG, "xml", &secrets);
    print_message("%zu files, %zu attributes named like secrets\n", n, secrets);
    assert_true(secrets > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_is_listed_and_nothing_else),
        cmocka_unit_test(keeps_a_mapping_certificate_exactly_and_no_password),
        cmocka_unit_test(an_encrypted_value_keeps_only_the_name_of_its_provider),
        cmocka_unit_test(text_comments_and_instructions_go_with_their_lines_kept),
        cmocka_unit_test(from_a_break_on_nothing_is_kept),
        cmocka_unit_test(nesting_beyond_the_limit_is_a_break),
        cmocka_unit_test(utf16_becomes_utf8_with_the_same_lines),
        cmocka_unit_test(a_url_loses_user_and_query),
        cmocka_unit_test(a_trace_keeps_its_error_and_loses_headers_and_bodies),
        cmocka_unit_test(changed_bytes_never_let_a_secret_through),
        cmocka_unit_test(real_files_keep_lines_and_breaks_and_lose_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
