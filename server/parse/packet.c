/* SPDX-License-Identifier: Apache-2.0 */
#include "packet.h"

#include <arpa/inet.h>
#include <string.h>

#include <pcap/dlt.h>

#include "be_cursor.h"
#include "packet_fragment.h"

enum {
    ETHER_IPV4 = 0x0800,
    ETHER_IPV6 = 0x86dd,
    ETHER_VLAN = 0x8100,
    ETHER_QINQ = 0x88a8,
    ETHER_QINQ_OLD = 0x9100,
    ETHER_PPPOE = 0x8864,
    ETHER_BRIDGED = 0x6558, /* Ethernet within GRE or Geneve */
    PPP_IPV4 = 0x0021,
    PPP_IPV6 = 0x0057,
    IP_HOP_BY_HOP = 0,
    IP_IPV4 = 4,
    IP_TCP = 6,
    IP_UDP = 17,
    IP_IPV6 = 41,
    IP_ROUTING = 43,
    IP_FRAGMENT = 44,
    IP_GRE = 47,
    IP_AUTHENTICATION = 51,
    IP_DESTINATION = 60,
    IP_MOBILITY = 135,
    UDP_GENEVE = 6081,
    UDP_VXLAN = 4789,
    UDP_GTP = 2152,
    QUIC_VERSION_2 = 0x6b3343cf, /* RFC 9369 */
    QUIC_DRAFT = 0xff0000,
    GTP_DATA = 255,
    NESTING_MAX = 8 /* headers within headers: tags, tunnels, extensions */
};

struct reader {
    struct packet_fragments *fragments;
    struct packet_segment *ret;
    unsigned depth;
    bool is_v6;
};

static enum packet_kind read_ether_type(struct reader *r, uint16_t type, struct be_cursor c);
static enum packet_kind read_ip(struct reader *r, struct be_cursor c);
static enum packet_kind read_payload(struct reader *r, uint8_t protocol, struct be_cursor c,
                                     size_t n_missing);

bool packet_address_eq(const struct packet_address *a, const struct packet_address *b)
{
    return a->is_v6 == b->is_v6 && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

const char *packet_address_text(const struct packet_address *a, char room[46])
{
    return inet_ntop(a->is_v6 ? AF_INET6 : AF_INET, a->bytes, room, 46);
}

bool packet_address_is_loopback(const struct packet_address *a)
{
    static const uint8_t V6[16] = {[15] = 1};

    return a->is_v6 ? memcmp(a->bytes, V6, sizeof V6) == 0 : a->bytes[0] == 127;
}

static enum packet_kind read_tcp(struct reader *r, struct be_cursor c, size_t n_missing)
{
    struct packet_segment *s = r->ret;

    s->from_port = be_u16(&c);
    s->to_port = be_u16(&c);
    s->sequence = be_number(&c, 4);
    s->acknowledged = be_number(&c, 4);
    size_t header = (size_t)(be_u8(&c) >> 4) * 4;
    s->flags = be_u8(&c);
    (void)be_take(&c, 6); /* window, checksum, urgent */
    if (c.failed || header < 20)
        return PACKET_BROKEN;
    (void)be_take(&c, header - 20);
    if (c.failed)
        return PACKET_BROKEN;
    s->data = (struct bytes){c.p, c.left};
    s->n_missing = (uint32_t)n_missing;
    return PACKET_TCP;
}

static enum packet_kind read_geneve(struct reader *r, struct be_cursor c)
{
    size_t options = (size_t)(be_u8(&c) & 0x3f) * 4;

    (void)be_u8(&c);
    uint16_t type = be_u16(&c);
    (void)be_take(&c, 4 + options);
    return c.failed ? PACKET_OTHER : read_ether_type(r, type, c);
}

static enum packet_kind read_gtp(struct reader *r, struct be_cursor c)
{
    uint8_t flags = be_u8(&c), type = be_u8(&c), next = 0;

    (void)be_take(&c, 6); /* length, tunnel */
    if (flags >> 5 != 1 || type != GTP_DATA || c.failed)
        return PACKET_OTHER;
    if (flags & 7) {
        (void)be_take(&c, 3);
        next = be_u8(&c);
    }
    while (flags & 4 && next != 0 &&
           !c.failed) { /* extension headers: length in four bytes, its next one at the end */
        size_t n = (size_t)be_u8(&c) * 4;
        if (n < 4)
            return PACKET_OTHER;
        (void)be_take(&c, n - 2);
        next = be_u8(&c);
    }
    return c.failed ? PACKET_OTHER : read_ip(r, c);
}

/* TLS over UDP is not read, but told: what it asked for is not known. */
static enum packet_kind kind_of_datagram(struct be_cursor c)
{
    struct be_cursor quic = c;
    uint8_t form = be_u8(&quic), type = be_u8(&c);
    uint32_t version = be_number(&quic, 4);

    if (!quic.failed && (form & 0xc0) == 0xc0 &&
        (version == 1 || version == QUIC_VERSION_2 || version >> 8 == QUIC_DRAFT))
        return PACKET_QUIC;
    uint16_t dtls = be_u16(&c);
    (void)be_take(&c, 8); /* epoch, number */
    uint16_t length = be_u16(&c);
    return !c.failed && type >= 20 && type <= 23 && (dtls == 0xfeff || dtls == 0xfefd) && length <= c.left
               ? PACKET_DTLS
               : PACKET_OTHER;
}

/* Tunnels by their well-known ports. */
static enum packet_kind read_udp(struct reader *r, struct be_cursor c)
{
    (void)be_u16(&c);
    uint16_t port = be_u16(&c);

    (void)be_take(&c, 4);
    if (c.failed)
        return PACKET_OTHER;
    if (port == UDP_GENEVE)
        return read_geneve(r, c);
    if (port == UDP_GTP)
        return read_gtp(r, c);
    if (port != UDP_VXLAN)
        return kind_of_datagram(c);
    (void)be_take(&c, 8);
    return c.failed ? PACKET_OTHER : read_ether_type(r, ETHER_BRIDGED, c);
}

static enum packet_kind read_gre(struct reader *r, struct be_cursor c)
{
    uint16_t flags = be_u16(&c), type = be_u16(&c);

    if ((flags & 7) != 0 || flags & 0x4000) /* another version, or source routing */
        return PACKET_OTHER;
    (void)be_take(&c, (flags & 0x8000 ? 4u : 0u) + (flags & 0x2000 ? 4u : 0u) + (flags & 0x1000 ? 4u : 0u));
    return c.failed ? PACKET_BROKEN : read_ether_type(r, type, c);
}

static enum packet_kind take_fragment(struct reader *r, struct packet_fragment *f, struct be_cursor c,
                                      size_t n_missing)
{
    if (!r->fragments || n_missing > 0)
        return PACKET_FRAGMENT;
    f->from = r->ret->from;
    f->to = r->ret->to;
    f->data = (struct bytes){c.p, c.left};
    struct bytes whole = packet_fragment_add(r->fragments, f);
    return whole.p ? read_payload(r, f->protocol, be_from(whole), 0) : PACKET_FRAGMENT;
}

/* Hop-by-hop, routing, destination: eight bytes and more; authentication counts in four bytes. */
static enum packet_kind read_extension(struct reader *r, uint8_t protocol, struct be_cursor c,
                                       size_t n_missing)
{
    uint8_t next = be_u8(&c);

    if (protocol == IP_FRAGMENT) {
        (void)be_u8(&c);
        uint16_t place = be_u16(&c);
        struct packet_fragment f = {
            .id = be_number(&c, 4), .protocol = next, .offset = place & 0xfff8u, .is_last = !(place & 1)};
        if (c.failed)
            return PACKET_BROKEN;
        if (f.offset == 0 && f.is_last)
            return read_payload(r, next, c, n_missing);
        return take_fragment(r, &f, c, n_missing);
    }
    size_t n = be_u8(&c);
    (void)be_take(&c, protocol == IP_AUTHENTICATION ? (n + 2) * 4 - 2 : (n + 1) * 8 - 2);
    return c.failed ? PACKET_BROKEN : read_payload(r, next, c, n_missing);
}

static enum packet_kind read_payload(struct reader *r, uint8_t protocol, struct be_cursor c, size_t n_missing)
{
    if (++r->depth > NESTING_MAX)
        return PACKET_BROKEN;
    switch (protocol) {
    case IP_TCP:
        return read_tcp(r, c, n_missing);
    case IP_UDP:
        return read_udp(r, c);
    case IP_GRE:
        return read_gre(r, c);
    case IP_IPV4:
    case IP_IPV6:
        return read_ip(r, c);
    case IP_HOP_BY_HOP:
    case IP_ROUTING:
    case IP_FRAGMENT:
    case IP_AUTHENTICATION:
    case IP_DESTINATION:
    case IP_MOBILITY:
        return r->is_v6 || protocol == IP_AUTHENTICATION ? read_extension(r, protocol, c, n_missing)
                                                         : PACKET_OTHER;
    default:
        return PACKET_OTHER;
    }
}

/* What Ethernet pads with goes; what was not captured is counted. Length 0: the network card was to cut it.
 */
static size_t fit(struct be_cursor *c, size_t length)
{
    size_t n_missing = length > c->left ? length - c->left : 0;

    if (length < c->left && length > 0)
        c->left = length;
    return n_missing;
}

static enum packet_kind read_ipv4(struct reader *r, struct be_cursor c)
{
    struct be_cursor start = c;
    size_t header = (size_t)(be_u8(&c) & 15) * 4;

    (void)be_u8(&c);
    size_t total = be_u16(&c);
    struct packet_fragment f = {.id = be_u16(&c)};
    uint16_t place = be_u16(&c);
    (void)be_u8(&c);
    uint8_t protocol = be_u8(&c);
    (void)be_u16(&c);
    struct bytes from = be_take(&c, 4), to = be_take(&c, 4);
    if (c.failed || header < 20 || (total != 0 && total < header))
        return PACKET_BROKEN;
    r->ret->from = r->ret->to = (struct packet_address){0};
    r->is_v6 = false;
    memcpy(r->ret->from.bytes, from.p, 4);
    memcpy(r->ret->to.bytes, to.p, 4);
    size_t n_missing = fit(&start, total);
    (void)be_take(&start, header);
    if (start.failed)
        return PACKET_BROKEN;
    f.protocol = protocol;
    f.offset = (place & 0x1fffu) * 8u;
    f.is_last = !(place & 0x2000);
    if (f.offset > 0 || !f.is_last)
        return take_fragment(r, &f, start, n_missing);
    return read_payload(r, protocol, start, n_missing);
}

static enum packet_kind read_ipv6(struct reader *r, struct be_cursor c)
{
    (void)be_take(&c, 4);
    size_t length = be_u16(&c);
    uint8_t protocol = be_u8(&c);

    (void)be_u8(&c);
    struct bytes from = be_take(&c, 16), to = be_take(&c, 16);
    if (c.failed)
        return PACKET_BROKEN;
    r->ret->from = r->ret->to = (struct packet_address){.is_v6 = true};
    r->is_v6 = true;
    memcpy(r->ret->from.bytes, from.p, 16);
    memcpy(r->ret->to.bytes, to.p, 16);
    size_t n_missing = fit(&c, length);
    return read_payload(r, protocol, c, n_missing);
}

static enum packet_kind read_ip(struct reader *r, struct be_cursor c)
{
    if (c.left == 0 || ++r->depth > NESTING_MAX)
        return PACKET_BROKEN;
    if (c.p[0] >> 4 == 4)
        return read_ipv4(r, c);
    return c.p[0] >> 4 == 6 ? read_ipv6(r, c) : PACKET_OTHER;
}

static enum packet_kind read_pppoe(struct reader *r, struct be_cursor c)
{
    (void)be_take(&c, 6);
    uint16_t type = be_u16(&c);

    return !c.failed && (type == PPP_IPV4 || type == PPP_IPV6) ? read_ip(r, c) : PACKET_OTHER;
}

static enum packet_kind read_ether_type(struct reader *r, uint16_t type, struct be_cursor c)
{
    while (type == ETHER_VLAN || type == ETHER_QINQ || type == ETHER_QINQ_OLD) {
        (void)be_u16(&c);
        type = be_u16(&c);
    }
    if (c.failed || ++r->depth > NESTING_MAX)
        return PACKET_BROKEN;
    if (type == ETHER_IPV4 || type == ETHER_IPV6)
        return read_ip(r, c);
    if (type == ETHER_PPPOE)
        return read_pppoe(r, c);
    if (type != ETHER_BRIDGED)
        return PACKET_OTHER;
    (void)be_take(&c, 12);
    return read_ether_type(r, be_u16(&c), c);
}

static enum packet_kind read_link(struct reader *r, int link, struct be_cursor c)
{
    uint16_t type;

    switch (link) {
    case DLT_EN10MB:
        return read_ether_type(r, ETHER_BRIDGED, c);
    case DLT_LINUX_SLL:
        (void)be_take(&c, 14);
        type = be_u16(&c);
        return read_ether_type(r, type, c);
    case DLT_LINUX_SLL2:
        type = be_u16(&c);
        (void)be_take(&c, 18);
        return read_ether_type(r, type, c);
    case DLT_NULL:
    case DLT_LOOP:
        (void)be_take(&c, 4); /* the family, in one of two orders and with several numbers for IPv6 */
        return read_ip(r, c);
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
        return read_ip(r, c);
    default:
        return PACKET_UNKNOWN;
    }
}

bool packet_link_is_known(int link)
{
    struct packet_segment ignored = {0};
    struct reader r = {.ret = &ignored};

    return read_link(&r, link, be_from((struct bytes){0})) != PACKET_UNKNOWN;
}

enum packet_kind packet_read(int link, struct bytes packet, struct packet_fragments *fragments,
                             struct packet_segment *ret)
{
    struct reader r = {.fragments = fragments, .ret = ret};

    *ret = (struct packet_segment){0};
    return read_link(&r, link, be_from(packet));
}
