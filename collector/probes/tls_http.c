/* SPDX-License-Identifier: Apache-2.0
 *
 * The one request of --probe-http and what is looked at in its answer (RFC 9110, RFC 9112). */
#include <string.h>

#include "text.h"
#include "tls_probe.h"

struct str tls_http_path(const struct probe_run *run, const struct tls_endpoint *to)
{
    struct str url = run->url;
    size_t at = 0;

    if (!str_istarts(url, STR("https://")))
        return STR("/");
    url = str_skip(url, 8);
    while (at < url.len && strchr("/?#", url.p[at]) == NULL)
        at++;
    if (at < to->host.len || !str_istarts(url, to->host) || (at > to->host.len && url.p[to->host.len] != ':'))
        return STR("/");
    url = str_skip(url, at);
    for (at = 0; at < url.len && url.p[at] > ' ' && url.p[at] < 0x7f && url.p[at] != '?' && url.p[at] != '#';)
        at++;
    return at == 0 || url.p[0] != '/' ? STR("/") : (struct str){url.p, at};
}

void tls_http_request(struct buf *out, const struct tls_endpoint *to, struct str path)
{
    bool is_v6 = to->host.len > 0 && to->host.p[0] != '[' && memchr(to->host.p, ':', to->host.len) != NULL;

    buf_printf(out, "GET %.*s HTTP/1.1\r\nHost: %s%.*s%s", (int)path.len, path.p, is_v6 ? "[" : "",
               (int)to->host.len, to->host.p, is_v6 ? "]" : "");
    if (to->port != 443)
        buf_printf(out, ":%u", to->port);
    buf_add_c(out, "\r\nUser-Agent: certtriage-collect\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}

/* "HTTP/1.1 403 Forbidden" */
static int read_status(struct str answer)
{
    struct str rest, line = str_cut(answer, '\n', &rest), code;
    uint64_t status;

    if (!str_starts(line, STR("HTTP/1.")))
        return -1;
    (void)str_cut(line, ' ', &code);
    code = str_cut(str_trim(code), ' ', &rest);
    return str_to_u64(code, 999, &status) && status >= 100 ? (int)status : -1;
}

/* IIS' own page names it: "HTTP Error 403.7 - Forbidden". */
static int read_substatus(struct str answer, int status)
{
    char number[4] = {(char)('0' + status / 100), (char)('0' + status / 10 % 10), (char)('0' + status % 10),
                      '.'};

    for (size_t i = 0; i + 5 <= answer.len; i++) {
        size_t n = 0;
        uint64_t v;
        if (memcmp(answer.p + i, number, 4) != 0 ||
            (i > 0 && answer.p[i - 1] >= '0' && answer.p[i - 1] <= '9'))
            continue;
        while (i + 4 + n < answer.len && answer.p[i + 4 + n] >= '0' && answer.p[i + 4 + n] <= '9')
            n++;
        if (n > 0 && n < 4 && str_to_u64((struct str){answer.p + i + 4, n}, 999, &v))
            return (int)v;
    }
    return -1;
}

static int month_of(struct str name)
{
    static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12 && name.len == 3; i++)
        if (memcmp(MONTHS + (size_t)i * 3, name.p, 3) == 0)
            return i + 1;
    return 0;
}

/* RFC 9110 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT", by place */
static int64_t read_date(struct str v)
{
    static const struct {
        size_t at, len;
        uint64_t max;
    } PLACES[] = {{5, 2, 31}, {12, 4, 9999}, {17, 2, 23}, {20, 2, 59}, {23, 2, 60}};
    uint64_t n[ARRAY_LEN(PLACES)];
    int month = v.len == 29 ? month_of((struct str){v.p + 8, 3}) : 0;

    if (month == 0)
        return TIME_NONE;
    for (size_t i = 0; i < ARRAY_LEN(PLACES); i++)
        if (!str_to_u64((struct str){v.p + PLACES[i].at, PLACES[i].len}, PLACES[i].max, &n[i]))
            return TIME_NONE;
    return time_from_civil((int)n[1], month, (int)n[0], (int)n[2], (int)n[3], (int)n[4]);
}

void tls_http_read(struct str answer, struct tls_http *ret)
{
    struct str rest = answer, line;

    ret->status = read_status(answer);
    ret->substatus = ret->status < 0 ? -1 : read_substatus(answer, ret->status);
    ret->date_ms = TIME_NONE;
    while (ret->status >= 0 && rest.len > 0 && (line = str_trim(str_cut(rest, '\n', &rest))).len > 0)
        if (str_istarts(line, STR("Date:")))
            ret->date_ms = read_date(str_trim(str_skip(line, 5)));
}
