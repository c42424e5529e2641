/* SPDX-License-Identifier: Apache-2.0
 *
 * Two machines' facts filled up to an ordinary case. */
#include "bench_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run_sql(sqlite3 *db, const char *sql)
{
    char *why = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK)
        return 0;
    (void)fprintf(stderr, "bench: %s: %.200s\n", why ? why : "SQL", sql);
    sqlite3_free(why);
    return -1;
}

/* An INSERT of every table with a site, for another site of the same configuration. */
static const char sites_sql[] =
    "SELECT 'INSERT INTO ' || m.name || ' SELECT ' || group_concat(CASE c.name WHEN 'site' THEN 'site || '' "
    "%d'''"
    " WHEN 'path' THEN 'iif(substr(path, 1, length(site)) = site, site || '' %d'' || substr(path, "
    "length(site) + 1),"
    " path)' ELSE '\"' || c.name || '\"' END, ', ') || ' FROM ' || m.name"
    " || ' WHERE site NOT LIKE ''%%2'' AND site NOT LIKE ''%%3'''"
    " FROM sqlite_master m JOIN pragma_table_info(m.name) c"
    " WHERE m.type = 'table' AND m.name NOT LIKE 'request%%'"
    " AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) s WHERE s.name = 'site') GROUP BY m.name";

static int add_site(sqlite3 *db, int number)
{
    char sql[2048];
    char *list[64];
    size_t n = 0;
    sqlite3_stmt *s = NULL;
    int r = 0;

    (void)snprintf(sql, sizeof sql, sites_sql, number, number);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        return run_sql(db, sql);
    while (sqlite3_step(s) == SQLITE_ROW && n < 64)
        list[n++] = strdup((const char *)sqlite3_column_text(s, 0));
    (void)sqlite3_finalize(s);
    for (size_t i = 0; i < n; i++) {
        r = r || !list[i] ? -1 : run_sql(db, list[i]);
        free(list[i]);
    }
    return r;
}

/* Copies of one row under other thumbprints, numbered. where stands inside a literal: its quotes are doubled.
 */
static const char copies_sql[] =
    "SELECT 'INSERT INTO %s WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
    "SELECT '"
    " || group_concat(CASE name WHEN 'thumbprint' THEN 'printf(''%%040x'', i + %d)' WHEN 'time' THEN 'time + "
    "i * 7000'"
    " ELSE '\"' || name || '\"' END, ', ') || ' FROM n, (SELECT * FROM %s WHERE %s LIMIT 1)'"
    " FROM pragma_table_info('%s')";

static int add_copies(sqlite3 *db, const char *table, const char *where, int n, int from)
{
    char sql[2048], *insert = NULL;
    sqlite3_stmt *s = NULL;
    int r = -1;

    (void)snprintf(sql, sizeof sql, copies_sql, table, n, from, table, where, table);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        insert = strdup((const char *)sqlite3_column_text(s, 0));
    if (insert)
        r = run_sql(db, insert);
    else
        (void)fprintf(stderr, "bench: %s: %s\n", table, sqlite3_errmsg(db));
    (void)sqlite3_finalize(s);
    free(insert);
    return r;
}

int bench_fill_server(sqlite3 *db)
{
    return add_site(db, 2) || add_site(db, 3) ||
                   add_copies(db, "certificate", "self_signed = 1", 200, 1000) ||
                   add_copies(db, "store_certificate", "store = ''Root''", 200, 1000) ||
                   add_copies(db, "request", "status = 403", 1000, 0)
               ? -1
               : 0;
}

int bench_fill_client(sqlite3 *db)
{
    return add_copies(db, "certificate", "1", 100, 5000) ||
                   add_copies(db, "store_certificate", "store = ''CA''", 100, 5000)
               ? -1
               : 0;
}
