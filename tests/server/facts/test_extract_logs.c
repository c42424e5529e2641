/* SPDX-License-Identifier: Apache-2.0
 *
 * From log entries to the rows of 60-log.sql: exact counts, samples, pairs, answers, HTTPERR, traces, damage.
 */
#include "logs_world.h"

#include <dirent.h>

static const char article[] = FIELDS LINE("15:46:29", "GET", "/", "10.10.10.100", "MSIE", "500 0 64 0")
    LINE("15:46:30", "GET", "/", "10.10.10.100", "MSIE", "403 7 5 15");

static void the_articles_pair(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, article);
    expect(&w,
           "SELECT site, site_id, place, client, first_status, first_substatus, first_win32, first_line, "
           "then_status, "
           "then_substatus, then_win32, then_line, same_url, first_entry FROM request_pair",
           "Default Web Site|1|Default Web "
           "Site|10.10.10.100|500|0|64|3|403|7|5|4|1|logs/w3svc/1/u_ex150906.log");
    expect(&w, "SELECT count, same_url, clients, by_chance FROM request_pair_count", "1|1|1|0");
    expect(&w,
           "SELECT status, substatus, win32, count, clients, datetime(first/1000,'unixepoch') FROM symptom",
           "403|7|5|1|1|2015-09-06 15:46:30 500|0|64|1|1|2015-09-06 15:46:29");
    expect(&w,
           "SELECT status, line, client, method, url, port, server_ip, user, agent, taken, time FROM request",
           "500|3|10.10.10.100|GET|/|443|10.10.10.10|-|MSIE|0|1441554389000 "
           "403|4|10.10.10.100|GET|/|443|10.10.10.10|-|MSIE|15|1441554390000");
    expect(&w, "SELECT entry, site, kind, first, last, lines, skipped, cut FROM log_file",
           "logs/w3svc/1/u_ex150906.log|Default Web Site|iis|1441554389000|1441554390000|4|0|0");
    expect(&w, "SELECT count(*) FROM bundle_problem", "0");
    end(&w);
}

static void pairs_want_the_same_client_and_a_minute(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, FIELDS LINE("10:00:00", "GET", "/a", "10.0.0.1", "A", "500 0 64 0")
                    LINE("10:00:01", "GET", "/a", "10.0.0.2", "A", "403 7 0 0") /* another client */
            LINE("10:01:01", "GET", "/a", "10.0.0.1", "A", "403 7 0 0")         /* 61 s later */
            LINE("10:02:00", "GET", "/a", "10.0.0.3", "A", "500 0 64 0")
                LINE("10:02:01", "GET", "/a", "10.0.0.3", "A", "403 16 0 0") /* not 403.7 */
            LINE("10:03:00", "GET", "/a", "10.0.0.4", "A", "403 7 0 0")      /* before it */
            LINE("10:03:01", "GET", "/a", "10.0.0.4", "A", "500 0 64 0")
                LINE("10:04:00", "GET", "/a", "10.0.0.5", "A", "500 0 0 0") /* an application's 500 */
            LINE("10:04:01", "GET", "/a", "10.0.0.5", "A", "403 7 0 0"));
    expect(&w, "SELECT count(*) FROM request_pair", "0");
    expect(&w, "SELECT count(*) FROM request_pair_count", "0");
    end(&w);
}

static void each_failure_pairs_once(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, FIELDS LINE("10:00:00", "GET", "/a", "::1%3", "A", "500 0 64 0")
                    LINE("10:00:00", "GET", "/a", "::1%3", "A", "500 0 64 0")
                        LINE("10:00:01", "GET", "/app/x", "::1%3", "A", "403 7 0 0")
                            LINE("10:01:00", "GET", "/a", "::1%3", "A", "403 7 0 0")
                                LINE("10:01:00", "GET", "/a", "::1%3", "A", "403 7 0 0")
                                    LINE("10:02:00", "POST", "/app", "::1%3", "A", "413 0 0 9")
                                        LINE("10:02:00", "POST", "/APP", "::1%3", "A", "403 7 0 9")
                                            LINE("10:03:00", "GET", "/app", "::1%3", "A", "500 19 33 9")
                                                LINE("10:03:00", "GET", "/apple", "::1%3", "A", "403 7 0 9"));
    expect(&w, "SELECT first_line, then_line, place FROM request_pair ORDER BY first_line",
           "3|5|Default Web Site/app 4|6|Default Web Site 8|9|Default Web Site/app 10|11|Default Web Site");
    expect(
        &w,
        "SELECT place, first_status, first_substatus, first_win32, count, same_url FROM request_pair_count "
        "ORDER BY 2, 3, 1",
        "Default Web Site/app|413|0|0|1|0 Default Web Site|500|0|64|1|1 Default Web Site/app|500|0|64|1|0 "
        "Default Web Site|500|19|33|1|0");
    end(&w);
}

/* IIS writes a request when it ends: one that hung for 20 s stands behind the 403.7 that followed its start.
 */
static void pairs_are_ordered_by_start(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, FIELDS LINE("10:00:05", "GET", "/a", "10.0.0.1", "A",
                            "403 7 0 10") LINE("10:00:06", "GET", "/b", "10.0.0.1", "A", "403 7 0 10")
                    LINE("10:00:20", "GET", "/a", "10.0.0.1", "A",
                         "500 0 995 20000") LINE("10:10:20", "GET", "/a", "10.0.0.2", "A", "500 0 64 5000")
                        LINE("10:10:20", "GET", "/a", "10.0.0.2", "A", "403 7 0 9000")); /* began before it */
    expect(&w, "SELECT first_win32, first_line, then_line FROM request_pair", "995|5|3");
    end(&w);
}

static void other_sites_do_not_pair(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    add(&w, "logs/w3svc/2/u_ex150906.log",
        STR(FIELDS LINE("10:00:01", "GET", "/", "10.0.0.1", "A", "403 7 0 0")));
    add(&w, "logs/w3svc/1/u_ex150906.log",
        STR(FIELDS LINE("10:00:00", "GET", "/", "10.0.0.1", "A", "500 0 64 0")));
    extract(&w);
    expect(&w, "SELECT count(*) FROM request_pair", "0");
    expect(&w, "SELECT site, place, status FROM request_count ORDER BY site",
           "Default Web Site|Default Web Site|500 Other|Other|403");
    end(&w);
}

static void pairs_cross_midnight_and_files(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    add(&w, "logs/w3svc/1/u_ex150907.log",
        STR(FIELDS "2015-09-07 00:00:02 ::1 GET / - 443 - 10.0.0.1 A 403 7 0 0\n"));
    add(&w, "logs/w3svc/1/u_ex150906.log",
        STR(FIELDS "2015-09-06 23:59:59 ::1 GET / - 443 - 10.0.0.1 A 500 0 64 0\n"));
    extract(&w);
    expect(&w, "SELECT first_entry, then_entry FROM request_pair",
           "logs/w3svc/1/u_ex150906.log|logs/w3svc/1/u_ex150907.log");
    end(&w);
}

static void answers_and_preflights_are_counted(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, FIELDS LINE("10:00:00", "GET", "/", "10.0.0.1", "Firefox",
                            "403 7 0 0") LINE("10:00:30", "GET", "/", "10.0.0.1", "Firefox", "200 0 0 0")
                    LINE("10:01:00", "GET", "/", "10.0.0.1", "Firefox", "403 7 0 0")
                        LINE("10:01:01", "GET", "/", "10.0.0.1", "Chrome", "200 0 0 0") /* another browser */
            LINE("10:02:01", "GET", "/", "10.0.0.1", "Firefox", "200 0 0 0")            /* 61 s */
            LINE("10:03:00", "OPTIONS", "/", "10.0.0.2", "Edge", "403 7 0 0")
                LINE("10:03:10", "GET", "/", "10.0.0.2", "Edge", "304 0 0 9000") /* began before + 1 */
            LINE("10:04:00", "GET", "/", "10.0.0.3", "Edge", "403 7 0 0")
                LINE("10:04:10", "GET", "/", "10.0.0.3", "Edge", "200 0 0 60000")); /* began before */
    expect(&w, "SELECT count, clients, clients_exact, answered, preflights FROM request_symptom",
           "4|3|1|2|1");
    expect(&w, "SELECT client, agent, count, answered, preflights, gap, gap_spread FROM request_client",
           "10.0.0.1|Firefox|2|1|0|60000|0 10.0.0.2|Edge|1|1|1|-|- 10.0.0.3|Edge|1|0|0|-|-");
    expect(&w, "SELECT answered, preflights FROM symptom", "2|1");
    expect(&w, "SELECT line FROM request WHERE status < 400", "4 9");
    end(&w);
}

static void the_longest_configured_path_is_the_place(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, FIELDS LINE("10:00:00", "GET", "/app/deep/x/y/z.aspx", "::1", "A", "200 0 0 0")
                    LINE("10:00:00", "GET", "/App/Deep", "::1", "A", "200 0 0 0")
                        LINE("10:00:00", "GET", "/app/deeper/x", "::1", "A", "200 0 0 0")
                            LINE("10:00:00", "GET", "/application/deep", "::1", "A", "200 0 0 0")
                                LINE("10:00:00", "GET", "/x/app/deep", "::1", "A", "200 0 0 0")
                                    LINE("10:00:00", "GET", "-", "::1", "A", "200 0 0 0"));
    expect(&w, "SELECT place, count FROM request_count ORDER BY place",
           "Default Web Site|3 Default Web Site/app|1 Default Web Site/app/deep|2");
    end(&w);
}

static void absent_columns_are_null(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, "#Fields: date time c-ip cs-uri-stem sc-status\n2015-09-06 10:00:00 10.0.0.1 /app 500\n"
                "2015-09-06 10:00:01 10.0.0.1 /app 403\n");
    expect(&w, "SELECT status, substatus, win32 FROM request_count", "500|-|- 403|-|-");
    expect(&w, "SELECT fields FROM log_file", "date time c-ip cs-uri-stem sc-status");
    expect(&w, "SELECT count(*) FROM request_pair", "0");
    end(&w);
}

static void a_log_without_status_is_told(void **state)
{
    (void)state;
    struct world w;

    one_log(&w, "#Fields: date time c-ip\n2015-09-06 10:00:00 10.0.0.1\n");
    expect(&w, "SELECT count(*) FROM request_count", "0");
    expect(&w, "SELECT problem FROM bundle_problem WHERE problem LIKE '%sc-status%'",
           "has no sc-status column; its requests cannot be judged");
    end(&w);
}

/* Central logging: one file, the site in each line. */
static void central_logs_name_the_site_in_each_line(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    add(&w, "logs/w3svc/u_ex150906.log",
        STR("#Fields: date time s-sitename cs-uri-stem c-ip sc-status\n"
            "2015-09-06 10:00:00 W3SVC1 /app/x 10.0.0.1 200\n"
            "2015-09-06 10:00:00 W3SVC2 /app/x 10.0.0.1 200\n"
            "2015-09-06 10:00:00 W3SVC99 /app/x 10.0.0.1 200\n"));
    w.items[0] = (struct manifest_item){.kind = KIND_LOG_IIS, .outcome = OUTCOME_TRUNCATED};
    w.entries[0].item = &w.items[0];
    extract(&w);
    expect(&w, "SELECT site, site_id, place, count FROM request_count",
           "Default Web Site|1|Default Web Site/app|1 Other|2|Other|1 -|99|-|1");
    expect(&w, "SELECT cut FROM log_file", "1");
    end(&w);
}

static void a_broken_stream_keeps_what_was_read(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    add(&w, "logs/w3svc/1/u_ex150906.log", STR(article));
    w.broken_after = sizeof(article) - 40;
    extract(&w);
    expect(&w, "SELECT status, count FROM request_count", "500|1");
    expect(&w, "SELECT entry, problem FROM bundle_problem",
           "logs/w3svc/1/u_ex150906.log|read up to here only: CRC mismatch");
    end(&w);
}

static const char *const statuses[] = {"200 0 0", "304 0 0", "404 0 2", "200 0 64", "302 0 0"};

static void million(struct buf *out, int64_t i)
{
    if (i == 0)
        buf_add_c(out, FIELDS);
    int second = (int)(i / 12);
    const char *status = i == 614400 ? "500 0 64" : i == 614410 ? "403 7 5" : statuses[i % 5];
    const char *client = i == 614400 || i == 614410 ? "10.10.10.100" : "192.168.3.";
    char tail[8] = "";
    if (client[1] == '9')
        (void)snprintf(tail, sizeof tail, "%d", (int)(i % 200));
    buf_printf(
        out, "2015-09-06 %02d:%02d:%02d 10.10.10.10 GET /app/page%d.aspx - 443 - %s%s Mozilla/5.0 %s 15\r\n",
        second / 3600, second / 60 % 60, second % 60, (int)(i % 5000), client, tail, status);
}

static void the_pair_is_found_among_a_million_lines(void **state)
{
    (void)state;
    struct world w = {.generate = million, .n_generated = 1000000};

    add(&w, "logs/w3svc/1/u_ex150906.log", STR(""));
    extract(&w);
    expect(&w, "SELECT client, first_line, then_line, first_win32 FROM request_pair",
           "10.10.10.100|614403|614413|64");
    expect(&w, "SELECT count, by_chance FROM request_pair_count", "1|0");
    expect(&w, "SELECT sum(count) FROM request_count", "1000000");
    expect(&w, "SELECT sum(count) FROM request_count WHERE status = 404", "200000");
    expect(&w, "SELECT count(DISTINCT hour) FROM request_count", "24");
    expect(&w, "SELECT count(*) FROM request WHERE status >= 400", "2");
    expect(&w, "SELECT count(*) FROM bundle_problem", "0");
    expect(&w, "SELECT max(clients) BETWEEN 35 AND 45 FROM request_count WHERE status = 404", "1");
    assert_true(w.arena.used_bytes < 40 << 20);
    end(&w);
}

/* 403.7 of 1,000 clients; the hour from 5 to 6 has three times as many as the others. */
static void refusals(struct buf *out, int64_t i)
{
    if (i == 0)
        buf_add_c(out, FIELDS);
    int64_t second = i < 5000   ? i * 18 / 5
                     : i < 8000 ? 18000 + (i - 5000) * 6 / 5
                                : 21600 + (i - 8000) * 18 / 5;
    buf_printf(out, "2015-09-06 %02d:%02d:%02d 10.10.10.10 GET /app - 443 - 10.1.%d.%d A 403 7 0 1\n",
               (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60), (int)(i % 1000 / 250),
               (int)(i % 250));
}

static void a_sample_holds_first_last_and_peak(void **state)
{
    (void)state;
    struct world w = {.generate = refusals, .n_generated = 10000};

    add(&w, "logs/w3svc/1/u_ex150906.log", STR(""));
    extract(&w);
    expect(&w, "SELECT count(*), count(DISTINCT line) FROM request", "200|200");
    expect(&w, "SELECT min(line), max(line) FROM request", "3|10002");
    expect(&w, "SELECT count(*) FROM request WHERE time / 3600000 % 24 = 5", "40");
    expect(&w,
           "SELECT peak_hour / 3600000 % 24, peak_count, count, clients, clients_exact FROM request_symptom",
           "5|3000|10000|1000|1");
    expect(&w, "SELECT count(*), max(count), min(gap_spread) >= 0 FROM request_client", "50|10|1");
    expect(&w, "SELECT min(clients) > 930 AND max(clients) < 1070 FROM request_count WHERE count >= 1000",
           "1");
    end(&w);
}

/* More kinds of failure than a machine's sample has room for: each keeps some. */
static void many_symptoms(struct buf *out, int64_t i)
{
    if (i == 0)
        buf_add_c(out, FIELDS);
    buf_printf(out, "2015-09-06 10:%02d:%02d 10.10.10.10 GET /x - 443 - 10.1.1.%d A 500 0 %d 1\n",
               (int)(i / 1000 % 60), (int)(i % 60), (int)(i % 200), (int)(1000 + i % 40));
}

static void a_machines_sample_is_shared_fairly(void **state)
{
    (void)state;
    struct world w = {.generate = many_symptoms, .n_generated = 40000};

    add(&w, "logs/w3svc/1/u_ex150906.log", STR(""));
    extract(&w);
    expect(&w, "SELECT count(DISTINCT win32), count(*) <= 2000, count(*) > 1800 FROM request", "40|1|1");
    expect(&w, "SELECT min(n) > 40 FROM (SELECT count(*) AS n FROM request GROUP BY win32)", "1");
    expect(&w, "SELECT sum(count) FROM request_count", "40000");
    end(&w);
}

/* A failure a second and a 403.7 a second of one client behind a proxy: chance alone pairs them. */
static void chance(struct buf *out, int64_t i)
{
    if (i == 0)
        buf_add_c(out, FIELDS);
    buf_printf(out, "2015-09-06 10:%02d:%02d 10.10.10.10 GET /x - 443 - 10.1.1.1 A %s 0\n",
               (int)(i / 120 % 60), (int)(i / 2 % 60), i % 2 ? "403 7 0" : "500 0 64");
}

static void pairs_are_set_against_chance(void **state)
{
    (void)state;
    struct world w = {.generate = chance, .n_generated = 7200};

    add(&w, "logs/w3svc/1/u_ex150906.log", STR(""));
    extract(&w);
    expect(&w, "SELECT count, by_chance FROM request_pair_count", "3600|3600");
    expect(&w, "SELECT count(*), min(first_line), max(then_line) FROM request_pair", "200|3|7202");
    end(&w);
}

static void httperr_rows_and_counts(void **state)
{
    (void)state;
    struct world w = {.n = 0};
    CLEANUP(buf_done) struct buf text = BUF_INIT(4 << 20);

    buf_add_c(
        &text,
        "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid "
        "s-reason s-queuename\n"
        "2015-09-06 10:00:00 ::1%0 49958 ::1%0 443 HTTP/1.1 GET /a - 400 1 FieldLength DefaultAppPool\n");
    for (int i = 0; i < 1000; i++)
        buf_printf(&text,
                   "2015-09-06 %02d:00:00 ::1%%0 49958 ::1%%0 443 - - - - - - Timer_ConnectionIdle -\n",
                   10 + i / 500);
    add(&w, "logs/httperr/httperr1.log", buf_str(&text));
    extract(&w);
    expect(&w,
           "SELECT client, port, method, url, status, site_id, reason, queue, line FROM http_error WHERE "
           "status > 0",
           "::1%0|443|GET|/a|400|1|FieldLength|DefaultAppPool|2");
    expect(&w, "SELECT count(*), min(line), max(line) FROM http_error WHERE reason = 'Timer_ConnectionIdle'",
           "200|3|1002");
    expect(&w, "SELECT reason, status, queue, count FROM http_error_count",
           "FieldLength|400|DefaultAppPool|1 Timer_ConnectionIdle|-|-|500 Timer_ConnectionIdle|-|-|500");
    expect(&w, "SELECT kind, lines, skipped FROM log_file", "httperr|1002|0");
    end(&w);
}

static const char trace[] =
    "<failedRequest url=\"https://chiranth.com:443/\" siteId=\"1\" appPoolId=\"DefaultAppPool\" verb=\"GET\" "
    "failureReason=\"STATUS_CODE\" statusCode=\"500\" timeTaken=\"16\" xmlns:freb=\"urn:f\">\n"
    "<Event><System><TimeCreated SystemTime=\"2015-09-06T15:46:29.120Z\"/></System><EventData>"
    "<Data Name=\"RemoteAddress\">10.10.10.100</Data></EventData></Event>\n"
    "<Event><System><TimeCreated SystemTime=\"2015-09-06T15:46:29.123Z\"/></System><EventData>"
    "<Data Name=\"ModuleName\">IIS Web Core</Data><Data Name=\"Notification\">1</Data>"
    "<Data Name=\"HttpStatus\">500</Data><Data Name=\"HttpSubStatus\">0</Data>\n"
    "<Data Name=\"ErrorCode\">2147943395</Data></EventData><RenderingInfo>"
    "<Opcode>MODULE_SET_RESPONSE_ERROR_STATUS</Opcode><freb:Description Data=\"Notification\">BEGIN_REQUEST"
    "</freb:Description><freb:Description Data=\"ErrorCode\">aborted "
    "(0x800703e3)</freb:Description></RenderingInfo>"
    "</Event>\n</failedRequest>";

static void traces_become_rows(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    add(&w, "logs/freb/1/fr000001.xml", STR(trace));
    extract(&w);
    expect(
        &w,
        "SELECT entry, site, url, method, app_pool, status, reason, taken, time, client, events FROM trace",
        "logs/freb/1/fr000001.xml|Default Web "
        "Site|https://chiranth.com:443/|GET|DefaultAppPool|500|STATUS_CODE|16|"
        "1441554389120|10.10.10.100|2");
    expect(
        &w,
        "SELECT line, name, module, notification, status, substatus, error_code, error_text, time FROM "
        "trace_event",
        "4|MODULE_SET_RESPONSE_ERROR_STATUS|IIS Web Core|BEGIN_REQUEST|500|0|2147943395|aborted (0x800703e3)|"
        "1441554389123");
    expect(&w, "SELECT count(*) FROM bundle_problem", "0");
    end(&w);
}

static void a_cut_trace_keeps_its_events(void **state)
{
    (void)state;
    struct world w = {.n = 0};

    add(&w, "logs/freb/1/fr000001.xml", (struct str){trace, sizeof(trace) - 10});
    extract(&w);
    expect(&w, "SELECT count(*) FROM trace_event", "1");
    expect(&w, "SELECT kind, cut FROM log_file", "freb|1");
    expect(&w, "SELECT entry, problem LIKE 'read up to here only: line 5: %' FROM bundle_problem",
           "logs/freb/1/fr000001.xml|1");
    end(&w);
}

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

/* Each real log alone: it is read, or a problem names it; then damaged and joined to itself. */
static void real_logs(void **state)
{
    (void)state;
    DIR *dir = opendir(CT_SOURCE_DIR "/../shared/real/iis-logs");

    if (!dir)
        skip();
    srand(5);
    for (struct dirent *d = readdir(dir); d; d = readdir(dir)) {
        CLEANUP(buf_done) struct buf text = BUF_INIT(2 << 20);
        struct world w = {.n = 0};
        bool is_httperr = strstr(d->d_name, "error") || strstr(d->d_name, "http-400");
        if (d->d_name[0] == '.' || !read_real(d->d_name, &text))
            continue;
        for (int round = 0; round < 8; round++) {
            add(&w, is_httperr ? "logs/httperr/httperr1.log" : "logs/w3svc/1/u_ex150906.log", buf_str(&text));
            extract(&w);
            expect(&w, "SELECT count(*) FROM log_file", "1");
            if (round == 0)
                expect(&w,
                       "SELECT skipped > 0 AND NOT EXISTS (SELECT 1 FROM bundle_problem) AND lines > 3 FROM "
                       "log_file",
                       "0");
            end(&w);
            for (int i = rand() % 30; i > 0; i--)
                text.p[(size_t)rand() % text.len] = (char)rand();
            buf_add(&text, text.p, text.len < 1000 ? text.len / 2 : 0);
        }
    }
    closedir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_articles_pair),
        cmocka_unit_test(pairs_want_the_same_client_and_a_minute),
        cmocka_unit_test(each_failure_pairs_once),
        cmocka_unit_test(pairs_are_ordered_by_start),
        cmocka_unit_test(other_sites_do_not_pair),
        cmocka_unit_test(pairs_cross_midnight_and_files),
        cmocka_unit_test(answers_and_preflights_are_counted),
        cmocka_unit_test(the_longest_configured_path_is_the_place),
        cmocka_unit_test(absent_columns_are_null),
        cmocka_unit_test(a_log_without_status_is_told),
        cmocka_unit_test(central_logs_name_the_site_in_each_line),
        cmocka_unit_test(a_broken_stream_keeps_what_was_read),
        cmocka_unit_test(the_pair_is_found_among_a_million_lines),
        cmocka_unit_test(a_sample_holds_first_last_and_peak),
        cmocka_unit_test(a_machines_sample_is_shared_fairly),
        cmocka_unit_test(pairs_are_set_against_chance),
        cmocka_unit_test(httperr_rows_and_counts),
        cmocka_unit_test(traces_become_rows),
        cmocka_unit_test(a_cut_trace_keeps_its_events),
        cmocka_unit_test(real_logs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
