/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the server asked for a client certificate, as far as a capture can tell, and why not.
 * Expectations: RFC 5246, 8446. */
#include "wire_talk.h"

/* --- what cannot be known, and why --- */

static void tls13_cannot_be_known_also_after_a_retry(void **state)
{
    static const unsigned VERSIONS[] = {0x0304, 0x0303, 0};
    static const uint8_t RETRY[] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                    0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                    0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

    (void)state;
    for (int with_retry = 0; with_retry < 2; with_retry++) {
        CLEANUP(buf_done)
        struct buf hello = BUF_INIT(4096), answer = BUF_INIT(4096), c = BUF_INIT(4096), s = BUF_INIT(4096);
        struct wire w;
        wire_open(&w, LINK_RAW, false);
        struct talk t = talk_begin(&w, 50000, 443);
        client_hello(&hello, "www.contoso.com", VERSIONS, true);
        server_hello(&answer, 0x0303, true);
        records(&c, R_HANDSHAKE, buf_str(&hello), 0);
        say(&t, CLIENT, buf_str(&c));
        if (with_retry) {
            CLEANUP(buf_done) struct buf retry = BUF_INIT(4096);
            buf_add_str(&retry, buf_str(&answer));
            memcpy(retry.p + 6, RETRY, sizeof RETRY);
            records(&s, R_HANDSHAKE, buf_str(&retry), 0);
            records(&s, R_CIPHER, STR("\x01"), 0);
            say(&t, SERVER, buf_str(&s));
            buf_clear(&s);
            buf_clear(&c);
            records(&c, R_CIPHER, STR("\x01"), 0);
            records(&c, R_HANDSHAKE, buf_str(&hello), 0);
            say(&t, CLIENT, buf_str(&c));
        }
        records(&s, R_HANDSHAKE, buf_str(&answer), 0);
        records(&s, R_CIPHER, STR("\x01"), 0);
        say(&t, SERVER, buf_str(&s));
        say_opaque(&t, SERVER, R_DATA, 2000);
        say_opaque(&t, CLIENT, R_DATA, 80);
        expect_of(&w,
                  "SELECT version, offered, post_handshake_auth, asked, asked_why, client_certificate, "
                  "renegotiated, retry, completed "
                  "FROM handshake",
                  with_retry ? "TLS 1.3|TLS 1.2, TLS 1.3|1|unknown|TLS 1.3|unknown|-|1|1"
                             : "TLS 1.3|TLS 1.2, TLS 1.3|1|unknown|TLS 1.3|unknown|-|0|1");
    }
}

static void a_resumed_session_says_nothing(void **state)
{
    CLEANUP(buf_done) struct buf s = BUF_INIT(4096), c = BUF_INIT(4096);
    struct wire w;

    (void)state;
    wire_open(&w, LINK_RAW, false);
    struct talk t = talk_begin(&w, 50000, 443);
    say_hello(&t);
    server_flight(&s, (struct flight){0x0303, false, false, true, 0});
    encrypt(&s);
    say(&t, SERVER, buf_str(&s));
    encrypt(&c);
    say(&t, CLIENT, buf_str(&c));
    expect_of(&w, "SELECT asked, asked_why, resumed, completed, renegotiated FROM handshake",
              "unknown|resumed|1|1|0");
}

static void a_handshake_after_data_leaves_it_open(void **state)
{
    struct wire w;
    struct wire_world world;

    (void)state;
    wire_open(&w, LINK_RAW, false);
    struct talk t = talk_begin(&w, 50000, 443), u = talk_begin(&w, 50001, 443);
    handshake(&t, SILENT, -1);
    say_opaque(&t, CLIENT, R_DATA, 300);
    say_opaque(&t, SERVER, R_HANDSHAKE, 28); /* HelloRequest */
    say_opaque(&t, CLIENT, R_HANDSHAKE, 200);
    handshake(&u, ASKING, 1);
    say_opaque(&u, CLIENT, R_HANDSHAKE, 200);
    world_of(&world, &w);
    world_expect(&world, ASKED, "unknown|renegotiated|unknown ; yes|CertificateRequest|sent");
    world_expect(&world,
                 "SELECT renegotiated, renegotiated_by, renegotiated_after_data, renegotiated_at > time FROM "
                 "handshake ORDER BY connection",
                 "1|server|1|1 ; 1|client|0|1");
    world_done(&world);
    buf_done(&w.out);
}

static void a_capture_that_begins_later_shows_the_renegotiation(void **state)
{
    struct wire w;

    (void)state;
    wire_open(&w, LINK_RAW, false);
    struct talk t = {.wire = &w, .ports = {50000, 443}, .next = {1, 1}}, u = t;
    u.ports[0] = 50001;
    say_opaque(&t, CLIENT, R_DATA, 300);
    say_opaque(&t, SERVER, R_HANDSHAKE, 28);
    say_opaque(&t, SERVER, R_DATA, 300);
    say_opaque(&u, CLIENT, R_DATA, 300); /* nothing of a handshake: no row */
    say_opaque(&u, SERVER, R_DATA, 300);
    expect_of(&w, "SELECT connection, midway, client_hello, server_hello, asked, asked_why FROM handshake",
              "1|1|0|0|unknown|not recorded");
}

static void a_server_that_ends_it_did_not_answer(void **state)
{
    CLEANUP(buf_done) struct buf alert = BUF_INIT(64);
    struct wire w;
    struct wire_world world;

    (void)state;
    wire_open(&w, LINK_RAW, false);
    struct talk t = talk_begin(&w, 50000, 443), u = talk_begin(&w, 50001, 443),
                v = talk_begin(&w, 50002, 443);
    say_hello(&t);
    records(&alert, R_ALERT, STR("\x02\x28"), 0);
    say(&t, SERVER, buf_str(&alert));
    talk_end(&t, SERVER);
    say_hello(&u);
    segment(&u, SERVER, u.next[SERVER], RST | ACK, STR(""));
    handshake(&v, (struct flight){0x0303, false, false, false, 0}, -1); /* no ServerHelloDone */
    segment(&v, SERVER, v.next[SERVER], RST | ACK, STR(""));
    world_of(&world, &w);
    world_expect(
        &world,
        "SELECT asked_why, alert_by, alert, alert_fatal, end_by, end_how FROM handshake ORDER BY connection",
        "no ServerHello|server|40|1|server|close ; no ServerHello|-|-|-|server|reset ; cut "
        "off|-|-|-|server|reset");
    world_done(&world);
    buf_done(&w.out);
}

static void a_client_that_is_asked_may_end_it(void **state)
{
    CLEANUP(buf_done) struct buf server = BUF_INIT(1 << 16), alert = BUF_INIT(64);
    struct wire w;

    (void)state;
    wire_open(&w, LINK_RAW, false);
    struct talk t = talk_begin(&w, 50000, 443);
    say_hello(&t);
    server_flight(&server, ASKING);
    say(&t, SERVER, buf_str(&server));
    records(&alert, R_ALERT, STR("\x02\x30"), 0);
    say(&t, CLIENT, buf_str(&alert));
    expect_of(&w, "SELECT asked, client_certificate, alert_by, alert FROM handshake",
              "yes|unanswered|client|48");
}

/* --- where TLS begins --- */

static void tls_is_found_behind_other_protocols(void **state)
{
    struct wire w;
    struct wire_world world;

    (void)state;
    wire_open(&w, LINK_RAW, false);
    struct talk t = talk_begin(&w, 50000, 8080), u = talk_begin(&w, 50001, 80), v = talk_begin(&w, 50002, 25);
    say(&t, CLIENT, STR("CONNECT www.contoso.com:443 HTTP/1.1\r\n\r\n"));
    say(&t, SERVER, STR("HTTP/1.1 200 OK\r\n\r\n"));
    handshake(&t, ASKING, 0);
    say(&u, CLIENT, STR("GET / HTTP/1.1\r\n\r\n"));
    say(&u, SERVER, STR("HTTP/1.1 403 Forbidden\r\n\r\n"));
    say(&v, SERVER, STR("220 mail\r\n"));
    say(&v, CLIENT, STR("STARTTLS\r\n"));
    say(&v, SERVER, STR("220 go\r\n"));
    say_hello(&v);
    CLEANUP(buf_done) struct buf alert = BUF_INIT(64);
    records(&alert, R_ALERT, STR("\x02\x46"), 0);
    say(&v, SERVER, buf_str(&alert));
    world_of(&world, &w);
    world_expect(&world, "SELECT connection, asked, bytes_before, alert FROM handshake ORDER BY connection",
                 "1|yes|59|- ; 3|unknown|28|70");
    world_expect(&world, "SELECT connections, handshakes FROM capture", "3|2");
    world_done(&world);
    buf_done(&w.out);
}

static void a_hello_of_ssl2_is_read(void **state)
{
    CLEANUP(buf_done) struct buf hello = BUF_INIT(256), server = BUF_INIT(1 << 16);
    struct wire w;

    (void)state;
    buf_add(&hello, "\x80\x1f\x01\x03\x01\x00\x06\x00\x00\x00\x10\x00\x00\x2f\x00\x00\xff", 17);
    opaque(&hello, 16);
    wire_open(&w, LINK_RAW, false);
    struct talk t = talk_begin(&w, 50000, 443);
    say(&t, CLIENT, buf_str(&hello));
    server_flight(&server, (struct flight){0x0301, true, true, false, 0});
    say(&t, SERVER, buf_str(&server));
    expect_of(&w, "SELECT client_hello, client_secure_renegotiation, offered, version, asked FROM handshake",
              "1|1|TLS 1.0|TLS 1.0|yes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls13_cannot_be_known_also_after_a_retry),
        cmocka_unit_test(a_resumed_session_says_nothing),
        cmocka_unit_test(a_handshake_after_data_leaves_it_open),
        cmocka_unit_test(a_capture_that_begins_later_shows_the_renegotiation),
        cmocka_unit_test(a_server_that_ends_it_did_not_answer),
        cmocka_unit_test(a_client_that_is_asked_may_end_it),
        cmocka_unit_test(tls_is_found_behind_other_protocols),
        cmocka_unit_test(a_hello_of_ssl2_is_read),
    };

    memset(certificate_a, 0x41, sizeof certificate_a);
    memset(certificate_b, 0x42, sizeof certificate_b);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
