/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_steps: the steps of SQLite's virtual machine that each statement of a connection takes
 * (https://www.sqlite.org/c3ref/c_stmtstatus_counter.html): the same on a busy machine as on a quiet one. */
#ifndef CERTTRIAGE_BENCH_STEPS_H
#define CERTTRIAGE_BENCH_STEPS_H

#include "rules.h"

/* What comes from now on counts. */
void bench_steps_begin(sqlite3 *db);
/* The sum over all compiled statements, and the `most` that took most steps, by their rules' ids. */
void bench_steps_print(sqlite3 *db, const struct ruleset *set, size_t most);

/* The id of the rule that is this SELECT; else the SELECT's own beginning. */
void bench_steps_print_name(const struct ruleset *set, const char *sql);

#endif
