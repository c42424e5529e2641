/* SPDX-License-Identifier: Apache-2.0 */
#include "x509_fields.h"

#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "limits.h"

enum { NAME_TEXT_BYTES = 16384 };

/* --- names --- */

static const char *short_name(const ASN1_OBJECT *type, char oid[80])
{
    static const struct {
        int nid;
        const char *windows; /* where Windows' abbreviation is another than OpenSSL's */
    } rows[] = {{NID_pkcs9_emailAddress, "E"},
                {NID_stateOrProvinceName, "S"},
                {NID_surname, "SN"},
                {NID_givenName, "G"},
                {NID_serialNumber, "SERIALNUMBER"}};
    int nid = OBJ_obj2nid(type);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].nid == nid)
            return rows[i].windows;
    if (nid == NID_commonName || nid == NID_countryName || nid == NID_localityName ||
        nid == NID_organizationName || nid == NID_organizationalUnitName || nid == NID_domainComponent ||
        nid == NID_title || nid == NID_initials)
        return OBJ_nid2sn(nid);
    (void)memcpy(oid, "OID.", 4);
    (void)OBJ_obj2txt(oid + 4, 76, type, 1);
    return oid;
}

static void add_value(struct buf *out, struct str value)
{
    bool needs_quotes = value.len == 0 || value.p[0] == ' ' || value.p[value.len - 1] == ' ';

    for (size_t i = 0; i < value.len; i++)
        needs_quotes |= memchr(",+=\"\n<>#;", value.p[i], 9) != NULL;
    if (!needs_quotes) {
        buf_add_str(out, value);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        if (value.p[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, value.p[i]);
    }
    buf_add_char(out, '"');
}

static void add_string(struct buf *out, const ASN1_STRING *s)
{
    unsigned char *utf8 = NULL;
    int len = ASN1_STRING_to_UTF8(&utf8, s);

    if (len >= 0)
        text_add_utf8_lossy(out, (struct str){(const char *)utf8, (size_t)len});
    OPENSSL_free(utf8);
}

struct str x509_fields_name_text(const void *x509_name, struct arena *a)
{
    const X509_NAME *name = x509_name;
    CLEANUP(buf_done) struct buf out = BUF_INIT(NAME_TEXT_BYTES);
    int set = -1;

    for (int i = X509_NAME_entry_count(name) - 1; i >= 0; i--) {
        CLEANUP(buf_done) struct buf value = BUF_INIT(NAME_TEXT_BYTES);
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        char oid[80];
        if (out.len > 0)
            buf_add_c(&out, X509_NAME_ENTRY_set(entry) == set ? " + " : ", ");
        set = X509_NAME_ENTRY_set(entry);
        buf_add_c(&out, short_name(X509_NAME_ENTRY_get_object(entry), oid));
        buf_add_char(&out, '=');
        add_string(&value, X509_NAME_ENTRY_get_data(entry));
        add_value(&out, buf_str(&value));
    }
    return arena_keep(a, out.p ? buf_str(&out) : STR(""));
}

/* The last CN, which is what people call the certificate. */
static struct str common_name(const X509_NAME *name, struct arena *a)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(NAME_TEXT_BYTES);
    int at = -1, last = -1;

    while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0)
        last = at;
    if (last < 0)
        return (struct str){0};
    add_string(&out, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    return arena_keep(a, out.p ? buf_str(&out) : STR(""));
}

struct str x509_name_text(struct bytes der, struct arena *a)
{
    const unsigned char *at = der.p;
    X509_NAME *name = der.len > 0 && der.len <= LONG_MAX ? d2i_X509_NAME(NULL, &at, (long)der.len) : NULL;
    struct str text = {0};

    if (name && at == der.p + der.len)
        text = x509_fields_name_text(name, a);
    X509_NAME_free(name);
    ERR_clear_error();
    return text;
}

/* No memory: the names end there, as all lists of a certificate do. */
static struct x509_rdn **add_rdns(struct x509_rdn **end, const X509_NAME *name, bool is_issuer,
                                  struct arena *a)
{
    for (int i = 0; i < X509_NAME_entry_count(name); i++) {
        CLEANUP(buf_done) struct buf value = BUF_INIT(NAME_TEXT_BYTES);
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        struct x509_rdn *rdn = arena_alloc(a, sizeof(*rdn));
        char oid[80];
        if (!rdn)
            return end;
        add_string(&value, X509_NAME_ENTRY_get_data(entry));
        *rdn = (struct x509_rdn){.is_issuer = is_issuer};
        rdn->type = arena_keep(a, str_from(short_name(X509_NAME_ENTRY_get_object(entry), oid)));
        rdn->value = arena_keep(a, value.p ? buf_str(&value) : STR(""));
        if (!rdn->type.p || !rdn->value.p)
            return end;
        *end = rdn;
        end = &rdn->next;
    }
    return end;
}

void x509_fields_names(struct x509 *c, struct arena *a)
{
    const X509_NAME *subject = X509_get_subject_name(c->handle), *issuer = X509_get_issuer_name(c->handle);

    c->subject = x509_fields_name_text(subject, a);
    c->issuer = x509_fields_name_text(issuer, a);
    c->subject_cn = common_name(subject, a);
    c->issuer_cn = common_name(issuer, a);
    (void)add_rdns(add_rdns(&c->rdns, subject, false, a), issuer, true, a);
}

/* --- validity --- */

static int64_t time_of(const ASN1_TIME *t)
{
    struct tm tm;

    if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
        return TIME_NONE;
    return time_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void x509_fields_times(struct x509 *c, struct buf *note)
{
    c->not_before_ms = time_of(X509_get0_notBefore(c->handle));
    c->not_after_ms = time_of(X509_get0_notAfter(c->handle));
    if (c->not_before_ms == TIME_NONE || c->not_after_ms == TIME_NONE)
        buf_add_c(note, "a validity time that cannot be read; ");
    else if (c->not_before_ms > c->not_after_ms)
        buf_add_c(note, "ends before it begins; ");
}

/* --- key and signature --- */

static const char *object_name(const ASN1_OBJECT *o, struct arena *a)
{
    char oid[80];
    int nid = OBJ_obj2nid(o);

    if (nid != NID_undef)
        return arena_printf(a, "%s", OBJ_nid2ln(nid));
    return OBJ_obj2txt(oid, sizeof(oid), o, 1) > 0 ? arena_printf(a, "%s", oid) : arena_printf(a, "?");
}

static const char *key_name(const ASN1_OBJECT *o, struct arena *a)
{
    switch (OBJ_obj2nid(o)) {
    case NID_rsaEncryption:
        return "RSA";
    case NID_rsassaPss:
        return "RSA-PSS";
    case NID_X9_62_id_ecPublicKey:
        return "EC";
    case NID_dsa:
        return "DSA";
    default:
        return object_name(o, a);
    }
}

static const char *hash_name(int nid)
{
    static const struct {
        int nid;
        const char *name;
    } rows[] = {{NID_md2, "MD2"},       {NID_md4, "MD4"},       {NID_md5, "MD5"},
                {NID_sha1, "SHA1"},     {NID_sha224, "SHA224"}, {NID_sha256, "SHA256"},
                {NID_sha384, "SHA384"}, {NID_sha512, "SHA512"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].nid == nid)
            return rows[i].name;
    return NULL;
}

/* RSA-PSS says its hash in the parameters; both kinds end up in OpenSSL's signature info. */
static void set_signature(struct x509 *c, struct arena *a)
{
    unsigned char md[EVP_MAX_MD_SIZE], *body = NULL;
    const EVP_MD *algorithm;
    struct bytes hashed = c->body;
    int nid = NID_undef, len;
    unsigned n = 0;

    if (X509_get_signature_info(c->handle, &nid, NULL, NULL, NULL) != 1 && nid == NID_undef)
        (void)OBJ_find_sigid_algs(X509_get_signature_nid(c->handle), &nid, NULL);
    c->signature_hash = hash_name(nid);
    algorithm = c->signature_hash ? EVP_get_digestbynid(nid) : NULL;
    len = algorithm && !hashed.p ? i2d_re_X509_tbs(c->handle, &body) : 0;
    if (len > 0)
        hashed = (struct bytes){body, (size_t)len};
    if (algorithm && hashed.p && EVP_Digest(hashed.p, hashed.len, md, &n, algorithm, NULL) == 1) {
        struct str kept = arena_keep(a, (struct str){(const char *)md, n});
        c->signed_digest = (struct bytes){(const uint8_t *)kept.p, kept.len};
    }
    OPENSSL_free(body);
}

static void set_curve(struct x509 *c, const EVP_PKEY *key, struct arena *a)
{
    char name[64];
    size_t len = 0;

    if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, name, sizeof(name), &len) == 1)
        c->curve = arena_printf(a, "%s", name);
}

void x509_fields_key(struct x509 *c, struct arena *a, struct buf *note)
{
    EVP_PKEY *key = X509_get0_pubkey(c->handle);
    ASN1_OBJECT *algorithm = NULL;
    const X509_ALGOR *signature = NULL;

    (void)X509_PUBKEY_get0_param(&algorithm, NULL, NULL, NULL, X509_get_X509_PUBKEY(c->handle));
    X509_get0_signature(NULL, &signature, c->handle);
    c->key_algorithm = algorithm ? key_name(algorithm, a) : "?";
    c->signature_algorithm = signature ? object_name(signature->algorithm, a) : "?";
    c->key_bits = key ? EVP_PKEY_get_bits(key) : 0;
    if (key)
        set_curve(c, key, a);
    set_signature(c, a);
    if (!key)
        buf_add_c(note, "a public key that cannot be read; ");
    if (key && (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448")))
        buf_printf(note, "an Edwards curve key (%s); ", EVP_PKEY_get0_type_name(key));
    if (X509_get_signature_nid(c->handle) == NID_rsassaPss || strcmp(c->key_algorithm, "RSA-PSS") == 0)
        buf_add_c(note, "RSASSA-PSS; ");
}
