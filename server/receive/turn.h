/* SPDX-License-Identifier: Apache-2.0
 *
 * turn: who writes to an upload. At most one request has the turn; a new one takes it from the one before,
 * whose connection may be dead without anybody having noticed (a client that lost it must not wait for a
 * time-out). Also keeps the running hash between the pieces of an upload. */
#ifndef CERTTRIAGE_TURN_H
#define CERTTRIAGE_TURN_H

#include "store_upload.h"

struct upload_turns;
struct upload_turn;

int upload_turns_new(struct store *s, struct upload_turns **ret, struct err *e);
void upload_turns_free(struct upload_turns *t); /* when no request has a turn any more */

/* Takes the turn of an upload, for good. What is left of a piece whose checksum was never compared is
 * forgotten. -ERR_MISSING: no such upload. */
int upload_turn_take(struct upload_turns *t, const char *id, struct upload_turn **ret, struct err *e);
/* The functions between take and end give -ERR_GONE when another request has the turn by now. */
int upload_turn_show(struct upload_turn *t, struct store_upload *ret, int64_t *ret_offset, struct err *e);
/* Before a piece; with is_checked a killed server forgets what it has of it. */
int upload_turn_mark(struct upload_turn *t, bool is_checked, struct err *e);
int upload_turn_write(struct upload_turn *t, struct str data,
                      struct err *e); /* -ERR_LIMIT: over its length */
/* The piece is whole: durable when this returns. Gives the new offset. */
int upload_turn_keep(struct upload_turn *t, int64_t *ret_offset, struct err *e);
/* The piece is not what it should be. */
int upload_turn_forget(struct upload_turn *t, struct err *e);
/* When all bytes are there: makes them a bundle of their case, durably; else nothing. ret: as it is then.
 * -ERR_CHECKSUM: it is not what was announced; the upload is removed. *ret_is_new: it was not done before. */
int upload_turn_settle(struct upload_turn *t, struct store_upload *ret, bool *ret_is_new, struct err *e);
int upload_turn_remove(struct upload_turn *t, struct err *e); /* the upload */
void upload_turn_end(struct upload_turn *t);                  /* frees t; NULL is allowed */

/* Removes what expired; settles what was complete when the server was killed (*ret_settled of them) and
 * removes files that no upload has. */
int upload_turns_sweep(struct upload_turns *t, int64_t now_ms, struct err *e);
int upload_turns_recover(struct upload_turns *t, int *ret_settled, struct err *e);

#endif
