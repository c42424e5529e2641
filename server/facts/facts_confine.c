/* SPDX-License-Identifier: Apache-2.0
 *
 * The second cage: rules and queries read facts, and can do nothing else. Nothing that depends on today, on
 * chance or on this machine can be called, so that the same facts give the same report whenever it is made.
 */
#include "facts_db.h"
#include "facts_functions.h"
#include "facts_schema.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler.h"
#include "limits.h"

enum { STEPS_A_CALL = 10000 };

/* Sorted, for bsearch; a test walks it. */
const char *const facts_functions[] = {
    "->",
    "->>",
    "abs",
    "avg",
    "char",
    "coalesce",
    "count",
    "cume_dist",
    "dense_rank",
    "first_value",
    "format",
    "glob",
    "group_concat",
    "hex",
    "hex32",
    "ifnull",
    "iif",
    "instr",
    "iso",
    "json",
    "json_array",
    "json_array_length",
    "json_each",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_object",
    "json_quote",
    "json_type",
    "json_valid",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "lower",
    "ltrim",
    "max",
    "min",
    "nth_value",
    "ntile",
    "nullif",
    "percent_rank",
    "printf",
    "quote",
    "quote_cmd",
    "quote_netsh",
    "quote_ps",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "substr",
    "substring",
    "sum",
    "total",
    "trim",
    "typeof",
    "unicode",
    "unlikely",
    "upper",
    NULL,
};

/* Of one connection: when the statement that runs now began, and how far it is. */
struct confinement {
    int64_t calls;
    int64_t deadline; /* of the monotonic clock, ms */
};

static int compare_names(const void *key, const void *row)
{
    return sqlite3_stricmp(key, *(const char *const *)row);
}

static int authorize(void *ctx, int action, const char *first, const char *second, const char *database,
                     const char *trigger)
{
    (void)ctx, (void)first, (void)database, (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return bsearch(second, facts_functions, ARRAY_LEN(facts_functions) - 1, sizeof facts_functions[0],
                       compare_names)
                   ? SQLITE_OK
                   : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

static _Thread_local int64_t thread_deadline; /* ms */

void facts_deadline(int64_t ms)
{
    thread_deadline = ms;
}

static int64_t now_ms(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t facts_deadline_or(int64_t ms)
{
    return thread_deadline ? thread_deadline : ms;
}

bool facts_is_late(void)
{
    return thread_deadline && now_ms() > thread_deadline;
}

/* Each run of a statement counts for itself. */
static int begin_statement(unsigned what, void *ctx, void *statement, void *text)
{
    struct confinement *c = ctx;
    (void)what, (void)statement, (void)text;

    c->calls = 0;
    c->deadline = now_ms() + LIMIT_RULE_SECONDS * 1000;
    if (thread_deadline && thread_deadline < c->deadline)
        c->deadline = thread_deadline;
    return 0;
}

static int is_too_long(void *ctx)
{
    struct confinement *c = ctx;

    c->calls++;
    return c->calls * STEPS_A_CALL > LIMIT_RULE_STEPS || now_ms() > c->deadline;
}

static void set_limits(sqlite3 *db)
{
    static const struct {
        int what, value;
    } LIMITS[] = {
        {SQLITE_LIMIT_LENGTH, (int)LIMIT_ROW_BYTES},
        {SQLITE_LIMIT_SQL_LENGTH, (int)LIMIT_QUERY_BYTES},
        {SQLITE_LIMIT_COLUMN, 256},
        {SQLITE_LIMIT_EXPR_DEPTH, 500},
        {SQLITE_LIMIT_COMPOUND_SELECT, 100},
        {SQLITE_LIMIT_VDBE_OP, 1000000},
        {SQLITE_LIMIT_FUNCTION_ARG, 100},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 512},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 256},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(LIMITS); i++)
        (void)sqlite3_limit(db, LIMITS[i].what, LIMITS[i].value);
}

/* json_each declares its table when it is first used, which the authorizer would take for a CREATE TABLE. */
static const char SETTINGS[] =
    "PRAGMA temp_store = MEMORY; PRAGMA query_only = ON; SELECT 1 FROM json_each('[]');";

/* A function only to have its destructor: what it holds lives exactly as long as the connection. */
static void call_nothing(sqlite3_context *c, int n, sqlite3_value **values)
{
    (void)c, (void)n, (void)values;
}

int facts_confine(sqlite3 *db, struct err *e)
{
    struct confinement *c = calloc(1, sizeof *c);

    if (!c)
        return err_set(e, ERR_NOMEM, "facts: out of memory");
    (void)begin_statement(0, c, NULL, NULL);
    (void)sqlite3_hard_heap_limit64(LIMIT_QUERY_MEMORY_BYTES);
    if (sqlite3_create_function_v2(db, "confinement", 0, SQLITE_UTF8 | SQLITE_DIRECTONLY, c, call_nothing,
                                   NULL, NULL, free) || /* frees c on failure, too */
        facts_functions_register(db) ||
        sqlite3_exec(db, SETTINGS, NULL, NULL, NULL) ||
        sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) ||
        sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) ||
        sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL) ||
        sqlite3_trace_v2(db, SQLITE_TRACE_STMT, begin_statement, c) ||
        sqlite3_set_authorizer(db, authorize, NULL))
        return facts_sqlite_error(e, db, "facts");
    set_limits(db);
    sqlite3_progress_handler(db, STEPS_A_CALL, is_too_long, c);
    return 0;
}
