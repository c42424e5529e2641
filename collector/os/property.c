/* SPDX-License-Identifier: Apache-2.0 */
#include "property.h"

#include <string.h>

#include "limits.h"

enum {
    PROP_KEY_PROV_INFO = 2,
    PROP_EKU = 9,
    PROP_FRIENDLY_NAME = 11,
    PROP_ARCHIVED = 19,
    PROP_CERT = 32,
    PROP_CRL = 33,
    PROP_CTL = 34,
    HEAD_BYTES = 12,
    KEY_HEAD_BYTES = 28
};

static uint32_t le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* UTF-16LE up to its NUL or the end. */
static int keep_text(struct bytes text, struct arena *a, struct str *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf utf8 = BUF_INIT(LIMIT_TEXT_BYTES);
    size_t len = 0;
    int r;

    while (len + 1 < text.len && (text.p[len] != 0 || text.p[len + 1] != 0))
        len += 2;
    text_add_utf16le(&utf8, text.p, len);
    r = buf_check(&utf8, "text of a property", e);
    if (r != 0)
        return r;
    *ret = arena_keep(a, buf_str(&utf8));
    return ret->p != NULL ? 0 : err_set(e, ERR_NOMEM, "property: no memory");
}

/* A string that lies `offset` bytes into the property; offset 0: there is none. */
static int read_name(struct bytes data, uint32_t offset, struct arena *a, struct str *ret, struct err *e)
{
    if (offset == 0)
        return 0;
    if (offset < KEY_HEAD_BYTES || offset > data.len)
        return err_set(e, ERR_FORMAT, "property 2: a name at byte %u of %zu", offset, data.len);
    return keep_text((struct bytes){data.p + offset, data.len - offset}, a, ret, e);
}

static int read_key(struct bytes data, struct arena *a, struct os_cert *cert, struct err *e)
{
    int r;

    if (data.len < KEY_HEAD_BYTES)
        return err_set(e, ERR_FORMAT, "property 2: %zu bytes are too few", data.len);
    r = read_name(data, le32(data.p), a, &cert->container, e);
    r = r != 0 ? r : read_name(data, le32(data.p + 4), a, &cert->provider, e);
    cert->provider_type = le32(data.p + 8);
    cert->key_flags = le32(data.p + 12);
    cert->key_spec = le32(data.p + 24);
    cert->has_key = true;
    return r;
}

static void take_value(uint32_t id, struct bytes data, struct os_cert *cert)
{
    static const uint32_t wanted[] = {
#define VALUE(id) id,
#include "property.def"
    };
    _Static_assert(ARRAY_LEN(wanted) <= OS_CERT_VALUES, "each has its room");

    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        if (wanted[i] == id && cert->n_values < OS_CERT_VALUES)
            cert->values[cert->n_values++] = (struct os_property){id, data};
}

static int take_property(uint32_t id, struct bytes data, struct arena *a, struct os_cert *cert, struct err *e)
{
    if (id == PROP_CERT || id == PROP_CRL || id == PROP_CTL) {
        cert->object = id == PROP_CERT ? OS_CERTIFICATE : id == PROP_CRL ? OS_CRL : OS_CTL;
        cert->der = data;
        return 0;
    }
    take_value(id, data, cert);
    if (cert->n_properties < ARRAY_LEN(cert->property_ids))
        cert->property_ids[cert->n_properties++] = id;
    switch (id) {
    case PROP_KEY_PROV_INFO:
        return read_key(data, a, cert, e);
    case PROP_EKU:
        cert->eku = data;
        return 0;
    case PROP_FRIENDLY_NAME:
        return keep_text(data, a, &cert->friendly_name, e);
    case PROP_ARCHIVED:
        cert->archived = true;
        return 0;
    default:
        return 0;
    }
}

int property_blob_read(struct bytes blob, struct arena *a, struct os_cert *ret, struct err *e)
{
    struct os_cert cert = {0};
    struct bytes rest = blob;
    int r = 0;

    while (r == 0 && rest.len > 0) {
        uint32_t id, len;

        if (rest.len < HEAD_BYTES)
            return err_set(e, ERR_FORMAT, "property blob: %zu bytes after the last property", rest.len);
        id = le32(rest.p);
        len = le32(rest.p + 8);
        rest = (struct bytes){rest.p + HEAD_BYTES, rest.len - HEAD_BYTES};
        if (len > rest.len)
            return err_set(e, ERR_FORMAT, "property %u: %u bytes of which %zu are there", id, len, rest.len);
        r = take_property(id, (struct bytes){rest.p, len}, a, &cert, e);
        rest = (struct bytes){rest.p + len, rest.len - len};
    }
    if (r == 0 && cert.der.len == 0)
        return err_set(e, ERR_FORMAT, "property blob: neither a certificate nor a list in it");
    if (r == 0 && cert.object == OS_CERTIFICATE && cert.der.len > (size_t)LIMIT_CERT_BYTES)
        return err_set(e, ERR_LIMIT, "property blob: a certificate of %zu bytes", cert.der.len);
    if (r == 0)
        *ret = cert;
    return r;
}
