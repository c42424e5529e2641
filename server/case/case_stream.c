/* SPDX-License-Identifier: Apache-2.0 */
#include "case_stream.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <sys/mman.h>

#include "extract_case.h"
#include "facts_handles.h"
#include "limits.h"

static int failed(sqlite3 *db, struct err *e)
{
    return err_set(e, ERR_IO, "case facts: %s", sqlite3_errmsg(db));
}

static int exec(sqlite3 *db, const char *sql, struct err *e)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(db, e);
}

static struct str column(sqlite3_stmt *s, int i)
{
    const unsigned char *p = sqlite3_column_text(s, i);

    return (struct str){(const char *)p, p ? (size_t)sqlite3_column_bytes(s, i) : 0};
}

typedef void (*put_fn)(struct buf *out, sqlite3_stmt *s);

static void put_machine(struct buf *out, sqlite3_stmt *s)
{
    unsigned roles =
        (sqlite3_column_int(s, 0) ? CASE_IS_SERVER : 0u) | (sqlite3_column_int(s, 1) ? CASE_IS_CLIENT : 0u);
    int64_t at = sqlite3_column_type(s, 2) == SQLITE_NULL ? TIME_NONE : sqlite3_column_int64(s, 2);

    extract_case_put_machine(out, roles, at, column(s, 3));
}

static void put_certificate(struct buf *out, sqlite3_stmt *s)
{
    const void *der = sqlite3_column_blob(s, 0);

    extract_case_put_certificate(out, (struct bytes){der, (size_t)sqlite3_column_bytes(s, 0)});
}

static int64_t time_column(sqlite3_stmt *s, int i)
{
    return sqlite3_column_type(s, i) == SQLITE_NULL ? TIME_NONE : sqlite3_column_int64(s, i);
}

static void put_place(struct buf *out, sqlite3_stmt *s)
{
    struct case_place p = {.machine = (uint32_t)sqlite3_column_int64(s, 0),
                           .certificate = (uint32_t)sqlite3_column_int64(s, 1),
                           .disallowed_after_ms = time_column(s, 2),
                           .not_before_ms = time_column(s, 3)};

    for (int i = 0; i < CASE_PLACE_TEXTS; i++)
        p.texts[i] = column(s, 4 + i);
    extract_case_put_place(out, &p);
}

static void put_policy(struct buf *out, sqlite3_stmt *s)
{
    extract_case_put_policy(out, (uint32_t)sqlite3_column_int64(s, 0), column(s, 1),
                            sqlite3_column_int64(s, 2));
}

static void put_disallowed(struct buf *out, sqlite3_stmt *s)
{
    uint8_t hash[64];
    size_t len;

    if (text_unhex(column(s, 1), hash, sizeof(hash), &len))
        extract_case_put_disallowed(out, (uint32_t)sqlite3_column_int64(s, 0), (struct bytes){hash, len});
}

static void put_issuers(struct buf *out, sqlite3_stmt *s)
{
    extract_case_put_issuers(out, (uint32_t)sqlite3_column_int64(s, 0), column(s, 1));
}

static void put_time(struct buf *out, sqlite3_stmt *s)
{
    extract_case_put_time(out, (uint32_t)sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1));
}

static void put_leaf(struct buf *out, sqlite3_stmt *s)
{
    extract_case_put_leaf(out, (uint32_t)sqlite3_column_int64(s, 0), (uint32_t)sqlite3_column_int64(s, 1),
                          sqlite3_column_int(s, 2) != 0, column(s, 3));
}

/* Rows in the order of the records; the numbers of machines and certificates are those of the two temporary
 * tables. */
static const struct {
    const char *sql;
    put_fn put;
} records[] = {
    {"SELECT m.is_server, m.is_client, m.collected, m.machine FROM machine m JOIN case_machine n USING "
     "(machine) ORDER BY n.id",
     put_machine},
    {"SELECT c.der FROM case_certificate n CROSS JOIN certificate c ON c.rowid = n.at ORDER BY n.id",
     put_certificate},
    {"SELECT m.id - 1, c.id - 1, s.disallowed_after, s.not_before_limit, s.location, s.user, s.store, "
     "s.physical,"
     " s.eku_property, s.disallowed_eku, s.not_before_eku FROM store_certificate s"
     " JOIN case_machine m USING (machine) JOIN case_certificate c USING (thumbprint) ORDER BY s.rowid",
     put_place},
    /* builds before Windows 2012 do not know the trust mode */
    {"SELECT id - 1, name, value FROM (SELECT p.machine, p.name, p.value FROM chain_policy p UNION ALL"
     " SELECT s.machine, s.setting, s.value FROM schannel_setting s LEFT JOIN windows_default d ON"
     " d.machine = s.machine AND d.name = 'trust mode' WHERE s.setting = '" CASE_TRUST_MODE "'"
     " AND s.value IS NOT NULL AND coalesce(d.value, 1))"
     " JOIN case_machine m USING (machine) ORDER BY 1, 2, 3",
     put_policy},
    {"SELECT DISTINCT m.id - 1, t.subject FROM store_ctl l JOIN ctl_entry t USING (machine, sha1)"
     " JOIN case_machine m USING (machine) WHERE l.purpose = 'disallowed' AND l.location = 'LocalMachine'"
     " ORDER BY 1, 2",
     put_disallowed},
    /* before Windows 2012 ctl_store is where the list with that identifier stands, no store of issuers
       (http.h, HTTP_SERVICE_CONFIG_SSL_PARAM) */
    {"SELECT DISTINCT m.id - 1, coalesce(iif(d.value, 'CTL ' || nullif(b.ctl_identifier, ''), NULL),"
     " nullif(b.ctl_store, '')) AS issuers FROM ssl_binding b JOIN case_machine m USING (machine)"
     " LEFT JOIN windows_default d ON d.machine = b.machine AND d.name = 'binding CTL'"
     " ORDER BY 1, lower(issuers)",
     put_issuers},
    {"SELECT DISTINCT m.id - 1, t.at FROM (SELECT machine, first AS at FROM symptom UNION ALL"
     "   SELECT machine, last FROM symptom UNION ALL"
     "   SELECT v.machine, q.\"when\" FROM complaint q JOIN machine v ON v.is_server) t"
     " JOIN case_machine m USING (machine) WHERE t.at IS NOT NULL ORDER BY 1, 2",
     put_time},
    /* certificates of a server's own store that are not for clients are its servers' */
    {"SELECT DISTINCT m.id - 1, c.id - 1, l.only_here, l.user FROM ("
     "   SELECT s.machine, s.thumbprint, 0 AS only_here, s.user FROM store_certificate s JOIN machine x "
     "USING (machine)"
     "   WHERE x.is_client AND lower(s.store) = 'my' AND (NOT x.is_server OR s.location = 'CurrentUser'"
     "     OR EXISTS (SELECT 1 FROM certificate d"
     "       WHERE d.machine = s.machine AND d.thumbprint = s.thumbprint AND d.client_auth))"
     "   UNION ALL"
     "   SELECT p.machine, p.thumbprint, 1, NULL FROM certificate_mapping p WHERE p.thumbprint IS NOT NULL "
     "AND p.enabled) l"
     " JOIN case_machine m USING (machine) JOIN case_certificate c USING (thumbprint)"
     " ORDER BY m.id, c.id, l.only_here, l.user",
     put_leaf},
};

static int put_records(sqlite3 *db, size_t i, struct buf *out, int64_t *ret_rows, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    int step;

    *ret_rows = 0;
    if (sqlite3_prepare_v2(db, records[i].sql, -1, &s, NULL) != SQLITE_OK)
        return failed(db, e);
    while ((step = sqlite3_step(s)) == SQLITE_ROW) {
        records[i].put(out, s);
        (*ret_rows)++;
    }
    return step == SQLITE_DONE ? buf_check(out, "case facts", e) : failed(db, e);
}

static int put_all(sqlite3 *db, struct buf *out, int64_t *ret_leaves, struct err *e)
{
    int r =
        exec(db,
             "CREATE INDEX case_symptom ON request_symptom(status, place, machine);"
             "CREATE TEMP TABLE case_machine (id INTEGER PRIMARY KEY, machine TEXT UNIQUE);"
             "CREATE TEMP TABLE case_certificate (id INTEGER PRIMARY KEY, thumbprint TEXT UNIQUE, at "
             "INTEGER);"
             "INSERT INTO case_machine (machine) SELECT machine FROM machine ORDER BY machine;"
             "INSERT INTO case_certificate (thumbprint, at) SELECT thumbprint, min(rowid) FROM certificate"
             " WHERE der IS NOT NULL GROUP BY thumbprint ORDER BY thumbprint;",
             e);

    buf_add_c(out, CASE_MAGIC);
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(records); i++)
        r = put_records(db, i, out, ret_leaves, e); /* of the last kind of record, in the end */
    if (r == 0)
        r = exec(db,
                 "DROP TABLE temp.case_machine; DROP TABLE temp.case_certificate; DROP INDEX case_symptom;",
                 e);
    return r;
}

static int to_file(const struct buf *b, int *ret_fd, struct err *e)
{
    int fd = memfd_create("case", MFD_CLOEXEC);
    size_t at = 0;

    if (fd < 0)
        return err_errno(e, "case facts: memory file");
    while (at < b->len) {
        ssize_t n = write(fd, b->p + at, b->len - at);
        if (n <= 0) {
            (void)close(fd);
            return err_errno(e, "case facts: memory file");
        }
        at += (size_t)n;
    }
    *ret_fd = fd;
    return 0;
}

static int has_server(sqlite3 *db, bool *ret, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(db, "SELECT EXISTS (SELECT 1 FROM machine WHERE is_server)", -1, &s, NULL) !=
            SQLITE_OK ||
        sqlite3_step(s) != SQLITE_ROW)
        return failed(db, e);
    *ret = sqlite3_column_int(s, 0) != 0;
    return 0;
}

int case_stream(sqlite3 *db, int *ret_fd, struct err *e)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(LIMIT_WORKER_MEMORY_BYTES / 8);
    int64_t leaves = 0;
    bool any = false;
    int r = has_server(db, &any, e);

    *ret_fd = -1;
    if (r || !any)
        return r;
    r = put_all(db, &out, &leaves, e);
    return r || leaves == 0 ? r : to_file(&out, ret_fd, e);
}
