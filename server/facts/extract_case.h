/* SPDX-License-Identifier: Apache-2.0
 *
 * extract_case: the stream from server/case to the worker of the case job: certificates and stores of several
 * machines, so that signatures of strangers' certificates are checked in the cage only.
 *
 * Magic, then records: one byte kind, four bytes length (little-endian), payload.
 *   'M'  machine    u8 roles (CASE_IS_x), i64 collection time, label       numbered from 0 in this order
 *   'C'  certificate DER                                                   numbered from 0 in this order
 *   'S'  place      u32 machine, u32 certificate, texts: location, user, store, EKU property
 *   'L'  leaf       u32 machine, u32 certificate, text: user               a certificate that this client may
 * present A text is u16 length and bytes; length 0xffff is NULL. */
#ifndef CERTTRIAGE_EXTRACT_CASE_H
#define CERTTRIAGE_EXTRACT_CASE_H

#include "buf.h"
#include "extract.h"

#define CASE_MAGIC "CTCASE1\n"
enum { CASE_IS_SERVER = 1, CASE_IS_CLIENT = 2, CASE_MACHINES = 256, CASE_NO_TEXT = 0xffff };

void extract_case_put_machine(struct buf *out, unsigned roles, int64_t collected_ms, struct str label);
void extract_case_put_certificate(struct buf *out, struct bytes der);
void extract_case_put_place(struct buf *out, uint32_t machine, uint32_t certificate,
                            const struct str texts[4]);
void extract_case_put_leaf(struct buf *out, uint32_t machine, uint32_t certificate, struct str user);

/* extract_case itself stands in extract.h; this is its part behind reading the file, for tests. */
int extract_case_bytes(struct bytes stream, struct sink *s, struct arena *a, struct err *e);

#endif
