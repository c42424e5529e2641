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
    STORE_BLOB_DESCRIPTION = 13,
    STORE_BLOB_ARCHIVED = 19,
    STORE_BLOB_AUTO_ENROLL = 21,
    STORE_BLOB_CERTIFICATE = 32,
    STORE_BLOB_CRL = 33,
    STORE_BLOB_CTL = 34,
    STORE_BLOB_RENEWAL = 64,
    STORE_BLOB_DISALLOWED_FILETIME = 104,
    STORE_BLOB_DISALLOWED_EKU = 122,
    STORE_BLOB_NOT_BEFORE_FILETIME = 126,
    STORE_BLOB_NOT_BEFORE_EKU = 127,
    STORE_BLOB_PROPERTIES = 64 /* that are kept */
};

struct store_property {
    uint32_t id;
    struct bytes data;
};

struct store_blob {
    struct bytes certificate, crl, ctl;   /* DER; at most one of them is there */
    struct bytes key, eku, friendly_name; /* p NULL: not there */
    bool is_archived;
    struct store_property
        properties[STORE_BLOB_PROPERTIES]; /* all that are set, the object itself too, capped */
    size_t n_properties;
};

/* Property 2, CRYPT_KEY_PROV_INFO; the names are UTF-16LE without their NUL. */
struct store_blob_key {
    struct bytes container, provider;
    uint32_t type, flags, key_spec;
};

/* -ERR_FORMAT: a length runs over the end, or there is nothing in it. */
int store_blob_read(struct bytes blob, struct store_blob *ret, struct err *e);
bool store_blob_key_read(struct bytes property, struct store_blob_key *ret);
/* NULL: not set. */
const struct store_property *store_blob_property(const struct store_blob *b, uint32_t id);
/* Windows' name without CERT_ and _PROP_ID, "FRIENDLY_NAME"; NULL: one that nobody here knows. */
const char *store_blob_property_name(uint32_t id);

bool store_blob_is_sst(struct bytes file);
/* Told of each object with its properties; negative stops. */
typedef int (*store_blob_take_fn)(const struct store_blob *b, void *ctx, struct err *e);
int store_blob_read_sst(struct bytes file, store_blob_take_fn take, void *ctx, struct err *e);

#endif
