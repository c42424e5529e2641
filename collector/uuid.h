/* SPDX-License-Identifier: Apache-2.0
 *
 * uuid: a random name (RFC 9562, version 4), in lower case. */
#ifndef CERTTRIAGE_COLLECT_UUID_H
#define CERTTRIAGE_COLLECT_UUID_H

#include "buf.h"
#include "err.h"

int uuid_make(struct buf *out, struct err *e);

#endif
