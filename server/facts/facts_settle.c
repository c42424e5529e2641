/* SPDX-License-Identifier: Apache-2.0
 *
 * What many rules ask is worked out once: each view becomes a table of the same name and columns. */
#include <string.h>

#include "buf.h"
#include "compiler.h"
#include "facts_db.h"
#include "facts_functions.h"
#include "facts_handles.h"
#include "facts_schema.h"
#include "facts_view.h"
#include "limits.h"

enum { VIEWS = 96 };

struct views {
    char names[VIEWS][FACTS_NAME_BYTES];
    size_t n;
};

/* In the order of facts.sql: a view asks only those before it, which are tables by then. */
static int list_views(sqlite3 *db, struct views *ret, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    int step;

    ret->n = 0;
    if (sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY rowid", -1, &s,
                           NULL))
        return facts_sqlite_error(e, db, "facts");
    while ((step = sqlite3_step(s)) == SQLITE_ROW && ret->n < VIEWS)
        (void)sqlite3_snprintf(FACTS_NAME_BYTES, ret->names[ret->n++], "%s", sqlite3_column_text(s, 0));
    return step == SQLITE_DONE ? 0 : facts_sqlite_error(e, db, "facts");
}

static bool is_small(sqlite3 *db, const char *view)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    CLEANUP(buf_done) struct buf sql = BUF_INIT(1024);

    buf_printf(&sql, "SELECT count(*) FROM \"%s\"", view);
    return sqlite3_prepare_v2(db, buf_c(&sql), -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW &&
           sqlite3_column_int64(s, 0) <= LIMIT_VIEW_ROWS;
}

/* The SELECT behind "CREATE VIEW name AS": our own text, from facts.sql. */
static bool add_select(sqlite3 *db, const char *view, struct buf *to)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ?1", -1, &s,
                           NULL) ||
        sqlite3_bind_text(s, 1, view, -1, SQLITE_STATIC) || sqlite3_step(s) != SQLITE_ROW)
        return false;
    const char *select = facts_view_select((const char *)sqlite3_column_text(s, 0));
    if (select)
        buf_add_c(to, select);
    return select != NULL && !to->failed;
}

/* Facts come from strangers: a view that grows beyond measure stays a view, and the rule that asks it ends at
 * its own limit, which the report says. The table is made under its final name, since renaming one reads the
 * whole schema again. */
static bool fill(sqlite3 *db, const char *view)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(LIMIT_QUERY_BYTES);

    buf_printf(&sql, "DROP VIEW \"%s\"; CREATE TABLE \"%s\" AS SELECT * FROM (", view, view);
    if (!add_select(db, view, &sql))
        return false;
    buf_printf(&sql, "\n) LIMIT %lld", (long long)LIMIT_VIEW_ROWS + 1);
    return !sql.failed && facts_view_run(db, buf_c(&sql)) && is_small(db, view);
}

static int settle(sqlite3 *db, const char *view, struct err *e)
{
    if (sqlite3_exec(db, "SAVEPOINT settle", NULL, NULL, NULL))
        return facts_sqlite_error(e, db, view);
    if (!fill(db, view)) {
        if (sqlite3_get_autocommit(db))
            return 0; /* what interrupted it has rolled all of it back */
        (void)sqlite3_exec(db, "ROLLBACK TO settle", NULL, NULL, NULL);
    }
    return sqlite3_exec(db, "RELEASE settle", NULL, NULL, NULL) ? facts_sqlite_error(e, db, view) : 0;
}

/* What rules join by most; SQLite would make such an index anew for each of them. The thumbprint stands
 * first: there are few machines and many certificates. */
static const struct {
    const char *table, *columns;
} indexes[] = {
    {"machine", "machine"},
    {"item", "kind, machine, outcome"},
    {"certificate", "thumbprint, machine, self_signed"},
    {"certificate", "self_signed, machine"},
    {"certificate", "note"},
    {"certificate", "subject"},
    {"certificate_url", "thumbprint, kind"},
    {"store_certificate", "thumbprint, machine"},
    {"store_certificate", "lower(store), machine, location, thumbprint, physical, entry"},
    {"request", "coalesce(place, site, ''), machine, status, time, entry, line"},
    {"request_count", "coalesce(place, site, ''), machine, status"},
    {"request_symptom", "status, place, machine"},
    {"request_probe", "client, machine"},
    {"private_key", "thumbprint, machine"},
    {"chain", "leaf, leaf_machine, machine"},
    {"chain_status", "leaf, machine"},
    {"server_chain", "leaf, leaf_machine, machine"},
    {"client_offer", "thumbprint, machine"},
    {"client_offer", "fits, machine"},
    {"client_meant", "thumbprint, machine"},
    {"revocation_link", "thumbprint, machine"},
    {"schannel_setting", "setting, machine"},
    {"windows_default", "name, machine"},
    {"effective_config", "path, section, machine"},
    {"effective_config", "section, attribute, machine, path"},
    {"effective_collection", "path, section, collection, machine"},
    {"effective_item", "section, path, machine, collection"},
    {"certificate_mapping", "thumbprint, machine"},
    {"registry_value", "lower(name), machine, key"},
    {"registry_key", "lower(key), machine"},
    {"schannel_order", "list, machine, position"},
    {"site_path", "path, machine"},
    {"site_path", "lower(path), machine"},
    {"site_path", "site, machine"},
    {"cert_wanted", "site, machine"},
    {"binding", "site, machine"},
    {"chain_trust", "accepted, machine"},
    {"config_file", "entry, machine"},
    {"mapping_rule", "path, mapping, machine"},
    {"key_access", "account, machine"},
    {"key_access", "thumbprint, machine"},
    {"event", "thumbprint, machine"},
    {"handshake", "client_thumbprint, machine"},
    {"cert_wanted", "path, machine"},
    {"ssl_binding", "port, tree, lower(coalesce(host, '')), machine"},
    {"effective_binding", "endpoint, tree, machine"},
    {"ssl_binding_command", "endpoint, tree, machine"},
};

/* A view that stayed one has none. */
static bool is_table(sqlite3 *db, const char *name)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;

    return sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1", -1, &s,
                              NULL) == SQLITE_OK &&
           sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
}

static int index_tables(sqlite3 *db, struct err *e)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(64 * 1024);

    for (size_t i = 0; i < ARRAY_LEN(indexes); i++)
        if (is_table(db, indexes[i].table))
            buf_printf(&sql, "CREATE INDEX IF NOT EXISTS \"by_%zu_%s\" ON \"%s\"(%s);", i, indexes[i].table,
                       indexes[i].table, indexes[i].columns);
    if (buf_check(&sql, "facts", e))
        return -e->code;
    return sqlite3_exec(db, buf_c(&sql), NULL, NULL, NULL) ? facts_sqlite_error(e, db, "facts") : 0;
}

int facts_settle(sqlite3 *db, struct err *e)
{
    struct views views;
    int r = list_views(db, &views, e);

    if (r == 0 && facts_functions_register(db))
        r = facts_sqlite_error(e, db, "facts");
    for (size_t i = 0; r == 0 && i < views.n; i++)
        r = facts_view_stays(views.names[i]) ? 0 : settle(db, views.names[i], e);
    return r ? r : index_tables(db, e);
}
