/* SPDX-License-Identifier: Apache-2.0 */
#include "complaint.h"

#include <string.h>

#include "compiler.h"
#include "limits.h"
#include "text.h"

struct url_parts {
    struct str host, path;
    uint64_t port; /* 0: not known */
};

/* "https://host:port/path?query"; false when it has no host. */
static bool split_url(struct str url, struct url_parts *ret)
{
    struct url_parts u = {.port = 0};
    bool is_https = str_istarts(url, STR("https://"));

    if (!is_https && !str_istarts(url, STR("http://")))
        return false;
    struct str rest = str_skip(url, is_https ? 8 : 7), authority = rest;
    for (authority.len = 0; authority.len < rest.len && !strchr("/?#", rest.p[authority.len]);)
        authority.len++;
    rest = str_skip(rest, authority.len);
    for (u.path = rest, u.path.len = 0; u.path.len < rest.len && !strchr("?#", rest.p[u.path.len]);)
        u.path.len++;
    size_t colon = authority.len;
    while (colon > 0 && authority.p[colon - 1] >= '0' && authority.p[colon - 1] <= '9')
        colon--;
    u.port = is_https ? 443 : 80;
    u.host = authority;
    if (colon > 0 && colon < authority.len && authority.p[colon - 1] == ':') {
        u.host.len = colon - 1;
        if (!str_to_u64(str_skip(authority, colon), 65535, &u.port))
            return false;
    }
    *ret = u;
    return u.host.len > 0;
}

/* "AB CD:ef" as lower-case hex; a thumbprint that is pasted from a dialog brings blanks and unseen marks
 * along. */
static struct str plain_thumbprint(struct arena *a, struct str s)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(LIMIT_TEXT_BYTES);

    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c >= 'A' && c <= 'F')
            c = (char)(c + ('a' - 'A'));
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))
            buf_add_char(&out, c);
    }
    return out.len ? arena_keep(a, buf_str(&out)) : (struct str){NULL, 0};
}

bool complaint_is_empty(const struct complaint *c)
{
    return !c->url.len && !c->when.len && !c->account.len && !c->thumbprint.len && !c->seen.len;
}

void complaint_read(const struct complaint *c, struct arena *a, struct complaint_facts *ret)
{
    struct url_parts u;

    *ret = (struct complaint_facts){.when_ms = TIME_NONE, .thumbprint = plain_thumbprint(a, c->thumbprint)};
    ret->is_time_lost = c->when.len && !time_parse(c->when, &ret->when_ms);
    ret->has_place = split_url(c->url, &u);
    if (!ret->has_place)
        return;
    ret->host = u.host;
    ret->port = u.port;
    ret->path = u.path.len ? u.path : STR("/");
}
