/* SPDX-License-Identifier: Apache-2.0
 *
 * Captures to handshakes: every way in which a packet can be wrapped, segments out of order, lost and
 * repeated, and what follows for the question whether the server asked for a client certificate.
 * Expectations: RFC 5246, 8446, 9293. */
#include "wire_world.h"

#define NAME_A                                                                                               \
    "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02"                                                   \
    "A1"
#define NAME_B                                                                                               \
    "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02"                                                   \
    "B2"
#define ASKED "SELECT asked, asked_why, client_certificate FROM handshake ORDER BY connection"

static const struct str NAMES[] = {{NAME_A, sizeof NAME_A - 1}, {NAME_B, sizeof NAME_B - 1}};
static char certificate_a[1800], certificate_b[900];
static const struct str CHAIN[] = {{certificate_a, sizeof certificate_a},
                                   {certificate_b, sizeof certificate_b}};

/* What a server says up to ServerHelloDone, as one record or several. */
struct flight {
    unsigned version;
    bool is_asking, is_done, is_resumed;
    size_t step;
};

static void server_flight(struct buf *out, struct flight f)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(1 << 16);

    server_hello(&m, f.version, false);
    if (!f.is_resumed) {
        certificate(&m, CHAIN, 2);
        message(&m, 12, STR("key exchange"));
        if (f.is_asking)
            certificate_request(&m, f.version == 0x0303, NAMES, 2);
        if (f.is_done)
            message(&m, 14, STR(""));
    }
    records(out, R_HANDSHAKE, buf_str(&m), f.step);
}

static void encrypt(struct buf *out)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(4096);

    records(out, R_CIPHER, STR("\x01"), 0);
    opaque(&m, 40);
    records(out, R_HANDSHAKE, buf_str(&m), 0);
}

static void say_opaque(struct talk *t, int from, unsigned type, size_t n)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(1 << 20), r = BUF_INIT(1 << 20);

    opaque(&m, n);
    records(&r, type, buf_str(&m), 0);
    say(t, from, buf_str(&r));
}

static void say_hello(struct talk *t)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(4096), r = BUF_INIT(4096);

    client_hello(&m, "www.contoso.com", NULL, false);
    records(&r, R_HANDSHAKE, buf_str(&m), 0);
    say(t, CLIENT, buf_str(&r));
}

/* n_sent: certificates of the client, -1: it says nothing of one. */
static void client_flight(struct buf *out, int n_sent, size_t step)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(1 << 16);

    if (n_sent >= 0)
        certificate(&m, CHAIN, (size_t)n_sent);
    message(&m, 16, STR("key exchange"));
    if (n_sent > 0)
        message(&m, 15, STR("signature"));
    records(out, R_HANDSHAKE, buf_str(&m), step);
    encrypt(out);
}

static void handshake(struct talk *t, struct flight f, int n_sent)
{
    CLEANUP(buf_done)
    struct buf server = BUF_INIT(1 << 16), client = BUF_INIT(1 << 16), done = BUF_INIT(4096);

    say_hello(t);
    server_flight(&server, f);
    say(t, SERVER, buf_str(&server));
    if (!f.is_done)
        return;
    client_flight(&client, n_sent, f.step);
    say(t, CLIENT, buf_str(&client));
    encrypt(&done);
    say(t, SERVER, buf_str(&done));
}

static const struct flight ASKING = {0x0303, true, true, false, 0}, SILENT = {0x0303, false, true, false, 0};

static void expect_of(struct wire *w, const char *sql, const char *expected)
{
    struct wire_world world;

    world_of(&world, w);
    world_expect(&world, sql, expected);
    world_done(&world);
    buf_done(&w->out);
}

/* --- how packets are wrapped --- */

static void every_wrapping_gives_the_same_handshake(void **state)
{
    static const struct {
        int link;
        bool is_ng, is_v6, is_vlan, is_double, is_pppoe, with_options;
        size_t fragment;
    } WAYS[] = {
        {.link = LINK_ETHERNET},
        {.link = LINK_ETHERNET, .is_ng = true},
        {.link = LINK_ETHERNET, .is_v6 = true},
        {.link = LINK_ETHERNET, .is_vlan = true},
        {.link = LINK_ETHERNET, .is_vlan = true, .is_double = true, .is_v6 = true},
        {.link = LINK_ETHERNET, .is_vlan = true, .is_pppoe = true},
        {.link = LINK_ETHERNET, .with_options = true},
        {.link = LINK_ETHERNET, .is_v6 = true, .with_options = true},
        {.link = LINK_ETHERNET, .fragment = 504},
        {.link = LINK_ETHERNET, .fragment = 504, .is_v6 = true, .with_options = true},
        {.link = LINK_SLL},
        {.link = LINK_SLL2, .is_v6 = true},
        {.link = LINK_RAW},
        {.link = LINK_RAW, .is_v6 = true, .is_ng = true},
        {.link = LINK_NULL},
        {.link = LINK_NULL, .is_v6 = true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(WAYS); i++) {
        struct wire w;
        struct wire_world world;
        wire_open(&w, WAYS[i].link, WAYS[i].is_ng);
        w.is_v6 = WAYS[i].is_v6;
        w.is_vlan = WAYS[i].is_vlan;
        w.is_double_vlan = WAYS[i].is_double;
        w.is_pppoe = WAYS[i].is_pppoe;
        w.with_options = WAYS[i].with_options;
        w.fragment = WAYS[i].fragment;
        struct talk t = talk_begin(&w, 50000, 8443);
        handshake(&t, ASKING, 2);
        talk_end(&t, SERVER);
        world_of(&world, &w);
        world_expect(&world, ASKED, "yes|CertificateRequest|sent");
        world_expect(
            &world,
            "SELECT sni, version, cipher, offered, alpn_offered, client_port, server_port, completed, "
            "authorities, "
            "renegotiated, resumed, end_by, end_how, lost, midway, bytes_before, local FROM handshake",
            "www.contoso.com|TLS 1.2|TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384|TLS 1.2|h2 "
            "http/1.1|50000|8443|1|2|0|0|server|"
            "close|0|0|0|0");
        world_expect(&world, "SELECT client_address, server_address FROM handshake",
                     WAYS[i].is_v6 ? "fd00::1|fd00::2" : "10.0.0.1|10.0.0.2");
        world_expect(&world, "SELECT connections, handshakes, broken, cut, lost FROM capture", "1|1|0|0|0");
        world_expect(&world, "SELECT problem FROM bundle_problem", "");
        world_done(&world);
        buf_done(&w.out);
    }
}

static void a_request_says_types_algorithms_and_names(void **state)
{
    struct wire w;
    struct wire_world world;

    (void)state;
    wire_open(&w, LINK_ETHERNET, false);
    struct talk t = talk_begin(&w, 50000, 443), u = talk_begin(&w, 50001, 443);
    handshake(&t, ASKING, 1);
    handshake(&u, (struct flight){0x0301, true, true, false, 0}, 0);
    world_of(&world, &w);
    world_expect(&world,
                 "SELECT certificate_types, signature_algorithms, authorities, version FROM handshake ORDER "
                 "BY connection",
                 "rsa_sign ecdsa_sign|rsa_pkcs1_sha256 ecdsa_secp256r1_sha256|2|TLS 1.2 ; rsa_sign "
                 "ecdsa_sign|-|2|TLS 1.0");
    world_expect(&world, ASKED, "yes|CertificateRequest|sent ; yes|CertificateRequest|empty");
    /* one list, told once */
    world_expect(&world, "SELECT position, subject FROM handshake_authority ORDER BY position",
                 "0|CN=A1 ; 1|CN=B2");
    world_expect(&world,
                 "SELECT count(DISTINCT authority_list), min(authority_list) = (SELECT min(list) FROM "
                 "handshake_authority) FROM handshake",
                 "1|1");
    world_expect(
        &world,
        "SELECT connection, side, position FROM handshake_certificate ORDER BY connection, side, position",
        "1|client|0 ; 1|server|0 ; 1|server|1 ; 2|server|0 ; 2|server|1");
    assert_int_equal(world.n_mapped, 1); /* the client's own */
    assert_int_equal(world.n_seen, 1);
    world_done(&world);
    buf_done(&w.out);
}

static void messages_go_over_many_records(void **state)
{
    static const size_t STEPS[] = {1, 3, 7, 100, 1399};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(STEPS); i++) {
        struct wire w;
        struct flight f = ASKING;
        wire_open(&w, LINK_RAW, false);
        struct talk t = talk_begin(&w, 50000, 443);
        f.step = STEPS[i] < 5 ? 5 : STEPS[i];
        handshake(&t, f, 2);
        expect_of(&w, ASKED, "yes|CertificateRequest|sent");
    }
}

/* --- segments --- */

enum { PIECES_MAX = 4096 };

struct piece {
    int from;
    uint32_t sequence;
    struct str data;
};

/* The bytes of one side cut into pieces, which the test then orders as it likes. */
static size_t cut(struct talk *t, int from, struct str all, size_t step, struct piece *to)
{
    size_t n = 0;

    for (size_t at = 0; at < all.len; at += step) {
        size_t len = all.len - at < step ? all.len - at : step;
        to[n++] = (struct piece){from, t->next[from] + (uint32_t)at, {all.p + at, len}};
    }
    t->next[from] += (uint32_t)all.len;
    return n;
}

static void segments_come_in_any_order_twice_and_overlapping(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 40; seed++) {
        CLEANUP(buf_done) struct buf server = BUF_INIT(1 << 16);
        static struct piece pieces[PIECES_MAX];
        struct wire w;

        srand(seed);
        wire_open(&w, LINK_ETHERNET, seed % 2);
        struct talk t = talk_begin(&w, 50000, 443);
        say_hello(&t);
        server_flight(&server, ASKING);
        size_t n = cut(&t, SERVER, buf_str(&server), 90 + seed, pieces);
        for (size_t i = n; i > 1; i--) {
            size_t k = (size_t)rand() % i;
            struct piece swap = pieces[i - 1];
            pieces[i - 1] = pieces[k];
            pieces[k] = swap;
        }
        for (size_t i = 0; i < n; i++) {
            segment(&t, SERVER, pieces[i].sequence, ACK, pieces[i].data);
            if (rand() % 3 == 0)
                segment(&t, SERVER, pieces[i].sequence, ACK, pieces[i].data);
            if (rand() % 3 == 0 && pieces[i].data.len > 20) /* a part of it again */
                segment(&t, SERVER, pieces[i].sequence + 10, ACK, str_skip(pieces[i].data, 10));
        }
        expect_of(&w, "SELECT asked, client_certificate, lost, authorities FROM handshake",
                  "yes|unanswered|0|2");
    }
}

static void what_is_lost_before_the_end_of_the_flight_leaves_it_open(void **state)
{
    (void)state;
    for (size_t lost = 0; lost < 3; lost++) {
        CLEANUP(buf_done) struct buf server = BUF_INIT(1 << 16), client = BUF_INIT(1 << 16);
        struct piece pieces[16];
        struct wire w;

        wire_open(&w, LINK_ETHERNET, false);
        struct talk t = talk_begin(&w, 50000, 443);
        say_hello(&t);
        server_flight(&server, SILENT);
        size_t n = cut(&t, SERVER, buf_str(&server), 1000, pieces);
        assert_int_equal(n, 3);
        for (size_t i = 0; i < n; i++)
            if (i != lost)
                segment(&t, SERVER, pieces[i].sequence, ACK, pieces[i].data);
        client_flight(&client, -1, 0);
        say(&t, CLIENT, buf_str(&client));
        talk_end(&t, CLIENT);
        expect_of(&w, "SELECT asked, asked_why FROM handshake", "unknown|bytes missing");
    }
}

static void what_is_lost_of_encrypted_data_changes_nothing(void **state)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(1 << 16), r = BUF_INIT(1 << 16);
    struct piece pieces[64];
    struct wire w;

    (void)state;
    wire_open(&w, LINK_ETHERNET, false);
    struct talk t = talk_begin(&w, 50000, 443);
    handshake(&t, SILENT, -1);
    opaque(&m, 16000);
    records(&r, R_DATA, buf_str(&m), 0);
    records(&r, R_DATA, buf_str(&m), 0);
    size_t n = cut(&t, SERVER, buf_str(&r), 1000, pieces);
    for (size_t i = 0; i < n; i++)
        if (i != 3 && i != 4)
            segment(&t, SERVER, pieces[i].sequence, ACK, pieces[i].data);
    talk_end(&t, CLIENT);
    expect_of(&w, "SELECT asked, client_certificate, renegotiated, lost FROM handshake", "no|-|0|2000");
}

static void packets_that_were_not_captured_whole_leave_it_open(void **state)
{
    struct wire w;

    (void)state;
    wire_open(&w, LINK_ETHERNET, false);
    w.snapped = 400;
    struct talk t = talk_begin(&w, 50000, 443);
    handshake(&t, SILENT, -1);
    expect_of(&w, "SELECT client_hello, server_hello, asked, asked_why, lost > 0 FROM handshake",
              "1|1|unknown|bytes missing|1");
}

static void ports_are_used_again(void **state)
{
    struct wire w;

    (void)state;
    wire_open(&w, LINK_ETHERNET, false);
    for (int i = 0; i < 2; i++) {
        struct talk t = talk_begin(&w, 50000, 443);
        handshake(&t, i ? SILENT : ASKING, i ? -1 : 1);
        if (i == 0)
            talk_end(&t, SERVER);
        else
            segment(&t, CLIENT, t.next[CLIENT], RST, STR(""));
    }
    expect_of(&w, "SELECT connection, asked, end_by, end_how FROM handshake ORDER BY connection",
              "1|yes|server|close ; 2|no|client|reset");
}

static void a_certificate_that_does_not_get_through_is_told(void **state)
{
    CLEANUP(buf_done) struct buf server = BUF_INIT(1 << 16), client = BUF_INIT(1 << 16);
    struct wire w;

    (void)state;
    wire_open(&w, LINK_ETHERNET, false);
    struct talk t = talk_begin(&w, 50000, 443);
    say_hello(&t);
    server_flight(&server, ASKING);
    say(&t, SERVER, buf_str(&server));
    uint32_t first = t.next[CLIENT];
    client_flight(&client, 2, 0);
    say(&t, CLIENT, buf_str(&client));
    for (int i = 0; i < 3; i++) {
        uint32_t now = t.next[CLIENT];
        segment(&t, CLIENT, first, ACK, (struct str){client.p, 1400});
        t.next[CLIENT] = first; /* what the server has of it */
        segment(&t, SERVER, t.next[SERVER], ACK, STR(""));
        t.next[CLIENT] = now;
    }
    segment(&t, CLIENT, t.next[CLIENT], RST, STR(""));
    expect_of(&w, "SELECT asked, client_certificate, unanswered_by, completed, end_how FROM handshake",
              "yes|sent|client|0|reset");
}

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
        cmocka_unit_test(every_wrapping_gives_the_same_handshake),
        cmocka_unit_test(a_request_says_types_algorithms_and_names),
        cmocka_unit_test(messages_go_over_many_records),
        cmocka_unit_test(segments_come_in_any_order_twice_and_overlapping),
        cmocka_unit_test(what_is_lost_before_the_end_of_the_flight_leaves_it_open),
        cmocka_unit_test(what_is_lost_of_encrypted_data_changes_nothing),
        cmocka_unit_test(packets_that_were_not_captured_whole_leave_it_open),
        cmocka_unit_test(ports_are_used_again),
        cmocka_unit_test(a_certificate_that_does_not_get_through_is_told),
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
