/* SPDX-License-Identifier: Apache-2.0
 *
 * diagnose: symptoms joined to their causes, the most likely first. */
#ifndef CERTTRIAGE_DIAGNOSE_H
#define CERTTRIAGE_DIAGNOSE_H

#include "run.h"

/* New reference: the report's `diagnoses`; *ret_left_out: symptoms beyond LIMIT_DIAGNOSES. */
int diagnose(struct run *run, json_t **ret, size_t *ret_left_out, struct err *e);
/* "403.7: the server wants a client certificate and got none" and its kin; never NULL. */
const char *symptom_meaning(int64_t status, int64_t substatus, int64_t win32);
/* Events in the minutes of a symptom's requests: text, count, first, last, entry, line (new reference). */
json_t *beside_json(const struct run *run, const struct symptom *s);
/* confirm.c: what would confirm or refute a cause, and what to collect or to run next for a symptom: steps as
 * those of a remedy (new references). is_logged: the symptom stands in a log. */
json_t *confirm_json(const struct hit *hit, enum strength strength, bool is_logged);
json_t *next_json(const struct run *run, const struct symptom *s);
/* timeline.c: {time, hours, count} and {time, text}, in order of time (new reference). */
json_t *timeline_json(const struct run *run, const struct symptom *s);
/* One paragraph that a customer can be sent (new reference). */
json_t *summarize(const json_t *findings, const json_t *coverage, const json_t *diagnoses);
/* Of a machine of the coverage: nothing of its bundle could be used. */
bool coverage_is_unread(const json_t *machine);
/* What was collected and what was not (new reference). */
int coverage_build(struct run *run, json_t **ret, struct err *e);
int machines_build(struct run *run, json_t **ret, struct err *e);
int complaints_build(struct run *run, json_t **ret, struct err *e);
/* Client certificates with their chains and the servers' answers (new reference); *ret_left_out: those
 * beyond 50. */
int chains_build(struct run *run, json_t **ret, size_t *ret_left_out, struct err *e);
/* What captures and probes show (new reference); *ret_left_out: kinds of handshakes beyond 50. */
int handshakes_build(struct run *run, json_t **ret, size_t *ret_left_out, struct err *e);
/* One statement whose rows become objects with the columns' names; a column called x_time is shown as a time,
 * x_flag as a boolean (the suffix goes). NULL columns are left out. machine: bound to :machine. NULL on
 * failure. */
json_t *coverage_rows(struct run *run, const char *sql, const char *machine, int limit, struct err *e);
json_t *coverage_row(sqlite3_stmt *s);

#endif
