/* SPDX-License-Identifier: Apache-2.0
 *
 * gunzip: a streaming reader of gzip data (RFC 1952; several members behind each other are one file). Bytes
 * that do not begin like it pass through as they are. Pure: pieces of any size in, pieces out by callback.
 * The CRC-32 of each member is checked. */
#ifndef CERTTRIAGE_GUNZIP_H
#define CERTTRIAGE_GUNZIP_H

#include "err.h"
#include "str.h"

#include <stdbool.h>

struct gunzip;
/* `take` returns 0, or negative to stop, which is handed through. NULL: no memory. */
struct gunzip *gunzip_new(int (*take)(void *ctx, struct bytes piece), void *ctx);
void gunzip_free(struct gunzip *g); /* NULL is fine */
/* 0; -ERR_FORMAT (broken; what was given out before is sound but for its CRC), -ERR_LIMIT (more than
 * LIMIT_ENTRY_BYTES), -ERR_NOMEM, what `take` returned. */
int gunzip_feed(struct gunzip *g, struct bytes piece, struct err *e);
int gunzip_finish(struct gunzip *g, struct err *e);
/* Did the data begin like gzip? */
bool gunzip_was_packed(const struct gunzip *g);

#endif
