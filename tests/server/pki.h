/* SPDX-License-Identifier: Apache-2.0
 *
 * pki: certificates made in the test, so that a test says in one line what is special about each. P-256 keys
 * unless a test takes others. */
#ifndef CERTTRIAGE_TEST_PKI_H
#define CERTTRIAGE_TEST_PKI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "str.h"

#define PKI_NOW 1767225600 /* 2026-01-01T00:00:00Z, seconds */
enum { PKI_DAY = 86400, PKI_YEAR = 365 * PKI_DAY };

/* What the days of a plan count from; a test against a tool that knows only the real time sets it to that. */
static int64_t pki_base = PKI_NOW;

static inline EVP_PKEY *pki_ec_key(void)
{
    return EVP_EC_gen("P-256");
}

/* Where new keys come from; the caller owns what it returns. */
static EVP_PKEY *(*pki_new_key)(void) = pki_ec_key;

struct pki {
    X509 *x;
    EVP_PKEY *key;
};

/* What a certificate should be; 0 and NULL are the ordinary case. */
struct pki_plan {
    const char *name;         /* CN */
    const struct pki *issuer; /* NULL: self-signed */
    EVP_PKEY *key;            /* NULL: a new one */
    bool is_ca, no_constraints;
    int path_length; /* 0: none; n: n - 1 */
    const char *eku, *key_usage, *san, *permitted, *policy_constraints;
    int broken;              /* NID of an extension that does not decode */
    const char *issuer_name; /* in place of the issuer's own */
    long from_days, to_days; /* from PKI_NOW; both 0: a year around it */
    bool no_aki;
    long serial;
};

static inline void pki_add(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *ext;

    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    if (!ext)
        fail_msg("extension %s", value);
    assert_int_equal(X509_add_ext(x, ext, -1), 1);
    X509_EXTENSION_free(ext);
}

static inline void pki_add_broken(X509 *x, int nid)
{
    static const unsigned char junk[] = {0x30, 0x05, 0x04};
    ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext;

    assert_int_equal(ASN1_OCTET_STRING_set(data, junk, sizeof junk), 1);
    ext = X509_EXTENSION_create_by_NID(NULL, nid, 0, data);
    assert_int_equal(X509_add_ext(x, ext, -1), 1);
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(data);
}

static inline X509_NAME *pki_name(const char *cn)
{
    X509_NAME *n = X509_NAME_new();

    assert_int_equal(
        X509_NAME_add_entry_by_txt(n, "O", MBSTRING_UTF8, (const unsigned char *)"Contoso", -1, -1, 0), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0),
                     1);
    return n;
}

static inline void pki_set_names(X509 *x, const struct pki_plan *p)
{
    X509_NAME *subject = pki_name(p->name), *other = p->issuer_name ? pki_name(p->issuer_name) : NULL;

    X509_set_subject_name(x, subject);
    X509_set_issuer_name(x, other ? other : p->issuer ? X509_get_subject_name(p->issuer->x) : subject);
    X509_NAME_free(subject);
    X509_NAME_free(other);
}

static inline void pki_set_extensions(X509 *x, const struct pki_plan *p)
{
    char text[64];
    X509 *issuer = p->issuer ? p->issuer->x : x;

    if (p->is_ca && p->path_length > 0)
        (void)snprintf(text, sizeof text, "critical,CA:TRUE,pathlen:%d", p->path_length - 1);
    else
        (void)snprintf(text, sizeof text, "critical,CA:%s", p->is_ca ? "TRUE" : "FALSE");
    if (!p->no_constraints)
        pki_add(x, issuer, NID_basic_constraints, text);
    pki_add(x, issuer, NID_subject_key_identifier, "hash");
    if (!p->no_aki)
        pki_add(x, issuer, NID_authority_key_identifier, "keyid:always");
    if (p->key_usage)
        pki_add(x, issuer, NID_key_usage, p->key_usage);
    if (p->eku)
        pki_add(x, issuer, NID_ext_key_usage, p->eku);
    if (p->san)
        pki_add(x, issuer, NID_subject_alt_name, p->san);
    if (p->permitted)
        pki_add(x, issuer, NID_name_constraints, p->permitted);
    if (p->policy_constraints)
        pki_add(x, issuer, NID_policy_constraints, p->policy_constraints);
    if (p->broken)
        pki_add_broken(x, p->broken);
}

static inline struct pki pki_make(struct pki_plan p)
{
    static long serial = 1000;
    struct pki r = {.x = X509_new(), .key = p.key};
    EVP_PKEY *signer;
    bool usual = p.from_days == 0 && p.to_days == 0;

    if (r.key)
        EVP_PKEY_up_ref(r.key);
    else
        r.key = pki_new_key();
    assert_true(r.x && r.key);
    X509_set_version(r.x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(r.x), p.serial ? p.serial : serial++);
    ASN1_TIME_set(X509_getm_notBefore(r.x), pki_base + (usual ? -180 : p.from_days) * PKI_DAY);
    ASN1_TIME_set(X509_getm_notAfter(r.x), pki_base + (usual ? 180 : p.to_days) * PKI_DAY);
    X509_set_pubkey(r.x, r.key);
    pki_set_names(r.x, &p);
    pki_set_extensions(r.x, &p);
    signer = p.issuer ? p.issuer->key : r.key;
    assert_true(X509_sign(r.x, signer, EVP_PKEY_is_a(signer, "ED25519") ? NULL : EVP_sha256()) > 0);
    return r;
}

static inline void pki_done(struct pki *p)
{
    X509_free(p->x);
    EVP_PKEY_free(p->key);
    *p = (struct pki){0};
}

/* The caller frees with OPENSSL_free. */
static inline struct bytes pki_der(const struct pki *p)
{
    unsigned char *der = NULL;
    int len = i2d_X509(p->x, &der);

    assert_true(len > 0);
    return (struct bytes){der, (size_t)len};
}

static inline void pki_thumbprint(const struct pki *p, char ret[41])
{
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    assert_int_equal(X509_digest(p->x, EVP_sha1(), md, &len), 1);
    for (unsigned i = 0; i < len; i++)
        (void)snprintf(ret + 2 * i, 3, "%02x", md[i]);
}

#endif
