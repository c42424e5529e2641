/* SPDX-License-Identifier: Apache-2.0 */
#include "crl.h"

#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "limits.h"
#include "x509_fields.h"

void crl_done(struct crl *c)
{
    X509_CRL_free(c->handle);
    c->handle = NULL;
}

static int64_t time_of(const ASN1_TIME *t)
{
    struct tm tm;

    if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
        return TIME_NONE;
    return time_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static bool set_hash(struct bytes der, char ret[41])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (EVP_Digest(der.p, der.len, md, &len, EVP_sha1(), NULL) != 1 || len != 20)
        return false;
    for (unsigned i = 0; i < len; i++) {
        ret[2 * i] = digits[md[i] >> 4];
        ret[2 * i + 1] = digits[md[i] & 15];
    }
    ret[40] = 0;
    return true;
}

static struct bytes keep(struct arena *a, const void *p, size_t len)
{
    struct str kept = arena_keep(a, (struct str){p ? p : "", len});

    return (struct bytes){(const uint8_t *)kept.p, kept.len};
}

static struct str hex_number(const ASN1_INTEGER *n, struct arena *a)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT(4096);

    text_hex(&hex, ASN1_STRING_get0_data(n), (size_t)ASN1_STRING_length(n));
    return arena_keep(a, hex.p ? buf_str(&hex) : STR(""));
}

static void set_extensions(struct crl *c, struct arena *a)
{
    ASN1_INTEGER *number = X509_CRL_get_ext_d2i(c->handle, NID_crl_number, NULL, NULL);
    AUTHORITY_KEYID *aki = X509_CRL_get_ext_d2i(c->handle, NID_authority_key_identifier, NULL, NULL);

    c->is_delta = X509_CRL_get_ext_by_NID(c->handle, NID_delta_crl, -1) >= 0;
    if (number)
        c->number = hex_number(number, a);
    if (aki && aki->keyid && aki->keyid->length > 0)
        c->aki = keep(a, aki->keyid->data, (size_t)aki->keyid->length);
    ASN1_INTEGER_free(number);
    AUTHORITY_KEYID_free(aki);
}

static bool fill(struct crl *c, struct arena *a)
{
    X509_CRL *x = c->handle;
    const X509_NAME *issuer = X509_CRL_get_issuer(x);
    const unsigned char *der = NULL;
    const X509_ALGOR *algorithm = NULL;
    size_t len = 0;
    char name[80] = "?";

    if (X509_NAME_get0_der(issuer, &der, &len) != 1)
        return false;
    X509_CRL_get0_signature(x, NULL, &algorithm);
    if (algorithm && OBJ_obj2nid(algorithm->algorithm) != NID_undef)
        c->signature_algorithm = OBJ_nid2ln(OBJ_obj2nid(algorithm->algorithm));
    else if (algorithm && OBJ_obj2txt(name, sizeof(name), algorithm->algorithm, 1) > 0)
        c->signature_algorithm = arena_printf(a, "%s", name);
    c->issuer = x509_fields_name_text(issuer, a);
    c->issuer_der = keep(a, der, len);
    c->issuer_hash = X509_NAME_hash_ex(issuer, NULL, NULL, NULL);
    c->this_update_ms = time_of(X509_CRL_get0_lastUpdate(x));
    c->next_update_ms = time_of(X509_CRL_get0_nextUpdate(x));
    c->n_revoked = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(x));
    if (c->n_revoked < 0)
        c->n_revoked = 0;
    set_extensions(c, a);
    ERR_clear_error();
    return c->issuer.p && c->issuer_der.p;
}

int crl_read(struct bytes der, struct arena *a, struct crl *ret, struct err *e)
{
    struct crl c = {0};
    const unsigned char *p = der.p;

    if (der.len > (size_t)LIMIT_WHOLE_ENTRY_BYTES)
        return err_set(e, ERR_LIMIT, "CRL: %zu bytes", der.len);
    c.handle = der.len ? d2i_X509_CRL(NULL, &p, (long)der.len) : NULL;
    ERR_clear_error();
    if (!c.handle)
        return err_set(e, ERR_FORMAT, "not a DER revocation list");
    if (!set_hash((struct bytes){der.p, (size_t)(p - der.p)}, c.sha1) || !fill(&c, a)) {
        crl_done(&c);
        return err_set(e, ERR_NOMEM, "CRL: out of memory");
    }
    *ret = c;
    return 0;
}

static const char *reason_of(const X509_REVOKED *r)
{
    static const char *const names[] = {
        "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
        "superseded",    "cessationOfOperation", "certificateHold", NULL,
        "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};
    ASN1_ENUMERATED *code = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, NULL, NULL);
    long n = code ? ASN1_ENUMERATED_get(code) : -1;

    ASN1_ENUMERATED_free(code);
    return n >= 0 && n < (long)ARRAY_LEN(names) ? names[n] : NULL;
}

bool crl_entry_at(const struct crl *c, int i, struct crl_entry *ret)
{
    const X509_REVOKED *r = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(c->handle), i);
    const ASN1_INTEGER *serial = r ? X509_REVOKED_get0_serialNumber(r) : NULL;

    if (!serial)
        return false;
    *ret = (struct crl_entry){.serial = {ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)},
                              .revoked_ms = time_of(X509_REVOKED_get0_revocationDate(r)),
                              .reason = reason_of(r)};
    ERR_clear_error();
    return true;
}

enum x509_answer crl_signed_by(const struct crl *c, const struct x509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer->handle);
    int r = key ? X509_CRL_verify(c->handle, key) : -1;

    ERR_clear_error();
    return r == 1 ? X509_YES : r == 0 ? X509_NO : X509_CANNOT_TELL;
}
