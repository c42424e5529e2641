/* SPDX-License-Identifier: Apache-2.0
 *
 * extract_case: the stream from server/case to the worker of the case job: certificates and stores of several
 * machines, so that signatures of strangers' certificates are checked in the cage only.
 *
 * Magic, then records: one byte kind, four bytes length (little-endian), payload.
 *   'M'  machine    u8 roles (CASE_IS_x), i64 collection time, label       numbered from 0 in this order
 *   'C'  certificate DER                                                   numbered from 0 in this order
 *   'S'  place      u32 machine, u32 certificate, i64 disallowed after, i64 not before (TIME_NONE: not set),
 * texts: location, user, store, physical, EKU property, disallowed EKU, not-before EKU 'P'  policy     u32
 * machine, i64 value, text: name                     as table chain_policy, and ClientAuthTrustMode 'D'
 * disallowed u32 machine, hash                                      as table ctl_entry 'I'  issuers    u32
 * machine, text: store                               NULL: a connection without such a store 'A'  at u32
 * machine, i64 time                                  of a symptom 'L'  leaf       u32 machine, u32
 * certificate, u8 only here, text: user a certificate that this client may present; only here: judged on that
 * machine alone A text is u16 length and bytes; length 0xffff is NULL. What a record names was defined
 * before. */
#ifndef CERTTRIAGE_EXTRACT_CASE_H
#define CERTTRIAGE_EXTRACT_CASE_H

#include "buf.h"
#include "extract.h"

#define CASE_MAGIC "CTCASE2\n"
enum {
    CASE_IS_SERVER = 1,
    CASE_IS_CLIENT = 2,
    CASE_MACHINES = 256,
    CASE_NO_TEXT = 0xffff,
    CASE_PLACE_TEXTS = 7
};
#define CASE_TRUST_MODE "ClientAuthTrustMode"

struct case_place {
    uint32_t machine, certificate;
    int64_t disallowed_after_ms, not_before_ms;
    struct str texts[CASE_PLACE_TEXTS]; /* in the order above */
};

void extract_case_put_machine(struct buf *out, unsigned roles, int64_t collected_ms, struct str label);
void extract_case_put_certificate(struct buf *out, struct bytes der);
void extract_case_put_place(struct buf *out, const struct case_place *p);
void extract_case_put_policy(struct buf *out, uint32_t machine, struct str name, int64_t value);
void extract_case_put_disallowed(struct buf *out, uint32_t machine, struct bytes hash);
void extract_case_put_issuers(struct buf *out, uint32_t machine, struct str store);
void extract_case_put_time(struct buf *out, uint32_t machine, int64_t at_ms);
void extract_case_put_leaf(struct buf *out, uint32_t machine, uint32_t certificate, bool only_here,
                           struct str user);

/* extract_case itself stands in extract.h; this is its part behind reading the file, for tests. */
int extract_case_bytes(struct bytes stream, struct sink *s, struct arena *a, struct err *e);

#endif
