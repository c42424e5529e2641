/* SPDX-License-Identifier: Apache-2.0
 *
 * facts_handles: what ends SQLite's handles at the end of a scope, for CLEANUP. */
#ifndef CERTTRIAGE_FACTS_HANDLES_H
#define CERTTRIAGE_FACTS_HANDLES_H

#include "compiler.h"

#include <sqlite3.h>

UNUSED static inline void facts_statement_done(sqlite3_stmt **s)
{
    (void)sqlite3_finalize(*s);
}

UNUSED static inline void facts_connection_done(sqlite3 **db)
{
    (void)sqlite3_close(*db);
}

#endif
