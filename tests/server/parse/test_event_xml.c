/* SPDX-License-Identifier: Apache-2.0
 *
 * Event XML in every form that it comes in: rendered, printed by wevtutil, saved and copied from Event
 * Viewer, UTF-8, UTF-16 and a console's code page; broken events are counted and the next one is read. */
#include "event_xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "limits.h"
#include "real_events.h"

#define EVENT(id, data)                                                                                      \
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>\n<System>"                        \
    "<Provider Name='Schannel' Guid='{1f678132-5938-4686-9fdc-c8ff68f15c85}'/><EventID "                     \
    "Qualifiers='0'>" id                                                                                     \
    "</EventID><Level>2</Level><TimeCreated SystemTime='2015-09-06T15:46:29.1234567Z'/>"                     \
    "<EventRecordID>7</EventRecordID><Channel>System</Channel><Computer>WEB01</Computer></System>" data      \
    "</Event>"
#define ALERT EVENT("36888", "<EventData><Data Name='AlertDesc'>40</Data></EventData>")
#define SAID(id) "7 " id " level 2 at 2015-09-06T15:46:29.123Z Schannel System WEB01\n"
#define ALERT_SAID SAID("36888") "  AlertDesc=40\n"

struct reading {
    struct buf text;
    int64_t n_events, last_line;
    struct event_xml_skipped skipped;
};

static int see(const struct event *e, void *ctx)
{
    struct reading *r = ctx;

    r->n_events++;
    r->last_line = e->line;
    event_describe(e, &r->text);
    return 0;
}

static struct reading read_xml(struct str file, size_t step)
{
    struct arena a = ARENA_INIT(8 << 20);
    struct reading r = {.text = BUF_INIT(64 << 20)};
    struct event_xml *x = event_xml_new(&a, see, &r);
    struct err e = {0};

    assert_non_null(x);
    for (size_t i = 0; i < file.len; i += step)
        assert_int_equal(event_xml_feed(x,
                                        (struct bytes){(const uint8_t *)file.p + i,
                                                       file.len - i < step ? file.len - i : step},
                                        &e),
                         0);
    assert_int_equal(event_xml_finish(x, &e), 0);
    r.skipped = *event_xml_skipped(x);
    event_xml_free(x);
    arena_done(&a);
    return r;
}

static void expect(struct str file, const char *said, int64_t n_skipped)
{
    for (size_t step = 1; step < 100000; step = step * 97 + 2) {
        struct reading r = read_xml(file, step);
        if (strcmp(buf_c(&r.text), said) != 0 || r.skipped.count != n_skipped)
            fail_msg("in pieces of %zu: %s%lld skipped (%s), not %s%lld", step, buf_c(&r.text),
                     (long long)r.skipped.count, r.skipped.what, said, (long long)n_skipped);
        buf_done(&r.text);
    }
}

static void one_event_and_a_sequence(void **state)
{
    (void)state;

    expect(STR(ALERT), ALERT_SAID, 0);
    expect(STR(ALERT ALERT "\r\n" ALERT), ALERT_SAID ALERT_SAID ALERT_SAID, 0);
    expect(STR("\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<Events>" ALERT
               "\n" ALERT "</Events>"),
           ALERT_SAID ALERT_SAID, 0);
    expect(STR(""), "", 0);
    expect(STR("no events at all <EventX></EventX>"), "", 0);
}

static void what_event_viewer_shows(void **state)
{
    (void)state;

    expect(STR("- <Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">\n- <System>\n"
               "  <Provider Name=\"Schannel\" /> \n  <EventID>36887</EventID> \n  <Level>2</Level> \n"
               "  <TimeCreated SystemTime=\"2015-09-06T15:46:29.123456700Z\" /> \n"
               "  <EventRecordID>7</EventRecordID> \n <Channel>System</Channel> \n"
               "  <Computer>WEB01</Computer> \n  <Security UserID=\"S-1-5-18\" /> \n  </System>\n"
               "- <EventData>\n  <Data Name=\"AlertDesc\">20</Data> \n  </EventData>\n  </Event>\n"),
           SAID("36887") "  AlertDesc=20\n", 0);
}

static void rendered_text_and_old_data(void **state)
{
    (void)state;

    expect(STR(EVENT("1", "<EventData><Data>a &lt;b&gt;</Data><Data></Data><Data Name='x'>c</Data>"
                          "<Binary>00ff</Binary></EventData><RenderingInfo Culture='en-US'>"
                          "<Message>It failed.</Message><Level>Error</Level></RenderingInfo>")),
           SAID("1") "  =a <b>\n  =\n  x=c\n  Binary=00ff\n", 0);
}

static void user_data_is_told_by_path(void **state)
{
    (void)state;

    expect(STR(EVENT("11", "<UserData><CertGetCertificateChain><Certificate fileRef='AB.cer' "
                           "subjectName='user1'/><CertificateChain chainRef='{1}'><TrustStatus>"
                           "<ErrorStatus value='20' CERT_TRUST_IS_UNTRUSTED_ROOT='true'/></TrustStatus>"
                           "</CertificateChain><Result value='800B0109'>not trusted</Result>"
                           "</CertGetCertificateChain></UserData>")),
           SAID("11") "  Certificate@fileRef=AB.cer\n  Certificate@subjectName=user1\n"
                      "  CertificateChain@chainRef={1}\n"
                      "  CertificateChain/TrustStatus/ErrorStatus@value=20\n"
                      "  CertificateChain/TrustStatus/ErrorStatus@CERT_TRUST_IS_UNTRUSTED_ROOT=true\n"
                      "  Result@value=800B0109\n  Result=not trusted\n",
           0);
}

static void add_utf16(struct buf *to, const char *text, bool is_big)
{
    for (; *text; text++) {
        buf_add_char(to, is_big ? 0 : *text);
        buf_add_char(to, is_big ? *text : 0);
    }
}

static void utf16_of_either_order(void **state)
{
    (void)state;

    for (int i = 0; i < 4; i++) {
        CLEANUP(buf_done) struct buf file = BUF_INIT(65536);
        bool is_big = i & 1;
        if (i < 2)
            buf_add(&file, is_big ? "\xfe\xff" : "\xff\xfe", 2);
        add_utf16(&file, EVENT("1", "<EventData><Data Name='k'>"), is_big);
        file.len -= 8 * 2;                                                   /* </Event> */
        buf_add(&file, is_big ? "\xd8\x3d\xdd\x11" : "\x3d\xd8\x11\xdd", 4); /* U+1F511 */
        add_utf16(&file, "</Data></EventData></Event>\n" ALERT, is_big);
        expect(buf_str(&file), SAID("1") "  k=\xf0\x9f\x94\x91\n" ALERT_SAID, 0);
    }
}

/* wevtutil > file writes the console's code page; texts may hold control characters. */
static void a_consoles_code_page(void **state)
{
    (void)state;

    expect(STR(EVENT("1", "<EventData><Data Name='n'>M\x81ller</Data><Data Name='c'>a\x01z</Data><Data "
                          "Name='r'>&#x1;&#0;x&#65;&#xffff;&#x10ffff;</Data></EventData>")),
           SAID("1") "  n=M\xc2\x81ller\n  c=a z\n  r=xA        \xf4\x8f\xbf\xbf\n", 0);
}

static void broken_events_are_counted(void **state)
{
    (void)state;

    expect(STR("<Event><System><EventID>1</EventI" ALERT "<Event><System></Event>" ALERT),
           ALERT_SAID ALERT_SAID, 2);
    expect(STR(ALERT "<Event><System><EventID>1"), ALERT_SAID, 1);
    expect(STR("<Event>&bomb;</Event>" ALERT), ALERT_SAID, 1);
    expect(STR("<!DOCTYPE x [<!ENTITY a 'b'>]>" ALERT), ALERT_SAID, 0);
    expect(STR("<Event>an event of something else</Event>"), "", 1);
}

static void lines_are_those_of_the_file(void **state)
{
    (void)state;

    struct reading r = read_xml(STR("<Events>\n\n" ALERT "\n<Event>\n<a></Event>\n" ALERT), 3);
    assert_int_equal(r.last_line, 7);
    assert_int_equal(r.skipped.line, 6);
    buf_done(&r.text);
}

/* Nested too deep, too long: refused, and the next one is read. */
static void limits(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf file = BUF_INIT(8 << 20);

    buf_add_c(&file, "<Event><UserData>");
    for (int i = 0; i < 300; i++)
        buf_add_c(&file, "<a>");
    for (int i = 0; i < 300; i++)
        buf_add_c(&file, "</a>");
    buf_add_c(&file, "</UserData></Event><Event><EventData><Data>");
    for (int64_t i = 0; i < LIMIT_EVENT_BYTES / 8 + 100; i++)
        buf_add_c(&file, "12345678");
    buf_add_c(&file, "</Data></EventData></Event>" ALERT);
    struct reading r = read_xml(buf_str(&file), 65536);
    assert_string_equal(buf_c(&r.text), ALERT_SAID);
    assert_int_equal(r.skipped.count, 2);
    buf_done(&r.text);
}

static void real_files_are_read(void **state)
{
    (void)state;
    struct real_events files;
    int64_t n_events = 0;

    if (!real_events_open(&files))
        skip();
    CLEANUP(buf_done) struct buf file = BUF_INIT(64 << 20);
    while (real_events_next(&files, "l", &file)) {
        struct reading r = read_xml(buf_str(&file), 4096);
        bool is_manifest = strstr(files.name, "Manifests-") != NULL;
        if (r.skipped.count > 0 || (is_manifest != (r.n_events == 0)))
            fail_msg("%s: %lld events, %lld skipped (%s)", files.name, (long long)r.n_events,
                     (long long)r.skipped.count, r.skipped.what);
        n_events += r.n_events;
        buf_done(&r.text);
        for (size_t i = 1; i < 200; i++) { /* damage ends, too */
            file.p[i * 7919 % file.len] = (char)i;
            if (i % 20 == 0) {
                r = read_xml(str_skip(buf_str(&file), i * 31), 1 + i);
                buf_done(&r.text);
            }
        }
    }
    real_events_close(&files);
    assert_true(n_events > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_event_and_a_sequence),
        cmocka_unit_test(what_event_viewer_shows),
        cmocka_unit_test(rendered_text_and_old_data),
        cmocka_unit_test(user_data_is_told_by_path),
        cmocka_unit_test(utf16_of_either_order),
        cmocka_unit_test(a_consoles_code_page),
        cmocka_unit_test(broken_events_are_counted),
        cmocka_unit_test(lines_are_those_of_the_file),
        cmocka_unit_test(limits),
        cmocka_unit_test(real_files_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
