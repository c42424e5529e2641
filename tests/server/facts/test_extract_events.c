/* SPDX-License-Identifier: Apache-2.0
 *
 * From event files to the rows of 65-event.sql: columns by provider, exact counts beside a capped sample,
 * chains of CAPI2, requests of the same minute, nothing that may be secret, damage. */
#include "logs_world.h"

#include <openssl/evp.h>

#include "server/parse/evtx_file.h"
#include "server/parse/real_events.h"

#define EVENT_OF(provider, channel, record, second, id, level, data)                                         \
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='" provider \
    "'/><EventID>" id "</EventID><Level>" level "</Level><TimeCreated SystemTime='2015-09-06T15:46:" second  \
    ".500000000Z'/><EventRecordID>" record "</EventRecordID><Channel>" channel                               \
    "</Channel><Computer>WEB01</Computer></System>" data "</Event>\n"
#define SCHANNEL(record, second, id, data)                                                                   \
    EVENT_OF("Schannel", "System", record, second, id, "2", "<EventData>" data "</EventData>")
#define DATA(name, value) "<Data Name='" name "'>" value "</Data>"

static void one_file(struct world *w, const char *text)
{
    *w = (struct world){.n = 0};
    add(w, "logs/events/System.xml", str_from(text));
    extract(w);
}

static void schannel_is_decoded(void **state)
{
    (void)state;
    struct world w;

    one_file(&w, SCHANNEL("1", "10", "36887", DATA("AlertDesc", "48")) SCHANNEL(
                     "2", "11", "36888",
                     DATA("AlertDesc", "46") DATA("ErrorState", "1205") DATA("TargetName", "api.contoso.com"))
                     SCHANNEL("3", "12", "36870",
                              DATA("CallerProcessImageName", "C:\\Windows\\System32\\lsass.exe")
                                  DATA("Type", "server") DATA("ErrorCode", "0x8009030D")
                                      DATA("ErrorStatus", "10001")));
    expect(&w,
           "SELECT record, line, datetime(time/1000,'unixepoch'), area, event_id, level, side, code, error, "
           "state, "
           "target, process FROM event ORDER BY record",
           "1|1|2015-09-06 15:46:10|schannel|36887|2|-|48|-|-|-|- "
           "2|2|2015-09-06 15:46:11|schannel|36888|2|-|46|-|1205|api.contoso.com|- "
           "3|3|2015-09-06 15:46:12|schannel|36870|2|server|-|2148074253|10001|-|lsass.exe");
    expect(&w, "SELECT error_text FROM event WHERE event_id = 36870",
           "the credentials supplied to the package were not recognized: the private key cannot be used");
    expect(&w,
           "SELECT event_id, count, failed, alert, alert_meaning FROM event_seen WHERE code IS NOT NULL "
           "ORDER BY 1",
           "36887|1|1|unknown_ca|the other side dislikes the certificate of this one "
           "36888|1|1|certificate_unknown|this side dislikes the certificate of the other one");
    expect(&w, "SELECT channel, computer, format, events, cut FROM event_channel", "System|WEB01|xml|3|0");
    expect(&w, "SELECT kind, lines, skipped, cut FROM log_file", "event|3|0|0");
    expect(&w, "SELECT count(*) FROM bundle_problem", "0");
    end(&w);
}

#define CHAIN_EVENT                                                                                          \
    EVENT_OF("Microsoft-Windows-CAPI2", "Microsoft-Windows-CAPI2/Operational", "5", "29", "11", "2",         \
             "<UserData><CertGetCertificateChain><Certificate "                                              \
             "fileRef='00112233445566778899AABBCCDDEEFF00112233.cer' subjectName='user1'/>"                  \
             "<AdditionalStore><Certificate fileRef='99.cer' subjectName='other'/></AdditionalStore>"        \
             "<CertificateChain chainRef='{1}'><TrustStatus><ErrorStatus value='1000040' "                   \
             "CERT_TRUST_REVOCATION_STATUS_UNKNOWN='true' CERT_TRUST_IS_OFFLINE_REVOCATION='true'/>"         \
             "<InfoStatus value='100'/></TrustStatus>"                                                       \
             "<ChainElement><Certificate fileRef='00112233445566778899AABBCCDDEEFF00112233.cer' "            \
             "subjectName='user1'/><TrustStatus><ErrorStatus value='1000040' "                               \
             "CERT_TRUST_REVOCATION_STATUS_UNKNOWN='true' CERT_TRUST_IS_OFFLINE_REVOCATION='true'/>"         \
             "</TrustStatus><RevocationInfo><RevocationResult value='80092013'>offline</RevocationResult>"   \
             "</RevocationInfo></ChainElement><ChainElement><Certificate "                                   \
             "fileRef='ABCDABCDABCDABCDABCDABCDABCDABCDABCDABCD.cer' subjectName='Root'/><TrustStatus>"      \
             "<ErrorStatus value='0'/></TrustStatus></ChainElement></CertificateChain>"                      \
             "<EventAuxInfo ProcessName='lsass.exe'/><Result value='80092013'>offline</Result>"              \
             "</CertGetCertificateChain></UserData>")

static void capi2_tells_the_chain(void **state)
{
    (void)state;
    struct world w;

    one_file(&w, CHAIN_EVENT);
    expect(
        &w, "SELECT area, process, subject, thumbprint, status, error FROM event",
        "capi2|lsass.exe|user1|00112233445566778899aabbccddeeff00112233|CERT_TRUST_REVOCATION_STATUS_UNKNOWN "
        "CERT_TRUST_IS_OFFLINE_REVOCATION|2148081683");
    expect(&w, "SELECT position, subject, substr(thumbprint, 1, 6), status, revocation FROM event_chain",
           "0|user1|001122|CERT_TRUST_REVOCATION_STATUS_UNKNOWN CERT_TRUST_IS_OFFLINE_REVOCATION|2148081683 "
           "1|Root|abcdab|-|-");
    expect(&w, "SELECT failed, meaning FROM event_seen", "1|a chain was built");
    end(&w);
}

/* http.sys writes the status into the bytes behind its text; KB5014754's events name account and certificate.
 */
static void http_kdc_and_time(void **state)
{
    (void)state;
    struct world w;

    one_file(
        &w,
        EVENT_OF(
            "Microsoft-Windows-HttpEvent", "System", "1", "10", "15021", "2",
            "<EventData>" DATA("DeviceObject", "\\Device\\Http\\ReqQueue") DATA(
                "Endpoint",
                "[::]:443") "<Binary>"
                            "000004000200300000000000AD3A00C0000000000000000000000000000000000000000000000000"
                            "5F0000C0</Binary></EventData>")
            EVENT_OF("Microsoft-Windows-HttpEvent", "System", "2", "11", "15300", "3",
                     "<EventData>" DATA("Endpoint", "0.0.0.0:443") "</EventData>")
                EVENT_OF("Microsoft-Windows-Kerberos-Key-Distribution-Center", "System", "3", "12", "39", "3",
                         "<EventData>" DATA("AccountName", "svc1") DATA("Subject", "CN=svc1")
                             DATA("Issuer", "CN=CA") DATA("SerialNumber", "0102") DATA(
                                 "Thumbprint", "00112233445566778899aabbccddeeff00112233") "</EventData>")
                    EVENT_OF("Microsoft-Windows-Time-Service", "System", "4", "13", "36", "3",
                             "<EventData><Data>86400</Data></EventData>"));
    expect(
        &w,
        "SELECT area, event_id, endpoint, account, subject, issuer, serial, substr(thumbprint, 1, 4), error "
        "FROM event ORDER BY record",
        "http|15021|[::]:443|-|-|-|-|-|3221225567 http|15300|0.0.0.0:443|-|-|-|-|-|- "
        "kdc|39|-|svc1|CN=svc1|CN=CA|0102|0011|- time|36|-|-|-|-|-|-|-");
    expect(&w, "SELECT area, event_id, kind, failed FROM event_seen ORDER BY area, event_id",
           "http|15021|binding|1 http|15300|binding|0 kdc|39|mapping|1 time|36|clock|1");
    expect(&w, "SELECT record, name, value FROM event_data ORDER BY record",
           "1|DeviceObject|\\Device\\Http\\ReqQueue 4||86400");
    end(&w);
}

/* Headers, tokens, queries and whatever nobody thought of: only what is listed is told. */
static void secrets_are_no_facts(void **state)
{
    (void)state;
    struct world w;
    static const char *const tables[] = {"event",         "event_data",     "event_chain",   "event_count",
                                         "event_channel", "request_minute", "bundle_problem"};

    one_file(&w, EVENT_OF("Microsoft-Windows-CAPI2", "C", "1", "10", "53", "2",
                          "<UserData><CryptRetrieveObjectByUrlWire><URL "
                          "scheme='http'>http://u:SECRET@crl/x.crl?sig=SECRET</URL>"
                          "<AdditionalInfo><HTTPRequestHeadersInfo><Header>Cookie: SECRET</Header>"
                          "</HTTPRequestHeadersInfo></AdditionalInfo><Result value='80072EE7'>no</Result>"
                          "</CryptRetrieveObjectByUrlWire></UserData>")
                     SCHANNEL("2", "11", "36867", DATA("Type", "server") DATA("binaryData", "SECRET"))
                         EVENT_OF("Microsoft-Windows-Security-Auditing", "Security", "3", "12", "4625", "0",
                                  "<EventData>" DATA("TargetUserName", "u1") DATA("Status", "0xc000006d")
                                      DATA("Password", "SECRET") DATA("KeyLength", "SECRET") "</EventData>")
                             EVENT_OF("Microsoft-Windows-Security-Auditing", "Security", "4", "13", "4688",
                                      "0", "<EventData>" DATA("CommandLine", "SECRET") "</EventData>")
                                 EVENT_OF("Some-Application", "Application", "5", "14", "1", "2",
                                          "<EventData>" DATA("AccountName", "SECRET") "</EventData>")
                                     EVENT_OF("Microsoft-Windows-HttpService", "H", "6", "15", "2", "2",
                                              "<EventData>" DATA("Url", "https://a/b?SECRET")
                                                  DATA("Other", "https://a/c?SECRET") "</EventData>"));
    expect(&w, "SELECT area, event_id, target, account, error FROM event ORDER BY record",
           "capi2|53|crl/x.crl|-|2147954407 schannel|36867|-|-|- security|4625|-|u1|3221225581 "
           "http|2|https://a/b|-|-");
    expect(&w, "SELECT sum(events) FROM event_channel", "6");
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        sqlite3_stmt *s = NULL;
        char sql[64];
        (void)snprintf(sql, sizeof(sql), "SELECT * FROM %s", tables[i]);
        assert_int_equal(sqlite3_prepare_v2(w.db, sql, -1, &s, NULL), SQLITE_OK);
        while (sqlite3_step(s) == SQLITE_ROW)
            for (int c = 0; c < sqlite3_column_count(s); c++) {
                const char *v = (const char *)sqlite3_column_text(s, c);
                if (v && strstr(v, "SECRET"))
                    fail_msg("%s.%s: %s", tables[i], sqlite3_column_name(s, c), v);
            }
        sqlite3_finalize(s);
    }
    end(&w);
}

static struct str many(struct arena *a, int n)
{
    struct buf text = BUF_INIT(8 << 20);

    for (int i = 0; i < n; i++)
        buf_printf(&text,
                   "<Event><System><Provider Name='Schannel'/><EventID>36887</EventID><Level>2</Level>"
                   "<TimeCreated SystemTime='2015-09-06T%02d:%02d:00Z'/><EventRecordID>%d</EventRecordID>"
                   "<Channel>System</Channel></System><EventData><Data Name='AlertDesc'>%d</Data></EventData>"
                   "</Event>",
                   i / 60 % 24, i % 60, i + 1, i % 3 == 2 ? 48 : 46);
    struct str kept = arena_keep(a, buf_str(&text));
    buf_done(&text);
    return kept;
}

static void counts_are_exact_where_rows_are_capped(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT(16 << 20);
    struct world w = {.n = 0};

    add(&w, "logs/events/System.xml", many(&a, 900));
    extract(&w);
    expect(&w, "SELECT code, sum(count), count(*), min(hour) FROM event_count GROUP BY code",
           "46|600|15|1441497600000 48|300|15|1441497600000");
    expect(&w, "SELECT code, count(*), min(record), max(record), sum(record < 450) FROM event GROUP BY code",
           "46|200|1|899|100 48|200|3|900|100");
    expect(&w, "SELECT code, count FROM event_seen ORDER BY code", "46|600 48|300");
    end(&w);
    arena_done(&a);
}

/* The same log as XML and as .evtx, and twice as XML. */
static void the_same_log_twice_counts_once(void **state)
{
    (void)state;
    struct evtx_file f;
    struct world w = {.n = 0};

    evtx_file_begin(&f);
    evtx_chunk_begin(&f);
    evtx_record(&f, 36887, "AlertDesc", "48");
    evtx_chunk_end(&f);
    add(&w, "logs/events/System.evtx", buf_str(&f.bytes));
    add(&w, "logs/events/System.xml",
        STR("<Event><System><Provider Name='Schannel'/><EventID>36887</EventID><Level>2</Level><TimeCreated "
            "SystemTime='2020-01-01T00:00:01.0001234Z'/><EventRecordID>1</EventRecordID><Channel>System</"
            "Channel>"
            "<Computer>WEB01</Computer></System><EventData><Data "
            "Name='AlertDesc'>48</Data></EventData></Event>"));
    extract(&w);
    expect(&w, "SELECT sum(count) FROM event_count", "1");
    expect(&w, "SELECT entry, line, record, code FROM event", "logs/events/System.evtx|-|1|48");
    expect(&w, "SELECT entry, format, events FROM event_channel",
           "logs/events/System.evtx|evtx|1 logs/events/System.xml|xml|1");
    end(&w);
    buf_done(&f.bytes);
}

static void requests_of_the_same_minute(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    add(&w, "logs/w3svc/1/u_ex150906.log",
        STR(FIELDS LINE("15:44:30", "GET", "/app/x", "10.0.0.9", "MSIE", "403 7 64 1")
                LINE("15:46:01", "GET", "/app/x", "10.0.0.1", "MSIE", "403 16 2148204809 1")
                    LINE("15:46:40", "GET", "/app/x", "10.0.0.2", "MSIE", "403 16 2148204809 1")
                        LINE("15:46:41", "GET", "/app/x", "10.0.0.2", "MSIE", "200 0 0 1")
                            LINE("15:47:10", "GET", "/", "10.0.0.3", "MSIE", "403 7 64 1")));
    add(&w, "logs/events/System.xml", STR(SCHANNEL("1", "50", "36888", DATA("AlertDesc", "48"))));
    extract(&w);
    expect(&w,
           "SELECT place, status, substatus, datetime(minute/1000,'unixepoch'), count, client, url, line "
           "FROM request_minute ORDER BY minute",
           "Default Web Site/app|403|16|2015-09-06 15:46:00|2|10.0.0.1|/app/x|4 "
           "Default Web Site|403|7|2015-09-06 15:47:00|1|10.0.0.3|/|7");
    expect(&w, "SELECT event_id, code, place, status, count FROM event_request ORDER BY minute",
           "36888|48|Default Web Site/app|403|2 36888|48|Default Web Site|403|1");
    end(&w);
}

static void damage_is_told(void **state)
{
    (void)state;
    struct world w;

    one_file(&w, "<Event><System>" SCHANNEL("1", "10", "36887", DATA("AlertDesc", "48")) "<Event><Syst");
    expect(&w, "SELECT count(*) FROM event", "1");
    expect(&w, "SELECT entry, line, problem FROM bundle_problem",
           "logs/events/System.xml|1|2 events were skipped; the first: the event is cut off");
    expect(&w, "SELECT cut FROM event_channel", "1");
    expect(&w, "SELECT skipped, cut FROM log_file", "2|1");
    end(&w);
    one_file(&w, "<Events></Events>");
    expect(&w, "SELECT problem FROM bundle_problem", "there is no event in it");
    end(&w);
}

static void a_long_event_is_told(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf event = BUF_INIT(1 << 20);
    struct world w;

    buf_add_c(&event,
              "<Event><System><Provider Name='Schannel'/><EventID>36887</EventID></System><EventData>");
    for (int64_t i = 0; i < LIMIT_EVENT_ITEMS + 5; i++)
        buf_add_c(&event, DATA("AlertDesc", "48"));
    buf_add_c(&event, "</EventData></Event>");
    one_file(&w, buf_c(&event));
    expect(&w, "SELECT code FROM event", "48");
    expect(&w, "SELECT problem FROM bundle_problem",
           "1 event was read in part: more than 4096 values, or 1048576 bytes");
    end(&w);
}

/* A log that is full begins again at its beginning: the newest chunks are those with the highest numbers, and
 * a file over the cap is read by them. */
static struct evtx_file one_chunk;
static int64_t oldest_chunk;

static void make_chunk(struct buf *out, int64_t i)
{
    uint64_t number = (uint64_t)((i + oldest_chunk) % (LIMIT_EVTX_CHUNKS + 10)) + 1;
    uint8_t *record = (uint8_t *)one_chunk.bytes.p + one_chunk.chunk + 512;

    if (i == 0)
        buf_add(out, one_chunk.bytes.p, 4096);
    for (size_t k = 0; k < 8; k++) {
        one_chunk.bytes.p[one_chunk.chunk + 8 + k] = (char)(number >> (8 * k));
        one_chunk.bytes.p[one_chunk.chunk + 16 + k] = (char)(number >> (8 * k));
        record[8 + k] = (uint8_t)(number >> (8 * k));
    }
    buf_add(out, one_chunk.bytes.p + one_chunk.chunk, 65536);
}

static void a_file_over_the_cap_is_read_by_its_newest_chunks(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    evtx_file_begin(&one_chunk);
    evtx_chunk_begin(&one_chunk);
    evtx_record(&one_chunk, 36887, "AlertDesc", "48");
    evtx_chunk_end(&one_chunk);
    oldest_chunk = 1000;
    add(&w, "logs/events/System.evtx", STR(""));
    w.generate = make_chunk;
    w.n_generated = LIMIT_EVTX_CHUNKS + 10;
    extract(&w);
    expect(&w, "SELECT events, cut FROM event_channel", "2048|1");
    expect(&w, "SELECT sum(count) FROM event_count", "2048");
    expect(&w, "SELECT problem FROM bundle_problem", "10 of 2058 parts are left out, the oldest ones");
    end(&w);
    buf_done(&one_chunk.bytes);
}

/* The certificate that Schannel did not accept is in the event. */
static void a_certificate_in_an_event_is_named(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf event = BUF_INIT(1 << 20);
    static char pem[16384];
    static uint8_t der[8192];
    struct world w;
    FILE *file = fopen(CT_SOURCE_DIR "/tests/machines/pki/client01.pem", "r");

    assert_non_null(file);
    pem[fread(pem, 1, sizeof(pem) - 1, file)] = 0;
    (void)fclose(file);
    char *begin = strstr(pem, "-----BEGIN CERTIFICATE-----"),
         *end_of = strstr(pem, "-----END CERTIFICATE-----");
    assert_true(begin && end_of);
    size_t n = 0;
    for (char *p = begin + 27; p < end_of; p++)
        if (*p != '\n')
            pem[n++] = *p;
    pem[n] = 0;
    int len = EVP_DecodeBlock(der, (const unsigned char *)pem, (int)n);
    assert_true(len > 100);
    for (size_t i = n; i > 0 && pem[i - 1] == '='; i--)
        len--;
    buf_add_c(&event, "<Event><System><Provider Name='Schannel'/><EventID>36877</EventID><Level>3</Level>"
                      "</System><EventData><Data Name='ErrorCode'>0x80090325</Data><Data "
                      "Name='pCertificateContext'>");
    text_hex(&event, der, (size_t)len);
    buf_add_c(&event, "</Data></EventData></Event>");
    one_file(&w, buf_c(&event));
    expect(&w,
           "SELECT event_id, error, subject LIKE '%client01%', length(thumbprint), issuer IS NOT NULL FROM "
           "event",
           "36877|2148074277|1|40|1");
    expect(&w, "SELECT count(*) FROM event_data", "0");
    end(&w);
}

/* Real logs through all of it: every event counts, and nothing is a problem but files without events. */
static void real_event_logs(void **state)
{
    (void)state;
    struct real_events files;
    struct buf all[ENTRIES_MAX];
    static char names[ENTRIES_MAX][64];
    struct world w = {.n = 0};

    if (!real_events_open(&files))
        skip();
    struct buf file = BUF_INIT(64 << 20);
    while (w.n < ENTRIES_MAX && real_events_next(&files, "", &file)) {
        bool is_evtx = str_iends(str_from(files.name), STR(".evtx"));
        (void)snprintf(names[w.n], sizeof(names[0]), "logs/events/%zu.%s", w.n, is_evtx ? "evtx" : "xml");
        all[w.n] = file;
        add(&w, names[w.n], buf_str(&file));
        file = BUF_INIT(64 << 20);
    }
    buf_done(&file);
    real_events_close(&files);
    size_t n = w.n;
    assert_true(n > 0);
    extract(&w);
    expect(&w, "SELECT sum(count) FROM event_count WHERE area = 'capi2'", "803"); /* 459 + 340 + 3 + 1 */
    expect(&w, "SELECT event_id, count, state FROM event_seen WHERE area = 'schannel' ORDER BY event_id",
           "36870|1|10001 36871|1|10013 36887|1|- 36888|1|1205");
    expect(&w, "SELECT count(*) FROM bundle_problem WHERE problem NOT LIKE '%no event in it'", "0");
    expect(&w, "SELECT DISTINCT status FROM event_seen WHERE status IS NOT NULL",
           "CERT_TRUST_REVOCATION_STATUS_UNKNOWN");
    end(&w);
    for (size_t i = 0; i < n; i++)
        buf_done(&all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schannel_is_decoded),
        cmocka_unit_test(capi2_tells_the_chain),
        cmocka_unit_test(http_kdc_and_time),
        cmocka_unit_test(secrets_are_no_facts),
        cmocka_unit_test(counts_are_exact_where_rows_are_capped),
        cmocka_unit_test(the_same_log_twice_counts_once),
        cmocka_unit_test(requests_of_the_same_minute),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(a_long_event_is_told),
        cmocka_unit_test(a_file_over_the_cap_is_read_by_its_newest_chunks),
        cmocka_unit_test(a_certificate_in_an_event_is_named),
        cmocka_unit_test(real_event_logs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
