/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include "request.h"
#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What one small server allows; a client that is slower than the time-out, or one too many, is turned away.
 */
enum {
    CONNECTIONS = 256,
    CONNECTIONS_PER_ADDRESS = 64,
    IDLE_SECONDS = 30,
    THREADS = 4,
    HEADER_BYTES = 32 * 1024
};

static void request_free(struct request *r)
{
    if (!r)
        return;
    blob_spool_drop(r->spool);
    free(r);
}

/* First call of a request: the headers are known, the body is not yet. */
static enum MHD_Result begin(struct http_server *h, struct MHD_Connection *connection, const char *url,
                             const char *method, void **state)
{
    struct err e = {0};
    struct request *r = calloc(1, sizeof *r);

    if (!r)
        return MHD_NO;
    *state = r;
    r->server = h;
    r->connection = connection;
    if (route_find(r, method, url, &e) < 0)
        return answer_problem(r, &e);
    if (auth_check(r, &e) < 0 || (r->route->begin && r->route->begin(r, &e) < 0))
        return answer_problem(r, &e);
    return MHD_YES;
}

/* A failed write is remembered and the rest of the body read past: the answer must reach the client. */
static void take_body(struct request *r, const char *data, size_t len)
{
    if (!r->spool || r->failure.code)
        return;
    (void)blob_spool_write(r->spool, data, len, &r->failure);
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *len,
                              void **state)
{
    struct request *r = *state;

    (void)version;
    if (!r)
        return begin(ctx, connection, url, method, state);
    if (*len > 0) {
        take_body(r, data, *len);
        *len = 0;
        return MHD_YES;
    }
    /* The path was MHD's, valid in the first call only: what end needs of it was copied or is asked again. */
    if (route_find(r, r->route->method, url, &r->failure) < 0)
        return answer_problem(r, &r->failure);
    if (r->case_text[0])
        r->case_id = str_from(r->case_text);
    return r->route->end(r);
}

static void completed(void *ctx, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode why)
{
    (void)ctx;
    (void)connection;
    (void)why;
    request_free(*state);
    *state = NULL;
}

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static int parse_listen(const char *text, union address *ret, struct err *e)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    uint64_t port = 0;
    struct str h = {text, colon ? (size_t)(colon - text) : 0};

    if (!colon || !str_to_u64(str_from(colon + 1), 65535, &port))
        return err_set(e, ERR_USAGE, "--listen %s: ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080", text);
    if (h.len > 1 && h.p[0] == '[' && h.p[h.len - 1] == ']')
        h = (struct str){h.p + 1, h.len - 2};
    snprintf(host, sizeof host, "%.*s", (int)h.len, h.p);
    memset(ret, 0, sizeof *ret);
    if (inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1) {
        ret->v4.sin_family = AF_INET;
        ret->v4.sin_port = htons((uint16_t)port);
    } else if (inet_pton(AF_INET6, host, &ret->v6.sin6_addr) == 1) {
        ret->v6.sin6_family = AF_INET6;
        ret->v6.sin6_port = htons((uint16_t)port);
    } else {
        return err_set(e, ERR_USAGE, "--listen %s: not an IP address", text);
    }
    return 0;
}

static struct MHD_Daemon *start_daemon(struct http_server *h, const union address *address)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG;

    if (address->any.sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    if (h->options.tls_cert)
        flags |= MHD_USE_TLS;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, handle, h, MHD_OPTION_SOCK_ADDR, &address->any, MHD_OPTION_NOTIFY_COMPLETED,
        completed, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_PER_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_SECONDS, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES,
        h->options.tls_cert ? MHD_OPTION_HTTPS_CERT_CALLBACK2 : MHD_OPTION_END, tls_retrieve, MHD_OPTION_END);
}

static int start(struct http_server *h, struct err *e)
{
    union address address;

    if (parse_listen(h->options.listen, &address, e) < 0)
        return -e->code;
    if (!h->options.tls_cert != !h->options.tls_key)
        return err_set(e, ERR_USAGE, "--tls-cert and --tls-key belong together");
    if (h->options.tls_cert && http_reload(h, e) < 0)
        return -e->code;
    errno = 0;
    h->daemon = start_daemon(h, &address);
    return h->daemon ? 0
                     : err_set(e, ERR_CONFLICT, "%s: cannot listen: %s; is another program using the port?",
                               h->options.listen, strerror(errno));
}

int http_start(struct store *s, const struct http_options *o, struct http_server **ret, struct err *e)
{
    struct http_server *h = calloc(1, sizeof *h);

    if (!h)
        return err_set(e, ERR_NOMEM, "server: starting");
    h->store = s;
    h->options = *o;
    if (start(h, e) < 0) {
        free(h);
        return -e->code;
    }
    *ret = h;
    return 0;
}

int http_reload(const struct http_server *h, struct err *e)
{
    return h->options.tls_cert ? tls_load(h->options.tls_cert, h->options.tls_key, e) : 0;
}

unsigned http_port(const struct http_server *h)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);

    return info ? info->port : 0;
}

void http_stop(struct http_server *h)
{
    if (!h)
        return;
    MHD_stop_daemon(h->daemon);
    free(h);
}
