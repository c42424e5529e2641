/* SPDX-License-Identifier: Apache-2.0
 *
 * The upload against a server on loopback that answers as it is told and keeps what it got. Against real
 * servers: test_upload_breaks.sh, test_upload_restarts.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "text.h"
#include "upload.h"

#define HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define CLOSE "Connection: close\r\n"
#define TUS "Tus-Resumable: 1.0.0\r\n" CLOSE
#define NO_TUS "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n" CLOSE "\r\n"
#define MEETS                                                                                                \
    "HTTP/1.1 204 No Content\r\nTus-Version: 0.9,1.0.0\r\nTus-Extension: creation,checksum\r\n"              \
    "Tus-Checksum-Algorithm: sha1,sha256\r\n" TUS "\r\n"
#define BEGUN "HTTP/1.1 201 Created\r\nLocation: uploads/7\r\nContent-Length: 0\r\n" TUS "\r\n"
#define TAKEN                                                                                                \
    "HTTP/1.1 204 No Content\r\nUpload-Offset: 3\r\nX-Certtriage-Bundle: " HASH                              \
    "\r\nX-Certtriage-Case: c-1\r\n" TUS "\r\n"
#define CREATED "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n" CLOSE "\r\n"

enum { ANSWERS = 8 };
struct server {
    int listener, port;
    const char *answers[ANSWERS]; /* one a connection; NULL: no more */
    struct buf got;
    pthread_t thread;
};

static size_t declared(const char *request)
{
    const char *length = strstr(request, "\r\nContent-Length: ");

    return length == NULL ? 0 : (size_t)strtoul(length + 18, NULL, 10);
}

/* One connection: the whole request, then the answer. */
static void serve_one(struct server *s, int c, const char *answer)
{
    char piece[4096];
    size_t from = s->got.len;
    const char *end = NULL;
    ssize_t n = 1;

    while (n > 0 && ((end = s->got.len > from ? strstr(buf_c(&s->got) + from, "\r\n\r\n") : NULL) == NULL ||
                     strlen(end + 4) < declared(buf_c(&s->got) + from))) {
        n = recv(c, piece, sizeof(piece), 0);
        if (n > 0)
            buf_add(&s->got, piece, (size_t)n);
    }
    (void)!write(c, answer, strlen(answer));
    close(c);
}

static void *serve(void *ctx)
{
    struct server *s = ctx;

    for (size_t i = 0; i < ANSWERS && s->answers[i] != NULL; i++) {
        int c = accept(s->listener, NULL, NULL);
        if (c < 0)
            return NULL;
        serve_one(s, c, s->answers[i]);
    }
    return NULL;
}

static void start(struct server *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);

    s->got = BUF_INIT(1 << 20);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(listen(s->listener, 1), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&a, &len), 0);
    s->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void stop(struct server *s)
{
    (void)shutdown(s->listener, SHUT_RDWR); /* what was not asked for is not waited for */
    (void)pthread_join(s->thread, NULL);
    close(s->listener);
    buf_done(&s->got);
}

/* --- the caller of the upload: three bytes, and a clock that only waiting moves --- */

struct caller {
    unsigned now_ms, n_waits, read_ms; /* read_ms: how long reading takes, once */
    bool stops;
    char place[UPLOAD_PLACE_BYTES], said[4096];
};

static int64_t give(void *ctx, int64_t offset, void *data, size_t room, struct err *e)
{
    size_t n = 3 - (size_t)offset < room ? 3 - (size_t)offset : room;

    struct caller *c = ctx;

    (void)e;
    c->now_ms += c->read_ms;
    c->read_ms = 0;
    memcpy(data, &"abc"[offset], n);
    return (int64_t)n;
}

static int hash(void *ctx, int64_t offset, int64_t len, uint8_t ret[UPLOAD_SHA256_BYTES], struct err *e)
{
    size_t n = 0;

    (void)ctx, (void)offset, (void)len, (void)e;
    assert_true(text_unhex(STR(HASH), ret, UPLOAD_SHA256_BYTES, &n));
    return 0;
}

static void keep(void *ctx, const char *place)
{
    struct caller *c = ctx;

    (void)snprintf(c->place, sizeof(c->place), "%s", place);
}

static bool wait_ms(void *ctx, unsigned ms)
{
    struct caller *c = ctx;

    c->now_ms += ms;
    c->n_waits++;
    return !c->stops;
}

static bool progress(void *ctx, int64_t sent)
{
    (void)ctx;
    assert_in_range(sent, 0, 3);
    return true;
}

static bool forget(void *ctx)
{
    return ((struct caller *)ctx)->stops;
}

static void say(void *ctx, const char *line)
{
    struct caller *c = ctx;

    (void)snprintf(c->said, sizeof(c->said), "%s", line);
}

static unsigned ticks(void *ctx)
{
    return ((struct caller *)ctx)->now_ms;
}

static uint32_t chance(void *ctx)
{
    (void)ctx;
    return 0;
}

static const struct upload_calls calls = {give, hash, keep, wait_ms, progress, forget, say, ticks, chance};

static struct upload bundle(struct caller *c, const char *url)
{
    return (struct upload){.url = url,
                           .token = STR(" ct_token-1\r\n"),
                           .case_id = "c-1",
                           .filename = "a.zip",
                           .sha256 = HASH,
                           .size = 3,
                           .patience_ms = 10000,
                           .calls = &calls,
                           .ctx = c};
}

static int send_to(struct server *s, struct caller *c, struct upload_receipt *ret, struct err *e)
{
    char url[64] = "";
    struct upload u = bundle(c, url);

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/pre/", s->port);
    return upload_send(&u, ret, e);
}

static void a_bundle_is_sent_by_tus(void **state)
{
    struct server s = {.answers = {MEETS, BEGUN, TAKEN}};
    struct caller c = {0};
    struct upload_receipt receipt = {0};
    struct err e = {0};

    (void)state;
    start(&s);
    if (send_to(&s, &c, &receipt, &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(receipt.case_id, "c-1");
    assert_true(receipt.is_compared);
    assert_string_equal(c.place, "");
    const char *got = buf_c(&s.got);
    assert_non_null(strstr(got, "OPTIONS /pre/api/v1/uploads HTTP/1.1\r\n"));
    assert_non_null(strstr(got, "POST /pre/api/v1/uploads HTTP/1.1\r\n"));
    assert_non_null(strstr(got, "\r\nUpload-Length: 3\r\n"));
    /* RFC 4648 10 has "Zm9vYmFy" and its like; these are a.zip and c-1 */
    assert_non_null(strstr(got, "\r\nUpload-Metadata: filename YS56aXA=,case Yy0x,sha256 "));
    assert_non_null(strstr(got, "PATCH /pre/api/v1/uploads/7 HTTP/1.1\r\n"));
    assert_non_null(strstr(got, "\r\nUpload-Offset: 0\r\n"));
    assert_non_null(strstr(got, "\r\nContent-Type: application/offset+octet-stream\r\n"));
    assert_non_null(
        strstr(got, "\r\nUpload-Checksum: sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\r\n"));
    assert_non_null(strstr(got, "\r\nAuthorization: Bearer ct_token-1\r\n"));
    assert_non_null(strstr(got, "\r\n\r\nabc"));
    stop(&s);
}

static void a_server_without_tus_gets_one_post(void **state)
{
    struct server s = {.answers = {NO_TUS, NO_TUS, CREATED "{\"bundle\":\"" HASH "\",\"case\":\"c-1\"}"}};
    struct caller c = {0};
    struct upload_receipt receipt = {0};
    struct err e = {0};

    (void)state;
    start(&s);
    if (send_to(&s, &c, &receipt, &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(receipt.case_id, "c-1");
    const char *post = strstr(buf_c(&s.got), "POST /pre/api/v1/bundles HTTP/1.1\r\n");
    assert_non_null(post);
    assert_non_null(strstr(post, "\r\nAuthorization: Bearer ct_token-1\r\n"));
    assert_non_null(strstr(post, "\r\nContent-Type: application/zip\r\n"));
    assert_non_null(strstr(post, "\r\nX-Certtriage-Case: c-1\r\n"));
    assert_non_null(strstr(post, "\r\nX-Certtriage-SHA256: " HASH "\r\n"));
    assert_non_null(strstr(post, "\r\nContent-Length: 3\r\n"));
    assert_non_null(strstr(post, "\r\n\r\nabc"));
    stop(&s);
}

static void answers_that_are_no_acknowledgement_are_errors(void **state)
{
    static const struct {
        const char *answers[ANSWERS];
        int code;
        const char *says;
    } cases[] = {
        {{NO_TUS, NO_TUS, CREATED "{\"bundle\":\"00\"}"}, ERR_CHECKSUM, "SHA-256"},
        {{NO_TUS, NO_TUS, CREATED "{}"}, ERR_FORMAT, "names no bundle"},
        {{NO_TUS, NO_TUS, CREATED "not json"}, ERR_FORMAT, "names no bundle"},
        {{"HTTP/1.1 401 Unauthorized\r\n" CLOSE "\r\n{\"detail\":\"token: expired\"}"},
         ERR_UNAUTHORIZED,
         "token: expired"},
        {{MEETS, "HTTP/1.1 413 Too Large\r\n" TUS "\r\n"}, ERR_LIMIT, "413"},
        {{MEETS, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n" CLOSE "\r\n"}, ERR_FORMAT, "302"},
        {{MEETS, "HTTP/1.1 418 Oops\r\n" CLOSE "\r\n{\"detail\":\"\\u001b[31m\"}"}, ERR_IO, "418"},
        {{MEETS, "HTTP/1.1 201 Created\r\n" TUS "\r\n"}, ERR_FORMAT, "no address"},
        {{MEETS, "HTTP/1.1 201 Created\r\nLocation: //127.0.0.2/x\r\n" TUS "\r\n"},
         ERR_DENIED,
         "another server"},
        {{MEETS, BEGUN, "HTTP/1.1 403 No\r\n" TUS "\r\n"}, ERR_DENIED, "403"},
        {{"HTTP/1.1 204 No Content\r\nTus-Version: 1.0.0\r\nTus-Max-Size: 2\r\n" TUS "\r\n"},
         ERR_LIMIT,
         "at most 2"},
        {{"rubbish"}, ERR_IO, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct server s = {0};
        struct caller c = {0};
        struct upload_receipt receipt;
        struct err e = {0};
        memcpy(s.answers, cases[i].answers, sizeof(s.answers));
        start(&s);
        int r = send_to(&s, &c, &receipt, &e);
        if (r != -cases[i].code || strstr(e.text, cases[i].says) == NULL)
            fail_msg("%zu: %d: %s", i, r, e.text);
        assert_null(strchr(e.text, 27));
        stop(&s);
    }
}

static void a_server_that_asks_to_wait_is_waited_for(void **state)
{
    struct server s = {.answers = {"HTTP/1.1 429 Later\r\nRetry-After: 7\r\nContent-Length: 0\r\n" CLOSE
                                   "\r\n",
                                   MEETS, BEGUN, TAKEN}};
    struct caller c = {0};
    struct upload_receipt receipt;
    struct err e = {0};

    (void)state;
    start(&s);
    if (send_to(&s, &c, &receipt, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(c.n_waits, 1);
    assert_int_equal(c.now_ms, 7000);
    stop(&s);
}

static void a_slow_piece_that_breaks_off_is_tried_again(void **state)
{
    struct server s = {.answers = {MEETS, BEGUN, "",
                                   "HTTP/1.1 200 OK\r\nUpload-Offset: 0\r\nUpload-Length: 3\r\n" TUS "\r\n",
                                   TAKEN}};
    struct caller c = {.read_ms = 3600000};
    struct upload_receipt receipt;
    struct err e = {0};

    (void)state;
    start(&s);
    if (send_to(&s, &c, &receipt, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(c.n_waits, 1);
    assert_non_null(strstr(c.said, "trying again in 0.5 s"));
    stop(&s);
}

static void nobody_there_is_given_up_in_bounded_time(void **state)
{
    struct err e = {0};
    struct caller c = {0};
    struct upload_receipt receipt;
    struct upload u = bundle(&c, "http://127.0.0.1:1");

    (void)state;
    assert_int_equal(upload_send(&u, &receipt, &e), -ERR_TIMEOUT);
    assert_non_null(strstr(e.text, "http://127.0.0.1:1: "));
    assert_null(strchr(e.text, '\n'));
    assert_int_equal(c.now_ms, 10000);
    assert_in_range(c.n_waits, 4, 6); /* 0.5, 1, 2, 4 s, and what is left */
    u.patience_ms = 3600000;          /* of one that never answered: a minute */
    c = (struct caller){0};
    assert_int_equal(upload_send(&u, &receipt, &e), -ERR_TIMEOUT);
    assert_int_equal(c.now_ms, 60000);
}

static void who_stops_is_asked_what_to_leave(void **state)
{
    struct server s = {.answers = {MEETS, BEGUN, "", "HTTP/1.1 204 No Content\r\n" TUS "\r\n"}};
    struct caller c = {.stops = true};
    struct upload_receipt receipt;
    struct err e = {0};

    (void)state;
    start(&s);
    assert_int_equal(send_to(&s, &c, &receipt, &e), -ERR_GONE);
    assert_non_null(strstr(buf_c(&s.got), "DELETE /pre/api/v1/uploads/7 HTTP/1.1\r\n"));
    assert_string_equal(c.place, "");
    stop(&s);
}

static void a_token_cannot_end_its_header_line(void **state)
{
    struct err e = {0};
    struct caller c = {0};
    struct upload_receipt receipt;
    struct upload u = bundle(&c, "http://127.0.0.1:1");

    (void)state;
    u.token = STR("a\r\nX-Evil: 1");
    assert_int_equal(upload_send(&u, &receipt, &e), -ERR_USAGE);
    u.token = STR("  ");
    assert_int_equal(upload_send(&u, &receipt, &e), -ERR_USAGE);
}

static void only_https_or_loopback(void **state)
{
    static const char *const yes[] = {"https://h",         "HTTPS://h:8443/prefix", "http://127.0.0.1:80",
                                      "http://localhost/", "http://[::1]:8080/x",   "http://127.1.2.3"};
    static const char *const no[] = {"http://h",
                                     "http://127.0.0.1.evil.test",
                                     "http://localhost.evil.test",
                                     "ftp://h",
                                     "https://",
                                     "https://u:p@h",
                                     "https://h?x",
                                     "https://h/#f",
                                     "http://[::1]evil",
                                     "http://10.0.0.1",
                                     "https://h\\@x",
                                     "",
                                     "http://127.0.0.1@h/",
                                     "https://h/a b"};

    (void)state;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        if (!upload_url_is_allowed(str_from(yes[i])))
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        if (upload_url_is_allowed(str_from(no[i])))
            fail_msg("%s", no[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_is_sent_by_tus),
        cmocka_unit_test(a_server_without_tus_gets_one_post),
        cmocka_unit_test(answers_that_are_no_acknowledgement_are_errors),
        cmocka_unit_test(a_server_that_asks_to_wait_is_waited_for),
        cmocka_unit_test(a_slow_piece_that_breaks_off_is_tried_again),
        cmocka_unit_test(nobody_there_is_given_up_in_bounded_time),
        cmocka_unit_test(who_stops_is_asked_what_to_leave),
        cmocka_unit_test(a_token_cannot_end_its_header_line),
        cmocka_unit_test(only_https_or_loopback),
    };

    /* the machine's proxy has no part in this */
    (void)unsetenv("http_proxy");
    (void)unsetenv("all_proxy");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
