/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_template.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "facts_db.h"
#include "facts_handles.h"
#include "facts_schema.h"

/* Places in the database header (https://www.sqlite.org/fileformat2.html, 1.3). */
enum { SCHEMA_COOKIE = 40, APPLICATION_ID = 68 };

static struct facts_template made;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t add_text(uint64_t h, const char *text)
{
    for (text = text ? text : ""; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211u; /* FNV-1a */
    return (h ^ 255) * 1099511628211u;
}

/* What a layout is: every table and index, its text and where it begins. */
static int hash_schema(sqlite3 *db, uint64_t *ret, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    uint64_t h = 14695981039346656037u;
    int step = sqlite3_prepare_v2(db, "SELECT type, name, rootpage, sql FROM sqlite_master", -1, &s, NULL);

    while (step == SQLITE_OK || step == SQLITE_ROW)
        if ((step = sqlite3_step(s)) == SQLITE_ROW)
            for (int i = 0; i < 4; i++)
                h = add_text(h, (const char *)sqlite3_column_text(s, i));
    *ret = h;
    return step == SQLITE_DONE ? 0 : facts_sqlite_error(e, db, "facts.sql");
}

/* Two numbers of the header that SQLite keeps: of the second only that it changes with the schema. */
static int mark(sqlite3 *db, struct err *e)
{
    uint64_t h = 0;
    char sql[128];
    int r = hash_schema(db, &h, e);

    if (r < 0)
        return r;
    (void)sqlite3_snprintf(sizeof sql, sql, "PRAGMA application_id = %d; PRAGMA schema_version = %d",
                           (int)(h >> 33), (int)(h & 0x3fffffff));
    return sqlite3_exec(db, sql, NULL, NULL, NULL) ? facts_sqlite_error(e, db, "facts.sql") : 0;
}

static int make(struct err *e)
{
    CLEANUP(facts_connection_done) sqlite3 *db = NULL;
    sqlite3_int64 len = 0;
    int r = facts_create(NULL, &db, e);

    if (r == 0)
        r = facts_settle(db, e);
    if (r == 0)
        r = mark(db, e);
    if (r < 0)
        return r;
    made.bytes = sqlite3_serialize(db, "main", &len, 0); /* kept until the program ends */
    made.len = (size_t)len;
    return made.bytes ? 0 : err_set(e, ERR_NOMEM, "facts: out of memory");
}

bool facts_template_is_same(const struct facts_template *t, const unsigned char *header)
{
    return memcmp(header + SCHEMA_COOKIE, t->bytes + SCHEMA_COOKIE, 4) == 0 &&
           memcmp(header + APPLICATION_ID, t->bytes + APPLICATION_ID, 4) == 0;
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
