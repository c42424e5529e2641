/* SPDX-License-Identifier: Apache-2.0 */
#include "extract.h"

enum { PARTS = 64 }; /* no configured path has more (LIMIT_IIS_PATH_SEGMENTS) */

/* A URL's beginning below a site, compared to a path as if site and URL stood in one piece. */
struct probe {
    struct str site, url;
    bool plus_is_blank; /* W3C logs write a blank as '+' */
};

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char)c;
}

static int probe_char(const struct probe *p, size_t i)
{
    char c = i < p->site.len ? p->site.p[i] : p->url.p[i - p->site.len];

    return p->plus_is_blank && c == '+' && i >= p->site.len ? ' ' : lower(c);
}

/* The order of str_icmp. */
static int compare(struct str path, const struct probe *p)
{
    size_t n = p->site.len + p->url.len;

    for (size_t i = 0; i < path.len && i < n; i++) {
        int a = lower(path.p[i]), b = probe_char(p, i);
        if (a != b)
            return a < b ? -1 : 1;
    }
    return path.len == n ? 0 : path.len < n ? -1 : 1;
}

/* x->paths is sorted (extract_iis). */
static const struct extract_path *find(const struct extract_state *x, const struct probe *p)
{
    size_t from = 0, to = x->n_paths;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare(x->paths[middle].path, p);
        if (order == 0)
            return &x->paths[middle];
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

/* Where the URL's beginnings end, shortest first: before each slash, and at its end. */
static size_t find_ends(struct str url, size_t ends[PARTS + 1])
{
    size_t n = 0;

    for (size_t i = 0; i < url.len && n < PARTS; i++)
        if (url.p[i] == '/')
            ends[n++] = i;
    if (n < PARTS)
        ends[n++] = url.len;
    return n;
}

static bool has_plus(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] == '+')
            return true;
    return false;
}

struct str extract_place(const struct extract_state *x, struct str site, struct str url)
{
    size_t ends[PARTS + 1], n = find_ends(url, ends);
    bool tries_blank = has_plus(url);

    while (n-- > 0) {
        struct probe p = {.site = site, .url = {url.p, ends[n]}};
        const struct extract_path *path = find(x, &p);
        p.plus_is_blank = tries_blank;
        if (!path && tries_blank)
            path = find(x, &p);
        if (path)
            return path->path;
    }
    const struct extract_path *root = find(x, &(struct probe){.site = site});
    return root ? root->path : site;
}
