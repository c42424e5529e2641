/* SPDX-License-Identifier: Apache-2.0
 *
 * packet_fragment: puts IP datagrams together. The first bytes that came for a place stay. */
#ifndef CERTTRIAGE_PACKET_FRAGMENT_H
#define CERTTRIAGE_PACKET_FRAGMENT_H

#include "packet.h"

struct packet_fragment {
    struct packet_address from, to;
    uint32_t id;
    uint8_t protocol;
    uint32_t offset; /* of `data` in the datagram's payload, bytes */
    bool is_last;
    struct bytes data;
};

/* The datagram's whole payload once it is there, until the next call; p NULL: not yet. */
struct bytes packet_fragment_add(struct packet_fragments *all, const struct packet_fragment *f);

#endif
