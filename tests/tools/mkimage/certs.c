/* SPDX-License-Identifier: Apache-2.0 */
#include "mkimage.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <libgen.h>
#include <string.h>

static void bio_free(BIO **b)
{
    BIO_free_all(*b);
}

static void x509_free(X509 **c)
{
    X509_free(*c);
}

/* The newest layer's own certs/ first, the pki/ next to the machine folder last. */
static const char *find_pem(struct machine *m, struct str name)
{
    const char *path;
    char *machine_dir;

    for (size_t i = m->n_layers; i-- > 0;) {
        path = arena_printf(m->a, "%s/certs/%.*s", m->layers[i], (int)name.len, name.p);
        if (path == NULL || file_exists(path))
            return path;
    }
    machine_dir = arena_printf(m->a, "%s", m->layers[0]);
    return machine_dir == NULL
               ? NULL
               : arena_printf(m->a, "%s/pki/%.*s", dirname(machine_dir), (int)name.len, name.p);
}

static int keep_der(struct machine *m, X509 *x, struct cert *ret, struct err *e)
{
    int len = i2d_X509(x, NULL);
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(x);
    unsigned char *der = arena_alloc(m->a, len < 0 ? 0 : (size_t)len), *end = der;

    if (der == NULL || len <= 0)
        return err_set(e, ERR_NOMEM, "certificate: no memory");
    (void)i2d_X509(x, &end);
    ret->der = (struct bytes){der, (size_t)len};
    ret->key_id = (struct bytes){NULL, 0};
    if (id != NULL) {
        struct str copy = arena_keep(
            m->a, (struct str){(const char *)ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id)});
        ret->key_id = (struct bytes){(const uint8_t *)copy.p, copy.len};
    }
    (void)SHA1(ret->der.p, ret->der.len, ret->sha1);
    return 0;
}

int cert_read(struct machine *m, struct str pem_name, struct cert *ret, struct err *e)
{
    const char *path = find_pem(m, pem_name);
    struct bytes pem;
    int r;

    if (path == NULL)
        return err_set(e, ERR_NOMEM, "%.*s: no memory", (int)pem_name.len, pem_name.p);
    r = file_read(m->a, path, &pem, e);
    if (r != 0)
        return r;
    CLEANUP(bio_free) BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.len);
    CLEANUP(x509_free) X509 *x = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);

    if (x == NULL)
        return err_set(e, ERR_FORMAT, "%s: no certificate in it", path);
    return keep_der(m, x, ret, e);
}

static void eku_free(EXTENDED_KEY_USAGE **eku)
{
    EXTENDED_KEY_USAGE_free(*eku);
}

static int add_oids(struct machine *m, EXTENDED_KEY_USAGE *eku, struct str list, struct err *e)
{
    while (list.len > 0) {
        struct str oid = str_cut(list, ',', &list);
        const char *text = arena_keep(m->a, oid).p;
        ASN1_OBJECT *object = text == NULL ? NULL : OBJ_txt2obj(text, 1);

        if (object == NULL || !sk_ASN1_OBJECT_push(eku, object))
            return err_set(e, ERR_FORMAT, "eku=%.*s: not an object identifier", (int)oid.len, oid.p);
    }
    return 0;
}

int eku_encode(struct machine *m, struct str list, struct bytes *ret, struct err *e)
{
    CLEANUP(eku_free) EXTENDED_KEY_USAGE *eku = EXTENDED_KEY_USAGE_new();
    int r = eku == NULL ? err_set(e, ERR_NOMEM, "eku: no memory") : 0;

    if (r == 0 && !str_eq(list, STR("none")))
        r = add_oids(m, eku, list, e);
    if (r != 0)
        return r;
    int len = i2d_EXTENDED_KEY_USAGE(eku, NULL);
    unsigned char *der = arena_alloc(m->a, len < 0 ? 0 : (size_t)len), *end = der;

    if (der == NULL || len <= 0)
        return err_set(e, ERR_NOMEM, "eku: no memory");
    (void)i2d_EXTENDED_KEY_USAGE(eku, &end);
    *ret = (struct bytes){der, (size_t)len};
    return 0;
}

static uint32_t le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static struct str lower(struct machine *m, struct str s)
{
    char *copy = arena_alloc(m->a, s.len + 1);

    for (size_t i = 0; copy != NULL && i < s.len; i++)
        copy[i] = (char)tolower((unsigned char)s.p[i]);
    return (struct str){copy, copy == NULL ? 0 : s.len};
}

int key_file_name(struct machine *m, struct str container, bool is_cng, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf hashed = BUF_INIT(1 << 16);
    struct str name = lower(m, container);
    uint8_t md5[16];

    if (is_cng)
        utf16_add(&hashed, name);
    else
        buf_add(&hashed, name.p, name.len + 1); /* the NUL counts */
    if (hashed.failed != 0 || EVP_Digest(hashed.p, hashed.len, md5, NULL, EVP_md5(), NULL) != 1)
        return err_set(e, ERR_IO, "%.*s: MD5 is not to be had", (int)container.len, container.p);
    for (size_t i = 0; i < sizeof md5; i += 4)
        buf_printf(ret, "%08x", le32(md5 + i));
    buf_printf(ret, "_%s", m->guid);
    return 0;
}

int pool_sid(struct str pool, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(1 << 16);
    uint8_t sha1[20];

    utf16_add(&name, pool);
    for (size_t i = 0; i < name.len; i += 2) {
        if (name.p[i + 1] == '\0')
            name.p[i] = (char)tolower((unsigned char)name.p[i]);
    }
    if (name.failed != 0)
        return err_set(e, ERR_NOMEM, "pool: no memory");
    (void)SHA1((const uint8_t *)name.p, name.len - 2, sha1); /* without the NUL */
    buf_add_c(ret, "S-1-5-82");
    for (size_t i = 0; i < sizeof sha1; i += 4)
        buf_printf(ret, "-%u", le32(sha1 + i));
    return 0;
}
