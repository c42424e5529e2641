/* SPDX-License-Identifier: Apache-2.0
 *
 * Captures to handshakes: every way in which a packet can be wrapped, segments out of order, lost and
 * repeated. Expectations: RFC 5246, 8446, 9293. */
#include "wire_talk.h"

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
    };

    memset(certificate_a, 0x41, sizeof certificate_a);
    memset(certificate_b, 0x42, sizeof certificate_b);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
