/* SPDX-License-Identifier: Apache-2.0
 *
 * store_pack: texts that are kept packed, as gzip (RFC 1952): of a report a sixth is left, so that less is
 * written to the log, to the database and to the disk. */
#ifndef CERTTRIAGE_STORE_PACK_H
#define CERTTRIAGE_STORE_PACK_H

#include "buf.h"
#include "err.h"
#include "str.h"

#include <sqlite3.h>

/* Both add to ret, whose own limit holds. -ERR_NOMEM; unpacking: -ERR_FORMAT (not whole, or other bytes than
 * were packed), -ERR_LIMIT (more than ret may hold). */
int store_pack(struct str text, struct buf *ret, struct err *e);
int store_unpack(struct str packed, struct buf *ret, struct err *e);
/* True: two packed texts differ for sure, by the checksum and the size that stand at their ends. */
bool store_pack_differs(struct str a, struct str b);

/* SQL: report_text(json) is the text of a report's column, packed or not; NULL: it cannot be unpacked. */
int store_pack_register(sqlite3 *db);

#endif
