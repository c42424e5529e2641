/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "report.h"

#define HOSTILE "</script><img src=x onerror=alert(1)> & <b>\\u001b[31mred\\u001b[0m \\u202Etxt.exe\\r\\n"

static const char sample[] =
    "{\"version\": 1, \"case\": {\"id\": \"C-1\", \"complaints\": []},"
    "\"machines\": [{\"machine\": \"WEB\", \"roles\": [\"server\"], \"windows\": \"Windows Server 2019\"}],"
    "\"coverage\": {\"machines\": [{\"machine\": \"WEB\", \"has_manifest\": true, \"items\": {\"ok\": 3, "
    "\"denied\": 1},"
    "  \"gaps\": [{\"kind\": \"key-acl\", \"source\": \"C:\\\\keys\", \"outcome\": \"denied\", \"reason\": "
    "\"" HOSTILE "\"}], \"problems\": []}],"
    "  \"notes\": [\"There is no client machine in this case.\"],"
    "  \"rules\": {\"finding\": 1, \"pass\": 2, \"not-applicable\": 0, \"not-evaluated\": 1, \"error\": 0}},"
    "\"summary\": \"Something is wrong.\", \"diagnoses\": [], \"diagnoses_left_out\": 0,"
    "\"chains\": [{\"server\": \"WEB\", \"client\": \"PC\", \"location\": \"CurrentUser\", \"user\": "
    "\"S-1-5-21-1\", "
    "\"thumbprint\": \"aa\","
    "  \"subject\": \"CN=Ann\", \"offered\": true, \"accepted\": false, \"not_accepted\": \"its issuer is "
    "missing\", "
    "\"other_paths\": 1,"
    "  \"links\": [{\"thumbprint\": \"aa\", \"subject\": \"CN=Ann\", \"store\": \"sent\", \"not_before\": "
    "\"2029-01-02T00:00:00.000Z\", \"not_after\": "
    "\"2030-01-02T00:00:00.000Z\"},"
    "    {\"thumbprint\": \"bb\", \"subject\": \"CN=CA\", \"store\": \"CA\", \"not_after\": "
    "\"2020-01-02T00:00:00.000Z\","
    "     \"status\": \"CERT_TRUST_IS_NOT_TIME_VALID\"}, {\"subject\": \"CN=Root " HOSTILE "\"}]}],"
    "\"chains_left_out\": 2,"
    "\"handshakes\": [{\"machine\": \"PC\", \"source\": \"probe\", \"server\": \"www:443\", \"local\": "
    "false, \"version\": \"TLS 1.2\","
    " \"asked\": \"no\", \"asked_why\": \"ServerHelloDone without it\", \"words\": \"did not ask " HOSTILE
    "\", \"count\": 2,"
    " \"first\": \"2029-01-02T00:00:00.000Z\", \"last\": \"2029-01-03T00:00:00.000Z\", \"entry\": "
    "\"tls/1.json\", \"connection\": 1}],"
    "\"handshakes_left_out\": 3,"
    "\"findings\": [{\"rule\": \"a\", \"code\": \"X1\", \"severity\": \"error\", \"confidence\": \"V\", "
    "\"title\": \"A title\", \"machine\": \"WEB\","
    "  \"subject\": \"" HOSTILE "\", \"message\": \"" HOSTILE
    "\", \"evidence\": [{\"entry\": \"iis/x.config\", \"line\": 7, \"excerpt\": \"" HOSTILE "\"}],"
    "  \"remedy\": [{\"kind\": \"command\", \"shell\": \"cmd\", \"text\": \"netsh http show sslcert\"}], "
    "\"references\": [\"https://example.test/\"],"
    "  \"fingerprint\": \"00112233445566778899aabbccddeeff\"}],"
    "\"verdicts\": [{\"rule\": \"a\", \"machine\": \"WEB\", \"subject\": \"" HOSTILE
    "\", \"verdict\": \"finding\", \"items\": []},"
    "  {\"rule\": \"b\", \"machine\": null, \"subject\": \"\", \"verdict\": \"not-evaluated\", \"items\": "
    "[\"no client machine in this case\"]}],"
    "\"ruleset\": {\"version\": \"ff\", \"rules\": 2, \"facts\": 1, \"extractors\": 1}}";

static json_t *load(void)
{
    json_error_t error;
    json_t *report = json_loads(sample, 0, &error);

    if (!report)
        fail_msg("%s, line %d", error.text, error.line);
    return report;
}

static void render(enum report_format format, bool colour, struct buf *out)
{
    struct err e = {0};
    json_t *report = load();

    if (report_render(report, format, colour, out, &e) < 0)
        fail_msg("%s", e.text);
    json_decref(report);
}

static void text_has_no_control_characters(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;

    render(REPORT_TEXT, false, &out);
    for (size_t i = 0; i < out.len; i++)
        assert_true(out.p[i] == '\n' || (unsigned char)out.p[i] >= 0x20);
    assert_null(strstr(buf_c(&out), "\xe2\x80\xae"));
    buf_done(&out);
}

static void text_begins_with_the_coverage(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;

    render(REPORT_TEXT, false, &out);
    const char *coverage = strstr(buf_c(&out), "COVERAGE"), *summary = strstr(buf_c(&out), "SUMMARY");
    assert_non_null(coverage);
    assert_true(coverage < summary);
    assert_non_null(strstr(buf_c(&out), "denied: C:\\keys (key-acl)"));
    assert_non_null(strstr(buf_c(&out), "      > netsh http show sslcert\n"));
    buf_done(&out);
}

static void text_keeps_to_100_columns(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;

    render(REPORT_TEXT, false, &out);
    for (const char *line = buf_c(&out); *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 100 ||
                    strstr(line, "finding ") == line + 2); /* a verdict is one line */
    buf_done(&out);
}

static void colour_only_when_asked(void **state)
{
    struct buf plain = BUF_INIT(1 << 20), colour = BUF_INIT(1 << 20);
    (void)state;

    render(REPORT_TEXT, false, &plain);
    render(REPORT_TEXT, true, &colour);
    assert_null(strchr(buf_c(&plain), '\033'));
    assert_non_null(strstr(buf_c(&colour), "\033[1;31m"));
    buf_done(&plain);
    buf_done(&colour);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

static void html_holds_evidence_as_data_only(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;

    render(REPORT_HTML, false, &out);
    assert_int_equal(count(buf_c(&out), "</script>"), 3); /* the template's own: data, pictures and code */
    assert_null(strstr(buf_c(&out), "<img"));
    assert_null(strstr(buf_c(&out), "@report "));
    assert_non_null(strstr(buf_c(&out), "\\u003c/script>"));
    assert_null(strstr(buf_c(&out), "http-equiv=\"refresh\""));
    buf_done(&out);
}

static void html_fetches_nothing(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;

    render(REPORT_HTML, false, &out);
    assert_non_null(strstr(buf_c(&out), "default-src 'none'"));
    assert_null(strstr(buf_c(&out), "unsafe-"));
    assert_null(strstr(buf_c(&out), "<script src"));
    assert_null(strstr(buf_c(&out), "<link"));
    assert_null(strstr(buf_c(&out), "url("));
    assert_null(strstr(buf_c(&out), "innerHTML"));
    buf_done(&out);
}

/* The policy names the script and the style that stand in the page by their hashes. */
static void assert_hash(const char *page, const char *from, const char *to, const char *directive)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    char base64[128], expected[256];
    const char *begin = strstr(page, from), *end = begin ? strstr(begin, to) : NULL;

    assert_non_null(end);
    begin += strlen(from);
    assert_true(EVP_Digest(begin, (size_t)(end - begin), digest, &len, EVP_sha256(), NULL));
    (void)EVP_EncodeBlock((unsigned char *)base64, digest, (int)len);
    (void)snprintf(expected, sizeof expected, "%s 'sha256-%s'", directive, base64);
    if (!strstr(page, expected))
        fail_msg("server/web/report.html should say: %s", expected);
}

static void html_policy_names_its_own_script_and_style(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;

    render(REPORT_HTML, false, &out);
    assert_hash(buf_c(&out), "<style>", "</style>", "style-src");
    assert_hash(buf_c(&out), "<script>", "</script>", "script-src");
    buf_done(&out);
}

static void nothing_looked_at_is_not_nothing_wrong(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    struct err e = {0};
    json_t *report = load(), *rules = json_object_get(json_object_get(report, "coverage"), "rules");
    (void)state;

    render(REPORT_TEXT, false, &out);
    assert_non_null(strstr(buf_c(&out), "No failure that a client certificate could explain"));
    buf_clear(&out);
    json_object_set_new(rules, "finding", json_integer(0));
    json_object_set_new(rules, "pass", json_integer(0));
    assert_int_equal(report_render(report, REPORT_TEXT, false, &out, &e), 0);
    assert_non_null(strstr(buf_c(&out), "None: no rule could be decided"));
    assert_null(strstr(buf_c(&out), "No failure that a client certificate could explain"));
    json_decref(report);
    buf_done(&out);
}

static void json_is_sorted_and_the_same(void **state)
{
    struct buf a = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);
    (void)state;

    render(REPORT_JSON, false, &a);
    render(REPORT_JSON, false, &b);
    assert_string_equal(buf_c(&a), buf_c(&b));
    assert_true(strstr(buf_c(&a), "\"case\"") < strstr(buf_c(&a), "\"coverage\""));
    buf_done(&a);
    buf_done(&b);
}

static void exit_code_is_one_with_an_error(void **state)
{
    json_t *report = load();
    (void)state;

    assert_int_equal(report_exit_code(report), 1);
    json_object_set_new(json_array_get(json_object_get(report, "findings"), 0), "severity",
                        json_string("warning"));
    assert_int_equal(report_exit_code(report), 0);
    json_decref(report);
}

static void formats_have_names(void **state)
{
    enum report_format format = REPORT_TEXT;
    (void)state;

    assert_true(report_format_from(STR("html"), &format));
    assert_int_equal(format, REPORT_HTML);
    assert_false(report_format_from(STR("pdf"), &format));
}

/* The root, here missing, at the top; each certificate below its issuer; what is wrong below what it is wrong
 * with. */
static void text_draws_chains_as_trees(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    const char *at;
    (void)state;

    render(REPORT_TEXT, false, &out);
    assert_non_null(strstr(buf_c(&out), "CN=Ann (aa) in CurrentUser\\My of S-1-5-21-1 of PC, for server WEB\n"
                                        "    + the client would offer it\n"
                                        "    - not accepted: its issuer is missing\n"
                                        "      ? CN=Root <"));
    at = strstr(buf_c(&out), "      ? CN=Root");
    assert_non_null(at);
    assert_non_null(
        strstr(at, ": missing\n"
                   "      \xe2\x94\x94\xe2\x94\x80 CN=CA [CA], until 2020-01-02\n"
                   "         ! CERT_TRUST_IS_NOT_TIME_VALID\n"
                   "         \xe2\x94\x94\xe2\x94\x80 CN=Ann [sent], from 2029-01-02 until 2030-01-02\n"
                   "      1 other path"));
    assert_non_null(strstr(at, "2 more are left out"));
    buf_done(&out);
}

static void text_tells_of_handshakes(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;

    render(REPORT_TEXT, false, &out);
    assert_non_null(strstr(buf_c(&out), "  - www:443, TLS 1.2: did not ask "));
    assert_non_null(
        strstr(buf_c(&out), "seen by the probe of PC, 2 times, 2029-01-02T00:00:00.000Z to 2029-01-03"));
    assert_non_null(strstr(buf_c(&out), "3 more kinds of them are left out"));
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_has_no_control_characters),
        cmocka_unit_test(text_begins_with_the_coverage),
        cmocka_unit_test(text_keeps_to_100_columns),
        cmocka_unit_test(text_draws_chains_as_trees),
        cmocka_unit_test(text_tells_of_handshakes),
        cmocka_unit_test(colour_only_when_asked),
        cmocka_unit_test(html_holds_evidence_as_data_only),
        cmocka_unit_test(html_fetches_nothing),
        cmocka_unit_test(html_policy_names_its_own_script_and_style),
        cmocka_unit_test(nothing_looked_at_is_not_nothing_wrong),
        cmocka_unit_test(json_is_sorted_and_the_same),
        cmocka_unit_test(exit_code_is_one_with_an_error),
        cmocka_unit_test(formats_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
