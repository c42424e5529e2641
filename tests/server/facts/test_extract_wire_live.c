/* SPDX-License-Identifier: Apache-2.0
 *
 * Real handshakes: openssl s_server and s_client on loopback, with a relay between them that writes what goes
 * over it as a capture. What the extractor says is what the two programs were told to do. */
#include "wire_world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 40, STEP_MS = 20, PATIENCE_MS = 15000, QUIET_MS = 700 };

static char folder[] = "/tmp/certtriage-wire-XXXXXX";

struct program {
    pid_t pid;
    int in, out; /* its standard input, and its output */
};

static void start(struct program *p, const char *const *arguments)
{
    int in[2], out[2];

    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0) {
        char *argv[ARGUMENTS_MAX];
        size_t n = 0;
        for (; arguments[n] && n + 1 < ARGUMENTS_MAX; n++)
            argv[n] = strdup(arguments[n]);
        argv[n] = NULL;
        if (chdir(folder) != 0 || dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 || dup2(out[1], 2) < 0)
            _exit(126);
        execvp(argv[0], argv);
        _exit(127);
    }
    (void)close(in[0]);
    (void)close(out[1]);
    p->in = in[1];
    p->out = out[0];
    assert_int_equal(fcntl(p->out, F_SETFL, O_NONBLOCK), 0);
}

static void stop(struct program *p)
{
    (void)close(p->in);
    (void)close(p->out);
    (void)kill(p->pid, SIGKILL);
    (void)waitpid(p->pid, NULL, 0);
}

static void run(const char *const *arguments)
{
    struct program p;
    int status = -1;

    start(&p, arguments);
    (void)close(p.in);
    assert_true(waitpid(p.pid, &status, 0) == p.pid);
    (void)close(p.out);
    assert_int_equal(status, 0);
}

/* The port behind "ACCEPT 127.0.0.1:". */
static uint16_t port_of(const struct program *server)
{
    char text[4096];
    size_t n = 0;

    for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
        ssize_t r = read(server->out, text + n, sizeof text - 1 - n);
        n += r > 0 ? (size_t)r : 0;
        text[n] = '\0';
        const char *at = strstr(text, "ACCEPT 127.0.0.1:");
        if (at && strchr(at, '\n'))
            return (uint16_t)strtoul(at + strlen("ACCEPT 127.0.0.1:"), NULL, 10);
        (void)usleep(STEP_MS * 1000);
    }
    fail_msg("openssl s_server does not listen: %s", text);
    return 0;
}

static int listen_somewhere(uint16_t *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *ret_port = ntohs(at.sin_port);
    return fd;
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void drain(const struct program *p)
{
    char ignored[65536];

    while (read(p->out, ignored, sizeof ignored) > 0)
        continue;
}

/* Hands bytes on, both ways, and writes them down, until one side ends or nothing comes any more. */
static bool relay(struct talk *t, const int fds[2], const struct program *server,
                  const struct program *client)
{
    int quiet = 0;

    for (int waited = 0; waited < PATIENCE_MS && quiet < QUIET_MS; waited += STEP_MS) {
        struct pollfd both[] = {{fds[CLIENT], POLLIN, 0}, {fds[SERVER], POLLIN, 0}};
        char bytes[16384];
        drain(server);
        drain(client);
        if (poll(both, 2, STEP_MS) == 0) {
            quiet += STEP_MS;
            continue;
        }
        quiet = 0;
        for (int from = 0; from < 2; from++) {
            ssize_t n = both[from].revents ? read(fds[from], bytes, sizeof bytes) : -1;
            if (n == 0 || (n < 0 && both[from].revents)) {
                talk_end(t, from);
                return false;
            }
            if (n < 0)
                continue;
            say(t, from, (struct str){bytes, (size_t)n});
            assert_true(write(fds[1 - from], bytes, (size_t)n) == n);
        }
    }
    return true;
}

/* One connection of a client that is told `client_options` to a server that is told `server_options`; the
 * server is typed `typed` once the handshake is done. */
static void one_connection(struct wire *w, const char *server_options, const char *client_options,
                           const char *typed)
{
    struct program server, client;
    char to[64];
    uint16_t port;
    char text[2][512], *rest;
    const char *arguments[ARGUMENTS_MAX] = {"openssl",    "s_server", "-accept",    "127.0.0.1:0", "-cert",
                                            "server.pem", "-key",     "server.key", "-CAfile",     "ca.pem"};
    size_t n = 10;

    (void)snprintf(text[0], sizeof text[0], "%s", server_options);
    (void)snprintf(text[1], sizeof text[1], "%s", client_options);
    for (char *word = strtok_r(text[0], " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        arguments[n++] = word;
    start(&server, arguments);
    uint16_t server_port = port_of(&server);
    int listener = listen_somewhere(&port);
    (void)snprintf(to, sizeof to, "127.0.0.1:%u", (unsigned)port);
    const char *client_arguments[ARGUMENTS_MAX] = {"openssl", "s_client",    "-connect",
                                                   to,        "-servername", "localhost"};
    n = 6;
    for (char *word = strtok_r(text[1], " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        client_arguments[n++] = word;
    start(&client, client_arguments);
    int fds[2] = {accept4(listener, NULL, NULL, SOCK_CLOEXEC), connect_to(server_port)};
    struct talk t = talk_begin(w, port, server_port);
    bool is_open = relay(&t, fds, &server, &client);
    if (is_open && typed) {
        assert_true(write(client.in, "hello\n", 6) == 6); /* application data first */
        is_open = relay(&t, fds, &server, &client);
        assert_true(write(server.in, typed, strlen(typed)) == (ssize_t)strlen(typed));
        is_open = is_open && relay(&t, fds, &server, &client);
    }
    if (is_open)
        talk_end(&t, CLIENT);
    for (int i = 0; i < 2; i++)
        (void)close(fds[i]);
    (void)close(listener);
    stop(&client);
    stop(&server);
}

static void expect_connection(const char *server_options, const char *client_options, const char *typed,
                              const char *expected)
{
    struct wire_world world;
    struct wire w;

    wire_open(&w, LINK_ETHERNET, true);
    one_connection(&w, server_options, client_options, typed);
    world_of(&world, &w);
    world_expect(&world,
                 "SELECT sni, version, asked, asked_why, client_certificate, authorities, renegotiated, "
                 "renegotiated_by, renegotiated_after_data, "
                 "completed FROM handshake",
                 expected);
    world_done(&world);
    buf_done(&w.out);
}

static void a_server_that_asks_gets_a_certificate_or_none(void **state)
{
    (void)state;
    expect_connection("-tls1_2 -Verify 2", "-cert client.pem -key client.key", NULL,
                      "localhost|TLS 1.2|yes|CertificateRequest|sent|1|0|-|-|1");
    expect_connection("-tls1_2 -verify 2", "", NULL,
                      "localhost|TLS 1.2|yes|CertificateRequest|empty|1|0|-|-|1");
    expect_connection("-tls1_2", "", NULL, "localhost|TLS 1.2|no|ServerHelloDone without it|-|-|0|-|-|1");
}

static void a_server_that_must_have_one_sends_an_alert(void **state)
{
    struct wire_world world;
    struct wire w;

    (void)state;
    wire_open(&w, LINK_ETHERNET, false);
    one_connection(&w, "-tls1_2 -Verify 2", "", NULL);
    world_of(&world, &w);
    world_expect(
        &world,
        "SELECT asked, client_certificate, alert_by, alert, alert_fatal, end_by, completed FROM handshake",
        "yes|empty|server|40|1|server|0");
    world_done(&world);
    buf_done(&w.out);
}

static void tls13_hides_it(void **state)
{
    (void)state;
    expect_connection("-tls1_3 -Verify 2", "-cert client.pem -key client.key", NULL,
                      "localhost|TLS 1.3|unknown|TLS 1.3|unknown|-|-|-|-|1");
    expect_connection("-tls1_3", "-enable_pha", NULL, "localhost|TLS 1.3|unknown|TLS 1.3|unknown|-|-|-|-|1");
}

static void a_late_request_is_a_renegotiation_of_the_server(void **state)
{
    (void)state;
    expect_connection("-tls1_2 -legacy_renegotiation", "-cert client.pem -key client.key", "R\n",
                      "localhost|TLS 1.2|unknown|renegotiated|unknown|-|1|server|1|1");
}

static int make_certificates(void **state)
{
    const char *const ca[] = {"openssl",
                              "req",
                              "-x509",
                              "-newkey",
                              "ec",
                              "-pkeyopt",
                              "ec_paramgen_curve:P-256",
                              "-nodes",
                              "-subj",
                              "/CN=Wire test CA",
                              "-keyout",
                              "ca.key",
                              "-out",
                              "ca.pem",
                              NULL};
    static const char *const names[] = {"server", "client"};

    (void)state;
    assert_non_null(mkdtemp(folder));
    run(ca);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char subject[64], key[32], pem[32];
        (void)snprintf(subject, sizeof subject, "/CN=%s", names[i]);
        (void)snprintf(key, sizeof key, "%s.key", names[i]);
        (void)snprintf(pem, sizeof pem, "%s.pem", names[i]);
        const char *const one[] = {
            "openssl", "req",   "-x509", "-newkey", "ec",     "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes",  "-subj", subject, "-CA",     "ca.pem", "-CAkey",   "ca.key",
            "-keyout", key,     "-out",  pem,       NULL};
        run(one);
    }
    return signal(SIGPIPE, SIG_IGN) == SIG_ERR;
}

static int remove_certificates(void **state)
{
    const char *const files[] = {"ca.key", "ca.pem", "server.key", "server.pem", "client.key", "client.pem"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_asks_gets_a_certificate_or_none),
        cmocka_unit_test(a_server_that_must_have_one_sends_an_alert),
        cmocka_unit_test(tls13_hides_it),
        cmocka_unit_test(a_late_request_is_a_renegotiation_of_the_server),
    };
    return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
