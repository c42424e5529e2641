/* SPDX-License-Identifier: Apache-2.0
 *
 * x509_chain: all chains of one certificate from given stores, judged at a given time, as Windows' engine
 * would from the evidence alone (causes §5): no fetching of issuers, no revocation. Pure. */
#ifndef CERTTRIAGE_X509_CHAIN_H
#define CERTTRIAGE_X509_CHAIN_H

#include "limits.h"
#include "x509.h"

/* Windows' words (wincrypt.h). X(NAME, bit) in the order in which they are printed. */
#define X509_TRUST_LIST(X)                                                                                   \
    X(CERT_TRUST_IS_NOT_TIME_VALID, 0x1)                                                                     \
    X(CERT_TRUST_IS_NOT_SIGNATURE_VALID, 0x8)                                                                \
    X(CERT_TRUST_IS_NOT_VALID_FOR_USAGE, 0x10)                                                               \
    X(CERT_TRUST_IS_UNTRUSTED_ROOT, 0x20)                                                                    \
    X(CERT_TRUST_INVALID_BASIC_CONSTRAINTS, 0x400)                                                           \
    X(CERT_TRUST_INVALID_NAME_CONSTRAINTS, 0x800)                                                            \
    X(CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT, 0x4000)                                                  \
    X(CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT, 0x8000)                                                       \
    X(CERT_TRUST_IS_PARTIAL_CHAIN, 0x10000)                                                                  \
    X(CERT_TRUST_HAS_WEAK_SIGNATURE, 0x100000)                                                               \
    X(CERT_TRUST_IS_EXPLICIT_DISTRUST, 0x4000000)                                                            \
    X(CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT, 0x8000000)

enum x509_trust {
#define X(name, bit) X509_##name = (bit),
    X509_TRUST_LIST(X)
#undef X
};

enum x509_place { /* a set: in which logical stores a certificate stands */
                  X509_IN_ROOT = 1,
                  X509_IN_CA = 2,
                  X509_IN_DISALLOWED = 4,
                  X509_IN_MY = 8,
                  X509_IN_OTHER = 16,
                  X509_IS_SENT = 32 /* comes with the client's handshake message */
};

struct x509_member {
    const struct x509 *certificate;
    unsigned places;
    struct str store;        /* name to show: the most telling one that it stands in */
    struct str eku_property; /* property 9: OIDs; p NULL: not set */
};

enum { X509_CHAIN_LINKS = 16 }; /* LIMIT_CHAIN_LINKS, as an array needs it */

struct x509_pool {
    const struct x509_member *members; /* each certificate once */
    size_t n_members;
};

struct x509_path {
    const struct x509_member *links[X509_CHAIN_LINKS]; /* leaf first */
    size_t n_links;
    uint32_t link_status[X509_CHAIN_LINKS]; /* what is wrong with each; the chain as a whole adds its end */
    uint32_t status;                        /* X509_CERT_TRUST_ bits; 0: no error */
    bool is_trusted;                        /* ends in a self-signed certificate of the Root store */
    struct str missing;                     /* issuer that is looked for behind the last link; p NULL: none */
};

struct x509_chain {
    struct x509_path
        *paths; /* the best first, as Windows prefers: complete, trusted, without fault, newest */
    size_t n_paths;
};

/* for_client: client authentication is asked for. at_ms TIME_NONE: validity is not judged. The leaf need not
 * be in the pool. -ERR_NOMEM. */
int x509_chain_build(const struct x509_pool *pool, const struct x509_member *leaf, int64_t at_ms,
                     bool for_client, struct arena *a, struct x509_chain *ret, struct err *e);

/* "CERT_TRUST_IS_UNTRUSTED_ROOT CERT_TRUST_…", "CERT_TRUST_NO_ERROR" for 0. */
void x509_trust_text(uint32_t status, struct buf *out);

#endif
