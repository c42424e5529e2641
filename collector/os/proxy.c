/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy.h"

#include <string.h>

/* The next word of a list; views into it. */
static struct str next_word(struct str *list)
{
    size_t n = 0;

    while (n < list->len && memchr("; \t\r\n", list->p[n], 5) == NULL)
        n++;
    struct str word = {list->p, n};
    *list = str_skip(*list, n + 1);
    return word;
}

static struct str after_scheme(struct str s)
{
    for (size_t i = 0; i + 2 < s.len; i++)
        if (s.p[i] == ':' && s.p[i + 1] == '/' && s.p[i + 2] == '/')
            return str_skip(s, i + 3);
    return s;
}

bool proxy_choose(struct str list, struct buf *ret)
{
    struct str found = {NULL, 0};
    bool for_https = false;

    while (list.len > 0 && !for_https) {
        struct str word = next_word(&list);
        for_https = str_istarts(word, STR("https="));
        if (for_https)
            found = str_skip(word, 6);
        else if (word.len > 0 && memchr(word.p, '=', word.len) == NULL && found.len == 0)
            found = word;
    }
    if (found.len == 0)
        return false;
    if (after_scheme(found).len == found.len)
        buf_add_c(ret, "http://");
    buf_add_str(ret, found);
    return true;
}

/* --- exceptions --- */

/* Without the port; an address of IPv6 keeps its brackets. */
static struct str host_of(struct str s)
{
    size_t n = 0;

    s = after_scheme(s);
    if (s.len > 0 && s.p[0] == '[')
        while (n < s.len && s.p[n] != ']')
            n++;
    while (n < s.len && s.p[n] != ':' && s.p[n] != '/')
        n++;
    return (struct str){s.p, n};
}

bool proxy_is_bypassed(struct str exceptions, struct str url)
{
    struct str host = host_of(url);

    while (exceptions.len > 0) {
        struct str word = next_word(&exceptions);
        if (str_ieq(word, STR("<local>")) && host.len > 0 && host.p[0] != '[' &&
            memchr(host.p, '.', host.len) == NULL)
            return true;
        if (word.len > 0 && str_fits(host, host_of(word)))
            return true;
    }
    return false;
}
