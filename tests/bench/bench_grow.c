/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_grow.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

enum { TABLES = 64, NAME = 64 };

/* What the machines of the tests have none of. */
static const char FIRST[] =
    "INSERT INTO event (machine, entry, line, record, time, computer, area, event_id, level, side, code, "
    "thumbprint)"
    " SELECT machine, 'logs/events/System.xml', 1, 1, 1710230400000, name, 'schannel', 36887, 2, 'server', "
    "46, '00' FROM machine;"
    "INSERT INTO event_count (machine, computer, area, event_id, level, side, code, hour, count, first, last)"
    " SELECT machine, name, 'schannel', 36887, 2, 'server', 46, 1710230400000, 1, 1710230400000, "
    "1710230400000 FROM machine;"
    "INSERT INTO handshake (machine, entry, connection, source, client_hello, server_hello, asked, "
    "asked_why, completed, lost, midway, time) SELECT machine, 'attach/a.pcap', 1, 'capture', 1, 1, 'yes', "
    "'CertificateRequest', 1, 0, 0, 1710230400000 FROM machine;"
    "INSERT INTO config_error (machine, path, section, kind, message, entry, line) SELECT machine, "
    "'Partner/orders', 'system.webServer/security/access', 'duplicate', 'twice', 'iis/web/3/web.config', 3 "
    "FROM machine WHERE is_server";

/* other(thumbprint, i) of a row is that of other_der(der, i) of its certificate. */
static const char OTHERS[] =
    "DROP TABLE IF EXISTS temp.others; CREATE TEMP TABLE others AS SELECT thumbprint, i, sha1(other_der(der, "
    "i)) AS other FROM ("
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT c.thumbprint, "
    "c.der, n.i FROM certificate c, n WHERE c.%s);"
    "CREATE INDEX temp.others_by ON others(thumbprint, i)";

static const char OTHER[] =
    "(SELECT o.other FROM temp.others o WHERE o.thumbprint = t.thumbprint AND o.i = n.i)";

static const char INSERT[] =
    "SELECT 'INSERT INTO \"' || ?1 || '\" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
    "WHERE i < ' || ?2 || ') SELECT ' || group_concat(iif(json_extract(?3, '$.' || name) = 'other', ?5, "
    "coalesce(json_extract(?3, '$.' || name), '\"' || name || '\"')), ', ') || ' FROM n, (SELECT * FROM \"' "
    "|| ?1 || '\" WHERE ' || ?4 || ') t' FROM pragma_table_info(?1)";

/* What is asked for certificate_mapping comes last, which others are chosen by. */
static const char WITH_COLUMN[] =
    "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
    " AND c.name = ?1 ORDER BY m.name IN ('certificate_mapping', 'store_certificate')";

static int run_sql(sqlite3 *db, const char *sql)
{
    char *why = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK)
        return 0;
    (void)fprintf(stderr, "bench_grow: %s: %.300s\n", why ? why : "SQL", sql);
    sqlite3_free(why);
    return -1;
}

/* other_der(DER, n): another certificate of the same fields, as far as its signature goes. */
static void call_other_der(sqlite3_context *c, int n, sqlite3_value **values)
{
    int len = sqlite3_value_bytes(values[0]);
    uint32_t number = (uint32_t)sqlite3_value_int(values[1]);
    unsigned char *copy = len > 4 ? sqlite3_malloc(len) : NULL;
    (void)n;

    if (!copy) {
        sqlite3_result_null(c);
        return;
    }
    memcpy(copy, sqlite3_value_blob(values[0]), (size_t)len);
    for (int i = 1; i <= 4; i++)
        copy[len - i] = (unsigned char)(copy[len - i] ^ (number >> (8 * (i - 1)) & 0xff));
    sqlite3_result_blob(c, copy, len, sqlite3_free);
}

static void call_sha1(sqlite3_context *c, int n, sqlite3_value **values)
{
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
    (void)n;

    (void)EVP_Digest(sqlite3_value_blob(values[0]), (size_t)sqlite3_value_bytes(values[0]), md, &len,
                     EVP_sha1(), NULL);
    for (unsigned i = 0; i < len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", md[i]);
    sqlite3_result_text(c, hex, -1, SQLITE_TRANSIENT);
}

/* of_site('Partner/orders', 3): the same path of the third copy of its site. */
static void call_of_site(sqlite3_context *c, int n, sqlite3_value **values)
{
    const char *path = (const char *)sqlite3_value_text(values[0]);
    size_t site = path ? strcspn(path, "/") : 0;
    char copy[1024];
    (void)n;

    if (!path || site == 0) {
        sqlite3_result_value(c, values[0]);
        return;
    }
    (void)snprintf(copy, sizeof copy, "%.*s %d%s", (int)site, path, sqlite3_value_int(values[1]),
                   path + site);
    sqlite3_result_text(c, copy, -1, SQLITE_TRANSIENT);
}

static const char *member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int copy_rows(sqlite3 *db, const json_t *copy, const char *table, int n)
{
    sqlite3_stmt *s = NULL;
    char changes[2048];
    size_t len = json_dumpb(json_object_get(copy, "change"), changes, sizeof changes, JSON_COMPACT);
    int r = -1;

    if (sqlite3_prepare_v2(db, INSERT, -1, &s, NULL) || sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC) ||
        sqlite3_bind_int(s, 2, n) || len > sizeof changes ||
        sqlite3_bind_text(s, 3, changes, (int)len, SQLITE_STATIC) ||
        sqlite3_bind_text(s, 4, member(copy, "where"), -1, SQLITE_STATIC) ||
        sqlite3_bind_text(s, 5, OTHER, -1, SQLITE_STATIC) || sqlite3_step(s) != SQLITE_ROW)
        (void)fprintf(stderr, "bench_grow: %s: %s\n", table, sqlite3_errmsg(db));
    else
        r = run_sql(db, (const char *)sqlite3_column_text(s, 0));
    (void)sqlite3_finalize(s);
    return r;
}

static int list_tables(sqlite3 *db, const char *column, char names[TABLES][NAME])
{
    sqlite3_stmt *s = NULL;
    int found = 0;

    if (sqlite3_prepare_v2(db, WITH_COLUMN, -1, &s, NULL) == SQLITE_OK &&
        sqlite3_bind_text(s, 1, column, -1, SQLITE_STATIC) == SQLITE_OK)
        while (found < TABLES && sqlite3_step(s) == SQLITE_ROW)
            (void)snprintf(names[found++], NAME, "%s", (const char *)sqlite3_column_text(s, 0));
    (void)sqlite3_finalize(s);
    return found;
}

static int copy_each(sqlite3 *db, const json_t *copy, int n)
{
    char names[TABLES][NAME], sql[1024];
    const char *column = member(copy, "with");
    int r = 0, found = column ? list_tables(db, column, names) : 0;

    if (!column)
        return copy_rows(db, copy, member(copy, "table"), n);
    if (strcmp(column, "thumbprint") == 0) {
        (void)snprintf(sql, sizeof sql, OTHERS, n, member(copy, "where"));
        r = run_sql(db, sql);
    }
    for (int i = 0; r == 0 && i < found; i++)
        r = copy_rows(db, copy, names[i], n);
    return r;
}

int bench_grow(sqlite3 *db, const json_t *growth, int n)
{
    const json_t *copy;
    size_t i;
    int r = 0;

    if (sqlite3_create_function(db, "other_der", 2, SQLITE_UTF8, NULL, call_other_der, NULL, NULL) ||
        sqlite3_create_function(db, "sha1", 1, SQLITE_UTF8, NULL, call_sha1, NULL, NULL) ||
        sqlite3_create_function(db, "of_site", 2, SQLITE_UTF8, NULL, call_of_site, NULL, NULL))
        return -1;
    r = run_sql(db, FIRST);
    json_array_foreach(json_object_get(growth, "copies"), i, copy)
    {
        int before = sqlite3_total_changes(db);
        r = r ? r : copy_each(db, copy, n);
        if (r == 0 && sqlite3_total_changes(db) == before) {
            (void)fprintf(stderr, "bench_grow: %s: the machine has no row of copy %zu\n",
                          member(growth, "name"), i + 1);
            r = -1;
        }
    }
    return r;
}
