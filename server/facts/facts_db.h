/* SPDX-License-Identifier: Apache-2.0
 *
 * facts_db: the database of facts, made by us from schema/facts.sql (embedded), filled by checked rows, read
 * by rules. */
#ifndef CERTTRIAGE_FACTS_DB_H
#define CERTTRIAGE_FACTS_DB_H

#include "err.h"
#include "str.h"

#include <stdint.h>

#include <sqlite3.h>

enum { FACTS_VERSION = 1 };      /* PRAGMA user_version of facts.sql; a test compares */
enum { EXTRACTORS_VERSION = 8 }; /* raise when an extractor says something new */

/* path NULL: in memory. The file must not exist. */
int facts_create(const char *path, sqlite3 **ret, struct err *e);
/* A database that facts_create made earlier; read-only. -ERR_UNSUPPORTED: older or newer facts version. */
int facts_open(const char *path, sqlite3 **ret, struct err *e);
/* Facts in memory, which is borrowed until the connection is closed; read-only, not confined. -ERR_FORMAT. */
int facts_open_bytes(unsigned char *bytes, size_t len, sqlite3 **ret, struct err *e);
/* The same as facts_open of an earlier version, too, as facts of now in memory: what that version did not
 * know stays empty, and machine.facts and a bundle_problem say that they are old. For bundles that are no
 * longer there. */
int facts_open_older(const char *path, sqlite3 **ret, struct err *e);
/* Copies all rows of one machine's facts into a case database, by insert; the machine's label becomes
 * `label`. */
int facts_merge(sqlite3 *from, sqlite3 *into, const char *label, struct err *e);
/* The same where `into` has no row yet and the label stays: page by page, which takes a tenth of the time. 1,
 * or 0 when `from` has other tables or views than this program's facts.sql. */
int facts_take(sqlite3 *from, sqlite3 *into, struct err *e);
/* Makes tables of the views of facts.sql, once the last row is there: rules ask them again and again. */
int facts_settle(sqlite3 *db, struct err *e);
/* From here on this connection can only read, in a cage: query_only, defensive, trusted_schema off,
 * authorizer (SELECT and the functions of facts_functions only; no ATTACH, PRAGMA, load_extension, random,
 * date functions with 'now'), limits, and a progress handler that stops a statement after LIMIT_RULE_STEPS.
 */
int facts_confine(sqlite3 *db, struct err *e);
/* A time of CLOCK_MONOTONIC, ms, at which this thread's confined statements end, whichever they are; 0: none.
 */
void facts_deadline(int64_t ms);
int64_t facts_deadline_or(int64_t ms); /* that time, or when there is none this */
bool facts_is_late(void);              /* that time is over */
/* The functions that a confined connection may call, sorted, NULL at the end. Besides SQLite's own: iso(ms)
 * UTC text of a time, hex32(n) '0x800703e3', and quote_cmd(x), quote_ps(x), quote_netsh(x) for remedies
 * (quote.h): NULL when x cannot be quoted safely there. */
extern const char *const facts_functions[];

#endif
