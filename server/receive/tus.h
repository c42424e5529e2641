/* SPDX-License-Identifier: Apache-2.0
 *
 * tus: the headers of the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload), read and checked;
 * internal to receive/. */
#ifndef CERTTRIAGE_TUS_H
#define CERTTRIAGE_TUS_H

#include "request.h"
#include "turn.h"

#include <openssl/evp.h>

#define TUS_VERSION "1.0.0"
#define TUS_EXTENSIONS "creation,creation-with-upload,checksum,expiration,termination"
#define TUS_ALGORITHMS "sha1,sha256"

/* Upload-Checksum: algorithm and Base64. */
struct tus_checksum {
    EVP_MD_CTX *context; /* NULL: none was announced */
    unsigned char expected[EVP_MAX_MD_SIZE];
    size_t len;
};

/* A header that must be a number of 0 to INT64_MAX. -ERR_USAGE: it is none, or not there. */
int tus_number(const struct request *r, const char *name, int64_t *ret, struct err *e);
/* Upload-Metadata: keys with Base64 behind them, "case", "filename", "sha256"; others are ignored. Fills the
 * texts of *u. */
int tus_metadata(const struct request *r, struct store_upload *u, struct err *e);
int tus_checksum_begin(const struct request *r, struct tus_checksum *ret,
                       struct err *e); /* -ERR_USAGE: not one that we know */
/* -ERR_CHECKSUM. */
int tus_checksum_end(struct tus_checksum *c, struct err *e);
void tus_checksum_done(struct tus_checksum *c);

#endif
