/* SPDX-License-Identifier: Apache-2.0
 *
 * extract_wire: what the files extract_wire*.c share, nobody else's. */
#ifndef CERTTRIAGE_EXTRACT_WIRE_H
#define CERTTRIAGE_EXTRACT_WIRE_H

#include "extract.h"
#include "tls_flow.h"
#include "tls_probe.h"

struct wire_certificate {
    uint8_t sha1[20];
    struct bytes der;
    bool is_of_client; /* a client's own: its chain is judged */
};

struct wire {
    struct extract_state *x;
    struct wire_certificate *certificates; /* distinct */
    size_t n_certificates, certificate_bytes, n_certificates_left;
    uint8_t (*lists)[20]; /* of issuers, by their SHA-1 */
    size_t n_lists, n_lists_left;
    int64_t n_rows; /* of captures */
    struct err *e;
    bool is_out_of_memory;
};

/* One connection, as it becomes a row. */
struct wire_row {
    struct str entry;
    int64_t connection, time_ms;
    const struct tls_flow *flow;
    const struct tls_probe *probe; /* NULL: of a capture */
    struct str addresses[2];       /* by direction; p NULL: not known */
    int64_t ports[2];
    int local; /* 1, 0, -1 not known */
    int64_t lost, end_ms;
    int end_by, unanswered_by; /* direction; -1 */
    const char *end_how;       /* "close", "reset"; NULL */
    bool is_midway;
};

/* extract_wire_row.c: the rows of one connection. */
void wire_put(struct wire *w, const struct wire_row *row);

/* extract_wire.c. Keeps a certificate for table `certificate`; its thumbprint as hex into ret. False: no
 * room, the thumbprint is told all the same. */
bool wire_keep_certificate(struct wire *w, struct bytes der, bool is_of_client, char ret[41]);
/* SHA-1 of a list as it was sent, as hex; true: it is new, its rows are to be put. */
bool wire_is_new_list(struct wire *w, struct bytes list, char ret[41]);

/* extract_wire_capture.c, extract_wire_probe.c. `entry`: its index. -ERR_NOMEM. */
int wire_read_capture(struct wire *w, size_t entry);
int wire_read_probe(struct wire *w, size_t entry);

#endif
