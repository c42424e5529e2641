/* SPDX-License-Identifier: Apache-2.0
 *
 * The proxy that this machine uses for an address: the user's settings, with script and automatic detection,
 * else those of the machine (netsh winhttp). */
#include "../proxy.h"
#include "win32.h"

#include <winhttp.h>

static void global_done(LPWSTR *p)
{
    if (*p != NULL)
        (void)GlobalFree(*p);
}

static void session_done(HINTERNET *h)
{
    if (*h != NULL)
        (void)WinHttpCloseHandle(*h);
}

/* True: this setting decides, and *out gets the proxy or stays empty for none. */
static bool apply(const wchar_t *list, const wchar_t *exceptions, struct str url, struct buf *out)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 16);
    CLEANUP(buf_done) struct buf except = BUF_INIT(1 << 16);

    if (list != NULL)
        wide_to_utf8(&text, list);
    if (exceptions != NULL)
        wide_to_utf8(&except, exceptions);
    if (proxy_is_bypassed(buf_str(&except), url))
        return true;
    return proxy_choose(buf_str(&text), out);
}

/* The script is fetched without an answer to a question for a password first: WinHTTP then may use its cache.
 */
static bool ask_script(HINTERNET session, const wchar_t *url, WINHTTP_AUTOPROXY_OPTIONS *options,
                       WINHTTP_PROXY_INFO *ret)
{
    options->fAutoLogonIfChallenged = FALSE;
    if (WinHttpGetProxyForUrl(session, url, options, ret))
        return true;
    options->fAutoLogonIfChallenged = TRUE;
    return GetLastError() == ERROR_WINHTTP_LOGIN_FAILURE && WinHttpGetProxyForUrl(session, url, options, ret);
}

static bool by_script(const WINHTTP_CURRENT_USER_IE_PROXY_CONFIG *config, struct str url, struct buf *out)
{
    WINHTTP_AUTOPROXY_OPTIONS options = {
        .dwFlags = (config->fAutoDetect ? WINHTTP_AUTOPROXY_AUTO_DETECT : 0u) |
                   (config->lpszAutoConfigUrl != NULL ? WINHTTP_AUTOPROXY_CONFIG_URL : 0u),
        .dwAutoDetectFlags =
            config->fAutoDetect ? WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A : 0u,
        .lpszAutoConfigUrl = config->lpszAutoConfigUrl};
    WINHTTP_PROXY_INFO info = {0};
    CLEANUP(session_done) HINTERNET session = NULL;
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    struct err ignored = {0};

    if (options.dwFlags == 0 || wide_from(url, &wide, &ignored) != 0)
        return false;
    session = WinHttpOpen(L"certtriage-collect", WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_NO_PROXY_NAME,
                          WINHTTP_NO_PROXY_BYPASS, 0);
    if (session == NULL || !ask_script(session, wide_p(&wide), &options, &info))
        return false;
    CLEANUP(global_done) LPWSTR proxy = info.lpszProxy;
    CLEANUP(global_done) LPWSTR bypass = info.lpszProxyBypass;
    /* A script that answers DIRECT has decided. */
    return apply(proxy, bypass, url, out) || info.dwAccessType == WINHTTP_ACCESS_TYPE_NO_PROXY;
}

static bool users_proxy(struct str url, struct buf *out)
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
    return by_script(&config, url, out) || (proxy != NULL && apply(proxy, bypass, url, out));
}

static bool machines_proxy(struct str url, struct buf *out)
{
    WINHTTP_PROXY_INFO info = {0};
    CLEANUP(global_done) LPWSTR proxy = NULL;
    CLEANUP(global_done) LPWSTR bypass = NULL;

    if (!WinHttpGetDefaultProxyConfiguration(&info))
        return false;
    proxy = info.lpszProxy;
    bypass = info.lpszProxyBypass;
    return info.dwAccessType == WINHTTP_ACCESS_TYPE_NAMED_PROXY && apply(proxy, bypass, url, out);
}

int os_proxy(const char *url, struct buf *ret, struct err *e)
{
    struct str at = str_from(url);

    return users_proxy(at, ret) || machines_proxy(at, ret) ? 0
                                                           : err_set(e, ERR_MISSING, "proxy: none is set");
}
