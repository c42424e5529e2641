/* SPDX-License-Identifier: Apache-2.0
 *
 * commands: what certtriage-server can be told to do; a command is one file and one row of the table in
 * main.c. They are the main program: they print, and return the exit code. */
#ifndef CERTTRIAGE_COMMANDS_H
#define CERTTRIAGE_COMMANDS_H

#include "err.h"
#include "job.h"
#include "options.h"

#include <sqlite3.h>

struct command {
    const char *name;
    const char *usage; /* what stands behind the name */
    const char *about; /* one line */
    const struct option_row *options;
    int (*run)(const struct options *o);
};

extern const struct command command_serve, command_lint, command_facts, command_query, command_rules,
    command_reprocess, command_token, command_diff, command_check, command_backup, command_restore;

/* One line on stderr, "certtriage-server: …"; returns the exit code of errors.def. */
int command_fail(const struct err *e);
/* Extracts the bundles named on the command line; with command_machines_done nothing is left of them. */
int command_machines(const struct options *o, size_t n_bundles, sqlite3 *ret[CASE_BUNDLES], struct err *e);
void command_machines_done(sqlite3 *machines[CASE_BUNDLES]);
/* The same, and makes one case of them. */
int command_case(const struct options *o, size_t n_bundles, sqlite3 **ret, struct err *e);

#endif
