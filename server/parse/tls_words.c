/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of numbers, as IANA's registry "Transport Layer Security (TLS) Parameters" has them. The suites are
 * those of learn.microsoft.com "TLS Cipher Suites" for Windows 7 to Server 2025, and what browsers offer
 * beside them. */
#include "tls_handshake.h"

#include <stdio.h>

#include "compiler.h"

struct word {
    unsigned number;
    const char *name;
};

static const struct word SUITES[] = {
#define SUITE(number, name) {number, name},
#include "tls_suites.def"
#undef SUITE
};

static const struct word SIGNATURES[] = {
    {0x0101, "rsa_pkcs1_md5"},
    {0x0201, "rsa_pkcs1_sha1"},
    {0x0202, "dsa_sha1"},
    {0x0203, "ecdsa_sha1"},
    {0x0301, "rsa_pkcs1_sha224"},
    {0x0302, "dsa_sha224"},
    {0x0303, "ecdsa_sha224"},
    {0x0401, "rsa_pkcs1_sha256"},
    {0x0402, "dsa_sha256"},
    {0x0403, "ecdsa_secp256r1_sha256"},
    {0x0501, "rsa_pkcs1_sha384"},
    {0x0502, "dsa_sha384"},
    {0x0503, "ecdsa_secp384r1_sha384"},
    {0x0601, "rsa_pkcs1_sha512"},
    {0x0602, "dsa_sha512"},
    {0x0603, "ecdsa_secp521r1_sha512"},
    {0x0804, "rsa_pss_rsae_sha256"},
    {0x0805, "rsa_pss_rsae_sha384"},
    {0x0806, "rsa_pss_rsae_sha512"},
    {0x0807, "ed25519"},
    {0x0808, "ed448"},
    {0x0809, "rsa_pss_pss_sha256"},
    {0x080a, "rsa_pss_pss_sha384"},
    {0x080b, "rsa_pss_pss_sha512"},
};

static const struct word TYPES[] = {
    {1, "rsa_sign"},    {2, "dss_sign"},        {3, "rsa_fixed_dh"},      {4, "dss_fixed_dh"},
    {64, "ecdsa_sign"}, {65, "rsa_fixed_ecdh"}, {66, "ecdsa_fixed_ecdh"},
};

static const char *find(const struct word *words, size_t n, unsigned number)
{
    for (size_t i = 0; i < n; i++)
        if (words[i].number == number)
            return words[i].name;
    return NULL;
}

const char *tls_version_name(unsigned version)
{
    static const struct word VERSIONS[] = {{TLS_SSL2, "SSL 2.0"}, {TLS_SSL3, "SSL 3.0"},
                                           {TLS_1_0, "TLS 1.0"},  {TLS_1_1, "TLS 1.1"},
                                           {TLS_1_2, "TLS 1.2"},  {TLS_1_3, "TLS 1.3"}};

    return find(VERSIONS, ARRAY_LEN(VERSIONS), version);
}

const char *tls_cipher_name(uint16_t cipher)
{
    return find(SUITES, ARRAY_LEN(SUITES), cipher);
}

const char *tls_signature_name(uint16_t algorithm, char room[8])
{
    const char *name = find(SIGNATURES, ARRAY_LEN(SIGNATURES), algorithm);

    (void)snprintf(room, 8, "0x%04x", (unsigned)algorithm);
    return name ? name : room;
}

const char *tls_certificate_type_name(uint8_t type, char room[8])
{
    const char *name = find(TYPES, ARRAY_LEN(TYPES), type);

    (void)snprintf(room, 8, "%u", (unsigned)type);
    return name ? name : room;
}
