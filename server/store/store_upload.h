/* SPDX-License-Identifier: Apache-2.0
 *
 * store_upload: uploads that come in pieces: what is known of them beside their bytes (blob.h). Part of the
 * seam of store.h. */
#ifndef CERTTRIAGE_STORE_UPLOAD_H
#define CERTTRIAGE_STORE_UPLOAD_H

#include "store.h"

struct store_upload {
    char id[33], token_id[17], case_id[65];
    char filename[256]; /* as the client says; UTF-8, "" when it says none */
    char announced[65]; /* SHA-256 that the client says it has; "" when it says none */
    int64_t length;     /* bytes, declared */
    int64_t created_ms, expires_ms;
    int64_t checked; /* while a piece with a checksum comes: the bytes before it; else -1 */
    char sha256[65]; /* "" until all is there */
    bool is_done;    /* it is a bundle of the case */
};

int store_upload_create(struct store *s, const struct store_upload *u, struct err *e);
int store_upload_get(struct store *s, const char *id, struct store_upload *ret,
                     struct err *e); /* -ERR_MISSING */
int store_upload_checked(struct store *s, const char *id, int64_t checked, struct err *e);
int store_upload_hashed(struct store *s, const char *id, const char *sha256, struct err *e);
/* Its bytes (file; NULL: they are stored already) become a bundle, then the bundle's row, the case's, the job
 * and this one are written in one transaction. */
int store_upload_done(struct store *s, const struct store_upload *u, struct blob_upload *file, int64_t now_ms,
                      struct err *e);
int store_upload_remove(struct store *s, const char *id, struct err *e);
/* Ids: those that expired before now_ms (done or not), or those that are not done. */
int store_uploads_expired(struct store *s, int64_t now_ms, store_text_fn take, void *ctx, struct err *e);
int store_uploads_open(struct store *s, store_text_fn take, void *ctx, struct err *e);
/* Not done: of this token, and of all. */
int store_uploads_count(struct store *s, const char *token_id, int64_t *ret_own, int64_t *ret_all,
                        struct err *e);

#endif
