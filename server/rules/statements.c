/* SPDX-License-Identifier: Apache-2.0 */
#include "statements.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLACES = 1024,
    MOST = 768, /* rules, what they ask before they apply, and the report's own questions */
    END_BYTES = 32
};

struct statements {
    sqlite3 *db;
    size_t n;
    sqlite3_stmt *at[PLACES]; /* by the hash of its text; a place that is taken sends to the next */
};

int statements_new(sqlite3 *db, struct statements **ret, struct err *e)
{
    struct statements *s = calloc(1, sizeof *s);

    if (!s)
        return err_set(e, ERR_NOMEM, "rules: out of memory");
    s->db = db;
    *ret = s;
    return 0;
}

static void forget(struct statements *s)
{
    for (size_t i = 0; i < PLACES; i++) {
        (void)sqlite3_finalize(s->at[i]);
        s->at[i] = NULL;
    }
    s->n = 0;
}

void statements_free(struct statements *s)
{
    if (!s)
        return;
    forget(s);
    free(s);
}

sqlite3 *statements_db(const struct statements *s)
{
    return s->db;
}

static uint64_t mix(uint64_t h, const char *text, size_t n)
{
    uint64_t eight; /* FNV-1a, by eight bytes */

    for (size_t at = 0; at < n; at += sizeof eight) {
        eight = 0;
        memcpy(&eight, text + at, n - at < sizeof eight ? n - at : sizeof eight);
        h = (h ^ eight) * 1099511628211u;
        h ^= h >> 29; /* high bits take part as well */
    }
    return h;
}

/* Of its length and both ends: statements are long, and where one differs it differs there. */
static size_t hash_of(const char *text)
{
    size_t n = strlen(text), most = n < END_BYTES ? n : END_BYTES;
    uint64_t h = mix(mix(14695981039346656037u ^ n, text, most), text + n - most, most);

    return (size_t)(h ^ h >> 32) % PLACES;
}

int statements_take(struct statements *s, const char *sql, sqlite3_stmt **ret)
{
    size_t i = hash_of(sql);

    while (s->at[i] && (strcmp(sqlite3_sql(s->at[i]), sql) != 0 || sqlite3_stmt_busy(s->at[i])))
        i = (i + 1) % PLACES;
    if (!s->at[i] && s->n == MOST) {
        *ret = NULL;
        return SQLITE_NOMEM;
    }
    if (!s->at[i]) {
        int r = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->at[i], NULL);
        s->n += r == SQLITE_OK && s->at[i] != NULL;
        *ret = s->at[i];
        return r;
    }
    *ret = s->at[i];
    return SQLITE_OK;
}

void statements_give(sqlite3_stmt *statement)
{
    if (!statement)
        return;
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
}
