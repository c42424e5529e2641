/* SPDX-License-Identifier: Apache-2.0
 *
 * packet: one packet of a capture to the TCP segment that is in it: Ethernet (with VLAN tags and PPPoE),
 * Linux cooked captures, raw IP, BSD loopback; IPv4 and IPv6 with extension headers and fragments; IP in IP,
 * GRE, Geneve, VXLAN and GTP. Checksums are not looked at: captures of the sending machine have none yet.
 * Pure. Sources: https://www.tcpdump.org/linktypes.html, RFC 791, 8200, 9293, 2784, 8926, 7348, 3GPP
 * TS 29.281. */
#ifndef CERTTRIAGE_PACKET_H
#define CERTTRIAGE_PACKET_H

#include "arena.h"
#include "err.h"
#include "str.h"

#include <stdbool.h>

struct packet_address {
    uint8_t bytes[16]; /* IPv4: the first four, the rest 0 */
    bool is_v6;
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };

struct packet_segment {
    struct packet_address from, to;
    uint16_t from_port, to_port;
    uint32_t sequence, acknowledged;
    uint8_t flags;
    struct bytes data;  /* as far as it was captured */
    uint32_t n_missing; /* bytes of it that were not captured (the snapshot length) */
};

enum packet_kind {
    PACKET_TCP,
    PACKET_OTHER, /* not TCP: UDP, ARP, … */
    PACKET_QUIC,  /* of these: of a QUIC handshake (RFC 9000 17.2, long header of version 1, 2 or a draft) */
    PACKET_DTLS,  /* of these: a record of DTLS (RFC 6347 4.1) */
    PACKET_FRAGMENT, /* kept, the rest of its datagram is not here yet */
    PACKET_BROKEN,   /* headers that contradict themselves, or are not there whole */
    PACKET_UNKNOWN   /* a link type that is not read */
};

struct packet_fragments;
/* Room for datagrams that came in pieces. NULL: no memory. Lives in `a`. */
struct packet_fragments *packet_fragments_new(struct arena *a);

/* `link` is libpcap's DLT_ number. `fragments` may be NULL: then fragments are left out. With PACKET_TCP *ret
 * points into `packet`, or into `fragments` until the next call. */
enum packet_kind packet_read(int link, struct bytes packet, struct packet_fragments *fragments,
                             struct packet_segment *ret);
bool packet_link_is_known(int link);

/* "10.1.2.3", "fe80::1" as RFC 5952 writes it. `room`: 46 bytes. */
const char *packet_address_text(const struct packet_address *a, char room[46]);
bool packet_address_is_loopback(const struct packet_address *a);
bool packet_address_eq(const struct packet_address *a, const struct packet_address *b);

#endif
