/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "limits.h"
#include "store_blob.h"
#include "x509.h"

struct taker {
    x509_take_fn take;
    void *ctx;
    int n;
};

static int give(struct taker *t, struct bytes der, struct err *e)
{
    int r = t->take(der, t->ctx, e);

    t->n++;
    return r;
}

static int give_handle(struct taker *t, X509 *x, struct err *e)
{
    unsigned char *der = NULL;
    int len = i2d_X509(x, &der), r = 0;

    if (len > 0)
        r = give(t, (struct bytes){der, (size_t)len}, e);
    OPENSSL_free(der);
    return r;
}

/* 1: it was PKCS#7; 0: it is not. */
static int read_pkcs7(struct taker *t, struct bytes der, struct err *e)
{
    const unsigned char *p = der.p;
    PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)der.len);
    STACK_OF(X509) *certs = NULL;
    int r = p7 ? 1 : 0;

    if (p7 && PKCS7_type_is_signed(p7) && p7->d.sign)
        certs = p7->d.sign->cert;
    for (int i = 0; r > 0 && i < sk_X509_num(certs); i++) {
        int code = give_handle(t, sk_X509_value(certs, i), e);
        r = code < 0 ? code : r;
    }
    PKCS7_free(p7);
    ERR_clear_error();
    return r;
}

static int read_pem(struct taker *t, struct bytes file, struct err *e)
{
    BIO *in = BIO_new_mem_buf(file.p, (int)file.len);
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL;
    long len = 0;
    int r = 0, found = 0;

    while (r >= 0 && in && t->n < LIMIT_CERTIFICATES && PEM_read_bio(in, &name, &header, &data, &len) == 1) {
        if (strstr(name, "CERTIFICATE") && !strstr(name, "REQUEST")) {
            r = give(t, (struct bytes){data, (size_t)len}, e);
            found = 1;
        } else if (strstr(name, "PKCS7")) {
            r = read_pkcs7(t, (struct bytes){data, (size_t)len}, e);
            found = 1;
        }
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
    struct taker *t = ctx;

    return b->certificate.len > 0 ? give(t, b->certificate, e) : 0;
}

static bool is_der_certificate(struct bytes der)
{
    const unsigned char *p = der.p;
    X509 *x = d2i_X509(NULL, &p, (long)der.len);
    bool is = x != NULL;

    X509_free(x);
    ERR_clear_error();
    return is;
}

int x509_read_file(struct bytes file, x509_take_fn take, void *ctx, struct err *e)
{
    struct taker t = {.take = take, .ctx = ctx};
    int r;

    if (file.len == 0 || file.len > (size_t)LIMIT_WHOLE_ENTRY_BYTES)
        return err_set(e, ERR_FORMAT, "no certificate: %zu bytes", file.len);
    if (store_blob_is_sst(file)) {
        r = store_blob_read_sst(file, take_element, &t, e);
        return r < 0 ? r : t.n;
    }
    if (is_der_certificate(file)) {
        r = give(&t, file, e);
        return r < 0 ? r : t.n;
    }
    r = file.p[0] == 0x30 ? read_pkcs7(&t, file, e) : 0;
    if (r == 0)
        r = read_pem(&t, file, e);
    if (r == 0)
        return err_set(e, ERR_FORMAT,
                       "neither a certificate in DER or PEM, nor PKCS#7, nor a serialised store");
    return r < 0 ? r : t.n;
}
