/* SPDX-License-Identifier: Apache-2.0 */
#include "brief.h"

#include "compiler.h"
#include "text.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static const char CAUSE[] = "SELECT json_extract(?1, '$.diagnoses[0].causes[0].title') "
                            "WHERE json_type(?1) = 'object'";

/* A column's name is its member's. */
static const char FINDINGS[] =
    "SELECT json_extract(value, '$.fingerprint') AS fingerprint, json_extract(value, '$.rule') AS rule,"
    " json_extract(value, '$.severity') AS severity, json_extract(value, '$.machine') AS machine,"
    " json_extract(value, '$.site') AS site, json_extract(value, '$.subject') AS subject,"
    " json_extract(value, '$.title') AS title FROM json_each(?1, '$.findings')";

struct brief_reader {
    sqlite3 *db;
    sqlite3_stmt *cause, *findings;
};

int brief_reader_new(struct brief_reader **ret, struct err *e)
{
    struct brief_reader *b = calloc(1, sizeof *b);

    if (!b || sqlite3_open_v2(":memory:", &b->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ||
        sqlite3_prepare_v2(b->db, CAUSE, -1, &b->cause, NULL) ||
        sqlite3_prepare_v2(b->db, FINDINGS, -1, &b->findings, NULL)) {
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
    (void)sqlite3_finalize(b->cause);
    (void)sqlite3_finalize(b->findings);
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

    for (int i = 0; one && i < sqlite3_column_count(s); i++) {
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

static int read_cause(struct brief_reader *b, struct brief *to, struct err *e)
{
    if (sqlite3_step(b->cause) != SQLITE_ROW)
        return failed(b, e);
    to->cause = text_column(b->cause, 0);
    return 0;
}

static int read_findings(struct brief_reader *b, struct brief *to, struct err *e)
{
    int step;

    if (!(to->findings = json_array()))
        return err_set(e, ERR_NOMEM, "report: out of memory");
    while ((step = sqlite3_step(b->findings)) == SQLITE_ROW)
        if (json_array_append_new(to->findings, one_finding(b->findings)) < 0)
            return err_set(e, ERR_NOMEM, "report: out of memory");
    return step == SQLITE_DONE ? 0 : failed(b, e);
}

static int with(struct brief_reader *b, sqlite3_stmt *s, struct str report,
                int (*read)(struct brief_reader *b, struct brief *to, struct err *e), struct brief *to,
                struct err *e)
{
    int r = sqlite3_bind_text(s, 1, report.p, (int)report.len, SQLITE_STATIC) ? failed(b, e) : read(b, to, e);

    (void)sqlite3_reset(s);
    (void)sqlite3_clear_bindings(s);
    return r;
}

int brief_read(struct brief_reader *b, struct str report, struct brief *ret, struct err *e)
{
    struct brief got = {0};
    int r;

    /* SQLite takes a NUL for the end and looks at no bytes above 127. */
    if (!report.len || report.len > INT32_MAX || memchr(report.p, 0, report.len) || !text_is_utf8(report))
        return err_set(e, ERR_FORMAT, "not text");
    if ((r = with(b, b->cause, report, read_cause, &got, e)) ||
        (r = with(b, b->findings, report, read_findings, &got, e))) {
        brief_done(&got);
        return r;
    }
    *ret = got;
    return 0;
}
