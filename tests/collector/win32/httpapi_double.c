/* SPDX-License-Identifier: Apache-2.0
 *
 * An httpapi.dll for test_wine_http.sh, since Wine's answers every question with error 2: what the
 * documentation says of HttpQueryServiceConfiguration, with a few records. It asks for more room than it is
 * given first. Windows 7 (HTTPAPI_DOUBLE=7 in the environment) knows no list of certificates but the first.
 */
#include <winsock2.h> /* before windows.h */

#include <ws2tcpip.h>

#include <stdlib.h>
#include <string.h>

struct param {
    ULONG hash_bytes;
    void *hash;
    GUID app_id;
    wchar_t *store;
    DWORD check_mode, freshness, timeout;
    wchar_t *ctl, *ctl_store;
    DWORD flags;
};
struct ip_set {
    SOCKADDR *address;
    struct param param;
};
struct sni_set {
    SOCKADDR_STORAGE address;
    wchar_t *host;
    struct param param;
};
struct ccs_set {
    SOCKADDR_STORAGE address;
    struct param param;
};

/* What the three queries look like to the caller. */
struct ip_query {
    int kind;
    SOCKADDR *address;
    DWORD token;
};
struct sni_query {
    int kind;
    SOCKADDR_STORAGE address;
    wchar_t *host;
    DWORD token;
};
struct ccs_query {
    int kind;
    SOCKADDR_STORAGE address;
    DWORD token;
};

static UCHAR hash[20] = {0xab, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 0xcd};
static wchar_t store[] = L"MY", ctl_store[] = L"ClientAuthIssuer", host[] = L"www.contoso.com";

static struct param full_param(void)
{
    static const GUID IIS = {0x4dc3e181, 0xe14b, 0x4a21, {0xb0, 0x22, 0x59, 0xfc, 0x66, 0x9b, 0x09, 0x14}};

    return (struct param){.hash_bytes = sizeof hash,
                          .hash = hash,
                          .app_id = IIS,
                          .store = store,
                          .check_mode = 1,
                          .freshness = 60,
                          .timeout = 5000,
                          .ctl_store = ctl_store,
                          .flags = 2};
}

static ULONG answer_ip(DWORD token, void *out)
{
    static struct sockaddr_in v4 = {.sin_family = AF_INET};
    static struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct ip_set *set = out;

    if (token > 1)
        return ERROR_NO_MORE_ITEMS;
    v4.sin_port = v6.sin6_port = (USHORT)(443 << 8 | 443 >> 8);
    memcpy(&v4.sin_addr, "\x0a\x0a\x0a\x0a", 4);
    set->address = token == 0 ? (SOCKADDR *)&v4 : (SOCKADDR *)&v6;
    set->param = full_param();
    return 0;
}

static ULONG answer_sni(DWORD token, void *out)
{
    struct sni_set *set = out;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = (USHORT)(8443 << 8 | 8443 >> 8)};

    if (token > 0)
        return ERROR_NO_MORE_ITEMS;
    memcpy(&set->address, &v4, sizeof v4);
    set->host = host;
    set->param = full_param();
    set->param.ctl_store = NULL;
    return 0;
}

static ULONG answer_ccs(DWORD token, void *out)
{
    struct ccs_set *set = out;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = (USHORT)(443 << 8 | 443 >> 8)};

    if (token > 0)
        return ERROR_NO_MORE_ITEMS;
    memcpy(&set->address, &v4, sizeof v4);
    memset(&set->param, 0, sizeof set->param);
    return 0;
}

/* The third answer of the SNI kind: a central store for one host name. */
static ULONG answer_scoped(DWORD token, void *out)
{
    static wchar_t scoped[] = L"ccs.contoso.com";
    struct sni_set *set = out;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = (USHORT)(443 << 8 | 443 >> 8)};

    if (token > 0)
        return ERROR_NO_MORE_ITEMS;
    memcpy(&set->address, &v4, sizeof v4);
    set->host = scoped;
    memset(&set->param, 0, sizeof set->param);
    return 0;
}

/* HttpServiceConfigIPListenList: no input; 10.10.10.10 and ::1, with a port that means nothing. */
static ULONG answer_listen(const void *in, void *out, ULONG out_bytes, ULONG *ret_bytes)
{
    struct list {
        ULONG n;
        SOCKADDR_STORAGE addresses[2];
    } *list = out;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = 0x5000};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    *ret_bytes = sizeof *list;
    if (in != NULL)
        return ERROR_INVALID_PARAMETER;
    if (out_bytes < 8192) /* more than is needed, to be asked twice */
        return *ret_bytes = 8192, ERROR_INSUFFICIENT_BUFFER;
    memset(list, 0, sizeof *list);
    list->n = 2;
    memcpy(&v4.sin_addr, "\x0a\x0a\x0a\x0a", 4);
    v6.sin6_addr.s6_addr[15] = 1;
    memcpy(&list->addresses[0], &v4, sizeof v4);
    memcpy(&list->addresses[1], &v6, sizeof v6);
    return 0;
}

ULONG WINAPI HttpInitialize(DWORD version, ULONG flags, void *reserved);
ULONG WINAPI HttpTerminate(ULONG flags, void *reserved);
ULONG WINAPI HttpQueryServiceConfiguration(HANDLE service, int id, void *in, ULONG in_bytes, void *out,
                                           ULONG out_bytes, ULONG *ret_bytes, void *overlapped);

ULONG WINAPI HttpInitialize(DWORD version, ULONG flags, void *reserved)
{
    (void)reserved;
    return version == 1 && flags == 2 ? 0 : ERROR_INVALID_PARAMETER; /* 1.0; HTTP_INITIALIZE_CONFIG */
}

ULONG WINAPI HttpTerminate(ULONG flags, void *reserved)
{
    (void)flags, (void)reserved;
    return 0;
}

ULONG WINAPI HttpQueryServiceConfiguration(HANDLE service, int id, void *in, ULONG in_bytes, void *out,
                                           ULONG out_bytes, ULONG *ret_bytes, void *overlapped)
{
    static const struct row {
        int id;
        ULONG in_bytes, token_at;
        ULONG (*answer)(DWORD token, void *out);
    } ROWS[] = {{1, sizeof(struct ip_query), offsetof(struct ip_query, token), answer_ip},
                {5, sizeof(struct sni_query), offsetof(struct sni_query, token), answer_sni},
                {6, sizeof(struct ccs_query), offsetof(struct ccs_query, token), answer_ccs},
                {11, sizeof(struct sni_query), offsetof(struct sni_query, token), answer_scoped}};
    const char *old = getenv("HTTPAPI_DOUBLE");
    size_t n = old != NULL && strcmp(old, "7") == 0 ? 1 : 4;
    DWORD token;

    if (id == 0)
        return answer_listen(in, out, out_bytes, ret_bytes);
    for (size_t i = 0; i < n; i++) {
        if (ROWS[i].id != id)
            continue;
        if (service != NULL || overlapped != NULL || in_bytes != ROWS[i].in_bytes || *(int *)in != 1)
            return ERROR_INVALID_PARAMETER; /* 1: HttpServiceConfigQueryNext */
        *ret_bytes = 8192;
        if (out_bytes < 8192)
            return ERROR_INSUFFICIENT_BUFFER;
        memcpy(&token, (char *)in + ROWS[i].token_at, sizeof token);
        return ROWS[i].answer(token, out);
    }
    return ERROR_INVALID_PARAMETER;
}
