/* SPDX-License-Identifier: Apache-2.0
 *
 * x509_chain: all chains of one certificate from given stores, judged at a given time, as Windows' engine
 * would from the evidence alone (causes §5): no fetching of issuers, no revocation. Pure. */
#ifndef CERTTRIAGE_X509_CHAIN_H
#define CERTTRIAGE_X509_CHAIN_H

#include "limits.h"
#include "x509_policy.h"

/* Windows' words (wincrypt.h, "CERT_TRUST_STATUS structure"). X(NAME, bit) in the order in which they are
 * printed. Those of revocation and of CTLs cannot be known without what Windows fetches; OpenSSL does not say
 * CERT_TRUST_HAS_NOT_DEFINED_NAME_CONSTRAINT apart from the others. */
#define X509_TRUST_LIST(X)                                                                                   \
    X(CERT_TRUST_IS_NOT_TIME_VALID, 0x1)                                                                     \
    X(CERT_TRUST_IS_NOT_SIGNATURE_VALID, 0x8)                                                                \
    X(CERT_TRUST_IS_NOT_VALID_FOR_USAGE, 0x10)                                                               \
    X(CERT_TRUST_IS_UNTRUSTED_ROOT, 0x20)                                                                    \
    X(CERT_TRUST_IS_CYCLIC, 0x80)                                                                            \
    X(CERT_TRUST_INVALID_EXTENSION, 0x100)                                                                   \
    X(CERT_TRUST_INVALID_POLICY_CONSTRAINTS, 0x200)                                                          \
    X(CERT_TRUST_INVALID_BASIC_CONSTRAINTS, 0x400)                                                           \
    X(CERT_TRUST_INVALID_NAME_CONSTRAINTS, 0x800)                                                            \
    X(CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT, 0x1000)                                                  \
    X(CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT, 0x4000)                                                  \
    X(CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT, 0x8000)                                                       \
    X(CERT_TRUST_IS_PARTIAL_CHAIN, 0x10000)                                                                  \
    X(CERT_TRUST_HAS_WEAK_SIGNATURE, 0x100000)                                                               \
    X(CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY, 0x2000000)                                                        \
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
                  X509_IN_OTHER = 16,        /* the engine does not look there for issuers */
                  X509_IS_SENT = 32,         /* comes with the client's handshake message */
                  X509_IN_TRUST = 64,        /* store Trust */
                  X509_IN_ISSUERS = 128,     /* the store of trusted issuers that Schannel was given */
                  X509_IS_THIRD_PARTY = 256, /* a root of Microsoft's programme: physical store AuthRoot */
                  /* where the engine looks for issuers. A CA that stands in Disallowed alone is shown as what
                     it is. */
                  X509_ISSUER_PLACES = X509_IN_ROOT | X509_IN_CA | X509_IN_DISALLOWED | X509_IN_MY |
                                       X509_IS_SENT | X509_IN_TRUST
};

/* What a store adds to a certificate and the engine heeds; p NULL, has_x false: not set. */
struct x509_properties {
    struct str eku;            /* 9: it is good for these usages only */
    struct str disallowed_eku; /* 122: a root that is not trusted for these */
    bool has_disallowed_after; /* 104: not trusted at all from then on */
    int64_t disallowed_after_ms;
    bool has_not_before; /* 126: leaves that were issued later are not trusted; 127: for these usages, p NULL:
                            all */
    int64_t not_before_ms;
    struct str not_before_eku;
};

struct x509_member {
    const struct x509 *certificate;
    unsigned places;
    struct str store; /* name to show: the most telling one that it stands in */
    struct x509_properties set;
};

enum { X509_CHAIN_LINKS = 16 }; /* LIMIT_CHAIN_LINKS, as an array needs it */

struct x509_pool {
    const struct x509_member *members; /* each certificate once */
    size_t n_members;
    const struct x509_policy *policy; /* NULL: Windows' own */
    bool takes_issuers; /* the engine looks into the store of trusted issuers as well: the exclusive modes */
};

struct x509_path {
    const struct x509_member *links[X509_CHAIN_LINKS]; /* leaf first */
    size_t n_links;
    bool is_unsigned[X509_CHAIN_LINKS]; /* the key of the link behind it did not sign this one */
    bool is_cyclic;                     /* the only issuers of the last link stand in the path already */
    uint32_t policy_bits; /* what certificate policies and their constraints say of the whole path */
    uint32_t
        link_status[X509_CHAIN_LINKS]; /* what is wrong with each; the last one also carries the end's bits */
    uint32_t status;                   /* X509_CERT_TRUST_ bits; 0: no error */
    bool is_trusted;                   /* ends in a self-signed certificate of the Root store */
    struct str missing;                /* issuer that is looked for behind the last link; p NULL: none */
};

struct x509_chain {
    struct x509_path *paths; /* the best first: complete, trusted, without fault; of equal ones the shortest
                              * (KB2831004), then the newest */
    size_t n_paths;
};

/* for_client: client authentication is asked for. at_ms TIME_NONE: validity is not judged. The leaf need not
 * be in the pool. -ERR_NOMEM. */
int x509_chain_build(const struct x509_pool *pool, const struct x509_member *leaf, int64_t at_ms,
                     bool for_client, struct arena *a, struct x509_chain *ret, struct err *e);
/* The same paths at another time, in their new order. */
void x509_chain_judge(const struct x509_pool *pool, struct x509_chain *chain, int64_t at_ms, bool for_client);

/* How Schannel uses its store of trusted issuers (ClientAuthTrustMode, "What's new in TLS/SSL (Schannel
 * SSP)"). */
enum x509_trust_mode {
    X509_MACHINE_TRUST = 0, /* a root of the machine; where there is such a store, an issuer in it as well */
    X509_EXCLUSIVE_ROOT_TRUST = 1, /* the chain ends in a root of that store */
    X509_EXCLUSIVE_CA_TRUST =
        2 /* the chain passes through a certificate of that store, and need not go further */
};

struct x509_verdict {
    size_t path;     /* the best by these measures */
    uint32_t status; /* of it; 0: accepted */
};

/* has_issuers: members of that store carry X509_IN_ISSUERS; false in the exclusive modes: the machine's roots
 * stand for it. The chain has a path. */
struct x509_verdict x509_chain_accept(const struct x509_chain *chain, int mode, bool has_issuers);

/* "CERT_TRUST_IS_UNTRUSTED_ROOT CERT_TRUST_…", "CERT_TRUST_NO_ERROR" for 0. */
void x509_trust_text(uint32_t status, struct buf *out);

#endif
