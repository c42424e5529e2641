/* SPDX-License-Identifier: Apache-2.0
 *
 * x509_policy: what one machine refuses in every chain: weak keys and signatures (registry key
 * …\OID\EncodingType 0\CertDllCreateCertificateChainEngine\Config; Microsoft's page "Protecting Against Weak
 * Cryptographic Algorithms", KB2661254) and what its list of disallowed certificates names. Pure. */
#ifndef CERTTRIAGE_X509_POLICY_H
#define CERTTRIAGE_X509_POLICY_H

#include "x509.h"

enum x509_weak_algorithm {
    X509_WEAK_MD5,
    X509_WEAK_SHA1,
    X509_WEAK_RSA,
    X509_WEAK_DSA,
    X509_WEAK_ECDSA,
    X509_WEAK_COUNT
};

struct x509_weak { /* [0]: every chain ('All'), [1]: chains to roots of Microsoft's programme ('ThirdParty')
                    */
    uint32_t flags[2], min_bits[2];
};

enum { X509_HASH_BYTES = 64 };

struct x509_hash { /* of a certificate: its SHA-1, SHA-256, or the digest that its issuer signed */
    uint8_t bytes[X509_HASH_BYTES];
    size_t len;
};

struct x509_policy {
    uint32_t min_rsa_bits; /* shorter RSA keys are refused; 0: none is */
    bool allows_weak_root, allows_md2_md4;
    struct x509_weak weak[X509_WEAK_COUNT];
    struct x509_hash *disallowed,
        *allowed; /* sorted by x509_policy_sort; allowed: weak ones that are let through */
    size_t n_disallowed, n_allowed;
};

/* Windows' own, without any value set. */
void x509_policy_init(struct x509_policy *p);
/* A DWORD of Config: 'MinRsaPubKeyBitLength', 'EnableWeakSignatureFlags', 'WeakSha1AllFlags', …; false: no
 * setting of that name is known. */
bool x509_policy_set(struct x509_policy *p, struct str name, uint32_t value);
/* Once, when the hashes are complete. */
void x509_policy_sort(struct x509_policy *p);

bool x509_policy_disallows(const struct x509_policy *p, const struct x509 *c);
/* Is its key or signature too weak for client authentication? is_anchor: its own signature does not count;
 * is_third_party: its chain ends in a root of Microsoft's programme. */
bool x509_policy_is_weak(const struct x509_policy *p, const struct x509 *c, bool is_anchor,
                         bool is_third_party);

#endif
