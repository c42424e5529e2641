/* SPDX-License-Identifier: Apache-2.0
 *
 * wire_capture: captures and TLS messages made in the test. A `struct wire` is a file that grows packet by
 * packet; a `struct talk` one TCP connection in it, whose sequence numbers it keeps. */
#ifndef CERTTRIAGE_TESTS_WIRE_CAPTURE_H
#define CERTTRIAGE_TESTS_WIRE_CAPTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "compiler.h"

enum { CAPTURE_CAP = 1 << 24, CLIENT = 0, SERVER = 1 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { LINK_NULL = 0, LINK_ETHERNET = 1, LINK_RAW = 101, LINK_SLL = 113, LINK_SLL2 = 276 };

struct wire {
    struct buf out;
    int link;
    bool is_ng, is_v6, is_double_vlan, is_vlan, is_pppoe;
    size_t fragment; /* bytes of an IP datagram's payload; 0: never in pieces */
    size_t snapped;  /* bytes of a packet that are kept; 0: all */
    bool with_options;
    uint32_t now_ms;
    uint16_t id;
};

struct talk {
    struct wire *wire;
    uint16_t ports[2];
    uint32_t next[2];
};

static inline void be16(struct buf *b, unsigned v)
{
    buf_add_char(b, (char)(v >> 8 & 0xff));
    buf_add_char(b, (char)(v & 0xff));
}

static inline void be24(struct buf *b, size_t v)
{
    buf_add_char(b, (char)(v >> 16 & 0xff));
    be16(b, (unsigned)(v & 0xffff));
}

static inline void be32(struct buf *b, uint32_t v)
{
    be16(b, v >> 16);
    be16(b, v & 0xffff);
}

static inline void zeros(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_add_char(b, 0);
}

UNUSED static void wire_open(struct wire *w, int link, bool is_ng)
{
    *w = (struct wire){.out = BUF_INIT(CAPTURE_CAP), .link = link, .is_ng = is_ng, .now_ms = 1000};
    if (!is_ng) {
        buf_add_u32le(&w->out, 0xa1b2c3d4);
        buf_add_u32le(&w->out, 2 | 4 << 16);
        buf_add_u32le(&w->out, 0);
        buf_add_u32le(&w->out, 0);
        buf_add_u32le(&w->out, 262144);
        buf_add_u32le(&w->out, (uint32_t)link);
        return;
    }
    const uint32_t section[] = {0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28};
    const uint32_t interface[] = {1, 20, (uint32_t)link, 262144, 20};
    for (size_t i = 0; i < ARRAY_LEN(section); i++)
        buf_add_u32le(&w->out, section[i]);
    for (size_t i = 0; i < ARRAY_LEN(interface); i++)
        buf_add_u32le(&w->out, interface[i]);
}

static inline void wire_packet(struct wire *w, struct str packet)
{
    uint32_t kept = (uint32_t)(w->snapped && w->snapped < packet.len ? w->snapped : packet.len);
    uint64_t us = 1767225600000000ull + (uint64_t)w->now_ms++ * 1000;
    uint32_t padded = (kept + 3) / 4 * 4;

    if (w->is_ng) {
        buf_add_u32le(&w->out, 6);
        buf_add_u32le(&w->out, 32 + padded);
        buf_add_u32le(&w->out, 0);
        buf_add_u32le(&w->out, (uint32_t)(us >> 32));
        buf_add_u32le(&w->out, (uint32_t)us);
    } else {
        buf_add_u32le(&w->out, (uint32_t)(us / 1000000));
        buf_add_u32le(&w->out, (uint32_t)(us % 1000000));
    }
    buf_add_u32le(&w->out, kept);
    buf_add_u32le(&w->out, (uint32_t)packet.len);
    buf_add(&w->out, packet.p, kept);
    if (w->is_ng) {
        zeros(&w->out, padded - kept);
        buf_add_u32le(&w->out, 32 + padded);
    }
}

static inline void link_header(struct wire *w, struct buf *b)
{
    unsigned type = w->is_v6 ? 0x86dd : 0x0800;

    if (w->link == LINK_ETHERNET) {
        zeros(b, 12);
        if (w->is_double_vlan) {
            be16(b, 0x88a8);
            be16(b, 7);
        }
        if (w->is_vlan) {
            be16(b, 0x8100);
            be16(b, 42);
        }
        be16(b, w->is_pppoe ? 0x8864 : type);
        if (w->is_pppoe) {
            zeros(b, 6);
            be16(b, w->is_v6 ? 0x0057 : 0x0021);
        }
    } else if (w->link == LINK_SLL) {
        zeros(b, 14);
        be16(b, type);
    } else if (w->link == LINK_SLL2) {
        be16(b, type);
        zeros(b, 18);
    } else if (w->link == LINK_NULL) {
        buf_add_u32le(b, w->is_v6 ? 30 : 2);
    }
}

/* Addresses: the client 10.0.0.1 or fd00::1, the server 10.0.0.2 or fd00::2. */
static inline void ip_address(struct buf *b, bool is_v6, int who)
{
    buf_add_char(b, (char)(is_v6 ? 0xfd : 10));
    zeros(b, is_v6 ? 14 : 2);
    buf_add_char(b, (char)(who == CLIENT ? 1 : 2));
}

static inline void ip_packet(struct wire *w, int from, struct str payload, size_t offset, bool is_more)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(CAPTURE_CAP);
    bool is_fragment = offset > 0 || is_more;

    link_header(w, &b);
    if (w->is_v6) {
        buf_add_u32le(&b, 0x60);
        be16(&b, (unsigned)(payload.len + (is_fragment ? 8 : 0) + (w->with_options ? 8 : 0)));
        buf_add_char(&b, (char)(w->with_options ? 60 : is_fragment ? 44 : 6));
        buf_add_char(&b, 64);
    } else {
        be16(&b, w->with_options ? 0x4600 : 0x4500);
        be16(&b, (unsigned)(payload.len + (w->with_options ? 24 : 20)));
        be16(&b, w->id);
        be16(&b, (unsigned)(offset / 8 | (is_more ? 0x2000 : 0)));
        be16(&b, 0x4006);
        be16(&b, 0);
    }
    ip_address(&b, w->is_v6, from);
    ip_address(&b, w->is_v6, 1 - from);
    if (w->with_options && w->is_v6) {
        buf_add_char(&b, (char)(is_fragment ? 44 : 6));
        zeros(&b, 7);
    } else if (w->with_options) {
        zeros(&b, 4);
    }
    if (w->is_v6 && is_fragment) {
        be16(&b, 0x0600);
        be16(&b, (unsigned)(offset | is_more));
        be32(&b, w->id);
    }
    buf_add_str(&b, payload);
    if (w->link == LINK_ETHERNET && b.len < 60)
        zeros(&b, 60 - b.len); /* as Ethernet pads */
    wire_packet(w, buf_str(&b));
}

/* One segment at `sequence`, whatever the talk thinks is next. */
UNUSED static void segment(struct talk *t, int from, uint32_t sequence, unsigned flags, struct str data)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(CAPTURE_CAP);
    struct wire *w = t->wire;
    size_t step = w->fragment ? w->fragment : SIZE_MAX;

    be16(&b, t->ports[from]);
    be16(&b, t->ports[1 - from]);
    be32(&b, sequence);
    be32(&b, flags & ACK ? t->next[1 - from] : 0);
    be16(&b, 0x5000 | flags);
    zeros(&b, 6);
    buf_add_str(&b, data);
    w->id++;
    for (size_t at = 0; at < b.len; at += step) {
        size_t n = b.len - at < step ? b.len - at : step;
        ip_packet(w, from, (struct str){b.p + at, n}, at, at + n < b.len);
        if (step == SIZE_MAX)
            break;
    }
}

UNUSED static void say(struct talk *t, int from, struct str data)
{
    enum { MSS = 1400 };

    for (size_t at = 0; at < data.len; at += MSS) {
        size_t n = data.len - at < MSS ? data.len - at : MSS;
        segment(t, from, t->next[from], PSH | ACK, (struct str){data.p + at, n});
        t->next[from] += (uint32_t)n;
    }
}

UNUSED static struct talk talk_begin(struct wire *w, uint16_t client_port, uint16_t server_port)
{
    struct talk t = {
        .wire = w, .ports = {client_port, server_port}, .next = {0xfffffff0u, 7000}}; /* wraps soon */

    segment(&t, CLIENT, t.next[CLIENT]++, SYN, STR(""));
    segment(&t, SERVER, t.next[SERVER]++, SYN | ACK, STR(""));
    segment(&t, CLIENT, t.next[CLIENT], ACK, STR(""));
    return t;
}

UNUSED static void talk_end(struct talk *t, int first)
{
    segment(t, first, t->next[first]++, FIN | ACK, STR(""));
    segment(t, 1 - first, t->next[1 - first]++, FIN | ACK, STR(""));
    segment(t, first, t->next[first], ACK, STR(""));
}

/* --- TLS --- */

enum { R_CIPHER = 20, R_ALERT = 21, R_HANDSHAKE = 22, R_DATA = 23 };

/* As records of at most `step` bytes (0: 16384). */
UNUSED static void records(struct buf *out, unsigned type, struct str content, size_t step)
{
    step = step ? step : 16384;
    for (size_t at = 0; at < content.len; at += step) {
        size_t n = content.len - at < step ? content.len - at : step;
        buf_add_char(out, (char)type);
        be16(out, 0x0303);
        be16(out, (unsigned)n);
        buf_add(out, content.p + at, n);
    }
}

UNUSED static void message(struct buf *out, unsigned type, struct str body)
{
    buf_add_char(out, (char)type);
    be24(out, body.len);
    buf_add_str(out, body);
}

static inline void extension(struct buf *out, unsigned type, struct str body)
{
    be16(out, type);
    be16(out, (unsigned)body.len);
    buf_add_str(out, body);
}

/* `versions`: of supported_versions, 0-terminated, NULL: without it. */
UNUSED static void client_hello(struct buf *out, const char *sni, const unsigned *versions, bool pha)
{
    CLEANUP(buf_done) struct buf e = BUF_INIT(4096), x = BUF_INIT(4096), m = BUF_INIT(4096);

    if (sni) {
        be16(&x, (unsigned)strlen(sni) + 3);
        buf_add_char(&x, 0);
        be16(&x, (unsigned)strlen(sni));
        buf_add_c(&x, sni);
        extension(&e, 0, buf_str(&x));
        buf_clear(&x);
    }
    extension(&e, 16, (struct str){"\x00\x0c\x02h2\x08http/1.1", 14});
    extension(&e, 13, (struct str){"\x00\x04\x04\x01\x08\x04", 6});
    if (versions) {
        size_t n = 0;
        while (versions[n])
            n++;
        buf_add_char(&x, (char)(2 * n));
        for (size_t i = 0; i < n; i++)
            be16(&x, versions[i]);
        extension(&e, 43, buf_str(&x));
    }
    if (pha)
        extension(&e, 49, STR(""));
    be16(&m, 0x0303);
    zeros(&m, 32);
    buf_add_char(&m, 0);
    be16(&m, 4);
    be16(&m, 0xc030);
    be16(&m, 0x00ff); /* secure renegotiation */
    be16(&m, 0x0100); /* compression: none */
    be16(&m, (unsigned)e.len);
    buf_add_str(&m, buf_str(&e));
    message(out, 1, buf_str(&m));
}

UNUSED static void server_hello(struct buf *out, unsigned version, bool is_13)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(4096);

    be16(&m, version);
    for (unsigned i = 0; i < 32; i++)
        buf_add_char(&m, (char)i);
    buf_add_char(&m, 0);
    be16(&m, is_13 ? 0x1302 : 0xc030);
    buf_add_char(&m, 0);
    if (is_13) {
        be16(&m, 6);
        extension(&m, 43, (struct str){"\x03\x04", 2});
    }
    message(out, 2, buf_str(&m));
}

UNUSED static void certificate(struct buf *out, const struct str *der, size_t n)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT(1 << 20), m = BUF_INIT(1 << 20);

    for (size_t i = 0; i < n; i++) {
        be24(&list, der[i].len);
        buf_add_str(&list, der[i]);
    }
    be24(&m, list.len);
    buf_add_str(&m, buf_str(&list));
    message(out, 11, buf_str(&m));
}

/* `names`: encoded ones. */
UNUSED static void certificate_request(struct buf *out, bool is_12, const struct str *names, size_t n)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT(1 << 20), m = BUF_INIT(1 << 20);

    buf_add(&m, "\x02\x01\x40", 3);
    if (is_12)
        buf_add(&m, "\x00\x04\x04\x01\x04\x03", 6);
    for (size_t i = 0; i < n; i++) {
        be16(&list, (unsigned)names[i].len);
        buf_add_str(&list, names[i]);
    }
    be16(&m, (unsigned)list.len);
    buf_add_str(&m, buf_str(&list));
    message(out, 13, buf_str(&m));
}

/* Bytes that look like nothing, as encrypted ones do. */
UNUSED static void opaque(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_add_char(out, (char)(0xa5 ^ (i * 37)));
}

#endif
