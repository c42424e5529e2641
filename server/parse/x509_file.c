/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "ctl.h"
#include "der_cursor.h"
#include "limits.h"
#include "store_blob.h"
#include "x509.h"

struct taker {
    store_blob_take_fn take;
    void *ctx;
    int n;
};

static int give(struct taker *t, const struct store_blob *b, struct err *e)
{
    t->n++;
    return t->take(b, t->ctx, e);
}

static int give_certificate(struct taker *t, struct bytes der, struct err *e)
{
    const struct store_blob b = {.certificate = der};

    return give(t, &b, e);
}

static int give_crl(struct taker *t, struct bytes der, struct err *e)
{
    const struct store_blob b = {.crl = der};

    return give(t, &b, e);
}

static int give_encoded(struct taker *t, unsigned char *der, int len, bool is_crl, struct err *e)
{
    const struct bytes bytes = {der, len > 0 ? (size_t)len : 0};
    int r = 0;

    if (len > 0)
        r = is_crl ? give_crl(t, bytes, e) : give_certificate(t, bytes, e);
    OPENSSL_free(der);
    return r;
}

/* 1: it was PKCS#7; 0: it is not. */
static int read_pkcs7(struct taker *t, struct bytes der, struct err *e)
{
    const unsigned char *p = der.p;
    PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)der.len);
    const PKCS7_SIGNED *sign = p7 && PKCS7_type_is_signed(p7) ? p7->d.sign : NULL;
    int r = 0;

    for (int i = 0; sign && r >= 0 && i < sk_X509_num(sign->cert); i++) {
        unsigned char *out = NULL;
        int len = i2d_X509(sk_X509_value(sign->cert, i), &out);
        r = give_encoded(t, out, len, false, e);
    }
    for (int i = 0; sign && r >= 0 && i < sk_X509_CRL_num(sign->crl); i++) {
        unsigned char *out = NULL;
        int len = i2d_X509_CRL(sk_X509_CRL_value(sign->crl, i), &out);
        r = give_encoded(t, out, len, true, e);
    }
    r = r < 0 ? r : p7 != NULL;
    PKCS7_free(p7);
    ERR_clear_error();
    return r;
}

/* The same where OpenSSL refuses the whole for one certificate of it (x509_mend.h): ContentInfo, SignedData,
 * its [0] certificates (RFC 2315, 9.1). */
static int read_pkcs7_parts(struct taker *t, struct bytes der, struct err *e)
{
    struct der_element info, one, content, sign;
    int r = 0, found = 0;

    if (!der_take(&der, V_ASN1_SEQUENCE, &info) || !der_take(&info.body, V_ASN1_OBJECT, &one) ||
        !der_next(&info.body, &content) || !content.is_context ||
        !der_take(&content.body, V_ASN1_SEQUENCE, &sign) || !der_take(&sign.body, V_ASN1_INTEGER, &one) ||
        !der_take(&sign.body, V_ASN1_SET, &one) || !der_take(&sign.body, V_ASN1_SEQUENCE, &one) ||
        !der_next(&sign.body, &one) || !one.is_context || one.tag != 0)
        return 0;
    for (struct der_element c; r >= 0 && der_take(&one.body, V_ASN1_SEQUENCE, &c); found = 1)
        r = give_certificate(t, c.whole, e);
    return r < 0 ? r : found;
}

static int read_signed(struct taker *t, struct bytes der, struct err *e)
{
    int r = read_pkcs7(t, der, e);

    return r == 0 ? read_pkcs7_parts(t, der, e) : r;
}

/* One object in DER: 1 when it is one, 0 when not. */
static int read_der(struct taker *t, struct bytes der, struct err *e)
{
    const unsigned char *p = der.p;
    X509 *x = d2i_X509(NULL, &p, (long)der.len);
    X509_CRL *crl;
    int r;

    X509_free(x);
    ERR_clear_error();
    if (x)
        r = give_certificate(t, der, e);
    else if (ctl_is_one(der))
        r = give(t, &(struct store_blob){.ctl = der}, e);
    else {
        p = der.p;
        crl = d2i_X509_CRL(NULL, &p, (long)der.len);
        X509_CRL_free(crl);
        ERR_clear_error();
        if (!crl)
            return der.p[0] == 0x30 ? read_signed(t, der, e) : 0;
        r = give_crl(t, der, e);
    }
    return r < 0 ? r : 1;
}

/* A whole DER sequence that OpenSSL takes for nothing: whoever is told can say that there is something odd.
 */
static int read_odd(struct taker *t, struct bytes file, struct err *e)
{
    const unsigned char *p = file.p;
    long len = 0;
    int tag = 0, class = 0;
    bool is_bad = (ASN1_get_object(&p, &len, &tag, &class, (long)file.len) & 0x80) != 0;
    int r;

    ERR_clear_error();
    if (is_bad || tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL || len < 1)
        return 0;
    r = give_certificate(t, file, e);
    return r < 0 ? r : 1;
}

static int read_pem(struct taker *t, struct bytes file, struct err *e)
{
    BIO *in = BIO_new_mem_buf(file.p, (int)file.len);
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL;
    long len = 0;
    int r = 0, found = 0;

    while (r >= 0 && in && t->n < LIMIT_CERTIFICATES && PEM_read_bio(in, &name, &header, &data, &len) == 1) {
        const struct bytes der = {data, (size_t)len};
        bool is_one = (strstr(name, "CERTIFICATE") && !strstr(name, "REQUEST")) || strstr(name, "PKCS7") ||
                      strstr(name, "X509 CRL");
        if (is_one && len > 0)
            r = read_der(t, der, e);
        if (is_one && len > 0 && r == 0)
            r = read_odd(t, der, e);
        found |= is_one;
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    BIO_free(in);
    ERR_clear_error();
    return r < 0 ? r : found;
}

static int take_element(const struct store_blob *b, void *ctx, struct err *e)
{
    return give(ctx, b, e);
}

/* A property list of one object, as the files of CurrentUser\My are. */
static int read_blob(struct taker *t, struct bytes file, struct err *e)
{
    struct store_blob b;
    struct err ignored = {0};
    int r;

    if (store_blob_read(file, &b, &ignored) < 0 ||
        (b.certificate.len == 0 && b.crl.len == 0 && b.ctl.len == 0))
        return 0;
    r = give(t, &b, e);
    return r < 0 ? r : 1;
}

int x509_read_file(struct bytes file, store_blob_take_fn take, void *ctx, struct err *e)
{
    struct taker t = {.take = take, .ctx = ctx};
    int r;

    if (file.len == 0 || file.len > (size_t)LIMIT_WHOLE_ENTRY_BYTES)
        return err_set(e, ERR_FORMAT, "no certificate: %zu bytes", file.len);
    if (store_blob_is_sst(file)) {
        r = store_blob_read_sst(file, take_element, &t, e);
        return r < 0 ? r : t.n;
    }
    r = read_der(&t, file, e);
    if (r == 0)
        r = read_blob(&t, file, e);
    if (r == 0)
        r = read_pem(&t, file, e);
    if (r == 0)
        r = read_odd(&t, file, e);
    if (r == 0)
        return err_set(e, ERR_FORMAT,
                       "neither a certificate, CRL or CTL in DER or PEM, nor PKCS#7, nor a serialised store");
    return r < 0 ? r : t.n;
}
