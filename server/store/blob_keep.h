/* SPDX-License-Identifier: Apache-2.0
 *
 * blob_keep: bundles verified, listed and copied; for the store's own housekeeping. A part of the seam of
 * blob.h. */
#ifndef CERTTRIAGE_BLOB_KEEP_H
#define CERTTRIAGE_BLOB_KEEP_H

#include "blob.h"

/* Reads the whole bundle. -ERR_CHECKSUM: other bytes than its name says; -ERR_MISSING. */
int blob_verify(struct blobs *b, const char *sha256, struct err *e);
/* Verified on the way; durable. */
int blob_copy(struct blobs *from, const char *sha256, struct blobs *to, struct err *e);
/* The newest facts of a bundle, of at most this version. */
int blob_facts_copy(struct blobs *from, const char *sha256, int facts_version, struct blobs *to,
                    struct err *e);
/* Names of the files of a kind ("bundles", "facts"); what take returns ends it when it is not 0. */
typedef int (*blob_name_fn)(void *ctx, const char *name);
int blob_each(struct blobs *b, const char *kind, blob_name_fn take, void *ctx);

#endif
