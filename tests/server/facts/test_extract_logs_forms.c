/* SPDX-License-Identifier: Apache-2.0
 *
 * The forms in which logs come: other formats, gzip'd, ANSI; what a symptom looks like; probes; traces and
 * their log lines; logs that were cut, bent and put behind each other. */
#include "logs_world.h"

#include <zlib.h>

static void the_iis_format_is_read(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    add(&w, "logs/w3svc/1/u_in150906.log",
        STR("10.10.10.100, -, 9/6/2015, 15:46:29, W3SVC1, WEB01, 10.10.10.10, 0, 163, 3223, 500, 64, GET, "
            "/app/x, -,\r\n"
            "10.10.10.100, CONTOSO\\anna, 09/06/15, 7:46:30, W3SVC1, WEB01, 10.10.10.10, 15, 163, 3223, 403, "
            "5, GET, /, q,\r\n"
            "nothing of the kind\r\n"));
    extract(&w);
    expect(&w,
           "SELECT status, substatus, win32, place, url, client, user, taken, "
           "datetime(time/1000,'unixepoch') FROM request",
           "500|-|64|Default Web Site/app|/app/x|10.10.10.100|-|0|2015-09-06 15:46:29 "
           "403|-|5|Default Web Site|/|10.10.10.100|CONTOSO\\anna|15|2015-09-06 07:46:30");
    expect(&w, "SELECT kind, format, lines, skipped FROM log_file", "iis|iis|3|1");
    expect(&w,
           "SELECT count(*) FROM bundle_problem WHERE problem LIKE '%local times%' OR problem LIKE '%no "
           "substatus%'",
           "2");
    end(&w);
}

static void the_ncsa_format_is_read(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    add(&w, "logs/w3svc/2/u_nc010408.log",
        STR("172.21.13.45 - REDMOND\\fred [08/Apr/2001:17:39:04 -0800] \"GET /scripts/a b.dll?http/serv "
            "HTTP/1.0\" 403 3401\n"
            "172.21.13.45 - - [08/Apr/2001:17:39:05 +0530] \"POST /x HTTP/1.1\" 401 -\n"
            "172.21.13.45 - - [08/Xpr/2001:17:39:05 +0530] \"POST /x HTTP/1.1\" 401 -\n"));
    extract(&w);
    expect(&w,
           "SELECT site, method, url, version, user, status, substatus, datetime(time/1000,'unixepoch') FROM "
           "request",
           "Other|GET|/scripts/a b.dll|HTTP/1.0|REDMOND\\fred|403|-|2001-04-09 01:39:04 "
           "Other|POST|/x|HTTP/1.1|-|401|-|2001-04-08 12:09:05");
    expect(&w, "SELECT format, lines, skipped FROM log_file", "ncsa|3|1");
    end(&w);
}

/* Several members behind each other, as when logs are packed day by day and joined. */
static size_t pack(const char *text, uint8_t *to, size_t room)
{
    z_stream z = {0};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text;
    z.avail_in = (uInt)strlen(text);
    z.next_out = to;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t n = room - z.avail_out;
    (void)deflateEnd(&z);
    return n;
}

static const char one[] = FIELDS LINE("15:46:29", "GET", "/", "10.10.10.100", "MSIE", "500 0 64 0");
static const char two[] = LINE("15:46:30", "GET", "/", "10.10.10.100", "MSIE", "403 7 5 15");

static void packed_logs_are_unpacked(void **state)
{
    (void)state;
    struct world w = {.n = 0};
    uint8_t packed[4096];
    size_t n = pack(one, packed, sizeof packed);

    n += pack(two, packed + n, sizeof packed - n);
    add(&w, "logs/w3svc/1/u_ex150906.log.gz", (struct str){(char *)packed, n});
    extract(&w);
    expect(&w, "SELECT count FROM request_pair_count", "1");
    expect(&w, "SELECT lines, skipped, first FROM log_file", "4|0|1441554389000");
    expect(&w, "SELECT count(*) FROM bundle_problem", "0");
    end(&w);
    /* cut, and bent: what was whole is read, and it is told */
    add(&w, "logs/w3svc/1/u_ex150906.log.gz", (struct str){(char *)packed, n - 30});
    extract(&w);
    expect(&w, "SELECT problem FROM bundle_problem WHERE problem LIKE 'read up%'",
           "read up to here only: gzip: ends too early");
    expect(&w, "SELECT sum(count) FROM request_count WHERE status = 500", "1");
    expect(&w, "SELECT skipped, cut FROM log_file", "1|1");
    end(&w);
    packed[n - 40] ^= 0x55;
    add(&w, "logs/w3svc/1/u_ex150906.log.gz", (struct str){(char *)packed, n});
    extract(&w);
    expect(&w, "SELECT count(*) FROM bundle_problem WHERE problem LIKE 'read up to here only: gzip: %'", "1");
    end(&w);
}

/* Windows-1252 in a URL and an address with its zone. */
static void ansi_and_zones_are_taken(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, FIELDS LINE("15:46:29", "GET",
                            "/app/gr\xfc\xdf"
                            "e",
                            "fe80::1%5", "M\xf6z", "403 7 5 0"));
    expect(&w, "SELECT client, place, url LIKE '/app/gr%e', status FROM request",
           "fe80::1%5|Default Web Site/app|1|403");
    expect(&w, "SELECT count(*) FROM bundle_problem", "0");
    end(&w);
}

/* More sites than there is room for are nobody's, and above all not another site's. */
static void sites_beyond_the_limit_are_not_another_ones(void **state)
{
    (void)state;
    struct world w = {.n = 0};
    CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 20);

    buf_add_c(&text,
              "#Fields: date time s-sitename cs-uri-stem c-ip sc-status sc-substatus sc-win32-status\n");
    for (int i = 0; i < 5000; i++)
        buf_printf(&text, "2015-09-06 10:00:00 W3SVC%d / 10.0.0.1 %s\n", i + 1,
                   i < 4500 ? "200 0 0" : "403 7 5");
    add(&w, "logs/w3svc/central/u_ex150906.log", buf_str(&text));
    extract(&w);
    expect(&w, "SELECT count(DISTINCT site_id), max(count) FROM request_count WHERE site_id IS NOT NULL",
           "4096|1");
    expect(&w, "SELECT site_id, site, count FROM request_symptom", "-|-|500");
    expect(&w, "SELECT problem FROM bundle_problem",
           "logs: of 904 requests the site is left open, there are more than 4096 sites");
    end(&w);
}

static void a_binary_log_is_told(void **state)
{
    (void)state;
    static const char binary[] = "\x01\0\x01\0W\0E\0B\0001\0\0\0\0\0\0\0\0\0\0";
    struct world w = {.n = 0};

    add(&w, "logs/w3svc/central/ra150906.log", (struct str){binary, sizeof binary - 1});
    extract(&w);
    expect(&w, "SELECT entry, substr(problem, 1, 78) FROM bundle_problem",
           "logs/w3svc/central/ra150906.log|is not text and was not read; central binary logging (.ibl) "
           "writes such: the l");
    end(&w);
}

static void a_log_without_times_is_told(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, "#Fields: date c-ip sc-status\n2015-09-06 10.0.0.1 403\n");
    expect(&w, "SELECT lines, skipped FROM log_file", "2|1");
    expect(&w, "SELECT problem FROM bundle_problem WHERE problem LIKE '%time%'",
           "has no time column; its requests cannot be put in order and were not read");
    end(&w);
}

static void many_urls(struct buf *out, int64_t i)
{
    if (i == 0)
        buf_add_c(out, FIELDS);
    buf_printf(out, "2015-09-06 %02d:%02d:%02d 10.10.10.10 GET %s%lld - 443 - 10.0.%lld.%lld X 403 7 5 0\n",
               (int)(i / 3600 % 24), (int)(i / 60 % 60), (int)(i % 60), i % 3 ? "/app/often" : "/app/rare/",
               (long long)(i % 3 ? 1 : i), (long long)(i % 7), (long long)(i % 200));
}

static void a_symptom_has_examples_and_a_trend(void **state)
{
    (void)state;
    struct world w = {.n = 0, .generate = many_urls, .n_generated = 9000};

    add(&w, "logs/w3svc/1/u_ex150906.log", STR(""));
    extract(&w);
    expect(&w,
           "SELECT count, json_extract(urls, '$[0]'), json_array_length(urls), url_count BETWEEN 2600 AND "
           "3400 FROM symptom",
           "9000|/app/often1|5|1");
    expect(&w, "SELECT trend FROM symptom",
           "[[1441497600000,3600],[1441501200000,3600],[1441504800000,1800]]");
    end(&w);
}

/* A probe every ten seconds with a night off, a monitor that says so, a browser that answers, a preflight,
 * and a user who fails. */
static void everybody(struct buf *out, int64_t i)
{
    int second = (int)i % 60, minute = (int)(i / 60) % 60, hour = (int)(i / 3600) * 5;

    if (i == 0)
        buf_add_c(out, FIELDS);
    if (i % 10 == 0)
        buf_printf(out, LINE("%02d:%02d:%02d", "GET", "/", "10.0.0.1", "Probe", "403 7 5 0"), hour, minute,
                   second);
    if (i % 600 == 5)
        buf_printf(out, LINE("%02d:%02d:%02d", "GET", "/", "10.0.0.2", "ELB-HealthChecker/2.0", "403 7 5 0"),
                   hour, minute, second);
    if (i % 600 == 7)
        buf_printf(out,
                   LINE("%02d:%02d:%02d", "GET", "/", "10.0.0.3", "Edge", "403 7 5 0")
                       LINE("%02d:%02d:%02d", "GET", "/", "10.0.0.3", "Edge", "200 0 0 0"),
                   hour, minute, second, hour, minute, second + 1);
    if (i % 1200 == 9)
        buf_printf(out, LINE("%02d:%02d:%02d", "OPTIONS", "/", "10.0.0.4", "Edge", "403 7 5 0"), hour, minute,
                   second);
    if (i % 700 == 11 || i % 1300 == 11)
        buf_printf(out, LINE("%02d:%02d:%02d", "GET", "/", "10.0.0.5", "Edge", "403 7 5 0"), hour, minute,
                   second);
}

static void noise_is_told_apart_from_failures(void **state)
{
    (void)state;
    struct world w = {.n = 0, .generate = everybody, .n_generated = 14400};

    add(&w, "logs/w3svc/1/u_ex150906.log", STR(""));
    extract(&w);
    expect(&w, "SELECT client, interval, count FROM request_probe ORDER BY client",
           "10.0.0.1|10000|1440 10.0.0.2|600000|24");
    expect(&w, "SELECT answered, preflights, probes, failures FROM symptom_failures WHERE status = 403",
           "24|12|1464|31");
    expect(&w, "SELECT count FROM request_client WHERE client = '10.0.0.5'", "31");
    end(&w);
}

static void reasons_have_words(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    add(&w, "logs/httperr/httperr1.log",
        STR("#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status "
            "s-siteid s-reason "
            "s-queuename\n"
            "2015-09-06 10:00:00 ::1%0 49958 ::1%0 443 HTTP/1.1 POST /a?secret=1 - - 1 "
            "Timer_SslRenegotiation DefaultAppPool\n"
            "2015-09-06 10:00:00 ::1%0 49958 ::1%0 443 - - - - - - Never_Heard_Of -\n"));
    extract(&w);
    expect(&w,
           "SELECT reason, kind, meaning LIKE 'renegotiation%', count FROM http_error_seen ORDER BY reason",
           "Never_Heard_Of|-|-|1 Timer_SslRenegotiation|tls|1|1");
    expect(&w, "SELECT url FROM http_error WHERE url IS NOT NULL", "/a");
    end(&w);
}

#define TRACE(url, status, time, client)                                                                     \
    "<failedRequest url=\"" url "\" siteId=\"1\" verb=\"GET\" statusCode=\"" status                          \
    "\" timeTaken=\"1500\">\n"                                                                               \
    "<Event><System><TimeCreated SystemTime=\"2015-09-06T" time "Z\"/></System><EventData>"                  \
    "<Data Name=\"RemoteAddress\">" client "</Data></EventData></Event>\n"                                   \
    "<Event><EventData><Data Name=\"Headers\">Host: a\nCookie: id=7\nAuthorization: Basic "                  \
    "eHg6eQ==\n</Data></EventData>"                                                                          \
    "<RenderingInfo><Opcode>GENERAL_REQUEST_HEADERS</Opcode></RenderingInfo></Event>\n"                      \
    "<Event><EventData><Data Name=\"ModuleName\">IIS Web Core</Data><Data Name=\"HttpStatus\">500</Data>"    \
    "<Data Name=\"ErrorCode\">2147943395</Data></EventData></Event></failedRequest>"

static void traces_find_their_lines(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    add(&w, "logs/freb/1/fr000001.xml",
        STR(TRACE("https://a:443/app/x%20y?token=7", "500", "15:46:29.120", "10.10.10.100")));
    add(&w, "logs/freb/1/fr000002.xml",
        STR(TRACE("https://a:443/nowhere", "500", "15:46:29.120", "10.10.10.100")));
    add(&w, "logs/freb/1/fr000003.xml",
        STR(TRACE("https://a:443/app/x%20y", "403.7", "15:46:40.900", "fe80::1%5")));
    add(&w, "logs/w3svc/1/u_ex150906.log",
        STR(FIELDS LINE("15:46:29", "GET", "/app/X+y", "10.10.10.100", "MSIE", "500 0 64 0")
                LINE("15:46:30", "GET", "/app/X+y", "10.10.10.100", "MSIE", "500 0 64 1500")
                    LINE("15:46:30", "GET", "/app/X+y", "10.10.10.101", "MSIE", "500 0 64 1500")
                        LINE("15:46:42", "GET", "/app/X+y", "fe80::1%7", "MSIE", "403 16 5 1500")
                            LINE("15:46:42", "GET", "/app/X+y", "fe80::1%7", "MSIE", "403 7 5 1500")));
    extract(&w);
    expect(&w,
           "SELECT entry, log_entry, log_line, status, substatus, win32, place, taken FROM trace_request "
           "ORDER BY entry",
           "logs/freb/1/fr000001.xml|logs/w3svc/1/u_ex150906.log|4|500|0|64|Default Web Site/app|1500 "
           "logs/freb/1/fr000003.xml|logs/w3svc/1/u_ex150906.log|7|403|7|5|Default Web Site/app|1500");
    expect(&w, "SELECT entry FROM trace_line WHERE log_line IS NULL", "logs/freb/1/fr000002.xml");
    expect(&w,
           "SELECT url, error_text LIKE 'the I/O operation has been aborted%' FROM trace t JOIN trace_event "
           "v USING (entry)"
           " WHERE entry LIKE '%1.xml' AND error_code > 0",
           "https://a:443/app/x%20y|1");
    expect(&w, "SELECT DISTINCT detail FROM trace_event WHERE name = 'GENERAL_REQUEST_HEADERS'",
           "Headers=Host: a, Cookie: [redacted], Authorization: [redacted]");
    end(&w);
}

/* Thousands of 403.7, and among them, far from the first, the last and the peak, one client that fails, is
 * refused and then gets in. */
static void one_in_the_middle(struct buf *out, int64_t i)
{
    const char *client = i / 4 == 5000 ? "10.9.9.9" : "10.0.0.1";
    const char *status = i / 4 != 5000 ? "403 7 5 0"
                         : i % 4 == 0  ? "500 0 64 0"
                         : i % 4 == 3  ? "200 0 0 0"
                                       : "403 7 5 0";

    if (i == 0)
        buf_add_c(out, FIELDS);
    buf_printf(out, "2015-09-06 %02d:%02d:%02d 10.10.10.10 GET / - 443 - %s X %s\n", (int)(i / 3600 % 24),
               (int)(i / 60 % 60), (int)(i % 60), client, status);
}

/* The client let the connection's time-out pass, two minutes, before it asked again. */
static void a_pair_is_measured_from_the_end_of_a_long_failure(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, FIELDS LINE("10:00:01", "POST", "/a", "10.0.0.1", "A", "500 0 64 120000")
                    LINE("10:00:05", "POST", "/a", "10.0.0.1", "A", "403 7 64 10")
                        LINE("11:00:01", "POST", "/a", "10.0.0.1", "A", "500 0 64 120000")
                            LINE("11:01:02", "POST", "/a", "10.0.0.1", "A", "403 7 64 0"));
    expect(&w, "SELECT first_win32, first_line, then_line FROM request_pair", "64|3|4");
    end(&w);
}

static void a_clients_sequence_is_kept_whole(void **state)
{
    (void)state;
    struct world w = {.n = 0, .generate = one_in_the_middle, .n_generated = 40000};

    add(&w, "logs/w3svc/1/u_ex150906.log", STR(""));
    extract(&w);
    expect(&w, "SELECT status, line FROM request WHERE client = '10.9.9.9' ORDER BY line",
           "500|20003 403|20004 403|20005 200|20006");
    expect(&w, "SELECT count(*), count(DISTINCT line), min(line), max(line) FROM request WHERE status = 403",
           "200|200|3|40002");
    end(&w);
}

/* Somebody gets in where others are refused: the first of each hour, once a refusal was seen. */
static void successes_beside_refusals_are_sampled(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, FIELDS LINE("10:00:00", "GET", "/app/a", "10.0.0.1", "X", "200 0 0 0")
                    LINE("10:00:01", "GET", "/app/a", "10.0.0.2", "X", "403 7 5 0")
                        LINE("10:00:02", "GET", "/app/a", "10.0.0.1", "X", "200 0 0 0")
                            LINE("11:00:00", "GET", "/", "10.0.0.3", "X", "200 0 0 0")
                                LINE("11:00:02", "GET", "/app/b", "10.0.0.1", "X", "200 0 0 7")
                                    LINE("11:00:03", "GET", "/app/b", "10.0.0.1", "X", "200 0 0 7"));
    expect(&w, "SELECT client, url, line, taken FROM request WHERE status = 200", "10.0.0.1|/app/b|7|7");
    end(&w);
}

/* Every line is a header, counted, or told as skipped: whatever happened to the log. */
static void nothing_is_lost_without_a_word(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 20), bent = BUF_INIT(4 << 20);

    for (int i = 0; i < 600; i++)
        many_urls(&text, i);
    srand(11);
    for (int round = 0; round < 60; round++) {
        struct world w = {.n = 0};
        buf_clear(&bent);
        buf_add(&bent, text.p, (size_t)rand() % text.len);
        for (int i = 0; i < round; i++)
            bent.p[(size_t)rand() % (bent.len + 1)] ^= (char)(1 << rand() % 8);
        if (round % 2)
            buf_add(&bent, text.p, text.len); /* another log behind it */
        add(&w, "logs/w3svc/1/u_ex150906.log", buf_str(&bent));
        int64_t headers = 0;
        for (size_t i = 0; i < bent.len; i++)
            headers += (i == 0 || bent.p[i - 1] == '\n') &&
                       (bent.p[i] == '#' || bent.p[i] == '\r' || bent.p[i] == '\n');
        extract(&w);
        CLEANUP(buf_done) struct buf expected = BUF_INIT(100);
        buf_printf(&expected, "%lld|1", (long long)headers);
        expect(&w,
               "SELECT lines - skipped - (SELECT coalesce(sum(count), 0) FROM request_count), "
               "skipped <= 1 OR EXISTS (SELECT 1 FROM bundle_problem WHERE problem LIKE '%could not be "
               "read%') FROM log_file",
               buf_c(&expected));
        end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_iis_format_is_read),
        cmocka_unit_test(the_ncsa_format_is_read),
        cmocka_unit_test(packed_logs_are_unpacked),
        cmocka_unit_test(ansi_and_zones_are_taken),
        cmocka_unit_test(a_symptom_has_examples_and_a_trend),
        cmocka_unit_test(noise_is_told_apart_from_failures),
        cmocka_unit_test(reasons_have_words),
        cmocka_unit_test(traces_find_their_lines),
        cmocka_unit_test(a_pair_is_measured_from_the_end_of_a_long_failure),
        cmocka_unit_test(a_clients_sequence_is_kept_whole),
        cmocka_unit_test(successes_beside_refusals_are_sampled),
        cmocka_unit_test(sites_beyond_the_limit_are_not_another_ones),
        cmocka_unit_test(a_binary_log_is_told),
        cmocka_unit_test(a_log_without_times_is_told),
        cmocka_unit_test(nothing_is_lost_without_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
