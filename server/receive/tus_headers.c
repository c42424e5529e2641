/* SPDX-License-Identifier: Apache-2.0 */
#include "tus.h"

#include "names.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

enum { METADATA_BYTES = 4096, VALUE_BYTES = 1024 };

int tus_number(const struct request *r, const char *name, int64_t *ret, struct err *e)
{
    uint64_t n = 0;

    if (!str_to_u64(str_trim(str_from(request_header(r, name))), INT64_MAX, &n))
        return err_set(e, ERR_USAGE, "%s: a whole number is needed", name);
    *ret = (int64_t)n;
    return 0;
}

/* RFC 4648 4, with its padding. False: not that, or longer than room. */
static bool from_base64(struct str text, unsigned char *ret, size_t room, size_t *ret_len)
{
    size_t padding = 0;
    int n;

    *ret_len = 0;
    if (text.len == 0)
        return true;
    if (text.len % 4 || text.len / 4 * 3 > room)
        return false;
    while (padding < 2 && text.p[text.len - 1 - padding] == '=')
        padding++;
    n = EVP_DecodeBlock(ret, (const unsigned char *)text.p, (int)text.len);
    if (n < 0)
        return false;
    *ret_len = (size_t)n - padding;
    return true;
}

static bool put(struct str value, char *ret, size_t room)
{
    if (value.len >= room || !text_is_utf8(value) || memchr(value.p, 0, value.len))
        return false;
    memcpy(ret, value.p, value.len);
    ret[value.len] = 0;
    return true;
}

static bool take_pair(struct str key, struct str value, struct store_upload *u)
{
    if (str_eq(key, STR("case")))
        return (value.len == 0 || case_id_is_legal(value)) && put(value, u->case_id, sizeof u->case_id);
    if (str_eq(key, STR("filename")))
        return put(value, u->filename, sizeof u->filename);
    if (str_eq(key, STR("sha256"))) {
        if (value.len != 64 || strspn(value.p, "0123456789abcdef") < 64)
            return false;
        return put(value, u->announced, sizeof u->announced);
    }
    return true;
}

int tus_metadata(const struct request *r, struct store_upload *u, struct err *e)
{
    struct str rest = str_from(request_header(r, "Upload-Metadata")), base64;
    unsigned char value[VALUE_BYTES + 1];
    size_t len = 0;

    if (rest.len > METADATA_BYTES)
        return err_set(e, ERR_USAGE, "Upload-Metadata: longer than %d bytes", METADATA_BYTES);
    while (rest.p) {
        struct str pair = str_trim(str_cut(rest, ',', &rest));
        struct str key = str_cut(pair, ' ', &base64);
        if (!from_base64(str_trim(base64), value, VALUE_BYTES, &len))
            return err_set(e, ERR_USAGE, "Upload-Metadata: %.*s: not Base64 of up to %d bytes", (int)key.len,
                           key.len ? key.p : "", VALUE_BYTES);
        value[len] = 0;
        if (!take_pair(key, (struct str){(const char *)value, len}, u))
            return err_set(
                e, ERR_USAGE,
                "Upload-Metadata: %.*s: case is 1 to 64 of letters, digits, '.', '_', '-'; filename a text; "
                "sha256 64 hex digits in lower case",
                (int)key.len, key.p);
    }
    return 0;
}

int tus_checksum_begin(const struct request *r, struct tus_checksum *ret, struct err *e)
{
    struct str header = str_from(request_header(r, "Upload-Checksum")), base64;
    struct str name = str_cut(header, ' ', &base64);
    const EVP_MD *algorithm = str_eq(name, STR("sha1"))     ? EVP_sha1()
                              : str_eq(name, STR("sha256")) ? EVP_sha256()
                                                            : NULL;

    if (!header.p)
        return 0;
    if (!algorithm || !from_base64(str_trim(base64), ret->expected, sizeof ret->expected, &ret->len) ||
        ret->len != (size_t)EVP_MD_size(algorithm))
        return err_set(e, ERR_USAGE, "Upload-Checksum: an algorithm of " TUS_ALGORITHMS " and its Base64");
    ret->context = EVP_MD_CTX_new();
    if (!ret->context || EVP_DigestInit_ex(ret->context, algorithm, NULL) != 1)
        return err_set(e, ERR_NOMEM, "Upload-Checksum");
    return 0;
}

int tus_checksum_end(struct tus_checksum *c, struct err *e)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (!c->context)
        return 0;
    if (EVP_DigestFinal_ex(c->context, digest, &n) != 1)
        return err_set(e, ERR_IO, "Upload-Checksum: hashing");
    if (n != c->len || memcmp(digest, c->expected, n) != 0)
        return err_set(e, ERR_CHECKSUM,
                       "Upload-Checksum: what arrived is something else; send this piece again");
    return 0;
}

void tus_checksum_done(struct tus_checksum *c)
{
    EVP_MD_CTX_free(c->context);
    c->context = NULL;
}
