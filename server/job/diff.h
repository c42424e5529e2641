/* SPDX-License-Identifier: Apache-2.0
 *
 * diff: what changed between two reports, and between two bundles of one machine. */
#ifndef CERTTRIAGE_DIFF_H
#define CERTTRIAGE_DIFF_H

#include "buf.h"
#include "err.h"

#include <jansson.h>
#include <sqlite3.h>

/* By fingerprint; new reference to {before, after: {ruleset, extractors, facts, cause}, added, removed,
 * changed:
 * [{rule, severity, machine, subject, title}], kept}. changed: the same finding with another message or
 * severity, with was: {message, severity}. */
int diff_reports(const json_t *before, const json_t *after, json_t **ret, struct err *e);

/* Configuration, registry, stores, keys and rights of two facts databases (of a bundle each), by what names a
 * thing: new reference to {before, after: {machine, collected, bundle}, same_machine, changes: [{table, key,
 * before, after}], left_out}. before NULL: it came; after NULL: it went; both: the columns that differ. Where
 * in the bundle a row was read and what the logs hold is not compared. */
int diff_facts(sqlite3 *before, sqlite3 *after, json_t **ret, struct err *e);

/* Lines for a person: "+ …", "- …", "~ …". */
void diff_reports_print(const json_t *diff, struct buf *out);
void diff_facts_print(const json_t *diff, struct buf *out);

#endif
