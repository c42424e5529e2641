/* SPDX-License-Identifier: Apache-2.0
 *
 * facts_view: what many rules ask is worked out once, from a view of facts.sql into a table of the same name
 * and columns. Private to server/facts. */
#ifndef CERTTRIAGE_FACTS_VIEW_H
#define CERTTRIAGE_FACTS_VIEW_H

#include "err.h"

#include <stdbool.h>

#include <sqlite3.h>

/* Fills the empty table `name` with the rows of the view of which `text` is the CREATE VIEW. Facts come from
 * strangers: a view that grows beyond measure takes the table's place again, and the rule that asks it ends
 * at its own limit, which the report says. No transaction is open. -ERR_NOMEM, -ERR_IO. */
int facts_view_fill(sqlite3 *db, const char *name, const char *text, struct err *e);
/* True: it has the rows of one table times those of another, and whoever asks it asks for few of them. It is
 * no table in any case. */
bool facts_view_stays(const char *name);
/* Runs what works out a view, up to LIMIT_RULE_STEPS. False: SQLite says why, or it was more. */
bool facts_view_run(sqlite3 *db, const char *sql);
/* The SELECT behind "CREATE VIEW name AS". NULL: it is not written so. */
const char *facts_view_select(const char *text);

#endif
