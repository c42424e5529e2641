/* SPDX-License-Identifier: Apache-2.0
 *
 * The collector's own ClientHello before a real TLS server (openssl s_server), and the end of the server's
 * flight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tls_hello.h"

enum { WAIT_MS = 10000 };

static char folder[] = "/tmp/certtriage-hello-XXXXXX";
static const uint8_t RANDOM[TLS_HELLO_RANDOM] = {1, 2, 3};

/* Runs a line of shell; 0 when it went well. */
static int shell(const char *line)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        (void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

static int make_certificate(void **state)
{
    char command[512];

    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(command, sizeof(command),
                   "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "
                   "key.pem -out cert.pem "
                   "-subj /CN=www.contoso.com -days 30 >/dev/null 2>&1",
                   folder);
    return shell(command);
}

static int remove_folder(void **state)
{
    char command[512];

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    return shell(command);
}

/* --- a server of its own for each test --- */

struct server {
    pid_t pid;
    int port;
    char log[512];
};

static int port_in(const char *path)
{
    char line[256];
    int port = 0;
    FILE *f = fopen(path, "r");

    while (f != NULL && port == 0 && fgets(line, sizeof(line), f) != NULL)
        if (strncmp(line, "ACCEPT ", 7) == 0 && strrchr(line, ':') != NULL)
            port = (int)strtol(strrchr(line, ':') + 1, NULL, 10);
    if (f != NULL)
        (void)fclose(f);
    return port;
}

static struct server start(const char *options)
{
    struct server s = {0};
    char command[1024];

    (void)snprintf(s.log, sizeof(s.log), "%s/log", folder);
    (void)unlink(s.log);
    (void)snprintf(command, sizeof(command),
                   "cd %s && exec openssl s_server -accept 127.0.0.1:0 -cert cert.pem -key key.pem -CAfile "
                   "cert.pem -www %s >log 2>&1 "
                   "</dev/null",
                   folder, options);
    s.pid = fork();
    if (s.pid == 0) {
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; s.port == 0 && i < WAIT_MS / 20; i++) {
        s.port = port_in(s.log);
        (void)usleep(20000);
    }
    assert_int_not_equal(s.port, 0);
    return s;
}

static void stop(const struct server *s)
{
    (void)kill(s->pid, SIGTERM);
    (void)waitpid(s->pid, NULL, 0);
}

/* --- one connection --- */

static struct tls_flight talk(const struct server *s, bool with_tls13, const char *sni, struct buf *server)
{
    CLEANUP(buf_done) struct buf hello = BUF_INIT(4096);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)s->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct tls_flight flight = {.state = TLS_FLIGHT_MORE};
    struct err e = {0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    tls_hello(&hello, with_tls13, str_from(sni), RANDOM);
    assert_int_equal(hello.failed, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(send(fd, hello.p, hello.len, 0), hello.len);
    while (flight.state == TLS_FLIGHT_MORE) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        char *room = buf_reserve(server, 4096);
        assert_int_equal(poll(&p, 1, WAIT_MS), 1);
        ssize_t n = recv(fd, room, 4096, 0);
        assert_true(n > 0);
        buf_wrote(server, (size_t)n);
        assert_int_equal(tls_flight_read((struct bytes){(uint8_t *)server->p, server->len}, &flight, &e), 0);
    }
    (void)close(fd);
    return flight;
}

/* Is there a handshake message of this type in what the server sent? Each message begins a record here. */
static bool has_message(const struct buf *server, int type)
{
    const uint8_t *p = (const uint8_t *)server->p;

    for (size_t at = 0; at + 6 <= server->len; at += 5 + (size_t)(p[at + 3] << 8 | p[at + 4]))
        if (p[at] == 22 && p[at + 5] == type)
            return true;
    return false;
}

static void test_tls12_asks_for_a_certificate(void **state)
{
    CLEANUP(buf_done) struct buf server = BUF_INIT(65536);
    struct server s = start("-tls1_2 -Verify 1");
    struct tls_flight flight = talk(&s, false, "", &server);
    struct err e = {0};

    (void)state;
    stop(&s);
    assert_int_equal(flight.state, TLS_FLIGHT_DONE);
    assert_true(has_message(&server, 13));
    assert_true(has_message(&server, 14));
    for (size_t n = 0; n < server.len; n++) { /* no shorter answer is a whole one */
        assert_int_equal(tls_flight_read((struct bytes){(uint8_t *)server.p, n}, &flight, &e), 0);
        assert_int_equal(flight.state, TLS_FLIGHT_MORE);
    }
}

static void test_tls12_is_chosen_from_a_hello_with_both(void **state)
{
    CLEANUP(buf_done) struct buf server = BUF_INIT(65536);
    struct server s = start("-tls1_2");
    struct tls_flight flight = talk(&s, true, "www.contoso.com", &server);

    (void)state;
    stop(&s);
    assert_int_equal(flight.state, TLS_FLIGHT_DONE);
    assert_false(has_message(&server, 13));
}

static void test_tls13(void **state)
{
    CLEANUP(buf_done) struct buf server = BUF_INIT(65536);
    struct server s = start("-tls1_3 -Verify 1");
    struct tls_flight flight = talk(&s, true, "www.contoso.com", &server);

    (void)state;
    stop(&s);
    assert_int_equal(flight.state, TLS_FLIGHT_ENCRYPTED);
}

static void test_tls13_request_to_try_again(void **state)
{
    CLEANUP(buf_done) struct buf server = BUF_INIT(65536);
    struct server s = start("-tls1_3 -groups P-384");
    struct tls_flight flight = talk(&s, true, "", &server);

    (void)state;
    stop(&s);
    assert_int_equal(flight.state, TLS_FLIGHT_ENCRYPTED);
}

static void test_no_common_version(void **state)
{
    CLEANUP(buf_done) struct buf server = BUF_INIT(65536);
    struct server s = start("-tls1_3");
    struct tls_flight flight = talk(&s, false, "", &server);

    (void)state;
    stop(&s);
    assert_int_equal(flight.state, TLS_FLIGHT_ALERT);
    assert_int_equal(flight.alert, 70); /* protocol_version */
}

static void test_server_name(void **state)
{
    CLEANUP(buf_done) struct buf server = BUF_INIT(65536);
    struct server s =
        start("-tls1_2 -servername www.contoso.com -servername_fatal -cert2 cert.pem -key2 key.pem");
    struct tls_flight flight = talk(&s, false, "www.contoso.com", &server);

    (void)state;
    assert_int_equal(flight.state, TLS_FLIGHT_DONE);
    buf_clear(&server);
    flight = talk(&s, false, "other.contoso.com", &server);
    stop(&s);
    assert_int_equal(flight.state, TLS_FLIGHT_ALERT);
    assert_int_equal(flight.alert, 112); /* unrecognized_name */
}

static struct tls_flight read_bytes(const char *text, size_t len)
{
    struct tls_flight flight;
    struct err e = {0};

    assert_int_equal(tls_flight_read((struct bytes){(const uint8_t *)text, len}, &flight, &e), 0);
    return flight;
}

static void test_bytes_that_no_server_sends(void **state)
{
    static const char HTTP[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    static const char SHORT_HELLO[] = "\x16\3\3\0\6\2\0\0\2\3\3", EMPTY_DONE[] = "\x16\3\3\0\4\x0e\0\0\0";
    static const char LONG_SESSION[] = "\x16\3\3\0\x27\2\0\0\x23\3\3aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xff";

    (void)state;
    assert_int_equal(read_bytes(HTTP, sizeof(HTTP) - 1).state, TLS_FLIGHT_NOT_TLS);
    assert_int_equal(read_bytes(SHORT_HELLO, sizeof(SHORT_HELLO) - 1).state, TLS_FLIGHT_MORE);
    assert_int_equal(read_bytes(LONG_SESSION, sizeof(LONG_SESSION) - 1).state, TLS_FLIGHT_MORE);
    assert_int_equal(read_bytes(EMPTY_DONE, sizeof(EMPTY_DONE) - 1).state, TLS_FLIGHT_DONE);
    assert_int_equal(read_bytes("", 0).state, TLS_FLIGHT_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls12_asks_for_a_certificate),
        cmocka_unit_test(test_tls12_is_chosen_from_a_hello_with_both),
        cmocka_unit_test(test_tls13),
        cmocka_unit_test(test_tls13_request_to_try_again),
        cmocka_unit_test(test_no_common_version),
        cmocka_unit_test(test_server_name),
        cmocka_unit_test(test_bytes_that_no_server_sends),
    };

    return cmocka_run_group_tests(tests, make_certificate, remove_folder);
}
