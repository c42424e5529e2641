/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_schema.h"

int facts_sqlite_error(struct err *e, sqlite3 *db, const char *what)
{
    int code = sqlite3_errcode(db) & 0xff; /* without the extension */
    int ours = code == SQLITE_NOMEM        ? ERR_NOMEM
               : code == SQLITE_TOOBIG     ? ERR_LIMIT
               : code == SQLITE_CONSTRAINT ? ERR_FORMAT
                                           : ERR_IO;

    return err_set(e, ours, "%s: %s", what, sqlite3_errmsg(db));
}
