/* SPDX-License-Identifier: Apache-2.0 */
#include "str.h"

#include <string.h>

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char)c;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_from(const char *c_string)
{
    return (struct str){c_string, c_string ? strlen(c_string) : 0};
}

bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool str_ieq(struct str a, struct str b)
{
    return a.len == b.len && str_icmp(a, b) == 0;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq((struct str){s.p, prefix.len}, prefix);
}

bool str_istarts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_ieq((struct str){s.p, prefix.len}, prefix);
}

bool str_iends(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_ieq(str_skip(s, s.len - suffix.len), suffix);
}

bool str_fits(struct str text, struct str pattern)
{
    size_t p = 0, t = 0, star = pattern.len, back = 0;

    while (t < text.len) {
        char a = p < pattern.len ? pattern.p[p] : 0, b = text.p[t];
        struct str x = {&a, 1}, y = {&b, 1};
        if (p < pattern.len && a == '*') {
            star = p++;
            back = t;
        } else if (p < pattern.len && (str_ieq(x, y) || (a == '/' && b == '\\'))) {
            p++;
            t++;
        } else if (star < pattern.len) {
            p = star + 1;
            t = ++back;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.p[p] == '*')
        p++;
    return p == pattern.len;
}

int str_icmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;

    for (size_t i = 0; i < n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return lower(a.p[i]) < lower(b.p[i]) ? -1 : 1;
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

struct str str_trim(struct str s)
{
    while (s.len && is_blank(s.p[0]))
        s = str_skip(s, 1);
    while (s.len && is_blank(s.p[s.len - 1]))
        s.len--;
    return s;
}

struct str str_skip(struct str s, size_t n_bytes)
{
    if (!s.p)
        return s;
    if (n_bytes > s.len)
        n_bytes = s.len;
    return (struct str){s.p + n_bytes, s.len - n_bytes};
}

struct str str_cut(struct str s, char separator, struct str *rest)
{
    const char *at = s.len ? memchr(s.p, separator, s.len) : NULL;

    if (!at) {
        *rest = (struct str){NULL, 0};
        return s;
    }
    size_t before = (size_t)(at - s.p);
    *rest = str_skip(s, before + 1);
    return (struct str){s.p, before};
}

bool str_to_u64(struct str s, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;

    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (value > max)
        return false;
    *ret = value;
    return true;
}
