/* SPDX-License-Identifier: Apache-2.0 */
#include "encode.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

enum {
    ETAG_BYTES = 12,          /* of the SHA-256 */
    GZIP_FROM = 1024,         /* below that the packet is as long */
    GZIP_FAST_FROM = 4 << 20, /* above it speed goes before size */
    GZIP_UP_TO = 512 << 20,
    GZIP_HEADER = 16 + MAX_WBITS /* zlib's way to say gzip */
};

bool encode_etag(struct str content, char ret[40])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (EVP_Digest(content.len ? content.p : "", content.len, digest, &n, EVP_sha256(), NULL) != 1)
        return false;
    memcpy(ret, "W/\"", 3);
    for (size_t i = 0; i < ETAG_BYTES; i++)
        (void)snprintf(ret + 3 + 2 * i, 3, "%02x", digest[i]);
    memcpy(ret + 3 + (size_t)2 * ETAG_BYTES, "\"", 2);
    return true;
}

static struct str without_weak(struct str tag)
{
    return str_starts(tag, STR("W/")) ? str_skip(tag, 2) : tag;
}

bool encode_matches(const char *header, const char *etag)
{
    struct str rest = str_from(header), one, ours = without_weak(str_from(etag));

    while (rest.p) {
        one = str_trim(str_cut(rest, ',', &rest));
        if (str_eq(one, STR("*")) || str_eq(without_weak(one), ours))
            return true;
    }
    return false;
}

static bool is_refused(struct str parameters)
{
    struct str p = str_trim(parameters);

    /* q=0, q=0.0, q=0.000 */
    if (!str_istarts(p, STR("q=0")))
        return false;
    for (size_t i = 3; i < p.len; i++)
        if (p.p[i] != '.' && p.p[i] != '0')
            return false;
    return true;
}

bool encode_is_taken(const char *accept_encoding)
{
    struct str rest = str_from(accept_encoding), one, parameters;

    while (rest.p) {
        one = str_trim(str_cut(str_cut(rest, ',', &rest), ';', &parameters));
        if (str_ieq(one, STR("gzip")))
            return !is_refused(parameters);
    }
    return false;
}

bool encode_is_worth_it(const char *type, struct str content)
{
    static const char *const texts[] = {"text/", "application/json", "application/problem+json",
                                        "application/sarif+json", "image/svg+xml"};

    if (!type || content.len < GZIP_FROM || content.len > GZIP_UP_TO)
        return false;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strncmp(type, texts[i], strlen(texts[i])) == 0)
            return true;
    return false;
}

bool encode_gzip(struct str content, void **ret, size_t *ret_len)
{
    z_stream z = {0};
    size_t room = content.len;
    Bytef *out = malloc(room);
    bool fits;

    if (!out || deflateInit2(&z, content.len >= GZIP_FAST_FROM ? 1 : 6, Z_DEFLATED, GZIP_HEADER, 8,
                             Z_DEFAULT_STRATEGY) != Z_OK) {
        free(out);
        return false;
    }
    z.next_in = (const Bytef *)content.p;
    z.avail_in = (uInt)content.len;
    z.next_out = out;
    z.avail_out = (uInt)room;
    fits = deflate(&z, Z_FINISH) == Z_STREAM_END;
    (void)deflateEnd(&z);
    if (!fits) {
        free(out);
        return false;
    }
    *ret = out;
    *ret_len = room - z.avail_out;
    return true;
}
