/* SPDX-License-Identifier: Apache-2.0
 *
 * How long linting a bundle of failed-request traces takes, set against inflating it with unzip -p:
 * README.md. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"

enum { EVENTS = 220, TRACE_BYTES_MAX = 4 << 20 };

/* Names and data of the events of a request that ends with 500, in the order in which IIS has them, repeated.
 */
static const char *const names[] = {"GENERAL_REQUEST_START",  "GENERAL_ENDPOINT_INFORMATION",
                                    "NOTIFY_MODULE_START",    "NOTIFY_MODULE_END",
                                    "URL_CACHE_ACCESS_START", "URL_CACHE_ACCESS_END",
                                    "FILE_CACHE_ACCESS_END",  "MODULE_SET_RESPONSE_ERROR_STATUS"};

static void add_event(struct buf *b, int trace, int i)
{
    const char *name = names[i % 8 == 7 && i < EVENTS - 8 ? 2 : i % 8];
    bool is_error = strcmp(name, "MODULE_SET_RESPONSE_ERROR_STATUS") == 0;

    buf_printf(b,
               "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">\r\n <System>\r\n  "
               "<Provider Name=\"WWW "
               "Server\" Guid=\"{3A2A4E84-4C21-4981-AE10-3FDA0D9B0F83}\"/>\r\n  <EventID>0</EventID>\r\n  "
               "<Version>1</Version>\r\n"
               "  <Level>4</Level>\r\n  <Opcode>%d</Opcode>\r\n  <Keywords>0x100</Keywords>\r\n"
               "  <TimeCreated SystemTime=\"2026-01-01T10:%02d:%02d.%03dZ\"/>\r\n"
               "  <Correlation ActivityID=\"{4000%04x-0001-FE00-B63F-84710C7967BB}\"/>\r\n"
               "  <Execution ProcessID=\"%d\" ThreadID=\"%d\"/>\r\n  <Computer>WEB01</Computer>\r\n "
               "</System>\r\n <EventData>\r\n"
               "  <Data Name=\"ContextId\">{4000%04x-0001-FE00-B63F-84710C7967BB}</Data>\r\n"
               "  <Data Name=\"ModuleName\">%s</Data>\r\n  <Data Name=\"Notification\">%d</Data>\r\n",
               i, trace / 60 % 60, trace % 60, i, trace, 4000 + trace % 50, 100 + i % 40, trace,
               is_error ? "IIS Web Core" : "RequestMonitorModule", 1 << i % 8);
    if (is_error)
        buf_add_c(b, "  <Data Name=\"HttpStatus\">500</Data>\r\n  <Data Name=\"HttpSubStatus\">0</Data>\r\n"
                     "  <Data Name=\"ErrorCode\">2147943395</Data>\r\n");
    buf_printf(
        b,
        " </EventData>\r\n <RenderingInfo Culture=\"en-US\">\r\n  <Opcode>%s</Opcode>\r\n  <Keywords>\r\n   "
        "<Keyword>RequestNotifications</Keyword>\r\n  </Keywords>\r\n"
        "  <freb:Description Data=\"Notification\">BEGIN_REQUEST</freb:Description>\r\n "
        "</RenderingInfo>\r\n</Event>\r\n",
        name);
}

static int add_trace(struct bench_bundle *bundle, int trace, int64_t *bytes, struct err *e)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(TRACE_BYTES_MAX);
    char name[64];

    buf_printf(
        &b,
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\r\n<failedRequest url=\"https://bench:443/orders/v%d\" "
        "siteId=\"1\" "
        "appPoolId=\"DefaultAppPool\" processId=\"4000\" verb=\"GET\" authenticationType=\"NOT_AVAILABLE\" "
        "activityId=\"{4000%04x-0001-FE00-B63F-84710C7967BB}\" failureReason=\"STATUS_CODE\" "
        "statusCode=\"500\" "
        "triggerStatusCode=\"500\" timeTaken=\"15\" "
        "xmlns:freb=\"http://schemas.microsoft.com/win/2006/06/iis/freb\">\r\n",
        trace, trace);
    for (int i = 0; i < EVENTS; i++)
        add_event(&b, trace, i);
    buf_add_c(&b, "</failedRequest>\r\n");
    char *copy = b.failed ? NULL : malloc(b.len);
    if (copy)
        memcpy(copy, b.p, b.len);
    *bytes += (int64_t)b.len;
    (void)snprintf(name, sizeof(name), "logs/freb/1/fr%06d.xml", trace + 1);
    return bench_bundle_add(bundle, KIND_LOG_FREB, name, copy, b.len, e);
}

static int make(const char *path, int n, int64_t *bytes, struct err *e)
{
    struct bench_bundle *b = NULL;
    int r = bench_bundle_open(path, &b, e);

    if (r < 0)
        return r;
    r = bench_bundle_add_config(b, e);
    for (int i = 0; r == 0 && i < n; i++)
        r = add_trace(b, i, bytes, e);
    int closed = bench_bundle_close(b, r == 0, e);
    return r < 0 ? r : closed;
}

int main(int argc, char **argv)
{
    const char *server = "build/bin/certtriage-server";
    char path[] = "/tmp/bench-traces-XXXXXX";
    long n = 200, rounds = 5;
    int64_t bytes = 0;
    struct err e = {0};

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--server") == 0)
            server = argv[i + 1];
        else if (strcmp(argv[i], "--files") == 0)
            n = strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--rounds") == 0)
            rounds = strtol(argv[i + 1], NULL, 10);
    }
    (void)close(mkstemp(path));
    int r = make(path, (int)n, &bytes, &e);
    if (r < 0)
        fprintf(stderr, "bench_traces: %s\n", e.text);
    else
        r = bench_compare(path, server, (int)rounds, (double)bytes / 1048576, 0);
    (void)unlink(path);
    return r < 0 ? 2 : r;
}
