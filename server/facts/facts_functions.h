/* SPDX-License-Identifier: Apache-2.0
 *
 * facts_functions: iso, hex32, quote_cmd, quote_ps, quote_netsh as SQL functions of a connection. */
#ifndef CERTTRIAGE_FACTS_FUNCTIONS_H
#define CERTTRIAGE_FACTS_FUNCTIONS_H

#include <sqlite3.h>

/* 0 or SQLite's code. */
int facts_functions_register(sqlite3 *db);

#endif
