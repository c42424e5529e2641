/* SPDX-License-Identifier: Apache-2.0
 *
 * blob: bytes kept under the SHA-256 of their contents; bundles come in through a spool file. The seam to
 * where bytes are kept: files today, an object store later. Nothing else knows that they are files but for
 * the descriptors given. */
#ifndef CERTTRIAGE_BLOB_H
#define CERTTRIAGE_BLOB_H

#include "buf.h"
#include "err.h"

#include <stdbool.h>
#include <stdint.h>

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
int blob_spool_sync(struct blob_spool *s, struct err *e);   /* so that commit is quick */
int blob_spool_commit(struct blob_spool *s, struct err *e); /* frees s; the same bytes twice are one blob */
void blob_spool_drop(struct blob_spool *s);                 /* frees s; NULL is allowed */

/* An upload that comes in pieces, over broken connections and restarts of the server: a file of the spool
 * under an id of 1 to 64 of [0-9a-z]. One thread at a time. */
struct blob_upload;
/* -ERR_MISSING: no such upload and not to be made. */
int blob_upload_open(struct blobs *b, const char *id, bool is_new, struct blob_upload **ret, struct err *e);
int64_t blob_upload_size(const struct blob_upload *u);
int blob_upload_write(struct blob_upload *u, const void *data, size_t len, struct err *e); /* at the end */
int blob_upload_sync(struct blob_upload *u, struct err *e); /* all that was written is durable */
/* Remembers the size as it is; cut forgets what was written since, or what is behind `size`. */
int blob_upload_mark(struct blob_upload *u, struct err *e);
int blob_upload_cut(struct blob_upload *u, int64_t size, struct err *e);
/* Its SHA-256; reads the file once more when it was not written by this process from its beginning. */
int blob_upload_hash(struct blob_upload *u, char ret_sha256[65], struct err *e);
/* Durable, as a bundle; quick when all was synced. For the store, which knows when. */
int blob_upload_commit(struct blob_upload *u, const char *sha256, struct err *e);
void blob_upload_park(struct blob_upload *u);  /* closes the file for now */
void blob_upload_close(struct blob_upload *u); /* frees u; the file stays; NULL is allowed */
int blob_upload_remove(struct blobs *b, const char *id, struct err *e); /* that it is not there is no error */

/* Uploads leave this much of the disk free. 0: they may fill it. */
void blobs_keep_free(struct blobs *b, int64_t bytes);
/* -ERR_STORAGE: `bytes` more do not fit. */
int blobs_room(const struct blobs *b, int64_t bytes, struct err *e);
/* To be called by the server only, before it receives: removes what simple uploads of a killed one left, and
 * files of uploads in pieces whose id is not known any more. */
void blobs_tidy(const struct blobs *b, bool (*is_known)(void *ctx, const char *upload_id), void *ctx);

int blob_open(struct blobs *b, const char *sha256, int *ret_fd, struct err *e); /* read-only; -ERR_MISSING */
/* The file that holds facts of a bundle, and one that holds those of a case under a key of its own: their
 * paths; a temporary one beside it to make it in; and to put it in its place (sync, rename, sync). */
int blob_facts_path(struct blobs *b, const char *sha256, int facts_version, int extractors_version,
                    struct buf *ret, struct err *e);
int blob_case_path(struct blobs *b, struct str case_id, const char *key, struct buf *ret, struct err *e);
int blob_facts_temporary(const char *path, struct buf *ret, struct err *e);
int blob_facts_publish(const char *temporary, const char *path, struct err *e);
/* The newest facts of a bundle that older extractors made, of at most this version of facts. -ERR_MISSING. */
int blob_facts_older(struct blobs *b, const char *sha256, int facts_version, struct buf *ret, int *ret_facts,
                     struct err *e);
/* Deletes a bundle and all facts of it. That it is not there is no error. */
int blob_forget(struct blobs *b, const char *sha256, struct err *e);
/* Deletes what is kept of a case but for what is under `keep` (NULL: all of it). */
int blob_case_forget(struct blobs *b, struct str case_id, const char *keep, struct err *e);

#endif
