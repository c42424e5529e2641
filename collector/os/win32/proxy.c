/* SPDX-License-Identifier: Apache-2.0
 *
 * The proxy that this machine uses for https. */
#include "win32.h"

#include <winhttp.h>

static void global_done(LPWSTR *p)
{
    if (*p != NULL)
        (void)GlobalFree(*p);
}

/* "a:1", "http=a:1;https=b:2", blank- or semicolon-separated: the one for https, else the one for everything.
 */
static struct str choose(struct str list)
{
    struct str any = {NULL, 0};

    while (list.len > 0) {
        size_t n = 0;
        struct str one;

        while (n < list.len && list.p[n] != ';' && list.p[n] != ' ')
            n++;
        one = (struct str){list.p, n};
        list = str_skip(list, n + 1);
        if (str_istarts(one, STR("https=")))
            return str_skip(one, 6);
        for (n = 0; n < one.len && one.p[n] != '='; n++)
            continue;
        if (n == one.len && one.len > 0 && any.p == NULL)
            any = one;
    }
    return any;
}

static bool has_scheme(struct str s)
{
    for (size_t i = 0; i + 2 < s.len; i++)
        if (s.p[i] == ':' && s.p[i + 1] == '/' && s.p[i + 2] == '/')
            return true;
    return false;
}

static bool add_proxy(struct buf *out, const wchar_t *list)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 16);
    struct str proxy;

    wide_to_utf8(&text, list);
    proxy = choose(buf_str(&text));
    if (proxy.len == 0)
        return false;
    if (!has_scheme(proxy))
        buf_add_c(out, "http://");
    buf_add_str(out, proxy);
    return true;
}

static bool add_users_proxy(struct buf *out)
{
    WINHTTP_CURRENT_USER_IE_PROXY_CONFIG config = {0};
    CLEANUP(global_done) LPWSTR proxy = NULL;
    CLEANUP(global_done) LPWSTR bypass = NULL;
    CLEANUP(global_done) LPWSTR script = NULL;

    if (!WinHttpGetIEProxyConfigForCurrentUser(&config))
        return false;
    proxy = config.lpszProxy;
    bypass = config.lpszProxyBypass;
    script = config.lpszAutoConfigUrl;
    return add_proxy(out, proxy);
}

static bool add_machines_proxy(struct buf *out)
{
    WINHTTP_PROXY_INFO info = {0};
    CLEANUP(global_done) LPWSTR proxy = NULL;
    CLEANUP(global_done) LPWSTR bypass = NULL;

    if (!WinHttpGetDefaultProxyConfiguration(&info))
        return false;
    proxy = info.lpszProxy;
    bypass = info.lpszProxyBypass;
    return info.dwAccessType == WINHTTP_ACCESS_TYPE_NAMED_PROXY && add_proxy(out, proxy);
}

int os_proxy(struct buf *ret, struct err *e)
{
    return add_users_proxy(ret) || add_machines_proxy(ret) ? 0
                                                           : err_set(e, ERR_MISSING, "proxy: none is set");
}
