/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include "encode.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char nothing_policy[] =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

void answer_header(struct request *r, const char *name, const char *format, ...)
{
    va_list args;

    if (r->n_headers == REQUEST_HEADERS)
        return;
    r->headers[r->n_headers].name = name;
    va_start(args, format);
    (void)vsnprintf(r->headers[r->n_headers].value, sizeof r->headers[0].value, format, args);
    va_end(args);
    r->n_headers++;
}

/* A browser that navigates is asked for a password; one whose page asks shows its own form. */
static const char *challenge(const struct request *r)
{
    const char *accept = request_header(r, MHD_HTTP_HEADER_ACCEPT);

    return accept && strstr(accept, "text/html")
               ? "Basic realm=\"certtriage (the password is a token)\", charset=\"UTF-8\""
               : "Bearer realm=\"certtriage\"";
}

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

/* Off unless one origin was named; the cookie is never for it (Fetch standard, "CORS protocol"). */
static void add_cors(const struct request *r, struct MHD_Response *response)
{
    const char *origin = r->server->options.cors_origin;
    const char *asking = request_header(r, "Origin");

    if (!origin)
        return;
    add(response, "Vary", "Origin");
    if (!asking || strcmp(asking, origin) != 0)
        return;
    add(response, "Access-Control-Allow-Origin", origin);
    add(response, "Access-Control-Expose-Headers",
        "ETag, Location, Retry-After, Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, "
        "Tus-Version, Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset, X-Certtriage-Bundle, "
        "X-Certtriage-Case, X-Request-Id");
    if (!r->is_preflight)
        return;
    add(response, "Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, PUT, DELETE");
    add(response, "Access-Control-Allow-Headers",
        "Authorization, Content-Type, If-None-Match, Tus-Resumable, Upload-Checksum, Upload-Length, "
        "Upload-Metadata, Upload-Offset, X-Certtriage-Case, X-Certtriage-SHA256, X-HTTP-Method-Override, "
        "X-Requested-With, X-Request-ID");
    add(response, "Access-Control-Max-Age", "600");
}

static void add_headers(const struct request *r, struct MHD_Response *response, const char *type,
                        bool has_etag)
{
    if (type)
        add(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    add(response, MHD_HTTP_HEADER_CACHE_CONTROL,
        has_etag && !r->is_secret ? "private, no-cache" : "no-store");
    add(response, "X-Content-Type-Options", "nosniff");
    add(response, "Referrer-Policy", "no-referrer");
    add(response, "Content-Security-Policy", r->policy ? r->policy : nothing_policy);
    add(response, "X-Request-Id", r->id);
    if (r->route && r->route->is_tus)
        add(response, "Tus-Resumable", "1.0.0");
    for (size_t i = 0; i < r->n_headers; i++)
        add(response, r->headers[i].name, r->headers[i].value);
    if (r->status == MHD_HTTP_UNAUTHORIZED)
        add(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, challenge(r));
    add_cors(r, response);
}

/* Gives the response away. */
static int queue(struct request *r, unsigned status, const char *type, struct MHD_Response *response,
                 bool has_etag, struct err *e)
{
    enum MHD_Result done;

    if (!response)
        return err_set(e, ERR_NOMEM, "answer");
    r->status = status;
    add_headers(r, response, type, has_etag);
    done = MHD_queue_response(r->connection, status, response);
    MHD_destroy_response(response);
    return done == MHD_YES ? 0 : err_set(e, ERR_IO, "answer: cannot be queued");
}

static int answer_bytes(struct request *r, unsigned status, const char *type, void *content, size_t len,
                        bool has_etag, struct err *e)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(len, content, MHD_RESPMEM_MUST_FREE);

    if (!response)
        free(content);
    r->answer_bytes = len;
    return queue(r, status, type, response, has_etag, e);
}

static int answer_copy(struct request *r, unsigned status, const char *type, struct str content,
                       bool has_etag, struct err *e)
{
    void *bytes = NULL;
    size_t len = content.len;

    if (encode_is_worth_it(type, content) &&
        encode_is_taken(request_header(r, MHD_HTTP_HEADER_ACCEPT_ENCODING)) &&
        encode_gzip(content, &bytes, &len)) {
        answer_header(r, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    } else {
        len = content.len;
        bytes = malloc(len + 1);
        if (!bytes)
            return err_set(e, ERR_NOMEM, "answer");
        memcpy(bytes, len ? content.p : "", len);
    }
    return answer_bytes(r, status, type, bytes, len, has_etag, e);
}

int answer(struct request *r, unsigned status, const char *type, struct str content, struct err *e)
{
    bool has_etag =
        status == MHD_HTTP_OK && r->route && strcmp(r->route->method, "GET") == 0 && !r->is_secret;
    char etag[40];

    if (!has_etag)
        return answer_copy(r, status, type, content, false, e);
    if (!encode_etag(content, etag))
        return err_set(e, ERR_NOMEM, "answer");
    answer_header(r, MHD_HTTP_HEADER_ETAG, "%s", etag);
    answer_header(r, MHD_HTTP_HEADER_VARY, "Accept-Encoding");
    if (encode_matches(request_header(r, MHD_HTTP_HEADER_IF_NONE_MATCH), etag))
        return queue(r, MHD_HTTP_NOT_MODIFIED, NULL,
                     MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT), true, e);
    return answer_copy(r, status, type, content, true, e);
}

int answer_empty(struct request *r, unsigned status, struct err *e)
{
    return queue(r, status, NULL, MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT), false, e);
}

int answer_file(struct request *r, const char *type, int fd, uint64_t size, const char *sha256, struct err *e)
{
    struct MHD_Response *response;
    char etag[80];

    (void)snprintf(etag, sizeof etag, "\"%s\"", sha256);
    answer_header(r, MHD_HTTP_HEADER_ETAG, "%s", etag);
    if (encode_matches(request_header(r, MHD_HTTP_HEADER_IF_NONE_MATCH), etag)) {
        (void)close(fd);
        return queue(r, MHD_HTTP_NOT_MODIFIED, NULL,
                     MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT), true, e);
    }
    response = MHD_create_response_from_fd64(size, fd);
    if (!response)
        (void)close(fd);
    r->answer_bytes = size;
    return queue(r, MHD_HTTP_OK, type, response, true, e);
}

static int answer_dump(struct request *r, unsigned status, const char *type, json_t *json, struct err *e)
{
    char *text = json ? json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
    int done;

    json_decref(json);
    if (!text)
        return err_set(e, ERR_NOMEM, "answer");
    done = answer(r, status, type, str_from(text), e);
    free(text);
    return done;
}

int answer_json(struct request *r, unsigned status, json_t *json, struct err *e)
{
    return answer_dump(r, status, "application/json", json, e);
}

/* 460 is of the tus protocol alone. */
static const char *status_words(unsigned status)
{
    return status == 460 ? "Checksum Mismatch" : MHD_get_reason_phrase_for(status);
}

int answer_problem(struct request *r, const struct err *e)
{
    unsigned status = (unsigned)err_http_status(e->code);
    struct err again = {0};

    return answer_dump(r, status, "application/problem+json",
                       json_pack("{s:s, s:s, s:s, s:i, s:s}", "type", "about:blank", "title",
                                 status_words(status), "code", err_name(e->code), "status", (int)status,
                                 "detail", e->text),
                       &again);
}
