/* SPDX-License-Identifier: Apache-2.0 */
#include "keyfile.h"

#include <ctype.h>
#include <stdio.h>

#include <openssl/evp.h>

enum { CONTAINER_CHARS = 260, MD5_BYTES = 16 };

static bool contains(struct str s, struct str part)
{
    for (size_t i = 0; i + part.len <= s.len; i++)
        if (str_istarts(str_skip(s, i), part))
            return true;
    return false;
}

enum keyfile_provider keyfile_provider_of(struct str provider, int64_t type)
{
    if (type == 0)
        return str_ieq(provider, STR("Microsoft Software Key Storage Provider")) ? KEYFILE_CNG
                                                                                 : KEYFILE_HARDWARE;
    if (str_istarts(provider, STR("Microsoft ")) && contains(provider, STR("Cryptographic Provider")) &&
        !contains(provider, STR("Smart Card")))
        return KEYFILE_CAPI;
    /* an empty name is the default provider of its type, which is Microsoft's */
    return provider.len == 0 ? KEYFILE_CAPI : KEYFILE_HARDWARE;
}

bool keyfile_hash(bool is_cng, struct str container, char ret[KEYFILE_HASH_CHARS + 1])
{
    unsigned char text[2 * (CONTAINER_CHARS + 1)], md[EVP_MAX_MD_SIZE];
    size_t n = 0;
    unsigned len = 0;

    if (container.len == 0 || container.len > CONTAINER_CHARS)
        return false;
    for (size_t i = 0; i <= container.len; i++) { /* one more: the NUL */
        unsigned char c = i < container.len ? (unsigned char)container.p[i] : 0;
        if (c >= 128)
            return false;
        text[n++] = (unsigned char)tolower(c);
        if (is_cng)
            text[n++] = 0;
    }
    if (EVP_Digest(text, n, md, &len, EVP_md5(), NULL) != 1 || len != MD5_BYTES)
        return false;
    for (int word = 0; word < 4; word++)
        (void)snprintf(ret + 8 * word, 9, "%02x%02x%02x%02x", md[4 * word + 3], md[4 * word + 2],
                       md[4 * word + 1], md[4 * word]);
    return true;
}

bool keyfile_name(bool is_cng, struct str container, struct str machine_guid, char ret[KEYFILE_NAME_CHARS])
{
    char hash[KEYFILE_HASH_CHARS + 1];

    if (machine_guid.len == 0 || machine_guid.len > 64 || !keyfile_hash(is_cng, container, hash))
        return false;
    (void)snprintf(ret, KEYFILE_NAME_CHARS, "%s_%.*s", hash, (int)machine_guid.len, machine_guid.p);
    return true;
}
