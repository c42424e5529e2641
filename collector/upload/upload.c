/* SPDX-License-Identifier: Apache-2.0 */
#include "upload.h"

#include "tus.h"

enum { TOKEN_BYTES = 4096 };

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

/* --- one POST, for a server without tus --- */

static int post_headers(const struct upload *u, struct curl_slist **headers, struct err *e)
{
    if (http_add(headers, e, "X-Certtriage-SHA256: %s", u->sha256) != 0 ||
        http_add(headers, e, "Content-Type: application/zip") != 0)
        return -e->code;
    return u->case_id == NULL || u->case_id[0] == 0
               ? 0
               : http_add(headers, e, "X-Certtriage-Case: %s", u->case_id);
}

static int post_whole(struct tus *t, struct err *e)
{
    CLEANUP(http_free_list) struct curl_slist *headers = NULL;
    CLEANUP(buf_done) struct buf url = BUF_INIT(16384);
    struct http_request q = {.method = "POST", .len = t->upload->size};

    buf_add_str(&url, buf_str(&t->http.base));
    buf_add_c(&url, "/api/v1/bundles");
    if (buf_check(&url, "address", e) != 0 || post_headers(t->upload, &headers, e) != 0)
        return -e->code;
    q.url = buf_c(&url);
    q.headers = headers;
    int r = http_ask(&t->http, &q, e);
    if (r != HTTP_DONE)
        return r;
    if (t->http.status != 201 && t->http.status != 200)
        return http_refused(&t->http, e);
    t->step = TUS_DONE;
    return receipt_from_json(t, e);
}

/* --- the whole --- */

/* A place of an earlier run is a file's word: it must be this server's. */
static void take_up(struct tus *t)
{
    struct err ignored = {0};
    const char *place = t->upload->place;

    if (place != NULL && place[0] != 0)
        (void)address_resolve(buf_c(&t->http.base), place, &t->place, &ignored);
}

static int run(struct tus *t, struct err *e)
{
    static int (*const steps[])(struct tus * t, struct err * e) = {
        [TUS_MEET] = tus_meet, [TUS_CREATE] = tus_create, [TUS_FIND] = tus_find,
        [TUS_SEND] = tus_send, [TUS_POST] = post_whole,
    };

    while (t->step != TUS_DONE) {
        int r = steps[t->step](t, e);
        if (r == HTTP_AGAIN)
            r = retry_wait(&t->retry, t->http.wait_s, t->http.is_met, &t->http.is_stopped, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static void end_tus(struct tus *t)
{
    http_close(&t->http);
    buf_done(&t->place);
}

int upload_send(const struct upload *u, struct upload_receipt *ret, struct err *e)
{
    CLEANUP(end_tus) struct tus t = {.upload = u, .place = BUF_INIT(UPLOAD_PLACE_BYTES)};

    if (check(u, str_trim(u->token), e) != 0 || http_open(&t.http, u, e) != 0)
        return -e->code;
    take_up(&t);
    piece_begin(&t);
    retry_begin(&t.retry, u);
    int r = run(&t, e);
    if (t.http.is_stopped && t.place.len > 0 && u->calls->forget(u->ctx))
        tus_end(&t);
    if (r != 0)
        return r;
    u->calls->keep(u->ctx, "");
    *ret = t.receipt;
    *e = (struct err){0};
    return 0;
}
