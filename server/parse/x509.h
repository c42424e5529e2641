/* SPDX-License-Identifier: Apache-2.0
 *
 * x509: one certificate read by OpenSSL: what is in it, not whether it is good. Odd ones are read as far as
 * they go, with a note. Texts live in the arena; the handle needs x509_done. Not for use by several threads
 * at once. */
#ifndef CERTTRIAGE_X509_H
#define CERTTRIAGE_X509_H

#include "arena.h"
#include "err.h"
#include "store_blob.h"
#include "text.h"

struct x509_name {    /* subject alternative name, or a URL of it */
    const char *kind; /* dns, upn, email, uri, ip, directory, sid; cdp, ocsp, ca-issuers */
    struct str value;
    struct x509_name *next;
};

struct x509_rdn { /* one attribute of the subject or the issuer */
    bool is_issuer;
    struct str type; /* as Windows abbreviates it: CN, OU, O, L, S, C, E, …; 'OID.2.5.4.9' for one that it
                        does not */
    struct str value;
    struct x509_rdn *next;
};

enum x509_answer { X509_NO = 0, X509_YES = 1, X509_CANNOT_TELL = -1 };

enum { /* bits of key usage that chains look at */
       X509_KU_CERT_SIGN = 4
};

struct x509 {
    struct bytes der; /* without anything behind the certificate */
    char thumbprint[41], sha256[65];
    struct str subject, issuer;       /* as Windows prints: CN first */
    struct str subject_cn, issuer_cn; /* p NULL: none */
    struct bytes subject_der, issuer_der;
    struct bytes serial;                 /* big-endian */
    int64_t not_before_ms, not_after_ms; /* TIME_NONE: not readable */
    int version;                         /* 1, 2, 3 */
    bool self_issued;
    enum x509_answer
        self_signed; /* names equal and its own key verifies the signature; cannot tell: algorithm unknown */
    bool has_basic_constraints, is_ca;
    int64_t path_length; /* -1: none */
    bool has_key_usage;
    uint32_t key_usage_bits; /* OpenSSL's KU_x */
    struct str key_usage;    /* 'digitalSignature,keyEncipherment' */
    bool has_eku, client_auth;
    struct str eku;                                  /* OIDs joined by ' ' */
    struct bytes ski, aki;                           /* p NULL: none */
    const char *key_algorithm, *signature_algorithm; /* in the arena */
    int key_bits;
    const char *curve;          /* of an EC key, 'prime256v1'; NULL: none, or not a named one */
    const char *signature_hash; /* 'SHA256', 'MD5', …; NULL: none of its own (Ed25519), or not known */
    struct bytes
        signed_digest; /* what was signed: that hash of the certificate's body (property 15); empty */
    unsigned long subject_hash, issuer_hash; /* equal names, as RFC 5280 compares, have equal ones */
    struct bytes aki_serial;  /* authority key identifier: the issuer's serial number; p NULL: none */
    struct str aki_issuer;    /* and its issuer's name; p NULL: none */
    struct str template_name; /* of Microsoft's CA, name or OID; p NULL: none */
    bool has_unknown_critical;
    bool has_broken_usage;       /* key usage or enhanced key usage does not decode */
    bool has_broken_constraints; /* name constraints do not decode */
    bool has_policy_constraints;
    struct x509_name *names, *urls;
    struct x509_rdn *rdns;         /* of the subject, then of the issuer */
    struct x509_name *constraints; /* name constraints: kind 'permitted dns', 'excluded directory', … */
    struct str note;               /* what is odd; p NULL: nothing */
    struct bytes body; /* what was signed, where the handle holds a mended copy (x509_mend.h); else empty */
    void *handle;      /* OpenSSL's X509 */
};

#define X509_CLIENT_AUTH "1.3.6.1.5.5.7.3.2"
#define X509_ANY_USAGE "2.5.29.37.0"

/* Also used on property 9, an encoded sequence of OIDs: OIDs joined by ' ' (empty for none); p NULL when it
 * is not one. */
struct str x509_eku_text(struct bytes der, struct arena *a);
bool x509_eku_allows_client(struct str eku);

/* DER. -ERR_FORMAT: no certificate; -ERR_LIMIT, -ERR_NOMEM. */
int x509_parse(struct bytes der, struct arena *a, struct x509 *ret, struct err *e);
void x509_done(struct x509 *c); /* frees the handle; NULL handle is fine */

/* An encoded name as readable text, as `subject`; p NULL: it is none, or no memory. */
struct str x509_name_text(struct bytes der, struct arena *a);

/* A file in any of: DER, PEM (several), PKCS#7 (DER or PEM), a serialised store (.sst), one of a user's own
 * My (a property list), a CRL, a CTL (.stl). `take` is told of each certificate, CRL and CTL, with the
 * properties that a serialised one has; negative stops. Returns how many were found, or -ERR_FORMAT when it
 * is none of these. */
int x509_read_file(struct bytes file, store_blob_take_fn take, void *ctx, struct err *e);

/* Did `issuer`'s key sign `child`? */
enum x509_answer x509_signed_by(const struct x509 *child, const struct x509 *issuer);
/* Names equal as RFC 5280 compares: case and blanks do not matter. */
bool x509_is_issuer_name(const struct x509 *issuer, const struct x509 *child);
/* 0, or CERT_TRUST_ bits of x509_chain.h: name constraints of `ca` on `c`. */
uint32_t x509_name_constraints(const struct x509 *ca, const struct x509 *c);
/* The same for certificate policies and their constraints (RFC 5280, 6.1) over a whole path, leaf first. */
uint32_t x509_policies(const struct x509 *const *path, size_t n);

#endif
