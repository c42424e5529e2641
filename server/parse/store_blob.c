/* SPDX-License-Identifier: Apache-2.0 */
#include "store_blob.h"

#include <string.h>

enum { HEAD = 12, SST_HEAD = 8, KEY_HEAD = 28 };

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void keep(struct store_blob *b, uint32_t id, struct bytes data)
{
    if (b->n_properties < STORE_BLOB_PROPERTIES)
        b->properties[b->n_properties++] = (struct store_property){id, data};
    if (id == STORE_BLOB_KEY_PROV_INFO)
        b->key = data;
    else if (id == STORE_BLOB_EKU)
        b->eku = data;
    else if (id == STORE_BLOB_FRIENDLY_NAME)
        b->friendly_name = data;
    else if (id == STORE_BLOB_ARCHIVED)
        b->is_archived = true;
    else if (id == STORE_BLOB_CERTIFICATE)
        b->certificate = data;
    else if (id == STORE_BLOB_CRL)
        b->crl = data;
    else if (id == STORE_BLOB_CTL)
        b->ctl = data;
}

/* One element; *at moves behind it. False: it runs over the end. */
static bool next(struct bytes in, size_t *at, uint32_t *ret_id, struct bytes *ret)
{
    uint32_t len;

    if (in.len - *at < HEAD)
        return false;
    *ret_id = u32(in.p + *at);
    len = u32(in.p + *at + 8);
    if (len > in.len - *at - HEAD)
        return false;
    *ret = (struct bytes){in.p + *at + HEAD, len};
    *at += HEAD + (size_t)len;
    return true;
}

int store_blob_read(struct bytes blob, struct store_blob *ret, struct err *e)
{
    struct store_blob b = {0};
    size_t at = 0;

    while (at < blob.len) {
        struct bytes data;
        uint32_t id;
        if (!next(blob, &at, &id, &data))
            return err_set(e, ERR_FORMAT, "store blob: the property at byte %zu runs over the end", at);
        keep(&b, id, data);
    }
    if (b.n_properties == 0)
        return err_set(e, ERR_FORMAT, "store blob: empty");
    *ret = b;
    return 0;
}

static struct bytes utf16_at(struct bytes p, uint32_t offset)
{
    size_t end = offset;

    if (offset < KEY_HEAD || offset >= p.len)
        return (struct bytes){0};
    while (end + 1 < p.len && (p.p[end] || p.p[end + 1]))
        end += 2;
    return (struct bytes){p.p + offset, end - offset};
}

bool store_blob_key_read(struct bytes p, struct store_blob_key *ret)
{
    if (p.len < KEY_HEAD)
        return false;
    ret->container = utf16_at(p, u32(p.p));
    ret->provider = utf16_at(p, u32(p.p + 4));
    ret->type = u32(p.p + 8);
    ret->flags = u32(p.p + 12);
    ret->key_spec = u32(p.p + 24);
    return true;
}

const struct store_property *store_blob_property(const struct store_blob *b, uint32_t id)
{
    for (size_t i = 0; i < b->n_properties; i++)
        if (b->properties[i].id == id)
            return &b->properties[i];
    return NULL;
}

/* wincrypt.h */
const char *store_blob_property_name(uint32_t id)
{
    static const struct {
        uint32_t id;
        const char *name;
    } rows[] = {{2, "KEY_PROV_INFO"},
                {3, "SHA1_HASH"},
                {4, "MD5_HASH"},
                {6, "KEY_SPEC"},
                {9, "ENHKEY_USAGE"},
                {10, "NEXT_UPDATE_LOCATION"},
                {11, "FRIENDLY_NAME"},
                {13, "DESCRIPTION"},
                {15, "SIGNATURE_HASH"},
                {16, "SMART_CARD_DATA"},
                {19, "ARCHIVED"},
                {20, "KEY_IDENTIFIER"},
                {21, "AUTO_ENROLL"},
                {22, "PUBKEY_ALG_PARA"},
                {23, "CROSS_CERT_DIST_POINTS"},
                {24, "ISSUER_PUBLIC_KEY_MD5_HASH"},
                {25, "SUBJECT_PUBLIC_KEY_MD5_HASH"},
                {26, "ENROLLMENT"},
                {28, "ISSUER_SERIAL_NUMBER_MD5_HASH"},
                {29, "SUBJECT_NAME_MD5_HASH"},
                {64, "RENEWAL"},
                {65, "ARCHIVED_KEY_HASH"},
                {67, "AIA_URL_RETRIEVED"},
                {68, "AUTHORITY_INFO_ACCESS"},
                {69, "BACKED_UP"},
                {70, "OCSP_RESPONSE"},
                {71, "REQUEST_ORIGINATOR"},
                {72, "SOURCE_LOCATION"},
                {80, "NO_EXPIRE_NOTIFICATION"},
                {83, "ROOT_PROGRAM_CERT_POLICIES"},
                {84, "ROOT_PROGRAM_NAME_CONSTRAINTS"},
                {87, "CEP"},
                {89, "SIGN_HASH_CNG_ALG"},
                {92, "SUBJECT_PUB_KEY_BIT_LENGTH"},
                {98, "AUTH_ROOT_SHA256_HASH"},
                {102, "SEND_AS_TRUSTED_ISSUER"},
                {104, "DISALLOWED_FILETIME"},
                {105, "ROOT_PROGRAM_CHAIN_POLICIES"},
                {107, "SHA256_HASH"},
                {122, "DISALLOWED_ENHKEY_USAGE"},
                {126, "NOT_BEFORE_FILETIME"},
                {127, "NOT_BEFORE_ENHKEY_USAGE"},
                {128, "DISALLOWED_CA_FILETIME"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].id == id)
            return rows[i].name;
    return NULL;
}

bool store_blob_is_sst(struct bytes f)
{
    static const uint8_t magic[SST_HEAD] = {0, 0, 0, 0, 'C', 'E', 'R', 'T'};

    return f.len > SST_HEAD && memcmp(f.p, magic, SST_HEAD) == 0;
}

/* Properties of one object come before the object itself, which ends it; id 0 ends the store. */
int store_blob_read_sst(struct bytes f, store_blob_take_fn take, void *ctx, struct err *e)
{
    struct store_blob b = {0};
    size_t at = SST_HEAD;

    while (at < f.len) {
        struct bytes data;
        uint32_t id;
        int r = 0;
        if (!next(f, &at, &id, &data))
            return err_set(e, ERR_FORMAT, "serialised store: the element at byte %zu runs over the end", at);
        if (id == 0)
            break;
        keep(&b, id, data);
        if (id == STORE_BLOB_CERTIFICATE || id == STORE_BLOB_CRL || id == STORE_BLOB_CTL) {
            r = take(&b, ctx, e);
            b = (struct store_blob){0};
        }
        if (r < 0)
            return r;
    }
    return 0;
}
