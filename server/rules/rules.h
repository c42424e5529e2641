/* SPDX-License-Identifier: Apache-2.0
 *
 * rules: rule files (schema/rule-format.md) loaded, checked, and run over the facts of a case. */
#ifndef CERTTRIAGE_RULES_H
#define CERTTRIAGE_RULES_H

#include "buf.h"
#include "err.h"

#include <jansson.h>
#include <sqlite3.h>

struct ruleset;

/* Loads *.sql of a folder (dir NULL: of none) and the rules built into the program, of which one with the
 * name of a file of the folder gives way, and checks headers. -ERR_FORMAT: file:line: what. -ERR_MISSING: no
 * rules. */
int ruleset_load(const char *dir, bool with_built_in, struct ruleset **ret, struct err *e);
void ruleset_free(struct ruleset *set);
const char *ruleset_version(const struct ruleset *set); /* hex: hash over names and bytes of its files */
size_t ruleset_count(const struct ruleset *set);

/* The files of a set as bytes, for a process that cannot open them. ruleset_read copies them. -ERR_NOMEM;
 * reading: as ruleset_load. */
int ruleset_write(const struct ruleset *set, struct buf *to, struct err *e);
int ruleset_read(struct str bytes, struct ruleset **ret, struct err *e);

/* Compiles every rule against facts.sql and says what is wrong, one line each, into *ret_text. 0 when all are
 * good, else -ERR_FORMAT. */
int ruleset_check(const struct ruleset *set, struct buf *ret_text, struct err *e);

/* SELECTs that stay compiled for one confined connection from one run of rules to the next. Freed before the
 * connection is closed; NULL is welcome there. -ERR_NOMEM. */
struct statements;
int statements_new(sqlite3 *db, struct statements **ret, struct err *e);
void statements_free(struct statements *s);

/* Runs all rules over a confined facts database and gives the report of schema/report.schema.json (new
 * reference), without anything that depends on today. A rule that fails is a verdict `error`, never silence.
 */
int ruleset_run(const struct ruleset *set, sqlite3 *db, const char *case_id, json_t **ret_report,
                struct err *e);
/* The same over the connection of these statements. Errors do not depend on what they were used for before.
 */
int ruleset_run_kept(const struct ruleset *set, struct statements *kept, const char *case_id,
                     json_t **ret_report, struct err *e);

/* The same as ruleset_run_kept, and how many milliseconds each rule took: ret_ms has ruleset_count numbers,
 * in the order of ruleset_list. */
int ruleset_time(const struct ruleset *set, struct statements *kept, const char *case_id, double *ret_ms,
                 json_t **ret_report, struct err *e);

/* One row a rule: id, code, severity, confidence, role, title, explains. */
json_t *ruleset_list(const struct ruleset *set);
/* All of one rule, as it is written (new reference); NULL: there is none of that id. */
json_t *ruleset_describe(const struct ruleset *set, struct str id);
/* "table.column" that rules read, views resolved, to the id of one of them (new reference). */
int ruleset_reads(const struct ruleset *set, json_t **ret, struct err *e);

#endif
