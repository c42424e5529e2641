/* SPDX-License-Identifier: Apache-2.0 */
#include "store_keep.h"

#include "blob_keep.h"
#include "compiler.h"
#include "store_db.h"

#include <stdio.h>
#include <string.h>

struct check {
    struct store *store;
    int (*take)(void *ctx, bool is_damage, const char *line);
    void *ctx;
    struct store_checked *done;
    struct err *e;
};

static int tell(struct check *c, bool is_damage, const char *what, const char *why)
{
    char line[1024];

    (void)snprintf(line, sizeof line, "%s: %s", what, why);
    c->done->damaged += is_damage;
    c->done->orphans += !is_damage;
    return c->take(c->ctx, is_damage, line);
}

static int integrity_row(void *ctx, sqlite3_stmt *row)
{
    const char *said = store_text(row, 0);

    return strcmp(said, "ok") == 0 ? 0 : tell(ctx, true, "database", said);
}

static int foreign_row(void *ctx, sqlite3_stmt *row)
{
    return tell(ctx, true, store_text(row, 0), "a row names what is not there");
}

static int bundle_row(void *ctx, sqlite3_stmt *row)
{
    struct check *c = ctx;
    struct err why = {0};

    c->done->bundles++;
    return blob_verify(store_blobs(c->store), store_text(row, 0), &why) < 0
               ? tell(c, true, store_text(row, 0), why.text)
               : 0;
}

static int report_row(void *ctx, sqlite3_stmt *row)
{
    struct check *c = ctx;

    c->done->reports++;
    return sqlite3_column_int(row, 1) ? 0 : tell(c, true, store_text(row, 0), "a report that is not JSON");
}

static int count_row(void *ctx, sqlite3_stmt *row)
{
    struct check *c = ctx;

    c->done->cases = sqlite3_column_int64(row, 0);
    return 0;
}

static int waiting_row(void *ctx, sqlite3_stmt *row)
{
    return tell(ctx, true, store_text(row, 0), "a case with neither a report nor a job");
}

static int finding_row(void *ctx, sqlite3_stmt *row)
{
    return tell(ctx, true, store_text(row, 0), "its findings are not those of its newest report");
}

static const struct {
    const char *sql;
    store_row_fn take;
} STEPS[] = {
    {"PRAGMA integrity_check", integrity_row},
    {"PRAGMA foreign_key_check", foreign_row},
    {"SELECT count(*) FROM cases", count_row},
    {"SELECT DISTINCT sha256 FROM bundle WHERE gone IS NULL", bundle_row},
    {"SELECT case_id, json_valid(report_text(json)) FROM report", report_row},
    {"SELECT DISTINCT b.case_id FROM bundle b WHERE NOT EXISTS (SELECT 1 FROM report r WHERE r.case_id = "
     "b.case_id)"
     " AND NOT EXISTS (SELECT 1 FROM job j WHERE j.case_id = b.case_id AND j.state <> 'done')",
     waiting_row},
    {"SELECT r.case_id FROM report r WHERE r.id = (SELECT max(id) FROM report WHERE case_id = r.case_id)"
     " AND (SELECT count(*) FROM finding f WHERE f.case_id = r.case_id AND f.report = r.id) <>"
     " (SELECT count(DISTINCT value->>'fingerprint') FROM json_each(report_text(r.json), '$.findings'))",
     finding_row},
};

/* Is the hash at the beginning of the name known to a row? */
static int check_name(struct check *c, const char *kind, const char *name)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    const struct str hash = {name, strlen(name) < 64 ? strlen(name) : 64};
    char what[256];
    int r = store_prepare(c->store, &st, c->e, "SELECT 1 FROM bundle WHERE sha256 = ?", "s", &hash);

    if (r == 0)
        r = store_step(c->store, st.row, c->e);
    if (r != 0)
        return r < 0 ? r : 0;
    (void)snprintf(what, sizeof what, "%s/%.200s", kind, name);
    return tell(c, false, what,
                "no case names it: an upload that was never acknowledged, or one that is deleted");
}

static int bundle_file(void *ctx, const char *name)
{
    return check_name(ctx, "bundles", name);
}

static int facts_file(void *ctx, const char *name)
{
    struct check *c = ctx;

    c->done->facts++;
    return check_name(c, "facts", name);
}

static int run_step(struct check *c, size_t i)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    int r = store_prepare(c->store, &st, c->e, STEPS[i].sql, "");

    return r < 0 ? r : store_each(c->store, st.row, STEPS[i].take, c, c->e);
}

int store_check(struct store *s, int (*take)(void *ctx, bool is_damage, const char *line), void *ctx,
                struct store_checked *ret, struct err *e)
{
    struct check c = {.store = s, .take = take, .ctx = ctx, .done = ret, .e = e};
    int r = 0;

    *ret = (struct store_checked){0};
    (void)pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < ARRAY_LEN(STEPS) && r >= 0; i++)
        r = run_step(&c, i);
    if (r >= 0)
        r = blob_each(store_blobs(s), "bundles", bundle_file, &c);
    if (r >= 0)
        r = blob_each(store_blobs(s), "facts", facts_file, &c);
    (void)pthread_mutex_unlock(&s->lock);
    return r < 0 ? -(e->code ? e->code : ERR_NOMEM) : 0;
}
