/* SPDX-License-Identifier: Apache-2.0
 *
 * The upload against a server on loopback that answers as it is told and keeps what it got. */
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
#include "upload.h"

#define HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

struct server {
    int listener, port;
    const char *answer;
    struct buf got;
    pthread_t thread;
};

/* One connection: the whole request, then the answer. */
static void *serve(void *ctx)
{
    struct server *s = ctx;
    char piece[4096];
    ssize_t n;
    int c = accept(s->listener, NULL, NULL);
    const char *end;

    while (c >= 0 && ((end = strstr(buf_c(&s->got), "\r\n\r\n")) == NULL || strlen(end + 4) < 3)) {
        n = recv(c, piece, sizeof(piece), 0);
        if (n <= 0)
            break;
        buf_add(&s->got, piece, (size_t)n);
    }
    if (c >= 0) {
        (void)!write(c, s->answer, strlen(s->answer));
        close(c);
    }
    return NULL;
}

static void start(struct server *s, const char *answer)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);

    *s = (struct server){.answer = answer, .got = BUF_INIT(1 << 20)};
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
    (void)pthread_join(s->thread, NULL);
    close(s->listener);
    buf_done(&s->got);
}

static int64_t give(void *ctx, int64_t offset, void *data, size_t room, struct err *e)
{
    size_t n = 3 - (size_t)offset < room ? 3 - (size_t)offset : room;

    (void)ctx, (void)e;
    memcpy(data, &"abc"[offset], n);
    return (int64_t)n;
}

static int send_to(struct server *s, char case_id[UPLOAD_CASE_BYTES], struct err *e)
{
    char url[64];
    struct upload u = {.url = url,
                       .token = STR(" ct_token-1\r\n"),
                       .case_id = "c-1",
                       .sha256 = HASH,
                       .size = 3,
                       .read = give};

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/", s->port);
    return upload_send(&u, case_id, e);
}

#define CREATED "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"

static void a_bundle_is_sent_and_acknowledged(void **state)
{
    struct server s;
    struct err e = {0};
    char case_id[UPLOAD_CASE_BYTES];

    (void)state;
    start(&s, CREATED "{\"bundle\":\"" HASH "\",\"case\":\"c-1\"}");
    if (send_to(&s, case_id, &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(case_id, "c-1");
    assert_non_null(strstr(buf_c(&s.got), "POST /api/v1/bundles HTTP/1.1\r\n"));
    assert_non_null(strstr(buf_c(&s.got), "\r\nAuthorization: Bearer ct_token-1\r\n"));
    assert_non_null(strstr(buf_c(&s.got), "\r\nContent-Type: application/zip\r\n"));
    assert_non_null(strstr(buf_c(&s.got), "\r\nX-Certtriage-Case: c-1\r\n"));
    assert_non_null(strstr(buf_c(&s.got), "\r\nX-Certtriage-SHA256: " HASH "\r\n"));
    assert_non_null(strstr(buf_c(&s.got), "\r\nContent-Length: 3\r\n"));
    assert_non_null(strstr(buf_c(&s.got), "\r\n\r\nabc"));
    stop(&s);
}

static void answers_that_are_no_acknowledgement_are_errors(void **state)
{
    static const struct {
        const char *answer;
        int code;
        const char *says;
    } cases[] = {
        {CREATED "{\"bundle\":\"00\"}", ERR_FORMAT, "SHA-256"},
        {CREATED "{}", ERR_FORMAT, "names no bundle"},
        {CREATED "not json", ERR_FORMAT, "names no bundle"},
        {"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n{\"detail\":\"token: expired\"}",
         ERR_UNAUTHORIZED, "token: expired"},
        {"HTTP/1.1 413 Too Large\r\nConnection: close\r\n\r\n", ERR_LIMIT, "413"},
        {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\n\r\n", ERR_IO, "302"},
        {"HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n{\"detail\":\"\\u001b[31m\"}", ERR_IO, "500"},
        {"rubbish", ERR_IO, ""},
        {"", ERR_IO, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct server s;
        struct err e = {0};
        char case_id[UPLOAD_CASE_BYTES];
        start(&s, cases[i].answer);
        assert_int_equal(send_to(&s, case_id, &e), -cases[i].code);
        if (strstr(e.text, cases[i].says) == NULL)
            fail_msg("%zu: %s", i, e.text);
        assert_null(strchr(e.text, 27));
        stop(&s);
    }
}

static void nobody_there_is_one_clear_line(void **state)
{
    struct server s;
    struct err e = {0};
    char case_id[UPLOAD_CASE_BYTES];
    struct upload u = {
        .url = "http://127.0.0.1:1", .token = STR("t"), .sha256 = HASH, .size = 3, .read = give};

    (void)state, (void)s;
    assert_int_equal(upload_send(&u, case_id, &e), -ERR_IO);
    assert_non_null(strstr(e.text, "http://127.0.0.1:1: "));
    assert_null(strchr(e.text, '\n'));
}

static void a_token_cannot_end_its_header_line(void **state)
{
    struct err e = {0};
    char case_id[UPLOAD_CASE_BYTES];
    struct upload u = {
        .url = "http://127.0.0.1:1", .token = STR("a\r\nX-Evil: 1"), .sha256 = HASH, .size = 3, .read = give};

    (void)state;
    assert_int_equal(upload_send(&u, case_id, &e), -ERR_USAGE);
    u.token = STR("  ");
    assert_int_equal(upload_send(&u, case_id, &e), -ERR_USAGE);
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
        cmocka_unit_test(a_bundle_is_sent_and_acknowledged),
        cmocka_unit_test(answers_that_are_no_acknowledgement_are_errors),
        cmocka_unit_test(nobody_there_is_one_clear_line),
        cmocka_unit_test(a_token_cannot_end_its_header_line),
        cmocka_unit_test(only_https_or_loopback),
    };

    /* the machine's proxy has no part in this */
    (void)unsetenv("http_proxy");
    (void)unsetenv("all_proxy");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
