/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_view.h"

#include <string.h>

#include "buf.h"
#include "compiler.h"
#include "facts_schema.h"
#include "limits.h"

enum { STEPS_A_CALL = 10000 };

const char *facts_view_select(const char *text)
{
    const char *at = text ? strstr(text, " AS\n") : NULL;

    return at ? at + 4 : NULL;
}

bool facts_view_stays(const char *name)
{
    return strcmp(name, "path_item") == 0; /* each path, times what the server has in its collections */
}

static int count_call(void *ctx)
{
    int64_t *calls = ctx;

    return ++*calls * STEPS_A_CALL > LIMIT_RULE_STEPS;
}

bool facts_view_run(sqlite3 *db, const char *sql)
{
    int64_t calls = 0;
    int r;

    sqlite3_progress_handler(db, STEPS_A_CALL, count_call, &calls);
    r = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    return r == SQLITE_OK;
}

int facts_view_fill(sqlite3 *db, const char *name, const char *text, struct err *e)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(LIMIT_QUERY_BYTES);
    const char *select = facts_view_select(text);

    if (select)
        buf_printf(&sql, "INSERT INTO \"%s\" SELECT * FROM (%s\n) LIMIT %lld", name, select,
                   (long long)LIMIT_VIEW_ROWS + 1);
    if (select && !sql.failed && facts_view_run(db, buf_c(&sql)) && sqlite3_changes(db) <= LIMIT_VIEW_ROWS)
        return 0;
    buf_clear(&sql);
    buf_printf(&sql, "DROP TABLE \"%s\"; %s", name, text ? text : "");
    if (buf_check(&sql, name, e))
        return -e->code;
    return sqlite3_exec(db, buf_c(&sql), NULL, NULL, NULL) ? facts_sqlite_error(e, db, name) : 0;
}
