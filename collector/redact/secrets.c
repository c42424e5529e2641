/* SPDX-License-Identifier: Apache-2.0
 *
 * Users, passwords and queries within a string that may name proxies, URLs or both: "http=user:password@host;
 * https://host/p?query". RFC 3986 3.2.1 (userinfo), 3.4 (query). */
#include "redact.h"

#include <string.h>

enum { PLAIN, USER, QUERY };

struct marked {
    struct str text;
    char *marks; /* of each character */
};

static void mark(const struct marked *m, size_t from, size_t to, int what)
{
    if (from < to)
        memset(m->marks + from, what, to - from);
}

static size_t find(struct str s, size_t from, size_t to, const char *any)
{
    while (from < to && (s.p[from] == 0 || strchr(any, s.p[from]) == NULL))
        from++;
    return from;
}

/* A password may hold a '/' as it is: then what stands before it looks like a host with no number as its
 * port, and a '@' follows. */
static size_t end_of_authority(struct str s, size_t from, size_t to)
{
    size_t end = find(s, from, to, "/?#"), port = find(s, from, end, ":") + 1;

    if (find(s, from, end, "@") < end || find(s, from, end, "[") < end || find(s, end, to, "@") == to)
        return end;
    while (port < end && s.p[port] >= '0' && s.p[port] <= '9')
        port++;
    return port < end ? to : end;
}

static void mark_one(const struct marked *m, size_t from, size_t to)
{
    struct str s = m->text;
    size_t start = from, equal = find(s, from, to, "=:/@");
    bool is_url = false;

    if (equal < to && s.p[equal] == '=') /* "https=host:port" */
        start = equal + 1;
    for (size_t i = from; i + 2 < to && !is_url; i++) {
        is_url = memcmp(s.p + i, "://", 3) == 0;
        start = is_url ? i + 3 : start;
    }
    size_t end = is_url ? end_of_authority(s, start, to) : to, at = end;
    while (at > start && s.p[at - 1] != '@')
        at--;
    if (at > start && (is_url || find(s, start, at - 1, ":") < at - 1))
        mark(m, start, at - 1, USER);
    if (is_url)
        mark(m, find(s, at > start ? at : start, to, "?#"), to, QUERY);
}

/* Values are apart by these; within JSON (policies of browsers) a quote ends one, too. A script may stand
 * where its address should, as a "data:" URL (RFC 2397), which has all of these within. */
static void mark_all(const struct marked *m)
{
    struct str s = m->text;
    bool json = memchr(s.p, '{', s.len) != NULL, data = false;
    size_t from = 0;

    for (size_t i = 0; i <= s.len; i++) {
        bool ends = i == s.len || (uint8_t)s.p[i] < ' ' || (json && s.p[i] == '"');
        data = data || (i == from && str_istarts(str_skip(s, i), STR("data:")));
        if (!ends && (data || (s.p[i] != ';' && s.p[i] != ',')))
            continue;
        if (data)
            mark(m, from + 5, i, QUERY);
        else
            mark_one(m, from, i);
        data = false;
        from = i + 1;
    }
}

void redact_secrets(struct buf *out, struct str text)
{
    CLEANUP(buf_done) struct buf marks = BUF_INIT(text.len + 1);
    struct marked m = {text, buf_reserve(&marks, text.len + 1)};

    if (m.marks == NULL)
        out->failed = ERR_NOMEM; /* no value is not an empty value */
    if (m.marks == NULL || text.len == 0)
        return;
    memset(m.marks, PLAIN, text.len);
    mark_all(&m);
    for (size_t i = 0; i < text.len; i++)
        if (m.marks[i] == PLAIN)
            buf_add_char(out, text.p[i]);
        else if (m.marks[i] == USER && (i == 0 || m.marks[i - 1] != USER))
            buf_add_c(out, "[redacted]");
}

void redact_secrets_in_place(struct buf *data, size_t width)
{
    size_t n = data->len / width;
    CLEANUP(buf_done) struct buf room = BUF_INIT(2 * n + 2);
    char *narrow = buf_reserve(&room, 2 * n + 1);
    struct marked m = {{narrow, n}, narrow == NULL ? NULL : narrow + n};

    if (narrow == NULL)
        data->failed = ERR_NOMEM;
    if (narrow == NULL || n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        narrow[i] = width == 2 && data->p[2 * i + 1] != 0 ? 'x' : data->p[width * i];
    memset(m.marks, PLAIN, n);
    mark_all(&m);
    for (size_t i = 0; i < n; i++)
        if (m.marks[i] != PLAIN) {
            data->p[width * i] = '*';
            if (width == 2)
                data->p[2 * i + 1] = 0;
        }
}
