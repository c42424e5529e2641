/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_grow: facts of one machine made larger in one respect. What growth.json says: rows of a table, or of
 * each that has a column (`with`), are copied, and what tells a copy from another is changed by expressions
 * over its number i. */
#ifndef CERTTRIAGE_BENCH_GROW_H
#define CERTTRIAGE_BENCH_GROW_H

#include <jansson.h>
#include <sqlite3.h>

/* growth: one element of growth.json; n: copies. -1: standard error says why; a machine that has nothing to
 * copy is no machine to measure with. */
int bench_grow(sqlite3 *db, const json_t *growth, int n);

#endif
