/* SPDX-License-Identifier: Apache-2.0
 *
 * tus: the client of tus 1.0.0 (https://tus.io/protocols/resumable-upload); internal to upload/. */
#ifndef CERTTRIAGE_UPLOAD_TUS_H
#define CERTTRIAGE_UPLOAD_TUS_H

#include "http.h"
#include "retry.h"

/* What is done next. */
enum tus_step { TUS_MEET, TUS_CREATE, TUS_FIND, TUS_SEND, TUS_POST, TUS_DONE };

struct tus {
    const struct upload *upload;
    struct http http;
    struct retry retry;
    enum tus_step step;
    struct buf place;   /* the upload's own address; empty: none yet */
    int64_t offset;     /* what the server has */
    int64_t piece;      /* how much is sent at once */
    bool has_checksum;  /* it compares SHA-256 of pieces */
    unsigned n_created; /* uploads begun in this run */
    unsigned n_damaged; /* pieces refused one after the other */
    unsigned n_broken;  /* pieces that broke off one after the other */
    struct upload_receipt receipt;
};

/* One step: HTTP_DONE with t->step set to the next one, HTTP_AGAIN, or a negative -ERR_x. */
int tus_meet(struct tus *t, struct err *e);   /* what the server can, and the size that it takes */
int tus_create(struct tus *t, struct err *e); /* begins an upload */
int tus_find(struct tus *t, struct err *e);   /* how much of it is there */
int tus_send(struct tus *t, struct err *e);   /* the next piece */
/* Removes it at the server. Best effort: what is left expires there. */
void tus_end(struct tus *t);

/* piece.c: adapts how much is sent at once. */
void piece_begin(struct tus *t);
void piece_took(struct tus *t, unsigned ms);
void piece_broke(struct tus *t);

/* receipt.c: compares what the server says that it has. -ERR_CHECKSUM when it is another file. */
int receipt_from_headers(struct tus *t, struct err *e);
int receipt_from_json(struct tus *t, struct err *e);

#endif
