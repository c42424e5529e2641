/* SPDX-License-Identifier: Apache-2.0 */
#include "upload.h"

#include <stdio.h>
#include <string.h>

#include <curl/curl.h>
#include <jansson.h>

#include "buf.h"
#include "names.h"
#include "text.h"

enum {
    ANSWER_BYTES = 65536,
    TOKEN_BYTES = 4096,
    CONNECT_SECONDS = 30,
    STALL_SECONDS = 120 /* this long under one byte a second: given up */
};

static const char path[] = "/api/v1/bundles";

/* --- what may be sent where --- */

static bool is_loopback(struct str host)
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

static struct str host_of(struct str url)
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
    host = host_of(url);
    for (size_t i = 0; i < url.len; i++)
        if ((unsigned char)url.p[i] <= ' ' || strchr("?#@\\", url.p[i]) != NULL)
            return false;
    return host.len > 0 && (https || is_loopback(host));
}

/* A token goes into a header line: nothing in it may end that line. */
static int check(const struct upload *u, struct str token, struct err *e)
{
    if (!upload_url_is_allowed(str_from(u->url)))
        return err_set(e, ERR_USAGE, "%s: not an https address (http is for loopback only)", u->url);
    if (token.len == 0 || token.len > TOKEN_BYTES)
        return err_set(e, ERR_USAGE, "token: empty, or longer than %d bytes", TOKEN_BYTES);
    for (size_t i = 0; i < token.len; i++)
        if (token.p[i] <= ' ' || token.p[i] > '~')
            return err_set(e, ERR_USAGE, "token: character %zu is not one of a token", i + 1);
    return 0;
}

/* --- libcurl --- */

struct transfer {
    const struct upload *upload;
    int64_t offset;
    struct buf answer;
    struct err read_error;
};

static size_t give(char *data, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    int64_t n = t->upload->read(t->upload->ctx, t->offset, data, size * count, &t->read_error);

    if (n < 0)
        return CURL_READFUNC_ABORT;
    t->offset += n;
    return (size_t)n;
}

/* libcurl sends again from the beginning when a proxy or the server asks for authentication first. */
static int rewind_to(void *ctx, curl_off_t offset, int origin)
{
    struct transfer *t = ctx;

    if (origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    t->offset = offset;
    return CURL_SEEKFUNC_OK;
}

static size_t take(char *data, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;

    if (t->answer.len + size * count <= t->answer.cap)
        buf_add(&t->answer, data, size * count);
    return size * count; /* the rest of an answer that is too long is of no interest */
}

static void end_handle(CURL **c)
{
    curl_easy_cleanup(*c);
}

static void end_list(struct curl_slist **l)
{
    curl_slist_free_all(*l);
}

static void end_transfer(struct transfer *t)
{
    buf_done(&t->answer);
}

static int add_header(struct curl_slist **list, const struct buf *line, struct err *e)
{
    struct curl_slist *longer =
        buf_check(line, "header", e) == 0 ? curl_slist_append(*list, buf_c(line)) : NULL;

    if (longer == NULL)
        return err_set(e, ERR_NOMEM, "upload: out of memory");
    *list = longer;
    return 0;
}

static int make_headers(const struct upload *u, struct str token, struct curl_slist **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT(TOKEN_BYTES + 256);
    int r;

    buf_printf(&line, "Authorization: Bearer %.*s", (int)token.len, token.p);
    r = add_header(ret, &line, e);
    buf_clear(&line);
    buf_printf(&line, "X-Certtriage-SHA256: %s", u->sha256);
    r = r == 0 ? add_header(ret, &line, e) : r;
    buf_clear(&line);
    buf_add_c(&line, "Content-Type: application/zip");
    r = r == 0 ? add_header(ret, &line, e) : r;
    buf_clear(&line);
    if (u->case_id == NULL || u->case_id[0] == 0)
        return r;
    buf_printf(&line, "X-Certtriage-Case: %s", u->case_id);
    return r == 0 ? add_header(ret, &line, e) : r;
}

static void set_transfer(CURL *c, struct transfer *t, const char *url, struct curl_slist *headers)
{
    (void)curl_easy_setopt(c, CURLOPT_URL, url);
    (void)curl_easy_setopt(c, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->upload->size);
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
    (void)curl_easy_setopt(c, CURLOPT_READDATA, t);
    (void)curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, rewind_to);
    (void)curl_easy_setopt(c, CURLOPT_SEEKDATA, t);
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
}

/* No redirects: a token goes to the address that was given, nowhere else. A list of revoked certificates that
 * cannot be reached does not stop an upload: servers without a way out are common where this runs. */
static void set_connection(CURL *c, const struct upload *u, char *why)
{
    (void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_USERAGENT, "certtriage-collect/" CERTTRIAGE_VERSION);
    (void)curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    (void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    (void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
    (void)curl_easy_setopt(c, CURLOPT_SSL_OPTIONS,
                           (long)(CURLSSLOPT_NATIVE_CA | CURLSSLOPT_REVOKE_BEST_EFFORT));
    (void)curl_easy_setopt(c, CURLOPT_PROXYAUTH, (long)CURLAUTH_ANY);
    /* A proxy's loopback is not ours, and it would see the token of a plain http address. */
    if (is_loopback(host_of(str_from(u->url))))
        (void)curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    else if (u->proxy != NULL && u->proxy[0] != 0)
        (void)curl_easy_setopt(c, CURLOPT_PROXY, u->proxy);
}

/* --- the answer --- */

static void end_json(json_t **j)
{
    json_decref(*j);
}

static int status_error(long status)
{
    static const struct {
        long status;
        int code;
    } known[] = {{400, ERR_USAGE},   {401, ERR_UNAUTHORIZED}, {403, ERR_DENIED},
                 {404, ERR_MISSING}, {408, ERR_TIMEOUT},      {409, ERR_CONFLICT},
                 {413, ERR_LIMIT},   {422, ERR_FORMAT},       {429, ERR_TIMEOUT}};

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].status == status)
            return known[i].code;
    return ERR_IO;
}

/* What the server says of an error, printable, one line. */
static int refused(const struct upload *u, long status, const struct buf *answer, struct err *e)
{
    CLEANUP(buf_done) struct buf said = BUF_INIT(400);
    CLEANUP(end_json) json_t *root = json_loadb(buf_c(answer), answer->len, 0, NULL);
    const char *text = json_string_value(json_object_get(root, "error"));

    if (text == NULL)
        text = json_string_value(json_object_get(root, "detail"));
    if (text != NULL && strlen(text) < 200)
        text_add_printable(&said, str_from(text));
    return err_set(e, status_error(status), "%s: answered %ld%s%s", u->url, status, said.len > 0 ? ": " : "",
                   buf_c(&said));
}

static int read_answer(const struct upload *u, const struct buf *answer, char ret_case[UPLOAD_CASE_BYTES],
                       struct err *e)
{
    CLEANUP(end_json) json_t *root = json_loadb(buf_c(answer), answer->len, 0, NULL);
    const char *bundle = json_string_value(json_object_get(root, "bundle"));
    const char *case_id = json_string_value(json_object_get(root, "case"));

    if (bundle == NULL)
        return err_set(e, ERR_FORMAT, "%s: its answer names no bundle", u->url);
    if (!str_ieq(str_from(bundle), str_from(u->sha256)))
        return err_set(e, ERR_FORMAT, "%s: it received other bytes than were sent (its SHA-256 differs)",
                       u->url);
    bool legal = case_id != NULL && case_id_is_legal(str_from(case_id));
    (void)snprintf(ret_case, UPLOAD_CASE_BYTES, "%s", legal ? case_id : "");
    return 0;
}

static int failed(const struct upload *u, CURLcode r, const char *why, struct transfer *t, struct err *e)
{
    if (t->read_error.code != 0) {
        *e = t->read_error;
        return err_wrap(e, "reading the bundle");
    }
    int code = r == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : r == CURLE_OUT_OF_MEMORY ? ERR_NOMEM : ERR_IO;
    return err_set(e, code, "%s: %s", u->url, why[0] != 0 ? why : curl_easy_strerror(r));
}

static int perform(CURL *c, const struct upload *u, struct str token, char ret_case[UPLOAD_CASE_BYTES],
                   struct err *e)
{
    CLEANUP(end_transfer) struct transfer t = {.upload = u, .answer = BUF_INIT(ANSWER_BYTES)};
    CLEANUP(end_list) struct curl_slist *headers = NULL;
    CLEANUP(buf_done) struct buf url = BUF_INIT(8192);
    char why[CURL_ERROR_SIZE] = "";
    struct str base = str_from(u->url);
    long status = 0;

    while (base.len > 0 && base.p[base.len - 1] == '/')
        base.len--;
    buf_add_str(&url, base);
    buf_add_c(&url, path);
    if (buf_check(&url, "address", e) != 0 || make_headers(u, token, &headers, e) != 0)
        return -e->code;
    set_transfer(c, &t, buf_c(&url), headers);
    set_connection(c, u, why);
    CURLcode r = curl_easy_perform(c);
    (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    /* A server that refuses early closes before it has read all: its answer says more than the broken pipe.
     */
    if (r != CURLE_OK && (status < 400 || t.read_error.code != 0))
        return failed(u, r, why, &t, e);
    if (status != 201 && status != 200)
        return refused(u, status, &t.answer, e);
    return read_answer(u, &t.answer, ret_case, e);
}

int upload_send(const struct upload *u, char ret_case[UPLOAD_CASE_BYTES], struct err *e)
{
    struct str token = str_trim(u->token);

    if (check(u, token, e) != 0)
        return -e->code;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(e, ERR_IO, "upload: libcurl does not start");
    CLEANUP(end_handle) CURL *c = curl_easy_init();
    if (c == NULL)
        return err_set(e, ERR_NOMEM, "upload: out of memory");
    return perform(c, u, token, ret_case, e);
}
