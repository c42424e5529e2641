/* SPDX-License-Identifier: Apache-2.0 */
#include "x509.h"

#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "limits.h"
#include "x509_fields.h"
#include "x509_mend.h"

void x509_done(struct x509 *c)
{
    X509_free(c->handle);
    c->handle = NULL;
}

/* --- reading one --- */

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "certificate: out of memory");
}

static bool set_hashes(struct x509 *c)
{
    static const char digits[] = "0123456789abcdef";
    const EVP_MD *algorithms[] = {EVP_sha1(), EVP_sha256()};
    char *texts[] = {c->thumbprint, c->sha256};

    for (int i = 0; i < 2; i++) {
        unsigned char md[EVP_MAX_MD_SIZE];
        unsigned len = 0;
        if (EVP_Digest(c->der.p, c->der.len, md, &len, algorithms[i], NULL) != 1)
            return false;
        for (unsigned k = 0; k < len; k++) {
            texts[i][2 * k] = digits[md[k] >> 4];
            texts[i][2 * k + 1] = digits[md[k] & 15];
        }
        texts[i][(size_t)2 * len] = 0;
    }
    return true;
}

/* X509_verify on the bytes of the original. Of algorithms with parameters of their own (RSA-PSS) it cannot
 * tell. */
static enum x509_answer verify_body(const struct x509 *child, EVP_PKEY *key)
{
    const ASN1_BIT_STRING *signature = NULL;
    int hash = NID_undef, kind = NID_undef;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    enum x509_answer answer = X509_CANNOT_TELL;

    X509_get0_signature(&signature, NULL, child->handle);
    if (ctx && OBJ_find_sigid_algs(X509_get_signature_nid(child->handle), &hash, &kind) == 1 &&
        hash != NID_undef) {
        bool good = EVP_PKEY_get_base_id(key) == kind &&
                    EVP_DigestVerifyInit(ctx, NULL, EVP_get_digestbynid(hash), NULL, key) == 1 &&
                    EVP_DigestVerify(ctx, signature->data, (size_t)signature->length, child->body.p,
                                     child->body.len) == 1;
        answer = good ? X509_YES : X509_NO;
    }
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return answer;
}

/* Checks only what X509_verify itself needs: an algorithm that this OpenSSL does not know leaves the question
 * open. */
static enum x509_answer verify(const struct x509 *child, const struct x509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer->handle);
    enum x509_answer answer = X509_CANNOT_TELL;

    if (key && child->body.p)
        return verify_body(child, key);
    if (key) {
        int r = X509_verify(child->handle, key);
        unsigned long code = ERR_peek_last_error();
        bool is_unknown = r < 0 || ERR_GET_LIB(code) == ERR_LIB_X509 ||
                          ERR_GET_REASON(code) == ERR_R_UNSUPPORTED ||
                          (ERR_GET_LIB(code) == ERR_LIB_ASN1 && r != 1 &&
                           ERR_GET_REASON(code) == ASN1_R_UNKNOWN_SIGNATURE_ALGORITHM);
        answer = r == 1 ? X509_YES : is_unknown ? X509_CANNOT_TELL : X509_NO;
    }
    ERR_clear_error();
    return answer;
}

enum x509_answer x509_signed_by(const struct x509 *child, const struct x509 *issuer)
{
    return verify(child, issuer);
}

bool x509_is_issuer_name(const struct x509 *issuer, const struct x509 *child)
{
    const struct bytes *a = &issuer->subject_der, *b = &child->issuer_der;

    if (a->len == b->len && memcmp(a->p, b->p, a->len) == 0)
        return true;
    if (issuer->subject_hash != child->issuer_hash)
        return false;
    return X509_NAME_cmp(X509_get_subject_name(issuer->handle), X509_get_issuer_name(child->handle)) == 0;
}

static bool keep_bytes(struct arena *a, const void *p, size_t len, struct bytes *ret)
{
    struct str kept = arena_keep(a, (struct str){p ? p : "", len});

    *ret = (struct bytes){(const uint8_t *)kept.p, kept.len};
    return kept.p != NULL;
}

static bool set_name_der(const X509_NAME *name, struct arena *a, struct bytes *ret)
{
    const unsigned char *der = NULL;
    size_t len = 0;

    return X509_NAME_get0_der(name, &der, &len) == 1 && keep_bytes(a, der, len, ret);
}

/* Names and number as they stand in the original. */
static bool set_original(struct x509 *c, const struct x509_mended *m, struct arena *a)
{
    struct bytes serial = m->serial;

    while (m->has_odd_serial && serial.len > 1 && serial.p[0] == 0)
        serial = (struct bytes){serial.p + 1, serial.len - 1};
    return keep_bytes(a, m->subject.p, m->subject.len, &c->subject_der) &&
           keep_bytes(a, m->issuer.p, m->issuer.len, &c->issuer_der) &&
           (!m->has_odd_serial || keep_bytes(a, serial.p, serial.len, &c->serial)) &&
           keep_bytes(a, m->body.p, m->body.len, &c->body);
}

static bool fill(struct x509 *c, const struct x509_mended *mended, struct arena *a)
{
    X509 *x = c->handle;
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
    CLEANUP(buf_done) struct buf note = BUF_INIT(4096);
    bool good;

    good = set_name_der(X509_get_subject_name(x), a, &c->subject_der) &&
           set_name_der(X509_get_issuer_name(x), a, &c->issuer_der) &&
           keep_bytes(a, serial->data, (size_t)serial->length, &c->serial) &&
           (!mended->der.p || set_original(c, mended, a));
    if (!good)
        return false;
    if (mended->has_odd_name)
        buf_add_c(&note, "a text in a name is not what its type says; ");
    if (mended->has_odd_serial)
        buf_add_c(&note, "needless leading bytes in the serial number; ");
    c->version = (int)X509_get_version(x) + 1;
    c->subject_hash = X509_subject_name_hash(x);
    c->issuer_hash = X509_issuer_name_hash(x);
    c->self_issued = c->subject_der.len == c->issuer_der.len &&
                     memcmp(c->subject_der.p, c->issuer_der.p, c->subject_der.len) == 0;
    c->self_signed = c->self_issued ? verify(c, c) : X509_NO;
    if (serial->type == V_ASN1_NEG_INTEGER || (mended->has_odd_serial && mended->serial.p[0] & 0x80))
        buf_add_c(&note, "negative serial number; ");
    if (c->self_signed == X509_CANNOT_TELL)
        buf_add_c(&note, "the self-signature cannot be checked here; ");
    if (c->self_issued && c->self_signed == X509_NO)
        buf_add_c(&note, "issuer equals subject, but its own key did not sign it; ");
    x509_fields_names(c, a);
    x509_fields_times(c, &note);
    x509_fields_key(c, a, &note);
    x509_fields_extensions(c, a, &note);
    if (note.len > 2)
        c->note = arena_keep(a, (struct str){note.p, note.len - 2});
    ERR_clear_error();
    return c->subject.p && c->issuer.p && c->key_algorithm && c->signature_algorithm;
}

int x509_parse(struct bytes der, struct arena *a, struct x509 *ret, struct err *e)
{
    struct x509 c = {.path_length = -1, .not_before_ms = TIME_NONE, .not_after_ms = TIME_NONE};
    const unsigned char *p = der.p;
    struct x509_mended mended = {0};
    struct bytes kept;

    if (der.len > (size_t)LIMIT_CERT_BYTES)
        return err_set(e, ERR_LIMIT, "certificate: more than %lld bytes", (long long)LIMIT_CERT_BYTES);
    c.handle = d2i_X509(NULL, &p, (long)der.len);
    ERR_clear_error();
    if (!c.handle && x509_mend(der, a, &mended)) {
        const unsigned char *m = mended.der.p;
        c.handle = d2i_X509(NULL, &m, (long)mended.der.len);
        p = der.p + (m - mended.der.p);
        ERR_clear_error();
    }
    if (!c.handle)
        return err_set(e, ERR_FORMAT, "not a DER certificate");
    if (!keep_bytes(a, der.p, (size_t)(p - der.p), &kept)) {
        x509_done(&c);
        return no_memory(e);
    }
    c.der = kept;
    if (!set_hashes(&c) || !fill(&c, &mended, a)) {
        x509_done(&c);
        return no_memory(e);
    }
    *ret = c;
    return 0;
}

uint32_t x509_name_constraints(const struct x509 *ca, const struct x509 *c)
{
    NAME_CONSTRAINTS *nc = X509_get_ext_d2i(ca->handle, NID_name_constraints, NULL, NULL);
    int r = nc ? NAME_CONSTRAINTS_check(c->handle, nc) : X509_V_OK;
    uint32_t bits = 0;

    if (r == X509_V_ERR_PERMITTED_VIOLATION)
        bits = 0x4000;
    else if (r == X509_V_ERR_EXCLUDED_VIOLATION)
        bits = 0x8000;
    else if (r == X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE || r == X509_V_ERR_SUBTREE_MINMAX)
        bits = 0x1000;
    else if (r != X509_V_OK)
        bits = 0x800;
    NAME_CONSTRAINTS_free(nc);
    ERR_clear_error();
    return bits;
}

uint32_t x509_policies(const struct x509 *const *path, size_t n)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    X509_POLICY_TREE *tree = NULL;
    int is_explicit = 0, r = X509_PCY_TREE_VALID;
    bool is_whole = chain != NULL;

    for (size_t i = 0; is_whole && i < n; i++)
        is_whole = sk_X509_push(chain, path[i]->handle) > 0;
    if (is_whole)
        r = X509_policy_check(&tree, &is_explicit, chain, NULL, 0);
    X509_policy_tree_free(tree);
    sk_X509_free(chain);
    ERR_clear_error();
    return r == X509_PCY_TREE_FAILURE ? 0x2000000 : r == X509_PCY_TREE_INVALID ? 0x200 : 0;
}
