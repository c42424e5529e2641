/* SPDX-License-Identifier: Apache-2.0 */
#include "x509_policy.h"

#include <stdlib.h>
#include <string.h>

enum {
    MIN_RSA_BITS = 1023, /* CERT_CHAIN_MIN_RSA_PUB_KEY_BIT_LENGTH_DEFAULT */
    ENABLE_MD2_MD4 = 0x1,
    ENABLE_WEAK_RSA_ROOT = 0x2,
    ONLY_LOG = 0x8,
    DISABLE_ALL_EKU = 0x10000
};
#define NO_MINIMUM UINT32_C(0xffffffff)
#define ENABLE_SETTINGS UINT32_C(0x80000000)

void x509_policy_init(struct x509_policy *p)
{
    *p = (struct x509_policy){.min_rsa_bits = MIN_RSA_BITS};
}

/* 'Weak<algorithm><All|ThirdParty><Flags|MinBitLength>' */
static bool set_weak(struct x509_policy *p, struct str name, uint32_t value)
{
    static const char *const algorithms[] = {"Md5", "Sha1", "Rsa", "Dsa", "Ecdsa"};
    static const char *const scopes[] = {"All", "ThirdParty"};
    struct str rest = str_skip(name, 4);

    for (size_t a = 0; a < ARRAY_LEN(algorithms); a++)
        for (size_t s = 0; s < ARRAY_LEN(scopes); s++) {
            struct str algorithm = str_from(algorithms[a]), scope = str_from(scopes[s]), tail;
            if (!str_istarts(rest, algorithm) || !str_istarts(str_skip(rest, algorithm.len), scope))
                continue;
            tail = str_skip(rest, algorithm.len + scope.len);
            if (str_ieq(tail, STR("Flags")))
                p->weak[a].flags[s] = value;
            else if (str_ieq(tail, STR("MinBitLength")))
                p->weak[a].min_bits[s] = value == NO_MINIMUM ? 0 : value;
            else
                continue;
            return true;
        }
    return false;
}

bool x509_policy_set(struct x509_policy *p, struct str name, uint32_t value)
{
    if (str_ieq(name, STR("MinRsaPubKeyBitLength"))) {
        p->min_rsa_bits = value == NO_MINIMUM ? 0 : value;
        return true;
    }
    if (str_ieq(name, STR("EnableWeakSignatureFlags"))) {
        p->allows_md2_md4 = (value & ENABLE_MD2_MD4) != 0;
        p->allows_weak_root = (value & ENABLE_WEAK_RSA_ROOT) != 0;
        return true;
    }
    return str_istarts(name, STR("Weak")) && set_weak(p, name, value);
}

/* --- hashes --- */

static int compare_hashes(const void *a, const void *b)
{
    const struct x509_hash *x = a, *y = b;

    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return memcmp(x->bytes, y->bytes, x->len);
}

void x509_policy_sort(struct x509_policy *p)
{
    if (p->n_disallowed > 1)
        qsort(p->disallowed, p->n_disallowed, sizeof(*p->disallowed), compare_hashes);
    if (p->n_allowed > 1)
        qsort(p->allowed, p->n_allowed, sizeof(*p->allowed), compare_hashes);
}

static bool has_hash(const struct x509_hash *list, size_t n, struct bytes hash)
{
    struct x509_hash key = {.len = hash.len};

    if (n == 0 || hash.len == 0 || hash.len > sizeof(key.bytes))
        return false;
    memcpy(key.bytes, hash.p, hash.len);
    return bsearch(&key, list, n, sizeof(*list), compare_hashes) != NULL;
}

static bool has_hex(const struct x509_hash *list, size_t n, const char *hex)
{
    uint8_t bytes[X509_HASH_BYTES];
    size_t len;

    return n > 0 && text_unhex(str_from(hex), bytes, sizeof(bytes), &len) &&
           has_hash(list, n, (struct bytes){bytes, len});
}

bool x509_policy_disallows(const struct x509_policy *p, const struct x509 *c)
{
    return has_hex(p->disallowed, p->n_disallowed, c->thumbprint) ||
           has_hex(p->disallowed, p->n_disallowed, c->sha256) ||
           has_hash(p->disallowed, p->n_disallowed, c->signed_digest);
}

/* --- weakness --- */

/* What is in force: settings for all chains also hold for those to third-party roots. Only the bit for every
 * usage covers client authentication. */
static bool is_in_force(const struct x509_weak *w, bool is_third_party, uint32_t *ret_min_bits)
{
    bool all = (w->flags[0] & ENABLE_SETTINGS) && !(w->flags[0] & ONLY_LOG);
    bool third = is_third_party && (w->flags[1] & ENABLE_SETTINGS) && !(w->flags[1] & ONLY_LOG);
    uint32_t flags = (all ? w->flags[0] : 0) | (third ? w->flags[1] : 0);
    uint32_t bits = all ? w->min_bits[0] : 0;

    if (third && w->min_bits[1] > bits)
        bits = w->min_bits[1];
    *ret_min_bits = bits;
    return (flags & DISABLE_ALL_EKU) != 0;
}

static bool is_short(const struct x509_policy *p, const struct x509 *c, enum x509_weak_algorithm algorithm,
                     bool is_third_party)
{
    uint32_t bits;

    return c->key_bits > 0 && is_in_force(&p->weak[algorithm], is_third_party, &bits) &&
           (uint32_t)c->key_bits < bits;
}

static bool has_weak_key(const struct x509_policy *p, const struct x509 *c, bool is_third_party)
{
    bool is_rsa = strncmp(c->key_algorithm, "RSA", 3) == 0;

    if (is_rsa)
        return (c->key_bits > 0 && (uint32_t)c->key_bits < p->min_rsa_bits) ||
               is_short(p, c, X509_WEAK_RSA, is_third_party);
    if (strcmp(c->key_algorithm, "DSA") == 0)
        return is_short(p, c, X509_WEAK_DSA, is_third_party);
    return strcmp(c->key_algorithm, "EC") == 0 && is_short(p, c, X509_WEAK_ECDSA, is_third_party);
}

static bool has_weak_hash(const struct x509_policy *p, const struct x509 *c, bool is_third_party)
{
    uint32_t bits;

    if (!c->signature_hash)
        return false;
    if (strcmp(c->signature_hash, "MD2") == 0 || strcmp(c->signature_hash, "MD4") == 0)
        return !p->allows_md2_md4;
    if (strcmp(c->signature_hash, "MD5") == 0)
        return is_in_force(&p->weak[X509_WEAK_MD5], is_third_party, &bits);
    return strcmp(c->signature_hash, "SHA1") == 0 &&
           is_in_force(&p->weak[X509_WEAK_SHA1], is_third_party, &bits);
}

bool x509_policy_is_weak(const struct x509_policy *p, const struct x509 *c, bool is_anchor,
                         bool is_third_party)
{
    bool is_weak;

    if (is_anchor)
        is_weak = !p->allows_weak_root && has_weak_key(p, c, is_third_party);
    else
        is_weak = has_weak_key(p, c, is_third_party) || has_weak_hash(p, c, is_third_party);
    return is_weak && !has_hex(p->allowed, p->n_allowed, c->sha256);
}
