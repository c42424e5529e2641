/* SPDX-License-Identifier: Apache-2.0
 *
 * trust_list: certificate trust lists and revocation lists made in a test. What is made lives until
 * trust_list_done. */
#ifndef CERTTRIAGE_TEST_TRUST_LIST_H
#define CERTTRIAGE_TEST_TRUST_LIST_H

#include "server/pki.h"

#include "arena.h"

enum { TRUST_LIST_IDS = 4 };

struct trust_list {
    const char *usage, *identifier; /* OID; text, put in as UTF-16 */
    unsigned number;
    const char *algorithm; /* OID */
    const char *ids[TRUST_LIST_IDS];
    size_t id_len, n_ids;
    unsigned property; /* set on each entry, eight bytes of zero; 0: none */
};

static struct arena trust_list_arena = {.cap_bytes = 16 << 20};

static inline void trust_list_done(void)
{
    arena_done(&trust_list_arena);
    trust_list_arena = ARENA_INIT(16 << 20);
}

/* One element around `body`. */
static inline struct bytes trust_list_wrap(uint8_t tag, struct bytes body)
{
    uint8_t *p = arena_alloc(&trust_list_arena, body.len + 6);
    size_t n = 0;

    assert_non_null(p);
    p[n++] = tag;
    if (body.len < 128) {
        p[n++] = (uint8_t)body.len;
    } else {
        p[n++] = 0x83;
        p[n++] = (uint8_t)(body.len >> 16);
        p[n++] = (uint8_t)(body.len >> 8);
        p[n++] = (uint8_t)body.len;
    }
    if (body.len)
        memcpy(p + n, body.p, body.len);
    return (struct bytes){p, n + body.len};
}

static inline struct bytes trust_list_join(const struct bytes *parts, size_t count)
{
    size_t len = 0, at = 0;
    uint8_t *p;

    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    p = arena_alloc(&trust_list_arena, len + 1);
    assert_non_null(p);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len)
            memcpy(p + at, parts[i].p, parts[i].len);
        at += parts[i].len;
    }
    return (struct bytes){p, len};
}

static inline struct bytes trust_list_oid(const char *dotted)
{
    ASN1_OBJECT *o = OBJ_txt2obj(dotted, 1);
    unsigned char *der = NULL;
    int len = i2d_ASN1_OBJECT(o, &der);
    struct bytes kept;

    assert_true(len > 0);
    kept = trust_list_join(&(struct bytes){der, (size_t)len}, 1);
    OPENSSL_free(der);
    ASN1_OBJECT_free(o);
    return kept;
}

static inline struct bytes trust_list_entry(const struct trust_list *l, const char *id)
{
    static const uint8_t zeros[8];
    struct bytes parts[2] = {trust_list_wrap(0x04, (struct bytes){(const uint8_t *)id, l->id_len})}, value;
    char oid[64];

    if (!l->property)
        return trust_list_wrap(0x30, parts[0]);
    (void)snprintf(oid, sizeof oid, "1.3.6.1.4.1.311.10.11.%u", l->property);
    value = trust_list_wrap(0x31, trust_list_wrap(0x04, (struct bytes){zeros, sizeof zeros}));
    parts[1] = trust_list_wrap(
        0x31, trust_list_wrap(0x30, trust_list_join((const struct bytes[]){trust_list_oid(oid), value}, 2)));
    return trust_list_wrap(0x30, trust_list_join(parts, 2));
}

/* The bare list; its time is 2026-01-01. */
static inline struct bytes trust_list_der(const struct trust_list *l)
{
    uint8_t name[128] = {0},
            number[3] = {(uint8_t)(l->number >> 16), (uint8_t)(l->number >> 8), (uint8_t)l->number};
    size_t skip = number[0] ? 0 : 1, n = 0;
    struct bytes entries[TRUST_LIST_IDS], parts[6];

    for (; l->identifier[n]; n++)
        name[2 * n] = (uint8_t)l->identifier[n];
    for (size_t i = 0; i < l->n_ids; i++)
        entries[i] = trust_list_entry(l, l->ids[i]);
    parts[0] = trust_list_wrap(0x30, trust_list_oid(l->usage));
    parts[1] = trust_list_wrap(0x04, (struct bytes){name, 2 * n});
    parts[2] = trust_list_wrap(0x02, (struct bytes){number + skip, 3 - skip});
    parts[3] = trust_list_wrap(0x17, (struct bytes){(const uint8_t *)"260101000000Z", 13});
    parts[4] = trust_list_wrap(
        0x30, trust_list_join(
                  (const struct bytes[]){trust_list_oid(l->algorithm), {(const uint8_t *)"\x05\x00", 2}}, 2));
    parts[5] = trust_list_wrap(0x30, trust_list_join(entries, l->n_ids));
    return trust_list_wrap(0x30, trust_list_join(parts, 6));
}

/* In a signed message without signatures; Microsoft puts the list itself into it (PKCS#7 1.5), CMS an octet
 * string around it. */
static inline struct bytes trust_list_message(struct bytes list, bool in_octets)
{
    struct bytes content = trust_list_wrap(0xa0, in_octets ? trust_list_wrap(0x04, list) : list);
    struct bytes inner = trust_list_wrap(
        0x30, trust_list_join((const struct bytes[]){trust_list_oid("1.3.6.1.4.1.311.10.1"), content}, 2));
    const struct bytes parts[] = {{(const uint8_t *)"\x02\x01\x01", 3},
                                  {(const uint8_t *)"\x31\x00", 2},
                                  inner,
                                  {(const uint8_t *)"\x31\x00", 2}};
    struct bytes signed_data = trust_list_wrap(0xa0, trust_list_wrap(0x30, trust_list_join(parts, 4)));

    return trust_list_wrap(
        0x30,
        trust_list_join((const struct bytes[]){trust_list_oid("1.2.840.113549.1.7.2"), signed_data}, 2));
}

/* A revocation list of `ca` that names `revoked` (NULL: nobody), good for 30 days around PKI_NOW. The caller
 * frees with OPENSSL_free. */
static inline struct bytes trust_list_crl(const struct pki *ca, const struct pki *revoked)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, PKI_NOW - 15 * PKI_DAY),
              *to = ASN1_TIME_set(NULL, PKI_NOW + 15 * PKI_DAY);
    unsigned char *der = NULL;
    int len;

    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->x));
    X509_CRL_set1_lastUpdate(crl, from);
    X509_CRL_set1_nextUpdate(crl, to);
    if (revoked) {
        X509_REVOKED *r = X509_REVOKED_new();
        ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
        ASN1_ENUMERATED_set(reason, 1);
        X509_REVOKED_set_serialNumber(r, X509_get_serialNumber(revoked->x));
        X509_REVOKED_set_revocationDate(r, from);
        X509_REVOKED_add1_ext_i2d(r, NID_crl_reason, reason, 0, 0);
        X509_CRL_add0_revoked(crl, r);
        ASN1_ENUMERATED_free(reason);
    }
    assert_true(X509_CRL_sign(crl, ca->key, EVP_sha256()) > 0);
    len = i2d_X509_CRL(crl, &der);
    assert_true(len > 0);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    X509_CRL_free(crl);
    return (struct bytes){der, (size_t)len};
}

#endif
