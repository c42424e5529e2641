/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of the store, by version: a new version is one more file of SQL and one more row. A file that
 * was ever released is never changed. */
#include "store_db.h"

#include "compiler.h"

#include <stdio.h>

extern const char store_schema_sql[], store_schema_2_sql[], store_schema_3_sql[], store_schema_4_sql[];

static const char *const migrations[] = {store_schema_sql, store_schema_2_sql, store_schema_3_sql,
                                         store_schema_4_sql};

static int fail(struct store *s, struct err *e, int version)
{
    int code = sqlite3_errcode(s->db);
    char why[256];

    (void)snprintf(why, sizeof why, "%s", sqlite3_errmsg(s->db));
    (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return err_set(e, code == SQLITE_NOMEM ? ERR_NOMEM : ERR_IO, "store: making the tables of version %d: %s",
                   version, why);
}

static int read_version(struct store *s, int *ret, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};

    if (store_prepare(s, &st, e, "PRAGMA user_version", "") < 0 || store_step(s, st.row, e) < 0)
        return -e->code;
    *ret = sqlite3_column_int(st.row, 0);
    return 0;
}

/* One version in one transaction: a program that dies in the middle finds the version before; of two that
 * start at once the second finds it done. */
static int step_to(struct store *s, int version, struct err *e)
{
    char mark[64];
    int found = 0;

    (void)snprintf(mark, sizeof mark, "PRAGMA user_version=%d; COMMIT", version);
    if (sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return fail(s, e, version);
    if (read_version(s, &found, e) < 0 || found >= version) {
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
        return found >= version ? 0 : -e->code;
    }
    if (sqlite3_exec(s->db, migrations[version - 1], NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(s->db, mark, NULL, NULL, NULL) != SQLITE_OK)
        return fail(s, e, version);
    return 0;
}

static const int newest = (int)ARRAY_LEN(migrations);

static int read_known_version(struct store *s, int *ret, struct err *e)
{
    int r = read_version(s, ret, e);

    return r == 0 && *ret > newest
               ? err_set(e, ERR_UNSUPPORTED, "store: made by a newer program (version %d, this one knows %d)",
                         *ret, newest)
               : r;
}

int store_migrated(struct store *s, struct err *e)
{
    int version = 0, r = read_known_version(s, &version, e);

    return r == 0 && version < newest
               ? err_set(e, ERR_UNSUPPORTED,
                         "store: of version %d, which is read once a program could write it as version %d",
                         version, newest)
               : r;
}

int store_migrate(struct store *s, struct err *e)
{
    int version = 0, r = read_known_version(s, &version, e);

    while (r == 0 && version < newest)
        r = step_to(s, ++version, e);
    return r;
}
