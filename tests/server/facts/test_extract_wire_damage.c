/* SPDX-License-Identifier: Apache-2.0
 *
 * Captures that are cut off, flipped, joined, broken in the bundle, of a kind that is not read, and larger
 * than the limits: nothing crashes or hangs, and what was skipped is told. */
#include "wire_world.h"

#include <zlib.h>

static void some_handshakes(struct wire *w, int link, bool is_ng, unsigned n)
{
    wire_open(w, link, is_ng);
    for (unsigned i = 0; i < n; i++) {
        CLEANUP(buf_done) struct buf m = BUF_INIT(65536), r = BUF_INIT(65536);
        struct talk t = talk_begin(w, (uint16_t)(40000 + i % 20000), 443);
        w->is_v6 = i % 2;
        client_hello(&m, "www.contoso.com", NULL, false);
        records(&r, R_HANDSHAKE, buf_str(&m), 0);
        say(&t, CLIENT, buf_str(&r));
        buf_clear(&m);
        buf_clear(&r);
        server_hello(&m, 0x0303, false);
        certificate(&m, (const struct str[]){STR("no certificate at all")}, 1);
        certificate_request(&m, true, (const struct str[]){STR("no name")}, 1);
        message(&m, 14, STR(""));
        records(&r, R_HANDSHAKE, buf_str(&m), 50);
        say(&t, SERVER, buf_str(&r));
        w->is_v6 = false;
    }
}

static void one(struct str bytes, const char *name)
{
    struct wire_world world = {0};

    world_add(&world, name, bytes);
    assert_true(world_rows(&world) >= 2); /* the machine, and what the capture was or why it was none */
    world_done(&world);
}

static void flipped_truncated_and_joined_captures_do_no_harm(void **state)
{
    struct wire files[2];

    (void)state;
    some_handshakes(&files[0], LINK_ETHERNET, false, 6);
    some_handshakes(&files[1], LINK_SLL, true, 6);
    for (unsigned seed = 1; seed <= 1500; seed++) {
        CLEANUP(buf_done) struct buf b = BUF_INIT(CAPTURE_CAP);
        const struct buf *from = &files[seed % 2].out;
        srand(seed);
        buf_add(&b, from->p, from->len);
        if (seed % 5 == 0)
            buf_add(&b, files[rand() % 2].out.p, (size_t)rand() % files[0].out.len);
        size_t n = seed % 3 == 0 ? (size_t)rand() % b.len : b.len;
        for (int i = rand() % 12; i > 0 && n > 0; i--)
            b.p[(size_t)rand() % n] = (char)(rand() % 256);
        one((struct str){b.p, n}, "attach/one.pcap");
    }
    buf_done(&files[0].out);
    buf_done(&files[1].out);
}

static void what_is_cut_off_is_told(void **state)
{
    struct wire w;
    struct wire_world world = {0};

    (void)state;
    some_handshakes(&w, LINK_ETHERNET, false, 3);
    world_add(&world, "attach/cut.pcap", (struct str){w.out.p, w.out.len - 5});
    world_add(&world, "attach/empty.pcapng", STR(""));
    world_add(&world, "attach/text.cap", STR("this is no capture"));
    world_extract(&world);
    world_expect(&world, "SELECT entry, cut, handshakes FROM capture", "attach/cut.pcap|1|3");
    world_expect(&world,
                 "SELECT entry, problem LIKE 'what stands behind packet % is left out: truncated dump file%' "
                 "FROM bundle_problem ORDER BY entry LIMIT 1",
                 "attach/cut.pcap|1");
    world_expect(&world,
                 "SELECT entry, problem LIKE 'it is no capture%' FROM bundle_problem WHERE entry <> "
                 "'attach/cut.pcap' ORDER BY entry",
                 "attach/empty.pcapng|1 ; attach/text.cap|1");
    world_done(&world);
    buf_done(&w.out);
}

static void an_entry_that_breaks_off_gives_what_was_before(void **state)
{
    struct wire w;
    struct wire_world world = {0};

    (void)state;
    some_handshakes(&w, LINK_ETHERNET, false, 60);
    world.broken_after = w.out.len / 2;
    world_add(&world, "attach/one.pcap", buf_str(&w.out));
    world_extract(&world);
    world_expect(&world, "SELECT cut, handshakes BETWEEN 1 AND 59 FROM capture", "1|1");
    world_expect(&world, "SELECT problem LIKE '%CRC error' FROM bundle_problem", "1");
    world_done(&world);
    buf_done(&w.out);
}

static void a_packed_capture_is_read(void **state)
{
    CLEANUP(buf_done) struct buf packed = BUF_INIT(CAPTURE_CAP);
    struct wire w;
    struct wire_world world = {0};
    z_stream z = {0};

    (void)state;
    some_handshakes(&w, LINK_ETHERNET, false, 200);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)w.out.p;
    z.avail_in = (uInt)w.out.len;
    z.next_out = (Bytef *)buf_reserve(&packed, w.out.len);
    z.avail_out = (uInt)w.out.len;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    buf_wrote(&packed, (size_t)z.total_out);
    (void)deflateEnd(&z);
    world_add(&world, "attach/one.pcap.gz", buf_str(&packed));
    world_add(&world, "attach/cut.pcap.gz", (struct str){packed.p, packed.len / 2});
    world_extract(&world);
    world_expect(&world, "SELECT entry, handshakes = 200, cut FROM capture ORDER BY entry",
                 "attach/cut.pcap.gz|0|1 ; attach/one.pcap.gz|1|0");
    world_done(&world);
    buf_done(&w.out);
}

static void another_link_type_is_told(void **state)
{
    struct wire w;
    struct wire_world world;

    (void)state;
    some_handshakes(&w, 105, false, 1); /* IEEE 802.11 */
    world_of(&world, &w);
    world_expect(&world, "SELECT problem FROM bundle_problem",
                 "its packets are of the link type IEEE802_11, which is not read");
    world_expect(&world, "SELECT cut, handshakes FROM capture", "1|0");
    world_done(&world);
    buf_done(&w.out);
}

/* An IPv4 datagram of UDP, as the whole of a packet. */
static void datagram(struct wire *w, unsigned port, struct str content)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(4096);

    be16(&b, 0x4500);
    be16(&b, (unsigned)(28 + content.len));
    zeros(&b, 4);
    be16(&b, 0x4011); /* time to live, UDP */
    be16(&b, 0);
    be32(&b, 0x0a000001);
    be32(&b, 0x0a000002);
    be16(&b, 50000);
    be16(&b, port);
    be16(&b, (unsigned)(8 + content.len));
    be16(&b, 0);
    buf_add_str(&b, content);
    wire_packet(w, buf_str(&b));
}

static void tls_over_udp_is_said_not_to_be_looked_at(void **state)
{
    struct wire w;
    struct wire_world world;

    (void)state;
    wire_open(&w, LINK_RAW, false);
    datagram(&w, 443, STR("\xc3\0\0\0\1\x08ghijkl")); /* QUIC version 1, Initial */
    datagram(&w, 8443,
             STR("\xd3\x6b\x33\x43\xcf\x08"
                 "abcdefgh")); /* version 2, another port */
    datagram(&w, 443,
             STR("\x43\0\0\0\1\x08"
                 "abcdefgh"));                                       /* a short header: no handshake */
    datagram(&w, 5684, STR("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\4abcd")); /* DTLS 1.2 */
    datagram(&w, 5684,
             STR("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x40"
                 "ab")); /* its length does not fit */
    datagram(&w, 53, STR("\x12\x34\1\0\0\1\0\0\0\0\0\0"));
    datagram(&w, 53, STR("\xc3"));
    world_of(&world, &w);
    world_expect(&world, "SELECT packets, other, quic, dtls, broken, handshakes FROM capture", "7|7|2|1|0|0");
    world_expect(&world, "SELECT substr(problem, 1, 57) FROM bundle_problem",
                 "2 packets are of QUIC (HTTP/3), which is not looked at: w ; "
                 "1 packet is of DTLS, which is not looked at: IIS does not");
    world_done(&world);
    buf_done(&w.out);
}

static void more_than_the_limits_is_counted(void **state)
{
    CLEANUP(buf_done) struct buf hello = BUF_INIT(4096), r = BUF_INIT(4096);
    struct wire w;
    struct wire_world world;
    char expected[128];

    (void)state;
    wire_open(&w, LINK_RAW, false);
    client_hello(&hello, "www.contoso.com", NULL, false);
    records(&r, R_HANDSHAKE, buf_str(&hello), 0);
    for (unsigned i = 0; i < 9000; i++) {
        struct talk t = {.wire = &w, .ports = {(uint16_t)(1024 + i), 443}, .next = {1, 1}};
        segment(&t, CLIENT, t.next[CLIENT]++, SYN, STR(""));
        say(&t, CLIENT, buf_str(&r));
    }
    world_of(&world, &w);
    (void)snprintf(expected, sizeof expected, "9000|%d|%d|1", (int)LIMIT_HANDSHAKES,
                   9000 - (int)LIMIT_HANDSHAKES);
    world_expect(&world, "SELECT connections, handshakes, left_out, cut FROM capture", expected);
    world_expect(&world,
                 "SELECT count(*) FROM bundle_problem WHERE problem LIKE '%handshakes are left out%' OR "
                 "problem LIKE '%are read in part%'",
                 "2");
    world_done(&world);
    buf_done(&w.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flipped_truncated_and_joined_captures_do_no_harm),
        cmocka_unit_test(what_is_cut_off_is_told),
        cmocka_unit_test(an_entry_that_breaks_off_gives_what_was_before),
        cmocka_unit_test(a_packed_capture_is_read),
        cmocka_unit_test(another_link_type_is_told),
        cmocka_unit_test(tls_over_udp_is_said_not_to_be_looked_at),
        cmocka_unit_test(more_than_the_limits_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
