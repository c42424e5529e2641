/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "text.h"

enum {
    ANSWER_BYTES = 65536,
    LINE_BYTES = 16384,
    CONNECT_SECONDS = 30,
    STALL_SECONDS = 60, /* this long under STALL_BYTES a second: the connection is given up */
    STALL_BYTES = 16
};

/* --- what libcurl asks for --- */

static size_t give(char *data, size_t size, size_t count, void *ctx)
{
    struct http *h = ctx;
    const struct upload *u = h->upload;
    int64_t n;

    n = u->calls->read(u->ctx, h->at, data, size * count, &h->read_error);
    if (n < 0)
        return CURL_READFUNC_ABORT;
    h->at += n;
    return (size_t)n;
}

/* libcurl sends again from the beginning when a proxy or the server asks for authentication first. */
static int rewind_to(void *ctx, curl_off_t offset, int origin)
{
    struct http *h = ctx;

    if (origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    h->at = h->from + offset;
    return CURL_SEEKFUNC_OK;
}

static size_t take(char *data, size_t size, size_t count, void *ctx)
{
    struct http *h = ctx;

    if (h->body.len + size * count <= h->body.cap)
        buf_add(&h->body, data, size * count);
    return size * count; /* the rest of an answer that is too long is of no interest */
}

static int progress(void *ctx, curl_off_t n_down, curl_off_t down, curl_off_t n_up, curl_off_t up)
{
    struct http *h = ctx;

    (void)n_down, (void)down, (void)n_up;
    if (h->is_stopped) /* what is still asked for then is to clean up */
        return 0;
    h->is_stopped = !h->upload->calls->progress(h->upload->ctx, h->from + up);
    return h->is_stopped ? 1 : 0;
}

/* --- one request --- */

void http_free_list(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

int http_add(struct curl_slist **list, struct err *e, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    struct curl_slist *longer = n > 0 && (size_t)n < sizeof(line) ? curl_slist_append(*list, line) : NULL;
    if (longer == NULL)
        return err_set(e, ERR_NOMEM, "upload: out of memory");
    *list = longer;
    return 0;
}

static void set_body(struct http *h, const struct http_request *q)
{
    CURL *c = h->curl;

    (void)curl_easy_setopt(c, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->len);
    (void)curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
    (void)curl_easy_setopt(c, CURLOPT_READDATA, h);
    (void)curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, rewind_to);
    (void)curl_easy_setopt(c, CURLOPT_SEEKDATA, h);
}

/* The method that the answer is to; a proxy may see another one. */
static int set_request(struct http *h, const struct http_request *q, struct curl_slist **headers,
                       struct err *e)
{
    CURL *c = h->curl;
    bool instead = h->with_post && (strcmp(q->method, "PATCH") == 0 || strcmp(q->method, "DELETE") == 0);

    (void)curl_easy_setopt(c, CURLOPT_URL, q->url);
    if (strcmp(q->method, "HEAD") == 0)
        (void)curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
    else if (q->len > 0 || strcmp(q->method, "POST") == 0 || instead)
        set_body(h, q);
    else
        (void)curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
    if (strcmp(q->method, "HEAD") != 0)
        (void)curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, instead ? "POST" : q->method);
    if (instead && http_add(headers, e, "X-HTTP-Method-Override: %s", q->method) != 0)
        return -e->code;
    /* Pieces are small, and some servers and proxies wait for ever with their "100 Continue". */
    if (http_add(headers, e, "Expect:") != 0 ||
        http_add(headers, e, "Authorization: Bearer %.*s", (int)h->token.len, h->token.p) != 0)
        return -e->code;
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, *headers);
    return 0;
}

/* Short enough that a second and a third try fit into the time after which all is given up. */
static long seconds_at_most(const struct upload *u, long most)
{
    long third = (long)(u->patience_ms / 3000);

    return third < 1 ? 1 : third < most ? third : most;
}

/* No redirects: a token goes to the address that was given, nowhere else. A list of revoked certificates that
 * cannot be reached does not stop an upload: servers without a way out are common where this runs. */
static void set_connection(struct http *h)
{
    const struct upload *u = h->upload;
    CURL *c = h->curl;

    (void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->why);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_USERAGENT, "certtriage-collect/" CERTTRIAGE_VERSION);
    (void)curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, seconds_at_most(u, CONNECT_SECONDS));
    (void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES);
    (void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, seconds_at_most(u, STALL_SECONDS));
    (void)curl_easy_setopt(c, CURLOPT_SSL_OPTIONS,
                           (long)(CURLSSLOPT_NATIVE_CA | CURLSSLOPT_REVOKE_BEST_EFFORT));
    (void)curl_easy_setopt(c, CURLOPT_PROXYAUTH, (long)CURLAUTH_ANY);
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
    (void)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, progress);
    (void)curl_easy_setopt(c, CURLOPT_XFERINFODATA, h);
    /* A proxy's loopback is not ours, and it would see the token of a plain http address. */
    if (address_is_loopback(address_host(str_from(u->url))))
        (void)curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    else if (u->proxy != NULL) /* "" switches libcurl's environment variables off as well */
        (void)curl_easy_setopt(c, CURLOPT_PROXY, u->proxy);
}

/* --- what became of it --- */

static bool is_final(CURLcode r)
{
    switch (r) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_FAILED_INIT:
        return true;
    default:
        return false;
    }
}

static int no_answer(struct http *h, CURLcode r, struct err *e)
{
    const char *url = h->upload->url, *why = h->why[0] != 0 ? h->why : curl_easy_strerror(r), *means;
    long connect = 0;

    if (h->is_stopped)
        return err_set(e, ERR_GONE, "stopped before all was sent");
    if (h->read_error.code != 0) {
        *e = h->read_error;
        return err_wrap(e, "reading the bundle");
    }
    if (r == CURLE_OUT_OF_MEMORY)
        return err_set(e, ERR_NOMEM, "upload: out of memory");
    (void)curl_easy_getinfo(h->curl, CURLINFO_HTTP_CONNECTCODE, &connect);
    means = connect >= 400 ? explain_proxy(connect) : explain_tls(r, why);
    if (means != NULL)
        return err_set(e, ERR_DENIED, "%s: %s (%s)", url, means, why);
    (void)err_set(e, r == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_IO, "%s: %s", url, why);
    return is_final(r) ? -e->code : HTTP_AGAIN;
}

static void read_state(struct http *h)
{
    curl_off_t wait = 0;

    (void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &h->status);
    (void)curl_easy_getinfo(h->curl, CURLINFO_RETRY_AFTER, &wait);
    h->wait_s = h->status > 0 && wait > 0 ? (unsigned)(wait > 86400 ? 86400 : wait) : 0;
    h->speaks_tus = http_header(h, "Tus-Resumable")[0] != 0 || http_header(h, "Tus-Version")[0] != 0;
    h->is_met = h->is_met || h->status > 0;
}

int http_ask(struct http *h, const struct http_request *q, struct err *e)
{
    CLEANUP(http_free_list) struct curl_slist *headers = NULL;

    for (const struct curl_slist *l = q->headers; l != NULL; l = l->next)
        if (http_add(&headers, e, "%s", l->data) != 0)
            return -e->code;
    curl_easy_reset(h->curl);
    buf_clear(&h->body);
    h->from = h->at = q->from;
    h->read_error = (struct err){0};
    h->why[0] = 0;
    h->status = 0;
    if (set_request(h, q, &headers, e) != 0)
        return -e->code;
    set_connection(h);
    CURLcode r = curl_easy_perform(h->curl);
    (void)curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
    read_state(h);
    /* A server that refuses early closes before it has read all: its answer says more than the broken pipe.
     */
    if (r != CURLE_OK && (h->status < 400 || h->read_error.code != 0 || h->is_stopped))
        return no_answer(h, r, e);
    return HTTP_DONE;
}

const char *http_header(const struct http *h, const char *name)
{
    struct curl_header *found = NULL;

    return curl_easy_header(h->curl, name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK ? found->value : "";
}

int64_t http_number(const struct http *h, const char *name)
{
    uint64_t n;

    return str_to_u64(str_trim(str_from(http_header(h, name))), INT64_MAX, &n) ? (int64_t)n : -1;
}

/* --- refusals --- */

static void end_json(json_t **j)
{
    json_decref(*j);
}

/* What the server says of an error, printable, one line. */
static void add_said(const struct http *h, struct buf *ret)
{
    CLEANUP(end_json) json_t *root = json_loadb(buf_c(&h->body), h->body.len, 0, NULL);
    const char *text = json_string_value(json_object_get(root, "error"));

    if (text == NULL)
        text = json_string_value(json_object_get(root, "detail"));
    if (text == NULL || strlen(text) >= 200)
        return;
    buf_add_c(ret, ": ");
    text_add_printable(ret, str_from(text));
}

int http_refused(const struct http *h, struct err *e)
{
    static const struct {
        long status;
        int code;
        bool again;
        const char *means;
    } known[] = {
        {301, ERR_FORMAT, false, ", which sends the bundle elsewhere: give the final address to --upload"},
        {302, ERR_FORMAT, false, ", which sends the bundle elsewhere: give the final address to --upload"},
        {307, ERR_FORMAT, false, ", which sends the bundle elsewhere: give the final address to --upload"},
        {308, ERR_FORMAT, false, ", which sends the bundle elsewhere: give the final address to --upload"},
        {400, ERR_USAGE, false, ""},
        {401, ERR_UNAUTHORIZED, false, " (the token was not accepted: ask the support team for a new one)"},
        {403, ERR_DENIED, false, " (not allowed: is the token for this case?)"},
        {404, ERR_MISSING, false, " (no certtriage-server at this address?)"},
        {405, ERR_METHOD, false, ""},
        {407, ERR_DENIED, false, " (the proxy asks for a user and a password)"},
        {408, ERR_TIMEOUT, true, ""},
        {409, ERR_CONFLICT, true, ""},
        {410, ERR_GONE, false, ""},
        {412, ERR_PRECONDITION, false, ""},
        {413, ERR_LIMIT, false, " (larger than the server or a proxy takes)"},
        {422, ERR_FORMAT, false, ""},
        {423, ERR_CONFLICT, true, ""},
        {425, ERR_BUSY, true, ""},
        {429, ERR_BUSY, true, " (too many requests)"},
        {460, ERR_CHECKSUM, true, " (what arrived is not what was sent)"},
        {501, ERR_UNSUPPORTED, false, ""},
        {505, ERR_UNSUPPORTED, false, ""},
        {507, ERR_STORAGE, false, " (its disk is nearly full: tell the support team)"},
    };
    CLEANUP(buf_done) struct buf said = BUF_INIT(2000);

    add_said(h, &said);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].status == h->status) {
            int r = err_set(e, known[i].code, "%s: answered %ld%s%s", h->upload->url, h->status, buf_c(&said),
                            known[i].means);
            return known[i].again ? HTTP_AGAIN : r;
        }
    int r = err_set(e, ERR_IO, "%s: answered %ld%s", h->upload->url, h->status, buf_c(&said));
    return h->status >= 500 ? HTTP_AGAIN : r;
}

int http_open(struct http *h, const struct upload *u, struct err *e)
{
    struct str base = str_from(u->url);

    *h = (struct http){
        .upload = u, .token = str_trim(u->token), .body = BUF_INIT(ANSWER_BYTES), .base = BUF_INIT(8192)};
    while (base.len > 0 && base.p[base.len - 1] == '/')
        base.len--;
    buf_add_str(&h->base, base);
    if (buf_check(&h->base, "address", e) != 0)
        return -e->code;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(e, ERR_IO, "upload: libcurl does not start");
    h->curl = curl_easy_init();
    return h->curl == NULL ? err_set(e, ERR_NOMEM, "upload: out of memory") : 0;
}

void http_close(struct http *h)
{
    curl_easy_cleanup(h->curl);
    buf_done(&h->body);
    buf_done(&h->base);
}
