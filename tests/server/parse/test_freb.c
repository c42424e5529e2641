/* SPDX-License-Identifier: Apache-2.0
 *
 * Failed-request traces: the request, the error event with its code and words, times and lines; pieces of any
 * size. */
#include "freb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REQUEST                                                                                              \
    "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n"                                                          \
    "<failedRequest url=\"https://chiranth.com:443/\" siteId=\"1\" appPoolId=\"DefaultAppPool\" "            \
    "verb=\"GET\" "                                                                                          \
    "failureReason=\"STATUS_CODE\" statusCode=\"500\" timeTaken=\"16\" "                                     \
    "xmlns:freb=\"http://schemas.microsoft.com/win/2006/06/iis/freb\">\n"
#define EVENT(code)                                                                                          \
    "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">\n"                              \
    " <System><TimeCreated SystemTime=\"2015-09-06T15:46:29.123Z\"/><Opcode>16</Opcode></System>\n"          \
    " <EventData><Data Name=\"ContextId\">{1}</Data>\n"                                                      \
    "<Data Name=\"ModuleName\">IIS Web Core</Data><Data Name=\"Notification\">1</Data>\n"                    \
    "<Data Name=\"HttpStatus\">500</Data><Data Name=\"HttpSubStatus\">0</Data>\n"                            \
    "<Data Name=\"ErrorCode\">" code "</Data></EventData>\n"
#define WORDS                                                                                                \
    "<RenderingInfo Culture=\"en-US\"><Opcode>MODULE_SET_RESPONSE_ERROR_STATUS</Opcode>\n"                   \
    "<freb:Description Data=\"Notification\">BEGIN_REQUEST</freb:Description>\n"                             \
    "<freb:Description Data=\"ErrorCode\">The I/O operation has been aborted.\r\r\n (0x800703e3)"            \
    "</freb:Description></RenderingInfo>\n"

struct seen {
    struct buf text;
    int64_t n_events;
};

static int see_request(const struct freb_request *r, void *ctx)
{
    struct seen *s = ctx;

    buf_printf(&s->text, "%.*s %.*s site %.*s pool %.*s status %.*s %.*s %.*s ms\n", (int)r->verb.len,
               r->verb.p, (int)r->url.len, r->url.p, (int)r->site_id.len, r->site_id.p, (int)r->app_pool.len,
               r->app_pool.p, (int)r->status.len, r->status.p, (int)r->reason.len, r->reason.p,
               (int)r->taken.len, r->taken.p);
    return 0;
}

static int see_event(const struct freb_event *e, void *ctx)
{
    struct seen *s = ctx;
    char time[32];

    s->n_events++;
    if (!str_eq(e->name, STR("MODULE_SET_RESPONSE_ERROR_STATUS")))
        return 0;
    time_format(e->time_ms, time);
    buf_printf(&s->text, "%lld %s %.*s@%.*s %lld.%lld %llx [%.*s]\n", (long long)e->line, time,
               (int)e->module.len, e->module.p, (int)e->notification.len, e->notification.p,
               (long long)e->status, (long long)e->substatus, (unsigned long long)e->error_code,
               (int)e->error_text.len, e->error_text.p);
    return 0;
}

static int read_trace(struct seen *s, struct str xml, size_t step, struct err *e)
{
    const struct freb_handler handler = {.request = see_request, .event = see_event, .ctx = s};
    struct freb *f = freb_new(&handler);
    int r = 0;

    *s = (struct seen){.text = BUF_INIT(1 << 20)};
    assert_non_null(f);
    for (size_t i = 0; r == 0 && i < xml.len; i += step)
        r = freb_feed(f, (struct bytes){(const uint8_t *)xml.p + i, xml.len - i < step ? xml.len - i : step},
                      e);
    if (r == 0)
        r = freb_finish(f, e);
    freb_free(f);
    return r;
}

static void expect_in_steps(struct str xml, int code, const char *expected, const char *error)
{
    for (size_t step = 1; step < 4000; step = step * 3 + 1) {
        struct err e = {0};
        struct seen s;
        assert_int_equal(read_trace(&s, xml, step, &e), code);
        assert_string_equal(buf_c(&s.text), expected);
        assert_string_equal(e.text, error);
        buf_done(&s.text);
    }
}

/* As it is, which is read as a whole, and so large that it is read piece by piece: its events behind blanks.
 */
static void expect(const char *xml, int code, const char *expected, const char *error)
{
    CLEANUP(buf_done) struct buf large = BUF_INIT(1 << 21);
    const char *inside = strstr(xml, "freb\">");

    expect_in_steps(str_from(xml), code, expected, error);
    if (!inside)
        return;
    inside += strlen("freb\">");
    buf_add(&large, xml, (size_t)(inside - xml));
    for (int i = 0; i < 600000; i++)
        buf_add_char(&large, ' ');
    buf_add_c(&large, inside);
    expect_in_steps(buf_str(&large), code, expected, error);
}

#define GET "GET https://chiranth.com:443/ site 1 pool DefaultAppPool status 500 STATUS_CODE 16 ms\n"

static void the_articles_event(void **state)
{
    (void)state;
    expect(REQUEST EVENT("2147943395") WORDS "</Event></failedRequest>", 0,
           GET "8 2015-09-06T15:46:29.123Z IIS Web Core@BEGIN_REQUEST 500.0 800703e3 "
               "[The I/O operation has been aborted. (0x800703e3)]\n",
           "");
}

static void without_words_the_data_tell(void **state)
{
    (void)state;
    expect(REQUEST EVENT("0x800703E3") "</Event></failedRequest>", 0,
           GET "8 2015-09-06T15:46:29.123Z IIS Web Core@1 500.0 800703e3 []\n", "");
}

static void broken_ones_say_where(void **state)
{
    (void)state;
    expect(REQUEST "<Event>\n</Bvent>", -ERR_FORMAT, GET, "line 4: mismatched tag");
    expect(REQUEST "<Event>\n", -ERR_FORMAT, GET, "line 4: no element found");
    expect("<a/>", -ERR_FORMAT, "", "no failedRequest in it");
    expect("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", -ERR_FORMAT, "",
           "line 1: a document type declaration is not accepted");
}

static void a_tag_has_an_end(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf xml = BUF_INIT(16 << 20);
    struct err e = {0};
    struct seen s;

    buf_add_c(&xml, REQUEST "<!--");
    for (int i = 0; i < 8 << 20; i++)
        buf_add_char(&xml, '.');
    assert_int_equal(read_trace(&s, buf_str(&xml), 65536, &e), -ERR_LIMIT);
    assert_string_equal(buf_c(&s.text), GET);
    assert_string_equal(e.text, "line 3: a tag or comment of more than 2097152 bytes");
    buf_done(&s.text);
}

static void nesting_has_an_end(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf xml = BUF_INIT(1 << 20);
    struct err e = {0};
    struct seen s;

    for (int i = 0; i < 300; i++)
        buf_add_c(&xml, "<a>");
    assert_int_equal(read_trace(&s, buf_str(&xml), 100000, &e), -ERR_LIMIT);
    buf_done(&s.text);
}

static void error_codes_are_read_in_every_form(void **state)
{
    (void)state;
    static const char *const forms[] = {"2147943395", "-2147023901", "0x800703e3", " 0x800703E3 ",
                                        "The I/O operation (all of it) has been aborted. (0x800703e3)"};
    int64_t code = 0;

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        assert_true(freb_error_code(str_from(forms[i]), &code));
        assert_int_equal(code, 2147943395);
    }
    assert_false(freb_error_code(STR(""), &code));
    assert_false(freb_error_code(STR("0x"), &code));
    assert_false(freb_error_code(STR("()"), &code));
    assert_false(freb_error_code(STR("Access is denied"), &code));
}

static bool read_real(const char *name, struct buf *ret)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(4096);

    buf_printf(&path, CT_SOURCE_DIR "/../shared/real/freb/%s", name);
    FILE *f = fopen(buf_c(&path), "rb");
    if (!f)
        return false;
    char *room = buf_reserve(ret, 1 << 20);
    buf_wrote(ret, fread(room, 1, 1 << 20, f));
    fclose(f);
    return true;
}

static const struct {
    const char *name;
    int64_t events;
    const char *said;
} real[] = {
    {"Mexia__AzureDemos-WebSites-ClassicAsp__fr000001.xml", 99,
     "GET http://devcampclassicaspdemo.azurewebsites.net:80/favicon.ico site 294197211 pool "
     "DevCampClassicAspDemo "
     "status 404 STATUS_CODE 16 ms\n"
     "1980 2012-09-23T23:27:14.469Z IIS Web Core@MAP_REQUEST_HANDLER 404.0 80070002 "
     "[The system cannot find the file specified. (0x80070002)]\n"},
    {"CodeAcademyP503__ElshadIlkinAdigozelMisket_blogezy__fr000001.xml", 175,
     "GET http://localhost:58225/About.aspx site 2 pool Clr4IntegratedAppPool status 500 STATUS_CODE 1750 "
     "ms\n"
     "3385 2018-10-15T08:15:22.521Z AspNetInitializationExceptionModule@BEGIN_REQUEST 500.0 0 "
     "[The operation completed successfully. (0x0)]\n"},
    {"CodeAcademyP503__ElshadIlkinAdigozelMisket_blogezy__fr000002.xml", 112,
     "GET http://localhost:58225/favicon.ico site 2 pool Clr4IntegratedAppPool status 500 STATUS_CODE 0 ms\n"
     "1803 2018-10-15T08:15:22.783Z AspNetInitializationExceptionModule@BEGIN_REQUEST 500.0 0 "
     "[The operation completed successfully. (0x0)]\n"},
};

static void real_traces_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(real); i++) {
        CLEANUP(buf_done) struct buf xml = BUF_INIT(4 << 20);
        struct err e = {0};
        struct seen s;
        if (!read_real(real[i].name, &xml))
            skip();
        assert_int_equal(read_trace(&s, buf_str(&xml), 65536, &e), 0);
        assert_string_equal(buf_c(&s.text), real[i].said);
        assert_int_equal(s.n_events, real[i].events);
        buf_done(&s.text);
    }
}

static void damaged_traces_do_no_harm(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf xml = BUF_INIT(4 << 20);

    srand(11);
    if (!read_real(real[0].name, &xml))
        skip();
    for (int round = 0; round < 300; round++) {
        CLEANUP(buf_done) struct buf copy = BUF_INIT(4 << 20);
        struct err e = {0};
        struct seen s;
        buf_add_str(&copy, buf_str(&xml));
        for (int i = rand() % 4; i > 0; i--)
            copy.p[(size_t)rand() % copy.len] = (char)rand();
        copy.len = (size_t)rand() % copy.len;
        assert_int_equal(read_trace(&s, buf_str(&copy), 1 + (size_t)rand() % 65536, &e), -ERR_FORMAT);
        assert_true(s.n_events <= 99 && e.text[0]);
        buf_done(&s.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_articles_event),    cmocka_unit_test(without_words_the_data_tell),
        cmocka_unit_test(broken_ones_say_where), cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(a_tag_has_an_end),      cmocka_unit_test(error_codes_are_read_in_every_form),
        cmocka_unit_test(real_traces_are_read),  cmocka_unit_test(damaged_traces_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
