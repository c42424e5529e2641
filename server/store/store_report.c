/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include "compiler.h"
#include "limits.h"
#include "store_db.h"
#include "store_pack.h"

#include <string.h>

/* A report's column: packed, or the text that a program before version 4 put there. */
static struct str column_bytes(sqlite3_stmt *row, int column)
{
    const void *p = sqlite3_column_blob(row, column);

    return p ? (struct str){p, (size_t)sqlite3_column_bytes(row, column)} : (struct str){0};
}

static int column_text(sqlite3_stmt *row, int column, struct buf *ret, struct err *e)
{
    const struct str bytes = column_bytes(row, column);

    if (sqlite3_column_type(row, column) == SQLITE_BLOB)
        return store_unpack(bytes, ret, e);
    buf_add(ret, bytes.p, bytes.len);
    return buf_check(ret, "report", e);
}

/* One that cannot be read any more is not the same. */
static bool is_same(sqlite3_stmt *row, int column, struct str text, struct str packed)
{
    CLEANUP(buf_done) struct buf kept = BUF_INIT(LIMIT_REPORT_BYTES);
    struct err ignored = {0};

    if (sqlite3_column_type(row, column) == SQLITE_BLOB &&
        store_pack_differs(column_bytes(row, column), packed))
        return false;
    return column_text(row, column, &kept, &ignored) == 0 && str_eq(buf_str(&kept), text);
}

/* The id of the newest report of the case, 0 none; *ret_same: it has this very text. */
static int newest(struct store *s, struct str case_id, struct str text, struct str packed, int64_t *ret_id,
                  bool *ret_same, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    int r = store_prepare(s, &st, e, "SELECT id, json FROM report WHERE case_id = ? ORDER BY id DESC LIMIT 1",
                          "s", &case_id);

    *ret_id = 0;
    *ret_same = false;
    if (r < 0 || (r = store_step(s, st.row, e)) <= 0)
        return r;
    *ret_id = sqlite3_column_int64(st.row, 0);
    *ret_same = is_same(st.row, 1, text, packed);
    return 0;
}

static int insert(struct store *s, struct str case_id, const struct store_report *p, struct str packed,
                  int64_t now_ms, int64_t *ret_id, struct err *e)
{
    int64_t findings = (int64_t)json_array_size(p->findings);
    int r = store_run(
        s, e,
        "INSERT INTO report(case_id, ruleset, extractors, made, json, severity, cause, findings)"
        " VALUES(?,?,?,?,?,?,?,?)",
        "sccibcci", &case_id, p->ruleset, p->extractors, &now_ms, &packed, p->severity, p->cause, &findings);

    *ret_id = sqlite3_last_insert_rowid(s->db);
    return r < 0 ? r
                 : store_run(s, e, "UPDATE cases SET severity = ?, cause = ? WHERE id = ?", "ccs",
                             p->severity, p->cause, &case_id);
}

static void bind_member(sqlite3_stmt *st, int at, const json_t *object, const char *name)
{
    const json_t *v = json_object_get(object, name);

    if (json_is_string(v))
        (void)sqlite3_bind_text(st, at, json_string_value(v), (int)json_string_length(v), SQLITE_TRANSIENT);
    else
        (void)sqlite3_bind_text(st, at, "", 0, SQLITE_STATIC);
}

/* A finding that was there keeps its place and its age. */
static const char finding_sql[] =
    "INSERT INTO finding(case_id, report, born, first, fingerprint, rule, severity, machine, site, subject, "
    "title) VALUES(?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT(case_id, fingerprint) DO UPDATE "
    "SET report = excluded.report, severity = excluded.severity, title = excluded.title, site = "
    "excluded.site";

static int put_findings(struct store *s, struct str case_id, int64_t report, int64_t now_ms,
                        const json_t *findings, struct err *e)
{
    static const char *const names[] = {"fingerprint", "rule",    "severity", "machine",
                                        "site",        "subject", "title"};
    CLEANUP(store_give_back) struct store_statement st = {0};
    size_t i;
    json_t *one;
    int r = store_prepare(s, &st, e, finding_sql, "sii", &case_id, &report, &now_ms);

    json_array_foreach(findings, i, one)
    {
        for (size_t k = 0; k < ARRAY_LEN(names); k++)
            bind_member(st.row, 4 + (int)k, one, names[k]);
        if (r == 0)
            r = store_step(s, st.row, e);
        (void)sqlite3_reset(st.row);
    }
    return r;
}

struct teller {
    store_change_fn take;
    void *ctx;
};

static int tell(void *ctx, sqlite3_stmt *row)
{
    const struct teller *t = ctx;
    const struct store_change one = {.case_id = store_text(row, 0),
                                     .mark = store_text(row, 1)[0],
                                     .rule = store_text(row, 2),
                                     .severity = store_text(row, 3),
                                     .machine = store_text(row, 4),
                                     .subject = store_text(row, 5)};

    return t->take(t->ctx, &one);
}

#define CHANGES                                                                                              \
    "SELECT case_id, iif(born = ?2, '+', '-'), rule, severity, machine, subject FROM finding WHERE case_id " \
    "= ?1 AND (born = ?2 OR report <> ?2) ORDER BY 2, id"

static int tell_changes(struct store *s, struct str case_id, int64_t report, store_change_fn take, void *ctx,
                        struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct teller t = {take, ctx};
    int r = take ? store_prepare(s, &st, e, CHANGES, "si", &case_id, &report) : 0;

    return r < 0 || !take ? r : store_each(s, st.row, tell, &t, e);
}

static int put(struct store *s, struct str case_id, const struct store_report *p, struct str packed,
               int64_t run, int64_t now_ms, store_change_fn take, void *ctx, struct err *e)
{
    bool has_it = false;
    int64_t id = 0;
    int r = newest(s, case_id, p->json, packed, &id, &has_it, e);

    if (r < 0 || has_it)
        return r;
    r = insert(s, case_id, p, packed, now_ms, &id, e);
    if (r >= 0)
        r = put_findings(s, case_id, id, now_ms, p->findings, e);
    if (r >= 0)
        r = tell_changes(s, case_id, id, take, ctx, e);
    if (r >= 0 && run)
        r = store_run(s, e,
                      "INSERT INTO change(run, case_id, mark, rule, severity, machine, subject) SELECT ?3, * "
                      "FROM (" CHANGES ")",
                      "sii", &case_id, &id, &run);
    return r < 0 ? r
                 : store_run(s, e, "DELETE FROM finding WHERE case_id = ? AND report <> ?", "si", &case_id,
                             &id);
}

int store_report_put(struct store *s, struct str case_id, const struct store_report *report, int64_t run,
                     int64_t now_ms, store_change_fn take, void *ctx, struct err *e)
{
    CLEANUP(buf_done) struct buf packed = BUF_INIT(2 * LIMIT_REPORT_BYTES);
    int r = store_pack(report->json, &packed, e);

    if (r == 0)
        r = store_begin_lazy(s, e);
    return r < 0 ? r : store_end(s, put(s, case_id, report, buf_str(&packed), run, now_ms, take, ctx, e), e);
}

static int read_report(struct store *s, struct str case_id, struct str which, struct buf *ret, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    uint64_t number = 0;
    int64_t id = str_to_u64(which, INT64_MAX, &number) && which.len < 16 ? (int64_t)number : -1;
    int r = store_prepare(s, &st, e,
                          "SELECT json FROM report WHERE case_id = ?1 AND (?2 = '' OR id = ?3 OR (?3 < 0 AND "
                          "substr(ruleset, 1, length(?2)) = ?2)) ORDER BY id DESC LIMIT 1",
                          "ssi", &case_id, &which, &id);

    if (r == 0)
        r = store_step(s, st.row, e);
    if (r < 0)
        return r;
    if (r == 0)
        return err_set(e, ERR_MISSING, "case %.*s: no %sreport", (int)case_id.len, case_id.p,
                       which.len ? "such " : "");
    return column_text(st.row, 0, ret, e);
}

int store_report_get(struct store *s, struct str case_id, struct str which, struct buf *ret_json,
                     struct err *e)
{
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = read_report(s, case_id, which, ret_json, e);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

struct lister {
    int (*take)(void *ctx, const struct store_report_row *one);
    void *ctx;
};

static int list_row(void *ctx, sqlite3_stmt *row)
{
    const struct lister *l = ctx;
    const struct store_report_row one = {.id = sqlite3_column_int64(row, 0),
                                         .ruleset = store_text(row, 1),
                                         .extractors = store_text(row, 2),
                                         .made_ms = sqlite3_column_int64(row, 3),
                                         .severity = store_text(row, 4),
                                         .cause = store_text(row, 5),
                                         .findings = sqlite3_column_int64(row, 6)};

    return l->take(l->ctx, &one);
}

int store_report_list(struct store *s, struct str case_id,
                      int (*take)(void *ctx, const struct store_report_row *one), void *ctx, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct lister l = {take, ctx};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(
        s, &st, e,
        "SELECT id, ruleset, extractors, made, severity, cause, findings FROM report WHERE case_id "
        "= ? ORDER BY id DESC",
        "s", &case_id);
    if (r == 0)
        r = store_each(s, st.row, list_row, &l, e);
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}
