/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificates that http.sys holds, by its own API. httpapi.dll is loaded while we run: not every Windows
 * has it. The ids and records of Windows 8 and later are not in the headers of ours and are declared here. */
#include <winsock2.h> /* before windows.h, which win32.h includes */

#include "win32.h"

#include <http.h>
#include <ws2tcpip.h>
#include <stdlib.h>
#include <string.h>

enum {
    ID_SNI = 5, /* HttpServiceConfigSslSniCertInfo, HttpServiceConfigSslCcsCertInfo: Windows 8 */
    ID_CCS = 6,
    ID_SCOPED_CCS = 11, /* HttpServiceConfigSslScopedCcsCertInfo: Windows 10 2004, with SNI's records */
    ANSWER_BYTES = 1 << 20,
    RECORDS_MAX = 100000
};

struct sni_key {
    SOCKADDR_STORAGE address;
    PWSTR host;
};
struct sni_query {
    HTTP_SERVICE_CONFIG_QUERY_TYPE kind;
    struct sni_key key;
    DWORD token;
};
struct sni_set {
    struct sni_key key;
    HTTP_SERVICE_CONFIG_SSL_PARAM param;
};
struct ccs_query {
    HTTP_SERVICE_CONFIG_QUERY_TYPE kind;
    SOCKADDR_STORAGE address;
    DWORD token;
};
struct ccs_set {
    SOCKADDR_STORAGE address;
    HTTP_SERVICE_CONFIG_SSL_PARAM param;
};

typedef ULONG(WINAPI *initialize_fn)(HTTPAPI_VERSION, ULONG, PVOID);
typedef ULONG(WINAPI *terminate_fn)(ULONG, PVOID);
typedef ULONG(WINAPI *query_fn)(HANDLE, HTTP_SERVICE_CONFIG_ID, PVOID, ULONG, PVOID, ULONG, PULONG,
                                LPOVERLAPPED);
typedef LONG(WINAPI *ipv6_text_fn)(const IN6_ADDR *, ULONG, USHORT, LPWSTR, PULONG);

struct api {
    initialize_fn initialize;
    terminate_fn terminate;
    query_fn query;
    ipv6_text_fn ipv6_text;
};

static USHORT port_of(const SOCKADDR *a)
{
    const struct sockaddr_in *v4 = (const void *)a; /* the port stands at the same place in IPv6 */

    return (USHORT)(v4->sin_port << 8 | v4->sin_port >> 8);
}

/* "0.0.0.0:443", "[::]:443", as http.sys names its records in the registry. */
static void add_address(const struct api *api, const SOCKADDR *a, struct buf *out)
{
    if (a == NULL)
        return;
    if (a->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)a;
        wchar_t text[128];
        ULONG room = ARRAY_LEN(text);

        if (api->ipv6_text != NULL &&
            api->ipv6_text(&v6->sin6_addr, v6->sin6_scope_id, v6->sin6_port, text, &room) == 0)
            wide_to_utf8(out, text);
        return;
    }
    const struct sockaddr_in *v4 = (const void *)a;
    uint8_t octets[4];

    memcpy(octets, &v4->sin_addr, sizeof octets);
    buf_printf(out, "%u.%u.%u.%u:%u", octets[0], octets[1], octets[2], octets[3], port_of(a));
}

static void add_ip_endpoint(const struct api *api, const void *answer, struct buf *out)
{
    add_address(api, ((const HTTP_SERVICE_CONFIG_SSL_SET *)answer)->KeyDesc.pIpPort, out);
}

static void add_sni_endpoint(const struct api *api, const void *answer, struct buf *out)
{
    const struct sni_set *set = answer;

    (void)api;
    wide_to_utf8(out, set->key.host);
    buf_printf(out, ":%u", port_of((const SOCKADDR *)&set->key.address));
}

static void add_ccs_endpoint(const struct api *api, const void *answer, struct buf *out)
{
    const struct ccs_set *set = answer;

    (void)api;
    buf_printf(out, "%u", port_of((const SOCKADDR *)&set->address));
}

/* The three lists of http.sys: how each is asked, and where its answer has what. */
static const struct tree {
    const char *name;
    int id;
    bool is_new; /* an older Windows answers ERROR_INVALID_PARAMETER: it has none */
    ULONG query_bytes;
    size_t token_at, param_at;
    void (*add_endpoint)(const struct api *api, const void *answer, struct buf *out);
} TREES[] = {
    {"ip", HttpServiceConfigSSLCertInfo, false, sizeof(HTTP_SERVICE_CONFIG_SSL_QUERY),
     offsetof(HTTP_SERVICE_CONFIG_SSL_QUERY, dwToken), offsetof(HTTP_SERVICE_CONFIG_SSL_SET, ParamDesc),
     add_ip_endpoint},
    {"sni", ID_SNI, true, sizeof(struct sni_query), offsetof(struct sni_query, token),
     offsetof(struct sni_set, param), add_sni_endpoint},
    {"ccs", ID_CCS, true, sizeof(struct ccs_query), offsetof(struct ccs_query, token),
     offsetof(struct ccs_set, param), add_ccs_endpoint},
    {"ccs", ID_SCOPED_CCS, true, sizeof(struct sni_query), offsetof(struct sni_query, token),
     offsetof(struct sni_set, param), add_sni_endpoint},
};

static struct str text_of(struct buf *b, const wchar_t *s)
{
    wide_to_utf8(b, s);
    return s == NULL ? (struct str){NULL, 0} : buf_str(b);
}

static int give_record(const struct api *api, const struct tree *t, const void *answer, os_sslcert_fn take,
                       void *ctx)
{
    const HTTP_SERVICE_CONFIG_SSL_PARAM *p = (const void *)((const char *)answer + t->param_at);
    CLEANUP(buf_done) struct buf endpoint = BUF_INIT(4096);
    CLEANUP(buf_done) struct buf store = BUF_INIT(4096);
    CLEANUP(buf_done) struct buf ctl = BUF_INIT(4096);
    CLEANUP(buf_done) struct buf ctl_store = BUF_INIT(4096);
    struct os_sslcert record = {.tree = t->name,
                                .cert_hash = {p->pSslHash, p->SslHashLength},
                                .check_mode = p->DefaultCertCheckMode,
                                .freshness_time = p->DefaultRevocationFreshnessTime,
                                .url_retrieval_timeout = p->DefaultRevocationUrlRetrievalTimeout,
                                .flags = p->DefaultFlags};

    memcpy(record.app_id, &p->AppId, sizeof record.app_id);
    t->add_endpoint(api, answer, &endpoint);
    record.endpoint = buf_str(&endpoint);
    record.store = text_of(&store, p->pSslCertStoreName);
    record.ctl_identifier = text_of(&ctl, p->pDefaultSslCtlIdentifier);
    record.ctl_store = text_of(&ctl_store, p->pDefaultSslCtlStoreName);
    return take(ctx, &record);
}

/* One record; makes room as http.sys asks. */
static ULONG ask(const struct api *api, const struct tree *t, DWORD token, struct buf *answer)
{
    static const HTTP_SERVICE_CONFIG_QUERY_TYPE NEXT = HttpServiceConfigQueryNext;
    uint64_t query[64] = {0}; /* larger than each of the queries */
    ULONG need = 4096, code = ERROR_INSUFFICIENT_BUFFER;

    memcpy(query, &NEXT, sizeof NEXT); /* the first member of all three */
    memcpy((char *)query + t->token_at, &token, sizeof token);
    for (unsigned tries = 0; tries < 4 && (code == ERROR_INSUFFICIENT_BUFFER || code == ERROR_MORE_DATA);
         tries++) {
        char *room;

        buf_clear(answer);
        room = buf_reserve(answer, need);
        if (room == NULL)
            return ERROR_NOT_ENOUGH_MEMORY;
        code =
            api->query(NULL, (HTTP_SERVICE_CONFIG_ID)t->id, query, t->query_bytes, room, need, &need, NULL);
    }
    return code;
}

static int walk_tree(const struct api *api, const struct tree *t, os_sslcert_fn take, void *ctx,
                     struct err *e)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT(ANSWER_BYTES);

    for (DWORD token = 0; token < RECORDS_MAX; token++) {
        ULONG code = ask(api, t, token, &answer);
        int r;

        if (code == ERROR_NO_MORE_ITEMS || (t->is_new && token == 0 && code == ERROR_INVALID_PARAMETER))
            return 0;
        if (code != NO_ERROR)
            return err_windows(e, code, 0, 0, "http.sys: %s bindings", t->name);
        r = give_record(api, t, answer.p, take, ctx);
        if (r != 0)
            return r;
    }
    return err_set(e, ERR_LIMIT, "http.sys: more than %d bindings", RECORDS_MAX);
}

static int open_api(struct api *ret, struct err *e)
{
    static const HTTPAPI_VERSION VERSION = HTTPAPI_VERSION_1;
    ULONG code;

    *ret = (struct api){.initialize = (initialize_fn)win32_lookup(L"httpapi.dll", "HttpInitialize"),
                        .terminate = (terminate_fn)win32_lookup(L"httpapi.dll", "HttpTerminate"),
                        .query = (query_fn)win32_lookup(L"httpapi.dll", "HttpQueryServiceConfiguration"),
                        .ipv6_text = (ipv6_text_fn)win32_lookup(L"ntdll.dll", "RtlIpv6AddressToStringExW")};
    if (ret->initialize == NULL || ret->terminate == NULL || ret->query == NULL)
        return err_set(e, ERR_UNSUPPORTED, "http.sys: this Windows has no httpapi.dll");
    code = ret->initialize(VERSION, HTTP_INITIALIZE_CONFIG, NULL);
    return code == NO_ERROR ? 0 : err_windows(e, code, 0, 0, "http.sys");
}

static void add_listen(const struct api *api, const SOCKADDR_STORAGE *address, struct buf *out)
{
    SOCKADDR_STORAGE without = *address;

    ((struct sockaddr_in *)(void *)&without)->sin_port = 0; /* at the same place in IPv6 */
    buf_add_c(out, out->len > 0 ? " " : "");
    if (without.ss_family == AF_INET6) { /* without a port RtlIpv6AddressToStringExW writes no brackets */
        add_address(api, (const SOCKADDR *)&without, out);
        return;
    }
    add_address(api, (const SOCKADDR *)&without, out);
    out->len -= 2; /* ":0" */
    out->p[out->len] = 0;
}

int os_http_listen(struct os *os, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT(ANSWER_BYTES);
    ULONG need = 4096, code = ERROR_INSUFFICIENT_BUFFER;
    struct api api;

    (void)os;
    if (open_api(&api, e) != 0)
        return -e->code;
    for (unsigned tries = 0; tries < 4 && code == ERROR_INSUFFICIENT_BUFFER; tries++) {
        char *room;

        buf_clear(&answer);
        room = buf_reserve(&answer, need);
        code = room == NULL
                   ? ERROR_NOT_ENOUGH_MEMORY
                   : api.query(NULL, HttpServiceConfigIPListenList, NULL, 0, room, need, &need, NULL);
    }
    /* No list and an empty list are one: all addresses are listened on. */
    if (code == NO_ERROR) {
        const HTTP_SERVICE_CONFIG_IP_LISTEN_QUERY *list = (const void *)answer.p;
        size_t room =
            (need - offsetof(HTTP_SERVICE_CONFIG_IP_LISTEN_QUERY, AddrList)) / sizeof(SOCKADDR_STORAGE);

        for (size_t i = 0; i < list->AddrCount && i < room && ret->failed == 0; i++)
            add_listen(&api, &list->AddrList[i], ret);
    }
    (void)api.terminate(HTTP_INITIALIZE_CONFIG, NULL);
    if (code != NO_ERROR && code != ERROR_FILE_NOT_FOUND)
        return err_windows(e, code, 0, 0, "http.sys: addresses listened on");
    return buf_check(ret, "addresses", e);
}

int os_http_sslcerts(struct os *os, os_sslcert_fn take, void *ctx, struct err *e)
{
    struct api api;
    int r = open_api(&api, e);

    (void)os;
    if (r != 0)
        return r;
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(TREES); i++)
        r = walk_tree(&api, &TREES[i], take, ctx, e);
    (void)api.terminate(HTTP_INITIALIZE_CONFIG, NULL);
    return r;
}
