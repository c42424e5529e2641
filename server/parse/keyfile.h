/* SPDX-License-Identifier: Apache-2.0
 *
 * keyfile: the name of the file that Windows keeps a software private key in (causes §4). */
#ifndef CERTTRIAGE_KEYFILE_H
#define CERTTRIAGE_KEYFILE_H

#include "str.h"

enum { KEYFILE_HASH_CHARS = 32, KEYFILE_NAME_CHARS = 128 };

enum keyfile_provider {
    KEYFILE_CAPI,    /* dwProvType is not 0, and a Microsoft software provider */
    KEYFILE_CNG,     /* Microsoft Software Key Storage Provider */
    KEYFILE_HARDWARE /* TPM, smart card, another vendor's: there is no file to look for */
};
enum keyfile_provider keyfile_provider_of(struct str provider, int64_t type);

/* MD5 of the lower-cased container with its NUL, as four little-endian words. CNG hashes UTF-16, CAPI the
 * ANSI text; false for a name with other than ASCII letters, whose code page or case mapping is not known. */
bool keyfile_hash(bool is_cng, struct str container, char ret[KEYFILE_HASH_CHARS + 1]);
/* The hash, '_', the machine's GUID. False as above, or when there is no GUID. */
bool keyfile_name(bool is_cng, struct str container, struct str machine_guid, char ret[KEYFILE_NAME_CHARS]);

#endif
