/* SPDX-License-Identifier: Apache-2.0
 *
 * statements: SELECTs that are compiled once for a connection and asked again and again. Private to
 * server/rules, which hands it out as an opaque type (rules.h). */
#ifndef CERTTRIAGE_STATEMENTS_H
#define CERTTRIAGE_STATEMENTS_H

#include "rules.h"

/* The statement of this text, at its beginning and without values; kept, so that it is given back and never
 * finalized. Returns SQLite's code; the text of an error is the connection's. */
int statements_take(struct statements *s, const char *sql, sqlite3_stmt **ret);
/* NULL is welcome. */
void statements_give(sqlite3_stmt *statement);
sqlite3 *statements_db(const struct statements *s);

#endif
