/* SPDX-License-Identifier: Apache-2.0 */
#include "tus.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"

enum { CREATED_AT_MOST = 4, DAMAGED_AT_MOST = 5, BROKEN_BEFORE_POST = 3 };

static const char version[] = "Tus-Resumable: 1.0.0";

/* A request without a body. */
static int ask(struct tus *t, const char *method, const char *url, struct curl_slist *headers, struct err *e)
{
    struct http_request q = {.method = method, .url = url, .headers = headers, .from = t->offset};

    return http_ask(&t->http, &q, e);
}

static int ask_place(struct tus *t, const char *method, struct err *e)
{
    CLEANUP(http_free_list) struct curl_slist *headers = NULL;

    return http_add(&headers, e, version) != 0 ? -e->code : ask(t, method, buf_c(&t->place), headers, e);
}

static void add_uploads(const struct tus *t, struct buf *url)
{
    buf_add_str(url, buf_str(&t->http.base));
    buf_add_c(url, "/api/v1/uploads");
}

/* Whether a list "a, b" holds a word. */
static bool lists(const char *list, struct str word)
{
    struct str rest = str_from(list);

    while (rest.p != NULL)
        if (str_ieq(str_trim(str_cut(rest, ',', &rest)), word))
            return true;
    return false;
}

/* --- the server --- */

static int check_size(const struct tus *t, struct err *e)
{
    int64_t most = http_number(&t->http, "Tus-Max-Size");

    if (most <= 0 || t->upload->size <= most)
        return 0;
    return err_set(e, ERR_LIMIT,
                   "%s: the bundle has %" PRId64 " bytes, this server takes at most %" PRId64
                   "; collect again with --max-logs or --max-bundle",
                   t->upload->url, t->upload->size, most);
}

int tus_meet(struct tus *t, struct err *e)
{
    CLEANUP(buf_done) struct buf url = BUF_INIT(16384);

    add_uploads(t, &url);
    int r = ask(t, "OPTIONS", buf_c(&url), NULL, e);
    if (r != HTTP_DONE)
        return r;
    bool wait = t->http.status == 429 || (t->http.status >= 500 && t->http.status != 501);
    if (wait || t->http.status == 401 || (t->http.speaks_tus && t->http.status >= 300))
        return http_refused(&t->http, e);
    /* Whoever does not know this method may still know the rest: the next request shows. */
    t->step = t->place.len > 0 ? TUS_FIND : TUS_CREATE;
    if (!t->http.speaks_tus)
        return HTTP_DONE;
    if (http_header(&t->http, "Tus-Version")[0] != 0 &&
        !lists(http_header(&t->http, "Tus-Version"), STR("1.0.0"))) {
        t->step = TUS_POST;
        return HTTP_DONE;
    }
    t->has_checksum = lists(http_header(&t->http, "Tus-Extension"), STR("checksum")) &&
                      lists(http_header(&t->http, "Tus-Checksum-Algorithm"), STR("sha256"));
    return check_size(t, e);
}

/* --- creation --- */

static void add_pair(struct buf *line, const char *key, const char *value)
{
    if (value == NULL || value[0] == 0)
        return;
    buf_add_c(line, line->len > 0 ? "," : "");
    buf_printf(line, "%s ", key);
    base64_add(line, (struct bytes){(const uint8_t *)value, strlen(value)});
}

static int add_description(const struct tus *t, struct curl_slist **headers, struct err *e)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT(8192);

    add_pair(&line, "filename", t->upload->filename);
    add_pair(&line, "case", t->upload->case_id);
    add_pair(&line, "sha256", t->upload->sha256);
    if (buf_check(&line, "Upload-Metadata", e) != 0 || http_add(headers, e, version) != 0 ||
        http_add(headers, e, "Content-Type:") != 0 ||
        http_add(headers, e, "Upload-Length: %" PRId64, t->upload->size) != 0)
        return -e->code;
    return http_add(headers, e, "Upload-Metadata: %s", buf_c(&line));
}

/* It answers where the upload is. */
static int take_place(struct tus *t, const char *url, struct err *e)
{
    CLEANUP(buf_done) struct buf place = BUF_INIT(UPLOAD_PLACE_BYTES);

    if (address_resolve(url, http_header(&t->http, "Location"), &place, e) != 0)
        return -e->code;
    buf_clear(&t->place);
    buf_add_str(&t->place, buf_str(&place));
    t->upload->calls->keep(t->upload->ctx, buf_c(&t->place));
    t->offset = 0;
    t->step = TUS_SEND;
    retry_got_through(&t->retry);
    return buf_check(&t->place, "address of the upload", e);
}

int tus_create(struct tus *t, struct err *e)
{
    CLEANUP(http_free_list) struct curl_slist *headers = NULL;
    CLEANUP(buf_done) struct buf url = BUF_INIT(16384);

    if (t->n_created == CREATED_AT_MOST)
        return err_set(e, ERR_GONE, "%s: the upload was begun %d times, and each time the server forgot it",
                       t->upload->url, CREATED_AT_MOST);
    add_uploads(t, &url);
    if (add_description(t, &headers, e) != 0)
        return -e->code;
    t->offset = 0;
    int r = ask(t, "POST", buf_c(&url), headers, e);
    if (r != HTTP_DONE)
        return r;
    if (t->http.status == 201) {
        t->n_created++;
        return take_place(t, buf_c(&url), e);
    }
    if (!t->http.speaks_tus && (t->http.status == 404 || t->http.status == 405 || t->http.status == 501)) {
        t->step = TUS_POST;
        return HTTP_DONE;
    }
    return http_refused(&t->http, e);
}

/* The server knows it no more: it has expired, or is another's now. */
static int begin_anew(struct tus *t)
{
    struct upload_calls const *calls = t->upload->calls;

    calls->say(t->upload->ctx, "the server has forgotten the part that was sent before; sending begins anew");
    calls->keep(t->upload->ctx, "");
    buf_clear(&t->place);
    t->offset = 0;
    t->step = TUS_CREATE;
    return HTTP_DONE;
}

static bool is_forgotten(const struct tus *t)
{
    return t->http.status == 404 || t->http.status == 410;
}

/* --- where it is --- */

static int all_is_there(struct tus *t, struct err *e)
{
    t->step = TUS_DONE;
    return receipt_from_headers(t, e);
}

static void say_that_it_goes_on(const struct tus *t, int64_t offset)
{
    char line[128];

    (void)snprintf(line, sizeof(line),
                   "going on with an earlier one: %" PRId64 " of %" PRId64 " KiB are there", offset / 1024,
                   t->upload->size / 1024);
    t->upload->calls->say(t->upload->ctx, line);
}

int tus_find(struct tus *t, struct err *e)
{
    int r = ask_place(t, "HEAD", e);
    int64_t offset = http_number(&t->http, "Upload-Offset"), length = http_number(&t->http, "Upload-Length");

    if (r != HTTP_DONE)
        return r;
    if (is_forgotten(t))
        return begin_anew(t);
    if (t->http.status != 200 && t->http.status != 204)
        return http_refused(&t->http, e);
    if (offset < 0)
        return err_set(e, ERR_FORMAT, "%s: does not say how much of the bundle it has", t->upload->url);
    if (offset > t->upload->size || (length >= 0 && length != t->upload->size))
        return begin_anew(t);
    if (offset > t->offset)
        retry_got_through(&t->retry);
    if (t->n_created == 0 && t->offset == 0 && offset > 0)
        say_that_it_goes_on(t, offset);
    t->offset = offset;
    t->step = TUS_SEND;
    return offset == t->upload->size ? all_is_there(t, e) : HTTP_DONE;
}

/* --- pieces --- */

static int add_piece(const struct tus *t, int64_t len, struct curl_slist **headers, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(128);
    uint8_t digest[UPLOAD_SHA256_BYTES];

    if (http_add(headers, e, version) != 0 ||
        http_add(headers, e, "Content-Type: application/offset+octet-stream") != 0 ||
        http_add(headers, e, "Upload-Offset: %" PRId64, t->offset) != 0)
        return -e->code;
    if (!t->has_checksum)
        return 0;
    if (t->upload->calls->hash(t->upload->ctx, t->offset, len, digest, e) != 0)
        return err_wrap(e, "reading the bundle");
    base64_add(&text, (struct bytes){digest, sizeof(digest)});
    return http_add(headers, e, "Upload-Checksum: sha256 %s", buf_c(&text));
}

/* Proxies that know PATCH not, or do not like it, answer themselves; some close the connection. */
static bool is_proxys_no(const struct tus *t)
{
    long s = t->http.status;

    return !t->http.with_post && !t->http.speaks_tus &&
           (s == 400 || s == 403 || s == 405 || s == 411 || s == 501);
}

static int with_post(struct tus *t)
{
    t->upload->calls->say(t->upload->ctx, "a proxy does not let PATCH through; going on with POST");
    t->http.with_post = true;
    t->step = TUS_FIND;
    return HTTP_DONE;
}

static int broke_off(struct tus *t, int r)
{
    t->step = TUS_FIND; /* before anything is sent again: how much has arrived? */
    piece_broke(t);
    if (r == HTTP_AGAIN && ++t->n_broken % BROKEN_BEFORE_POST == 0)
        t->http.with_post = !t->http.with_post;
    return r;
}

static int refused(struct tus *t, struct err *e)
{
    if (is_proxys_no(t))
        return with_post(t);
    if (is_forgotten(t))
        return begin_anew(t);
    if (!t->http.speaks_tus && t->http.status >= 500)
        return broke_off(t, http_refused(&t->http, e));
    t->step = TUS_FIND;
    if (t->http.status == 460 && ++t->n_damaged == DAMAGED_AT_MOST)
        return err_set(e, ERR_CHECKSUM,
                       "%s: what arrives there is not what is sent, %d times one after the other",
                       t->upload->url, DAMAGED_AT_MOST);
    return http_refused(&t->http, e);
}

static int arrived(struct tus *t, int64_t len, struct err *e)
{
    int64_t offset = http_number(&t->http, "Upload-Offset");

    if (offset <= t->offset || offset > t->offset + len) {
        t->step = TUS_FIND;
        (void)err_set(e, ERR_FORMAT, "%s: took a piece and does not say how much of it", t->upload->url);
        return HTTP_AGAIN;
    }
    t->offset = offset;
    t->n_damaged = t->n_broken = 0;
    retry_got_through(&t->retry);
    if (offset < t->upload->size)
        return HTTP_DONE;
    if (http_header(&t->http, "X-Certtriage-Bundle")[0] != 0)
        return all_is_there(t, e);
    t->step = TUS_FIND; /* was it the server that answered, or somebody between? */
    return HTTP_DONE;
}

int tus_send(struct tus *t, struct err *e)
{
    CLEANUP(http_free_list) struct curl_slist *headers = NULL;
    const struct upload *u = t->upload;
    int64_t left = u->size - t->offset, len = left < t->piece ? left : t->piece;
    struct http_request q = {.method = "PATCH", .url = buf_c(&t->place), .from = t->offset, .len = len};
    unsigned began = u->calls->ticks(u->ctx);

    if (add_piece(t, len, &headers, e) != 0)
        return -e->code;
    q.headers = headers;
    int r = http_ask(&t->http, &q, e);
    if (r != HTTP_DONE)
        return broke_off(t, r);
    if (t->http.status != 204 && t->http.status != 200)
        return refused(t, e);
    piece_took(t, u->calls->ticks(u->ctx) - began);
    return arrived(t, len, e);
}

void tus_end(struct tus *t)
{
    struct err ignored = {0};

    if (t->place.len > 0)
        (void)ask_place(t, "DELETE", &ignored);
    t->upload->calls->keep(t->upload->ctx, "");
}
