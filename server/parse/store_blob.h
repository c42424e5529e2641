/* SPDX-License-Identifier: Apache-2.0
 *
 * store_blob: the property lists that Windows serialises a certificate into (registry value `Blob`, files of
 * CurrentUser\My, .sst), causes §3. Views into the input. */
#ifndef CERTTRIAGE_STORE_BLOB_H
#define CERTTRIAGE_STORE_BLOB_H

#include "err.h"
#include "str.h"

enum {
    STORE_BLOB_KEY_PROV_INFO = 2,
    STORE_BLOB_EKU = 9,
    STORE_BLOB_FRIENDLY_NAME = 11,
    STORE_BLOB_ARCHIVED = 19,
    STORE_BLOB_CERTIFICATE = 32,
    STORE_BLOB_CRL = 33,
    STORE_BLOB_CTL = 34,
    STORE_BLOB_PROPERTIES = 64 /* that are kept */
};

struct store_blob {
    struct bytes certificate;             /* DER; empty: a CRL or a CTL */
    struct bytes key, eku, friendly_name; /* p NULL: not there */
    bool is_archived;
    uint32_t ids[STORE_BLOB_PROPERTIES]; /* all that are set, capped */
    size_t n_ids;
};

/* Property 2, CRYPT_KEY_PROV_INFO; the names are UTF-16LE without their NUL. */
struct store_blob_key {
    struct bytes container, provider;
    uint32_t type, flags, key_spec;
};

/* -ERR_FORMAT: a length runs over the end, or there is nothing in it. */
int store_blob_read(struct bytes blob, struct store_blob *ret, struct err *e);
bool store_blob_key_read(struct bytes property, struct store_blob_key *ret);

bool store_blob_is_sst(struct bytes file);
typedef int (*store_blob_take_fn)(const struct store_blob *b, void *ctx, struct err *e);
int store_blob_read_sst(struct bytes file, store_blob_take_fn take, void *ctx, struct err *e);

#endif
