/* SPDX-License-Identifier: Apache-2.0 */
#include "brief.h"

#include "compiler.h"
#include "text.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { CAUSE, KEY, MEMBERS };

/* The whole is parsed once, for cause and findings; a finding once for its members. No row: not an object; a
 * row without a key: there is no finding. From MEMBERS on a column's name is its member's. */
static const char BRIEF[] =
    "WITH report(cause, findings) AS MATERIALIZED (SELECT json_extract(?1, '$.diagnoses[0].causes[0].title'),"
    " ?1 -> '$.findings' WHERE json_type(?1) = 'object'),"
    " finding AS MATERIALIZED (SELECT cause, key, value FROM report LEFT JOIN json_each(findings))"
    " SELECT cause, key,"
    " json_extract(value, '$.fingerprint') AS fingerprint, json_extract(value, '$.rule') AS rule,"
    " json_extract(value, '$.severity') AS severity, json_extract(value, '$.machine') AS machine,"
    " json_extract(value, '$.site') AS site, json_extract(value, '$.subject') AS subject,"
    " json_extract(value, '$.title') AS title FROM finding";

struct brief_reader {
    sqlite3 *db;
    sqlite3_stmt *brief;
};

int brief_reader_new(struct brief_reader **ret, struct err *e)
{
    struct brief_reader *b = calloc(1, sizeof *b);

    if (!b || sqlite3_open_v2(":memory:", &b->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ||
        sqlite3_prepare_v2(b->db, BRIEF, -1, &b->brief, NULL)) {
        brief_reader_free(b);
        return err_set(e, ERR_NOMEM, "report: out of memory");
    }
    *ret = b;
    return 0;
}

void brief_reader_free(struct brief_reader *b)
{
    if (!b)
        return;
    (void)sqlite3_finalize(b->brief);
    (void)sqlite3_close(b->db);
    free(b);
}

void brief_done(struct brief *b)
{
    json_decref(b->findings);
    json_decref(b->cause);
    *b = (struct brief){0};
}

/* New reference; NULL: the column is not a text, or no memory. */
static json_t *text_column(sqlite3_stmt *s, int i)
{
    if (sqlite3_column_type(s, i) != SQLITE_TEXT)
        return NULL;
    const char *text = (const char *)sqlite3_column_text(s, i);
    return text ? json_stringn(text, (size_t)sqlite3_column_bytes(s, i)) : NULL;
}

static json_t *one_finding(sqlite3_stmt *s)
{
    json_t *one = json_object();

    for (int i = MEMBERS; one && i < sqlite3_column_count(s); i++) {
        json_t *text = text_column(s, i);
        if (text)
            (void)json_object_set_new(one, sqlite3_column_name(s, i), text);
    }
    return one;
}

static int failed(struct brief_reader *b, struct err *e)
{
    return sqlite3_errcode(b->db) == SQLITE_NOMEM ? err_set(e, ERR_NOMEM, "report: out of memory")
                                                  : err_set(e, ERR_FORMAT, "not the JSON of a report");
}

static int read_rows(struct brief_reader *b, struct brief *to, struct err *e)
{
    int step = sqlite3_step(b->brief);

    if (step != SQLITE_ROW)
        return failed(b, e);
    to->cause = text_column(b->brief, CAUSE);
    if (!(to->findings = json_array()))
        return err_set(e, ERR_NOMEM, "report: out of memory");
    for (; step == SQLITE_ROW; step = sqlite3_step(b->brief))
        if (sqlite3_column_type(b->brief, KEY) != SQLITE_NULL &&
            json_array_append_new(to->findings, one_finding(b->brief)) < 0)
            return err_set(e, ERR_NOMEM, "report: out of memory");
    return step == SQLITE_DONE ? 0 : failed(b, e);
}

int brief_read(struct brief_reader *b, struct str report, struct brief *ret, struct err *e)
{
    struct brief got = {0};
    int r;

    /* SQLite takes a NUL for the end and looks at no bytes above 127. */
    if (!report.len || report.len > INT32_MAX || memchr(report.p, 0, report.len) || !text_is_utf8(report))
        return err_set(e, ERR_FORMAT, "not text");
    r = sqlite3_bind_text(b->brief, 1, report.p, (int)report.len, SQLITE_STATIC) ? failed(b, e)
                                                                                 : read_rows(b, &got, e);
    (void)sqlite3_reset(b->brief);
    (void)sqlite3_clear_bindings(b->brief);
    if (r < 0)
        brief_done(&got);
    else
        *ret = got;
    return r;
}
