/* SPDX-License-Identifier: Apache-2.0
 *
 * blob: bytes kept under the SHA-256 of their contents; bundles come in through a spool file. The seam to
 * where bytes are kept: files today, an object store later. Nothing else knows that they are files but for
 * the descriptors given. */
#ifndef CERTTRIAGE_BLOB_H
#define CERTTRIAGE_BLOB_H

#include "buf.h"
#include "err.h"

struct blobs;

/* dir exists. */
int blobs_open(const char *dir, struct blobs **ret, struct err *e);
void blobs_close(struct blobs *b);

/* One upload: begin, write …, then commit (durable when it returns: file and folder are synced) or drop. */
struct blob_spool;
int blob_spool_begin(struct blobs *b, int64_t cap_bytes, struct blob_spool **ret, struct err *e);
int blob_spool_write(struct blob_spool *s, const void *data, size_t len,
                     struct err *e); /* -ERR_LIMIT over the cap */
/* The SHA-256 of what came so far, as it will be after the last write; call once, before commit. */
int blob_spool_hash(struct blob_spool *s, char ret_sha256[65], struct err *e);
int blob_spool_commit(struct blob_spool *s, struct err *e); /* frees s; the same bytes twice are one blob */
void blob_spool_drop(struct blob_spool *s);                 /* frees s; NULL is allowed */

int blob_open(struct blobs *b, const char *sha256, int *ret_fd, struct err *e); /* read-only; -ERR_MISSING */
/* The file that holds facts of a bundle: its path, and a temporary one to make it in. */
int blob_facts_path(struct blobs *b, const char *sha256, int facts_version, int extractors_version,
                    struct buf *ret, struct err *e);
int blob_facts_publish(const char *temporary, const char *path, struct err *e); /* sync, rename, sync */

#endif
