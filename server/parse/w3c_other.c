/* SPDX-License-Identifier: Apache-2.0 */
#include "w3c_other.h"

#include <string.h>

/* A line while it is taken apart; positions are offsets into the line. */
struct cursor {
    const char *p;
    uint32_t at, len;
};

struct part {
    uint32_t start, end;
};

static struct str text_of(const struct cursor *c, struct part part)
{
    return (struct str){c->p + part.start, part.end - part.start};
}

/* Up to `end_mark`, which is skipped; the rest of the line where there is none. */
static struct part part_until(struct cursor *c, char end_mark)
{
    const char *found = c->at < c->len ? memchr(c->p + c->at, end_mark, c->len - c->at) : NULL;
    struct part part = {c->at, found ? (uint32_t)(found - c->p) : c->len};

    c->at = found ? part.end + 1 : c->len;
    return part;
}

static struct part trimmed(const struct cursor *c, struct part part)
{
    while (part.start < part.end && c->p[part.start] == ' ')
        part.start++;
    while (part.end > part.start && c->p[part.end - 1] == ' ')
        part.end--;
    return part;
}

static void put(struct w3c *w, enum w3c_field field, struct part part)
{
    w->column[field] = (int16_t)field; /* each field has its own place */
    w->start[field] = part.start;
    w->end[field] = part.end;
}

static bool number_of(struct str s, uint64_t max, int *ret)
{
    uint64_t v = 0;

    if (!str_to_u64(s, max, &v))
        return false;
    *ret = (int)v;
    return true;
}

/* "17:39:04" or "7:55:20", in seconds. */
static bool read_clock(struct str s, int64_t *ret)
{
    struct str hour = str_cut(s, ':', &s), minute = str_cut(s, ':', &s);
    int h = 0, m = 0, sec = 0;

    if (!number_of(hour, 23, &h) || !number_of(minute, 59, &m) || !number_of(s, 60, &sec))
        return false;
    *ret = h * 3600 + m * 60 + sec;
    return true;
}

/* ---- the IIS format ---- */

/* client, user, date, time, service, server name, server address, time taken, bytes received, bytes sent,
 * status, win32 status, method, target, parameters, */
enum { IIS_PARTS = 15 };
static const enum w3c_field iis_fields[IIS_PARTS] = {
    W3C_CLIENT,      W3C_USER,      W3C_DATE,   W3C_TIME,           W3C_SITE_NAME,
    W3C_FIELD_COUNT, W3C_SERVER_IP, W3C_TAKEN,  W3C_BYTES_RECEIVED, W3C_FIELD_COUNT,
    W3C_STATUS,      W3C_WIN32,     W3C_METHOD, W3C_STEM,           W3C_FIELD_COUNT,
};

/* Month, day and year as the United States write them, of two or of four digits. */
static bool read_us_date(struct str s, int64_t *ret)
{
    struct str month = str_cut(s, '/', &s), day = str_cut(s, '/', &s);
    int m = 0, d = 0, y = 0;

    if (!number_of(month, 12, &m) || !number_of(day, 31, &d) || !number_of(s, 2200, &y) || m == 0 || d == 0)
        return false;
    if (y < 100)
        y += y < 90 ? 2000 : 1900;
    if (y < 1990)
        return false;
    *ret = time_from_civil(y, m, d, 0, 0, 0);
    return true;
}

static bool read_iis(struct w3c *w, struct cursor *c, int64_t *ret_ms)
{
    int64_t day = 0, second = 0;
    struct part parts[IIS_PARTS];

    for (size_t i = 0; i < IIS_PARTS; i++) {
        if (i < IIS_PARTS - 1 && c->at >= c->len)
            return false;
        parts[i] = trimmed(c, part_until(c, ','));
    }
    if (!read_us_date(text_of(c, parts[2]), &day) || !read_clock(text_of(c, parts[3]), &second))
        return false;
    for (size_t i = 0; i < IIS_PARTS; i++)
        if (iis_fields[i] != W3C_FIELD_COUNT)
            put(w, iis_fields[i], parts[i]);
    *ret_ms = day + second * 1000;
    return true;
}

/* ---- the NCSA common format ---- */

static bool read_month(struct str s, int *ret)
{
    static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_ieq(s, str_from(names[i]))) {
            *ret = (int)i + 1;
            return true;
        }
    return false;
}

/* "-0800" in milliseconds east of Greenwich. */
static bool read_offset(struct str s, int64_t *ret)
{
    int v = 0;

    if (s.len != 5 || (s.p[0] != '-' && s.p[0] != '+') || !number_of(str_skip(s, 1), 1459, &v) ||
        v % 100 > 59)
        return false;
    int64_t minutes = v / 100 * 60 + v % 100;
    *ret = (s.p[0] == '-' ? -minutes : minutes) * 60000;
    return true;
}

/* "08/Apr/2001:17:39:04 -0800" */
static bool read_ncsa_time(struct str s, int64_t *ret)
{
    struct str rest, day = str_cut(s, '/', &rest), month = str_cut(rest, '/', &rest);
    struct str year = str_cut(rest, ':', &rest), clock = str_cut(rest, ' ', &rest);
    int d = 0, m = 0, y = 0;
    int64_t second = 0, offset = 0;

    if (!number_of(day, 31, &d) || d == 0 || !read_month(month, &m) || !number_of(year, 2200, &y) ||
        y < 1990 || !read_clock(clock, &second) || !read_offset(rest, &offset))
        return false;
    *ret = time_from_civil(y, m, d, 0, 0, 0) + second * 1000 - offset;
    return true;
}

/* "GET /x?y HTTP/1.0", where the URL may hold blanks. */
static void put_request(struct w3c *w, const struct cursor *c, struct part request)
{
    struct cursor r = {c->p, request.start, request.end};
    struct part method = part_until(&r, ' '), url = {r.at, request.end};
    uint32_t last = url.end;

    while (last > url.start && c->p[last - 1] != ' ')
        last--;
    if (last > url.start + 1 && str_istarts((struct str){c->p + last, url.end - last}, STR("HTTP/"))) {
        put(w, W3C_VERSION, (struct part){last, url.end});
        url.end = last - 1;
    }
    const char *query = url.end > url.start ? memchr(c->p + url.start, '?', url.end - url.start) : NULL;
    if (query)
        url.end = (uint32_t)(query - c->p);
    put(w, W3C_METHOD, method);
    put(w, W3C_STEM, url);
}

static bool read_ncsa(struct w3c *w, struct cursor *c, int64_t *ret_ms)
{
    struct part client = part_until(c, ' '), name = part_until(c, ' '), user = part_until(c, '[');
    struct part time = part_until(c, ']'), before = part_until(c, '"'), request = {c->at, c->at};
    const char *quote = c->at < c->len ? memrchr(c->p + c->at, '"', c->len - c->at) : NULL;

    (void)name;
    if (client.end == client.start || !quote || trimmed(c, before).end != trimmed(c, before).start ||
        !read_ncsa_time(text_of(c, time), ret_ms))
        return false;
    request.end = (uint32_t)(quote - c->p);
    c->at = request.end + 1;
    (void)part_until(c, ' ');
    struct part status = part_until(c, ' ');
    if (status.end == status.start)
        return false;
    put(w, W3C_CLIENT, client);
    put(w, W3C_USER, trimmed(c, user));
    put(w, W3C_STATUS, status);
    put_request(w, c, request);
    return true;
}

bool w3c_other_read(struct w3c *w, enum w3c_format format, const char *p, size_t len, int64_t *ret_ms)
{
    struct cursor c = {p, 0, (uint32_t)len};

    for (size_t i = 0; i < W3C_FIELD_COUNT; i++)
        w->column[i] = -1;
    return format == W3C_FORMAT_IIS ? read_iis(w, &c, ret_ms) : read_ncsa(w, &c, ret_ms);
}

enum w3c_format w3c_other_format(const char *p, size_t len)
{
    static const enum w3c_format formats[] = {W3C_FORMAT_IIS, W3C_FORMAT_NCSA};
    struct w3c trial = {.lines = 0};
    int64_t ms = 0;

    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (w3c_other_read(&trial, formats[i], p, len, &ms))
            return formats[i];
    return W3C_FORMAT_W3C;
}
