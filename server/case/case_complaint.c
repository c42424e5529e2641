/* SPDX-License-Identifier: Apache-2.0 */
#include "case_complaint.h"

#include <jansson.h>

#include "compiler.h"
#include "complaint.h"
#include "facts_handles.h"
#include "text.h"

static struct str member(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));

    return text ? str_from(text) : (struct str){NULL, 0};
}

/* An empty text is NULL: not said. */
static void bind(sqlite3_stmt *s, const char *name, struct str text)
{
    if (text.len)
        (void)sqlite3_bind_text(s, sqlite3_bind_parameter_index(s, name), text.p, (int)text.len,
                                SQLITE_TRANSIENT);
}

static void bind_parts(sqlite3_stmt *s, const struct complaint_facts *f)
{
    bind(s, ":thumbprint", f->thumbprint);
    if (f->when_ms != TIME_NONE)
        (void)sqlite3_bind_int64(s, sqlite3_bind_parameter_index(s, ":when"), f->when_ms);
    if (!f->has_place)
        return;
    bind(s, ":host", f->host);
    bind(s, ":path", f->path);
    (void)sqlite3_bind_int64(s, sqlite3_bind_parameter_index(s, ":port"), (sqlite3_int64)f->port);
}

/* A zone that was worked out for the manifest's URL is not one of another URL: there the views go by the
 * zones' lists. */
static const char forget_sql[] =
    "DELETE FROM url_zone WHERE NOT EXISTS"
    " (SELECT 1 FROM complaint c WHERE c.machine = url_zone.machine AND c.url = url_zone.url)";

static int put(sqlite3 *db, const struct complaint *c, struct err *e)
{
    CLEANUP(arena_done) struct arena a = ARENA_INIT(1 << 20);
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    struct complaint_facts f;

    complaint_read(c, &a, &f);
    if (sqlite3_exec(db, "DELETE FROM complaint", NULL, NULL, NULL) ||
        sqlite3_prepare_v2(
            db,
            "INSERT INTO complaint(machine, url, \"when\", seen, account, thumbprint, host, port, path)"
            " SELECT machine, :url, :when, :seen, :account, :thumbprint, :host, :port, :path FROM machine",
            -1, &s, NULL))
        return err_set(e, ERR_NOMEM, "complaint: %s", sqlite3_errmsg(db));
    bind(s, ":url", c->url);
    bind(s, ":seen", c->seen);
    bind(s, ":account", c->account);
    bind_parts(s, &f);
    if (sqlite3_step(s) != SQLITE_DONE || sqlite3_exec(db, forget_sql, NULL, NULL, NULL))
        return err_set(e, ERR_NOMEM, "complaint: %s", sqlite3_errmsg(db));
    return 0;
}

int case_complain(sqlite3 *db, struct str json, struct err *e)
{
    json_t *o;
    int r = 0;

    if (json.len == 0)
        return 0;
    o = json_loadb(json.p, json.len, JSON_REJECT_DUPLICATES, NULL);
    if (!o)
        return err_set(e, ERR_FORMAT, "complaint: what is stored is no JSON; set it again");
    const struct complaint c = {.url = member(o, "url"),
                                .when = member(o, "when"),
                                .account = member(o, "account"),
                                .thumbprint = member(o, "thumbprint"),
                                .seen = member(o, "seen")};
    if (!complaint_is_empty(&c))
        r = put(db, &c, e);
    json_decref(o);
    return r;
}
