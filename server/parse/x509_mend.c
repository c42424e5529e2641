/* SPDX-License-Identifier: Apache-2.0 */
#include "x509_mend.h"

#include <string.h>

#include "compiler.h"
#include "der_cursor.h"

/* What OpenSSL takes as a value of a name, and makes UTF-8 of. */
static bool is_text(const struct der_element *value)
{
    static const int known[] = {V_ASN1_UTF8STRING, V_ASN1_NUMERICSTRING, V_ASN1_PRINTABLESTRING,
                                V_ASN1_T61STRING,  V_ASN1_IA5STRING,     V_ASN1_UNIVERSALSTRING,
                                V_ASN1_BMPSTRING,  V_ASN1_BIT_STRING,    V_ASN1_SEQUENCE};
    bool is_known = false, good;
    unsigned char *utf8 = NULL;
    ASN1_STRING *s;

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        is_known |= value->is_universal && value->tag == known[i];
    if (!is_known || value->tag == V_ASN1_BIT_STRING || value->tag == V_ASN1_SEQUENCE)
        return is_known;
    if ((value->tag == V_ASN1_BMPSTRING && value->body.len % 2) ||
        (value->tag == V_ASN1_UNIVERSALSTRING && value->body.len % 4))
        return false;
    s = ASN1_STRING_type_new(value->tag);
    good = s && ASN1_STRING_set(s, value->body.p, (int)value->body.len) == 1 &&
           ASN1_STRING_to_UTF8(&utf8, s) >= 0;
    OPENSSL_free(utf8);
    ASN1_STRING_free(s);
    ERR_clear_error();
    return good;
}

/* One attribute; `copy` is where `base` was copied to. */
static bool mend_attribute(struct bytes attribute, const uint8_t *base, uint8_t *copy)
{
    enum { TAG_BITS = 0x1f };
    struct der_element oid, value;

    if (!der_take(&attribute, V_ASN1_OBJECT, &oid) || !der_next(&attribute, &value) || is_text(&value) ||
        (value.whole.p[0] & TAG_BITS) == TAG_BITS)
        return false;
    copy[value.whole.p - base] = V_ASN1_T61STRING;
    return true;
}

static bool mend_name(struct bytes name, const uint8_t *base, uint8_t *copy)
{
    struct der_element set, attribute;
    bool is_mended = false;

    while (der_take(&name, V_ASN1_SET, &set))
        while (der_take(&set.body, V_ASN1_SEQUENCE, &attribute))
            is_mended |= mend_attribute(attribute.body, base, copy);
    return is_mended;
}

/* 00 05 and ff fe: the first byte says nothing that the second does not. */
static bool mend_serial(struct bytes serial, const uint8_t *base, uint8_t *copy)
{
    bool is_padded = serial.len > 1 && ((serial.p[0] == 0 && serial.p[1] < 0x80) ||
                                        (serial.p[0] == 0xff && serial.p[1] >= 0x80));

    if (is_padded)
        copy[serial.p - base] = 1;
    return is_padded;
}

bool x509_mend(struct bytes der, struct arena *a, struct x509_mended *ret)
{
    struct bytes in = der, body;
    struct der_element certificate, tbs, one, serial, issuer, subject;
    uint8_t *copy;

    if (!der_take(&in, V_ASN1_SEQUENCE, &certificate) || !der_take(&certificate.body, V_ASN1_SEQUENCE, &tbs))
        return false;
    body = tbs.body;
    if (body.len > 0 && body.p[0] == (V_ASN1_CONTEXT_SPECIFIC | V_ASN1_CONSTRUCTED) && !der_next(&body, &one))
        return false; /* [0]: the version */
    if (!der_take(&body, V_ASN1_INTEGER, &serial) || !der_take(&body, V_ASN1_SEQUENCE, &one) ||
        !der_take(&body, V_ASN1_SEQUENCE, &issuer) || !der_take(&body, V_ASN1_SEQUENCE, &one) ||
        !der_take(&body, V_ASN1_SEQUENCE, &subject))
        return false;
    copy = arena_alloc(a, certificate.whole.len);
    if (!copy)
        return false;
    memcpy(copy, der.p, certificate.whole.len);
    *ret = (struct x509_mended){.der = {copy, certificate.whole.len},
                                .body = tbs.whole,
                                .issuer = issuer.whole,
                                .subject = subject.whole,
                                .serial = serial.body};
    ret->has_odd_name = mend_name(issuer.body, der.p, copy);
    ret->has_odd_name |= mend_name(subject.body, der.p, copy);
    ret->has_odd_serial = mend_serial(serial.body, der.p, copy);
    return ret->has_odd_name || ret->has_odd_serial;
}
