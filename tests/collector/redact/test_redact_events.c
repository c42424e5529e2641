/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows events redacted: what the server makes facts of is the same before and after; messages, headers,
 * queries and values that nobody listed are gone. */
#include "server/facts/logs_world.h"

#include "redact.h"
#include "server/parse/real_events.h"

#define EVENT(provider, id, data)                                                                            \
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='" provider \
    "' Guid='{1}'/><EventID Qualifiers='0'>" id                                                              \
    "</EventID><Level>2</Level><TimeCreated SystemTime='2015-09-06T15:46:29.5Z'/><EventRecordID>" id         \
    "</EventRecordID><Channel>System</Channel><Computer>WEB01</Computer></System>" data "</Event>\n"

static const char events[] = "<Events>\n" EVENT(
    "Schannel", "36888",
    "<EventData><Data Name='AlertDesc'>46</Data><Data Name='ErrorState'>1205</Data><Data "
    "Name='TargetName'>api.contoso.com</Data></EventData><RenderingInfo Culture='en-US'><Message>SECRET "
    "words</Message></RenderingInfo>")
    EVENT("Schannel", "36870",
          "<EventData><Data Name='Type'>server</Data><Data Name='ErrorCode'>0x8009030d</Data><Data "
          "Name='Password'>SECRET</Data><Data>SECRET</Data></EventData>")
        EVENT("Microsoft-Windows-HttpEvent", "15021",
              "<EventData><Data Name='Endpoint'>[::]:443</Data><Binary>0000040002003000000000"
              "00AD3A00C00000000000000000000000000000000000000000000000005F0000C0</Binary></EventData>")
            EVENT("Microsoft-Windows-Kerberos-Key-Distribution-Center", "39",
                  "<EventData><Data Name='AccountName'>svc1</Data><Data Name='Subject'>E=a@b.c, CN=svc1"
                  "</Data><Data Name='Thumbprint'>00112233445566778899aabbccddeeff00112233</Data>"
                  "</EventData>")
                EVENT("Microsoft-Windows-CAPI2", "11",
                      "<UserData><CertGetCertificateChain><Certificate "
                      "fileRef='00112233445566778899AABBCCDDEEFF00112233.cer' subjectName='user1'/>"
                      "<CertificateChain><TrustStatus><ErrorStatus value='20' "
                      "CERT_TRUST_IS_UNTRUSTED_ROOT='true'/></TrustStatus><ChainElement><Certificate "
                      "fileRef='00112233445566778899AABBCCDDEEFF00112233.cer' subjectName='user1'/>"
                      "<TrustStatus><ErrorStatus value='0'/></TrustStatus><Other a='SECRET'>SECRET</Other>"
                      "</ChainElement></CertificateChain><EventAuxInfo ProcessName='lsass.exe'/>"
                      "<Result value='800B0109'>not trusted</Result></CertGetCertificateChain></UserData>")
                    EVENT("Microsoft-Windows-CAPI2", "53",
                          "<UserData><CryptRetrieveObjectByUrlWire><URL scheme='http'>http://u:SECRET@crl/"
                          "x.crl?SECRET</URL><AdditionalInfo><HTTPRequestHeadersInfo><Header>Cookie: SECRET"
                          "</Header></HTTPRequestHeadersInfo></AdditionalInfo><Result value='80072EE7'>no"
                          "</Result></CryptRetrieveObjectByUrlWire></UserData>") "</Events>\n";

static void facts_of(struct str text, char *ret, size_t room)
{
    static const char *const questions[] = {
        "SELECT record, line, time, area, event_id, level, side, code, error, state, status, process, "
        "subject, "
        "thumbprint, endpoint, target, account FROM event ORDER BY "
        "record",
        "SELECT record, name, value FROM event_data WHERE name <> '' ORDER BY record, position",
        "SELECT position, subject, thumbprint, status FROM event_chain",
        "SELECT area, event_id, sum(count) FROM event_count GROUP BY area, event_id"};
    struct world w = {.n = 0};
    size_t n = 0;

    add(&w, "logs/events/System.xml", text);
    extract(&w);
    for (size_t i = 0; i < ARRAY_LEN(questions); i++)
        n += (size_t)snprintf(ret + n, room - n, "%s\n", ask(&w, questions[i]));
    end(&w);
}

static void facts_are_the_same_and_secrets_are_gone(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf out = BUF_INIT(1 << 20);
    static char before[16384], after[16384];
    struct err e = {0};

    struct str file = str_from(events);
    assert_int_equal(redact_xml(REDACT_EVENTS, (struct bytes){(const uint8_t *)file.p, file.len}, &out, &e),
                     0);
    if (strstr(buf_c(&out), "SECRET"))
        fail_msg("%s", buf_c(&out));
    facts_of(file, before, sizeof(before));
    facts_of(buf_str(&out), after, sizeof(after));
    assert_string_equal(after, before);
    assert_non_null(strstr(after, "user1"));
}

/* What real files give is the same, too, and their lines stay. */
static void real_events_keep_their_facts(void **state)
{
    (void)state;
    struct real_events files;
    static char before[16384], after[16384];
    size_t n = 0;

    if (!real_events_open(&files))
        skip();
    CLEANUP(buf_done) struct buf file = BUF_INIT(64 << 20);
    while (real_events_next(&files, ".xml", &file)) {
        CLEANUP(buf_done) struct buf out = BUF_INIT(64 << 20);
        struct err e = {0};
        if (strncmp(file.p, "<Event ", 7) != 0)
            continue; /* several without a root are redacted one by one */
        assert_int_equal(
            redact_xml(REDACT_EVENTS, (struct bytes){(const uint8_t *)file.p, file.len}, &out, &e), 0);
        facts_of(buf_str(&file), before, sizeof(before));
        facts_of(buf_str(&out), after, sizeof(after));
        if (strcmp(before, after) != 0)
            fail_msg("%s: %s\nnot %s", files.name, after, before);
        n++;
    }
    real_events_close(&files);
    assert_true(n >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_are_the_same_and_secrets_are_gone),
        cmocka_unit_test(real_events_keep_their_facts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
