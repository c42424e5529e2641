/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts of an earlier version, read by this one. */
#include "facts_db.h"
#include "facts_handles.h"
#include "facts_schema.h"

#include <stdio.h>

enum { LABEL_BYTES = 512 };

/* Its version, and the label of its machine: "" when there is none in it. */
static int read_head(sqlite3 *db, int *ret_version, char ret_label[LABEL_BYTES], struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    const unsigned char *label;

    if (sqlite3_prepare_v2(db,
                           "SELECT user_version, (SELECT machine FROM machine LIMIT 1) FROM "
                           "pragma_user_version",
                           -1, &s, NULL) ||
        sqlite3_step(s) != SQLITE_ROW)
        return facts_sqlite_error(e, db, "older facts");
    *ret_version = sqlite3_column_int(s, 0);
    label = sqlite3_column_text(s, 1);
    (void)snprintf(ret_label, LABEL_BYTES, "%s", label ? (const char *)label : "");
    return 0;
}

static int mark(sqlite3 *db, int version, struct err *e)
{
    char *sql = sqlite3_mprintf(
        "UPDATE machine SET facts = nullif(%d, %d); INSERT INTO bundle_problem(machine, problem) SELECT "
        "machine, "
        "'the bundle is no longer kept: its facts were extracted by an older program' FROM machine",
        version, (int)FACTS_VERSION);
    int r = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;

    sqlite3_free(sql);
    return r ? facts_sqlite_error(e, db, "older facts") : 0;
}

static int convert(sqlite3 *old, sqlite3 *into, const char *path, struct err *e)
{
    char label[LABEL_BYTES];
    int version = 0, r = read_head(old, &version, label, e);

    if (r == 0 && version > FACTS_VERSION)
        r = err_set(e, ERR_UNSUPPORTED, "%s: facts of version %d, this program reads %d", path, version,
                    (int)FACTS_VERSION);
    if (r == 0)
        r = facts_merge(old, into, label, e);
    return r ? r : mark(into, version, e);
}

int facts_open_older(const char *path, sqlite3 **ret, struct err *e)
{
    CLEANUP(facts_connection_done) sqlite3 *old = NULL, *db = NULL;
    int r = sqlite3_open_v2(path, &old, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);

    if (r)
        return old ? facts_sqlite_error(e, old, path) : err_set(e, ERR_NOMEM, "%s", path);
    (void)sqlite3_db_config(old, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(old, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    r = facts_create(NULL, &db, e);
    if (r == 0)
        r = convert(old, db, path, e);
    if (r)
        return r;
    *ret = db;
    db = NULL;
    return 0;
}
