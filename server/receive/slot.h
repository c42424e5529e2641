/* SPDX-License-Identifier: Apache-2.0
 *
 * slot: one connection in the table of connections.c, and what the kernel knows of it; addresses as they are
 * counted. Internal to receive/. */
#ifndef CERTTRIAGE_SLOT_H
#define CERTTRIAGE_SLOT_H

#include "connections.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* IPv4 as mapped into IPv6; of IPv6 the network, whose hosts one customer may choose among. */
struct address {
    unsigned char bytes[16];
};

struct slot {
    struct connections *all;
    int fd; /* -1: free */
    enum connection_verdict verdict;
    enum connection_phase phase;
    bool is_busy, is_cut, is_tls;
    bool has_asked; /* its first request was understood */
    struct address address;
    uint64_t progress; /* bytes moved when its time began */
    int64_t since_us;  /* its time began */
    int64_t busy_us;   /* when the server began to work */
};

struct address address_of(const struct sockaddr *from);
bool address_from(const char *text, struct address *ret); /* false: not an IP address */
bool address_is(const struct address *a, const struct address *b);
const char *address_text(const struct address *a, char ret[INET6_ADDRSTRLEN]);

/* Bytes that its client has sent, or in PHASE_ANSWER has confirmed to have received (tcp(7), TCP_INFO). */
uint64_t slot_progress(const struct slot *s);
/* What it sent is not read yet, or there is nothing of the answer that it has not confirmed. */
bool slot_waits_for_us(const struct slot *s);
/* A problem (RFC 9457) past libmicrohttpd, while that has nothing to say: before an answer, or after one was
 * sent. In TLS there is no way to say it from here. The texts are short and need no escapes. */
void slot_say(const struct slot *s, unsigned status, const char *title, const char *detail);

#endif
