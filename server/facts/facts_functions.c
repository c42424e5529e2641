/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of our own for rules and queries; all deterministic. facts_confine lists them with SQLite's. */
#include "facts_functions.h"

#include <stdio.h>

#include "compiler.h"
#include "limits.h"
#include "quote.h"
#include "text.h"

static void call_iso(sqlite3_context *c, int n, sqlite3_value **values)
{
    char text[32];
    (void)n;

    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    time_format(sqlite3_value_int64(values[0]), text);
    if (text[0])
        sqlite3_result_text(c, text, -1, SQLITE_TRANSIENT);
}

static void call_hex32(sqlite3_context *c, int n, sqlite3_value **values)
{
    char text[16];
    (void)n;

    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    (void)snprintf(text, sizeof text, "0x%08lx", (unsigned long)(uint32_t)sqlite3_value_int64(values[0]));
    sqlite3_result_text(c, text, -1, SQLITE_TRANSIENT);
}

typedef bool (*quote_fn)(struct buf *out, struct str value);

static void call_quote(sqlite3_context *c, sqlite3_value *value, quote_fn quote)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(LIMIT_TEXT_BYTES * 2 + 8);

    if (sqlite3_value_type(value) == SQLITE_NULL)
        return;
    const char *text = (const char *)sqlite3_value_text(value);
    struct str s = {text, (size_t)sqlite3_value_bytes(value)};
    if (text && quote(&out, s) && !out.failed)
        sqlite3_result_text(c, buf_c(&out), (int)out.len, SQLITE_TRANSIENT);
}

static void call_quote_cmd(sqlite3_context *c, int n, sqlite3_value **values)
{
    (void)n;
    call_quote(c, values[0], quote_cmd);
}

static void call_quote_ps(sqlite3_context *c, int n, sqlite3_value **values)
{
    (void)n;
    call_quote(c, values[0], quote_ps);
}

static void call_quote_netsh(sqlite3_context *c, int n, sqlite3_value **values)
{
    (void)n;
    call_quote(c, values[0], quote_netsh);
}

static const struct {
    const char *name;
    void (*call)(sqlite3_context *c, int n, sqlite3_value **values);
} FUNCTIONS[] = {
    {"iso", call_iso},
    {"hex32", call_hex32},
    {"quote_cmd", call_quote_cmd},
    {"quote_ps", call_quote_ps},
    {"quote_netsh", call_quote_netsh},
};

int facts_functions_register(sqlite3 *db)
{
    for (size_t i = 0; i < ARRAY_LEN(FUNCTIONS); i++) {
        int r = sqlite3_create_function_v2(db, FUNCTIONS[i].name, 1,
                                           SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                           FUNCTIONS[i].call, NULL, NULL, NULL);
        if (r)
            return r;
    }
    return 0;
}
