/* SPDX-License-Identifier: Apache-2.0
 *
 * wire_talk: what a client and a server say in a handshake, put into a capture. */
#ifndef CERTTRIAGE_TESTS_WIRE_TALK_H
#define CERTTRIAGE_TESTS_WIRE_TALK_H

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

static inline void server_flight(struct buf *out, struct flight f)
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

static inline void encrypt(struct buf *out)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(4096);

    records(out, R_CIPHER, STR("\x01"), 0);
    opaque(&m, 40);
    records(out, R_HANDSHAKE, buf_str(&m), 0);
}

static inline void say_opaque(struct talk *t, int from, unsigned type, size_t n)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(1 << 20), r = BUF_INIT(1 << 20);

    opaque(&m, n);
    records(&r, type, buf_str(&m), 0);
    say(t, from, buf_str(&r));
}

static inline void say_hello(struct talk *t)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(4096), r = BUF_INIT(4096);

    client_hello(&m, "www.contoso.com", NULL, false);
    records(&r, R_HANDSHAKE, buf_str(&m), 0);
    say(t, CLIENT, buf_str(&r));
}

/* n_sent: certificates of the client, -1: it says nothing of one. */
static inline void client_flight(struct buf *out, int n_sent, size_t step)
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

static inline void handshake(struct talk *t, struct flight f, int n_sent)
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

static inline void expect_of(struct wire *w, const char *sql, const char *expected)
{
    struct wire_world world;

    world_of(&world, w);
    world_expect(&world, sql, expected);
    world_done(&world);
    buf_done(&w->out);
}

#endif
