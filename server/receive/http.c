/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include "limits.h"
#include "log.h"
#include "request.h"
#include "tls.h"
#include "turn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    THREADS = 4,
    CONNECTION_BYTES = 64 * 1024, /* what one holds at most, its request's headers among it */
    MESSAGES_A_MINUTE = 60,       /* of libmicrohttpd in the log */
    READ_PAST_BYTES = 1 << 20     /* of a body that nobody wants */
};

static void request_free(struct request *r)
{
    if (!r)
        return;
    blob_spool_drop(r->spool);
    tus_piece_free(r->piece);
    buf_done(&r->body);
    free(r);
}

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct request *request_new(struct http_server *h, struct MHD_Connection *connection,
                                   const char *method, const char *version)
{
    struct request *r = calloc(1, sizeof *r);
    const char *instead;
    uint64_t id = 0;

    if (!r)
        return NULL;
    r->server = h;
    r->connection = connection;
    r->version = version;
    r->begun_us = now_us();
    if (getrandom(&id, sizeof id, 0) != (ssize_t)sizeof id)
        id = (uint64_t)r->begun_us;
    (void)snprintf(r->id, sizeof r->id, "%016" PRIx64, id);
    request_note_address(r);
    /* Of a client that can only send GET and POST (tus 1.0, "X-HTTP-Method-Override"). */
    instead = strcmp(method, "POST") == 0 ? request_header(r, "X-HTTP-Method-Override") : NULL;
    r->method = instead ? instead : method;
    return r;
}

/* What may be answered in general, and to whom. */
static int answer_options(struct request *r, struct buf *allowed, struct err *e)
{
    r->is_preflight = true;
    if (r->route)
        return err_set(e, ERR_METHOD, "OPTIONS is no route");
    answer_header(r, MHD_HTTP_HEADER_ALLOW, "%s", buf_c(allowed));
    return answer_empty(r, MHD_HTTP_NO_CONTENT, e);
}

/* One connection more than there may be is told so, with little of our time. */
static int check_welcome(struct request *r, struct err *e)
{
    enum connection_verdict verdict = connection_verdict(r->connection);

    if (verdict == CONNECTION_WELCOME)
        return request_throttle(r, r->server->by_address, request_address_key(r),
                                "requests from this address", e);
    answer_header(r, MHD_HTTP_HEADER_RETRY_AFTER, "10");
    answer_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
    return verdict == CONNECTION_TOO_MANY
               ? err_set(e, ERR_OVERLOAD, "too many connections just now; try again in a while")
               : err_set(e, ERR_BUSY, "too many connections from this address; end some and try again");
}

static int start_request(struct request *r, const char *url, struct err *e)
{
    CLEANUP(buf_done) struct buf allowed = BUF_INIT(256);
    int n = snprintf(r->path, sizeof r->path, "%s", request_origin_form(url));

    if (check_welcome(r, e) < 0 || request_framing(r, e) < 0)
        return -e->code;
    if ((size_t)n >= sizeof r->path)
        return err_set(e, ERR_URI, "address: longer than %zu bytes", sizeof r->path - 1);
    if (route_find(r, &allowed, e) < 0) {
        if (e->code == ERR_METHOD && strcmp(r->method, "OPTIONS") == 0)
            return answer_options(r, &allowed, e);
        if (e->code == ERR_METHOD)
            answer_header(r, MHD_HTTP_HEADER_ALLOW, "%s", buf_c(&allowed));
        return -e->code;
    }
    r->body.cap = r->route->body_bytes;
    if (auth_check(r, e) < 0)
        return -e->code;
    return r->route->begin ? r->route->begin(r, e) : 0;
}

/* An answer that comes before the body is through ends the connection, and a client that still sends may
 * never see it. So a short body is read past first. */
static bool has_long_body(const struct request *r)
{
    struct str declared = str_from(request_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH));
    uint64_t length = 0;

    return r->is_unclear || request_header(r, MHD_HTTP_HEADER_EXPECT) ||
           (declared.len && !str_to_u64(declared, READ_PAST_BYTES, &length));
}

/* First call of a request: the headers are known, the body is not yet. */
static enum MHD_Result begin(struct http_server *h, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, void **state)
{
    struct request *r = request_new(h, connection, method, version);

    if (!r)
        return MHD_NO;
    *state = r;
    if (start_request(r, url, &r->failure) < 0 && has_long_body(r))
        return answer_problem(r, &r->failure) < 0 ? MHD_NO : MHD_YES;
    return MHD_YES;
}

static int gather(struct request *r, struct str data)
{
    buf_add_str(&r->body, data);
    return buf_check(&r->body, "body", &r->failure);
}

/* A failure is remembered and the rest of the body read past, to a point: the answer must reach the client.
 */
static bool take_body(struct request *r, struct str data)
{
    r->body_seen += data.len;
    if (r->failure.code) {
        r->read_past += data.len;
        /* Whoever fills the disk half way must be told so, not cut off: it is tried again then. */
        return r->read_past <=
               (r->failure.code == ERR_STORAGE ? (uint64_t)LIMIT_BUNDLE_BYTES : READ_PAST_BYTES);
    }
    if (r->route && r->route->take)
        return r->route->take(r, data, &r->failure) >= 0 || r->failure.code != ERR_GONE;
    if (r->route && r->route->body_bytes)
        (void)gather(r, data);
    else if (r->body_seen > READ_PAST_BYTES)
        return false;
    return true;
}

static enum MHD_Result end(struct request *r)
{
    if (r->status)
        return MHD_YES;
    if (!r->failure.code && r->route->end(r, &r->failure) >= 0) {
        audit_note(r);
        return MHD_YES;
    }
    return answer_problem(r, &r->failure) < 0 ? MHD_NO : MHD_YES;
}

/* What we do with what came is not the client's time. */
static enum MHD_Result handle(void *ctx, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *len,
                              void **state)
{
    struct request *r = *state;
    struct str piece = {data, *len};
    enum MHD_Result result;

    if (!r)
        connection_phase(connection, PHASE_BODY);
    connection_busy(connection, true);
    *len = 0;
    if (!r)
        result = begin(ctx, connection, url, method, version, state);
    else if (piece.len == 0)
        result = end(r);
    else
        result = take_body(r, piece) ? MHD_YES : MHD_NO;
    connection_busy(connection, false);
    r = *state;
    if (r && r->status)
        connection_phase(connection, PHASE_ANSWER);
    return result;
}

static void completed(void *ctx, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode why)
{
    struct request *r = *state;
    struct http_server *h = ctx;

    connection_phase(connection, PHASE_HEADERS); /* of the next request */
    if (r)
        request_counts_add(h->counts, r->route, r->status, r->route && r->route->take ? r->body_seen : 0);
    if (r && r->status)
        log_event(LOG_LEVEL_INFO, "request",
                  (const struct log_field[]){
                      LOG_TEXT("id", r->id), LOG_TEXT("method", r->method), LOG_TEXT("path", r->path),
                      LOG_NUMBER("status", (int64_t)r->status), LOG_TEXT("from", r->address),
                      LOG_NUMBER("us", now_us() - r->begun_us),
                      LOG_TEXT("reason", r->failure.code ? r->failure.text : ""),
                      LOG_TEXT("cut", why == MHD_REQUEST_TERMINATED_COMPLETED_OK ? "" : "yes"), LOG_END});
    request_free(r);
    *state = NULL;
}

union listen_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static int parse_listen(const char *text, union listen_address *ret, struct err *e)
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

/* libmicrohttpd has its own words for what a client does wrong; those are told, not all of them. */
static PRINTF_LIKE(2, 0) void log_message(void *ctx, const char *format, va_list args)
{
    struct http_server *h = ctx;
    char text[512];

    (void)vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = 0;
    if (rate_take(h->messages, (struct str){0}, now_us()) == 0)
        log_event(LOG_LEVEL_WARNING, "http", (const struct log_field[]){LOG_TEXT("reason", text), LOG_END});
}

/* How many connections there are, and how long they may take, is decided in connections.c; libmicrohttpd,
 * which divides its own limit by its threads and knows no deadline for headers, has none in the way. */
static struct MHD_Daemon *start_daemon(struct http_server *h, const union listen_address *address)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    unsigned connections = THREADS * ((unsigned)h->options.connections.total + 2 * TURNED_AWAY);

    if (address->any.sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    if (h->options.tls_cert)
        flags |= MHD_USE_TLS;
    return MHD_start_daemon(
        flags, 0, connections_admit, h->connections, handle, h, MHD_OPTION_EXTERNAL_LOGGER, log_message, h,
        MHD_OPTION_SOCK_ADDR, &address->any, MHD_OPTION_NOTIFY_COMPLETED, completed, h,
        MHD_OPTION_NOTIFY_CONNECTION, connections_notify, h->connections, MHD_OPTION_URI_LOG_CALLBACK,
        connection_look_at_uri, h->connections, MHD_OPTION_CONNECTION_LIMIT, connections,
        MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 0,
        MHD_OPTION_UNESCAPE_CALLBACK, request_unescape, NULL,
        h->options.tls_cert ? MHD_OPTION_HTTPS_CERT_CALLBACK2 : MHD_OPTION_END, tls_retrieve, MHD_OPTION_END);
}

/* What a killed server left: complete uploads become bundles, halves of simple ones go. */
static int recover(struct http_server *h, struct err *e)
{
    int n = 0;

    if (store_doomed_remove(h->store, e) < 0)
        return -e->code;
    blobs_keep_free(store_blobs(h->store), h->options.min_free_bytes);
    if (upload_turns_new(h->store, &h->uploads, e) < 0 || upload_turns_recover(h->uploads, &n, e) < 0)
        return -e->code;
    if (n > 0)
        h->options.wake(h->options.wake_ctx);
    return 0;
}

void http_tick(struct http_server *h)
{
    struct err e = {0};

    if (upload_turns_sweep(h->uploads, (int64_t)time(NULL) * 1000, &e) < 0)
        log_outcome("sweep", -e.code, &e);
}

static int start_limits(struct http_server *h, struct err *e)
{
    const struct http_options *o = &h->options;

    if (request_counts_new(&h->counts, e) < 0 || rate_new(o->address_requests, &h->by_address, e) < 0 ||
        rate_new(o->token_requests, &h->by_token, e) < 0 ||
        rate_new(o->failed_sign_ins, &h->failures, e) < 0 || rate_new(MESSAGES_A_MINUTE, &h->messages, e) < 0)
        return -e->code;
    return connections_new(&o->connections, &h->connections, e);
}

static void server_free(struct http_server *h)
{
    connections_free(h->connections);
    rate_free(h->by_address);
    rate_free(h->by_token);
    rate_free(h->failures);
    rate_free(h->messages);
    request_counts_free(h->counts);
    upload_turns_free(h->uploads);
    free(h);
}

static int start(struct http_server *h, struct err *e)
{
    union listen_address address;

    if (parse_listen(h->options.listen, &address, e) < 0)
        return -e->code;
    if (!h->options.tls_cert != !h->options.tls_key)
        return err_set(e, ERR_USAGE, "--tls-cert and --tls-key belong together");
    if ((h->options.tls_cert && http_reload(h, e) < 0) || start_limits(h, e) < 0 || recover(h, e) < 0)
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
        server_free(h);
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

/* Whoever comes now is refused by the kernel; the socket must be there until libmicrohttpd's threads have
 * ended. */
static void drain(struct http_server *h)
{
    MHD_socket listening = MHD_quiesce_daemon(h->daemon);
    int64_t begun = now_us(), left;

    if (listening != MHD_INVALID_SOCKET)
        (void)shutdown(listening, SHUT_RDWR);
    left = connections_drain(h->connections, h->options.drain_ms);
    log_event(LOG_LEVEL_INFO, "drained",
              (const struct log_field[]){LOG_NUMBER("left", left),
                                         LOG_NUMBER("ms", (now_us() - begun) / 1000), LOG_END});
    MHD_stop_daemon(h->daemon);
    if (listening != MHD_INVALID_SOCKET)
        (void)close(listening);
}

void http_stop(struct http_server *h)
{
    if (!h)
        return;
    drain(h);
    server_free(h);
}
