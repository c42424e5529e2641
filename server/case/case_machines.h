/* SPDX-License-Identifier: Apache-2.0
 *
 * case_machines: which of the bundles' facts make the case, and under which names. */
#ifndef CERTTRIAGE_CASE_MACHINES_H
#define CERTTRIAGE_CASE_MACHINES_H

#include "err.h"

#include <stddef.h>

#include <sqlite3.h>

/* Merges the newest facts of each machine (same guid, name and domain) into `into`, under labels that are
 * unique without regard to case: the computer's name, "NAME (2)" for a second one. The order of `machines`
 * does not matter. */
int case_merge(sqlite3 *const *machines, size_t n, sqlite3 *into, struct err *e);

#endif
