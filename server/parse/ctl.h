/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl: certificate trust lists, as Windows keeps and fetches them: authroot.stl (the roots of Microsoft's
 * programme), disallowedcert.stl, and those of IIS before 2012. The list inside a PKCS#7 signed message
 * ([MS-CAESO] 4.4.5.1; wincrypt.h CTL_INFO); its signature is not checked. Views into the input, except for
 * texts in the arena. */
#ifndef CERTTRIAGE_CTL_H
#define CERTTRIAGE_CTL_H

#include "arena.h"
#include "err.h"
#include "str.h"
#include "text.h"

#define CTL_USAGE_ROOTS "1.3.6.1.4.1.311.10.3.9"       /* szOID_ROOT_LIST_SIGNER: authroot.stl */
#define CTL_USAGE_DISALLOWED "1.3.6.1.4.1.311.10.3.30" /* szOID_DISALLOWED_LIST: disallowedcert.stl */

struct ctl {
    struct str usage;                       /* OIDs joined by ' ' */
    struct bytes id;                        /* list identifier, often UTF-16; p NULL: none */
    struct bytes number;                    /* sequence number, big-endian; p NULL: none */
    int64_t this_update_ms, next_update_ms; /* TIME_NONE: none */
    struct str
        algorithm; /* OID: what the entries' identifiers are; SHA-1 of the certificate: 1.3.14.3.2.26 */
    struct bytes entries; /* for ctl_next */
};

struct ctl_entry {
    struct bytes id;         /* usually a hash */
    struct bytes attributes; /* for ctl_attribute */
};

/* An OID of Windows' properties, '1.3.6.1.4.1.311.10.11.<property>', with its value. */
struct ctl_attribute {
    uint32_t property; /* 0: another OID */
    struct bytes value;
};

/* Does it begin as one, in a PKCS#7 message or bare? */
bool ctl_is_one(struct bytes der);
/* -ERR_FORMAT, -ERR_NOMEM. */
int ctl_read(struct bytes der, struct arena *a, struct ctl *ret, struct err *e);
/* Takes the next entry from *rest, which ctl.entries starts; false at the end, and where it is broken
 * (*rest is not empty then). */
bool ctl_next(struct bytes *rest, struct ctl_entry *ret);
bool ctl_attribute_next(struct bytes *rest, struct ctl_attribute *ret);

#endif
