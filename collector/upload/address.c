/* SPDX-License-Identifier: Apache-2.0
 *
 * Which addresses a token may be sent to. */
#include <string.h>

#include "http.h"

bool address_is_loopback(struct str host)
{
    struct str rest, v4 = str_cut(host, ':', &rest);

    if (str_starts(host, STR("[::1]")))
        return host.len == 5 || host.p[5] == ':';
    if (str_ieq(v4, STR("localhost")))
        return true;
    for (size_t i = 0; i < v4.len; i++)
        if (v4.p[i] != '.' && (v4.p[i] < '0' || v4.p[i] > '9'))
            return false;
    return str_starts(v4, STR("127.")) && v4.len >= 9;
}

struct str address_host(struct str url)
{
    struct str path_part;

    return str_cut(str_skip(url, str_istarts(url, STR("https://")) ? 8 : 7), '/', &path_part);
}

bool upload_url_is_allowed(struct str url)
{
    bool https = str_istarts(url, STR("https://"));
    struct str host;

    if (!https && !str_istarts(url, STR("http://")))
        return false;
    host = address_host(url);
    for (size_t i = 0; i < url.len; i++)
        if ((unsigned char)url.p[i] <= ' ' || strchr("?#@\\", url.p[i]) != NULL)
            return false;
    return host.len > 0 && (https || address_is_loopback(host));
}

/* --- Location --- */

static void end_url(CURLU **u)
{
    curl_url_cleanup(*u);
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
    char *of_a = NULL, *of_b = NULL;
    bool same = curl_url_get(a, part, &of_a, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                curl_url_get(b, part, &of_b, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                str_ieq(str_from(of_a), str_from(of_b));

    curl_free(of_a);
    curl_free(of_b);
    return same;
}

static bool is_same_server(CURLU *a, CURLU *b)
{
    return same_part(a, b, CURLUPART_SCHEME) && same_part(a, b, CURLUPART_HOST) &&
           same_part(a, b, CURLUPART_PORT);
}

static bool put_url(CURLU *u, struct buf *ret)
{
    char *text = NULL;
    bool ok = curl_url_get(u, CURLUPART_URL, &text, 0) == CURLUE_OK;

    buf_clear(ret);
    buf_add_c(ret, ok ? text : "");
    curl_free(text);
    return ok && ret->failed == 0 && upload_url_is_allowed(buf_str(ret));
}

int address_resolve(const char *request_url, const char *place, struct buf *ret, struct err *e)
{
    CLEANUP(end_url) CURLU *base = curl_url(), *at = curl_url();

    if (base == NULL || at == NULL)
        return err_set(e, ERR_NOMEM, "upload: out of memory");
    if (curl_url_set(base, CURLUPART_URL, request_url, 0) != CURLUE_OK ||
        curl_url_set(at, CURLUPART_URL, request_url, 0) != CURLUE_OK || place[0] == 0 ||
        curl_url_set(at, CURLUPART_URL, place, 0) != CURLUE_OK)
        return err_set(e, ERR_FORMAT, "%s: names no address to send the bundle to", request_url);
    if (!is_same_server(base, at))
        return err_set(e, ERR_DENIED,
                       "%s: wants the bundle sent to another server, where the token must not go",
                       request_url);
    return put_url(at, ret) ? 0 : err_set(e, ERR_FORMAT, "%s: names an unusable address", request_url);
}
