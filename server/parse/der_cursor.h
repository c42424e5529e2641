/* SPDX-License-Identifier: Apache-2.0
 *
 * der_cursor: one element of DER after the other, for what OpenSSL has no type for. Views into the input. */
#ifndef CERTTRIAGE_DER_CURSOR_H
#define CERTTRIAGE_DER_CURSOR_H

#include <openssl/asn1.h>
#include <openssl/err.h>

#include "str.h"

struct der_element {
    int tag;
    bool is_universal, is_context; /* [tag] */
    struct bytes body, whole;
};

/* The next element of *in, which moves behind it. Only definite lengths: DER has no others. */
static inline bool der_next(struct bytes *in, struct der_element *ret)
{
    const unsigned char *p = in->p;
    long len = 0;
    int tag = 0, class = 0;
    bool is_bad;

    if (in->len == 0 || in->len > INT32_MAX)
        return false;
    is_bad = (ASN1_get_object(&p, &len, &tag, &class, (long)in->len) & 0x81) != 0;
    if (is_bad) {
        ERR_clear_error();
        return false;
    }
    *ret = (struct der_element){.tag = tag,
                                .is_universal = class == V_ASN1_UNIVERSAL,
                                .is_context = class == V_ASN1_CONTEXT_SPECIFIC,
                                .body = {p, (size_t)len},
                                .whole = {in->p, (size_t)(p - in->p) + (size_t)len}};
    in->len -= ret->whole.len;
    in->p += ret->whole.len;
    return true;
}

/* The same, and it must be of that universal tag. */
static inline bool der_take(struct bytes *in, int tag, struct der_element *ret)
{
    return der_next(in, ret) && ret->is_universal && ret->tag == tag;
}

#endif
