/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_template.h"

#include <pthread.h>
#include <stdlib.h>

#include "facts_db.h"
#include "facts_handles.h"
#include "facts_schema.h"

static struct facts_template made;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t add_text(uint64_t h, const char *text)
{
    for (text = text ? text : ""; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211u; /* FNV-1a */
    return (h ^ 255) * 1099511628211u;
}

int facts_template_hash(sqlite3_stmt *schema, uint64_t *ret)
{
    uint64_t h = 14695981039346656037u;
    int step;

    while ((step = sqlite3_step(schema)) == SQLITE_ROW)
        for (int i = 0; i < 4; i++)
            h = add_text(h, (const char *)sqlite3_column_text(schema, i));
    (void)sqlite3_reset(schema);
    *ret = h;
    return step == SQLITE_DONE ? 0 : -ERR_FORMAT;
}

static int make(struct err *e)
{
    CLEANUP(facts_connection_done) sqlite3 *db = NULL;
    CLEANUP(facts_statement_done) sqlite3_stmt *schema = NULL;
    sqlite3_int64 len = 0;
    int r = facts_create(NULL, &db, e);

    if (r == 0)
        r = facts_settle(db, e);
    if (r < 0)
        return r;
    if (sqlite3_prepare_v2(db, FACTS_TEMPLATE_SCHEMA, -1, &schema, NULL) ||
        facts_template_hash(schema, &made.schema_hash) < 0)
        return facts_sqlite_error(e, db, "facts.sql");
    made.bytes = sqlite3_serialize(db, "main", &len, 0); /* kept until the program ends */
    made.len = (size_t)len;
    return made.bytes ? 0 : err_set(e, ERR_NOMEM, "facts: out of memory");
}

int facts_template(struct facts_template *ret, struct err *e)
{
    int r = 0;

    (void)pthread_mutex_lock(&lock);
    if (!made.bytes)
        r = make(e);
    *ret = made;
    (void)pthread_mutex_unlock(&lock);
    return r;
}
