/* SPDX-License-Identifier: Apache-2.0
 *
 * Stores that older programs made: of each version one is built from the very files of SQL that made it,
 * filled, opened by this program, and compared. */
#include "server/store/store_world.h"

/* The files that make a version, and rows of that version: at least one in each table that it has. A new
 * version is one more row here; the last test fails without it. */
static const struct version {
    const char *schema, *rows;
} versions[] = {
    {"schema.sql", "INSERT INTO token(hash, role, case_id, expires, created) VALUES('0123456789abcdef0123', "
                   "'upload', 'v1', NULL, 5);"
                   "INSERT INTO cases(id, created, received, severity, cause) VALUES('v1', 5, 6, 'error', "
                   "'why'), ('empty', 1, 2, NULL, "
                   "NULL);"
                   "INSERT INTO bundle(case_id, sha256, received) VALUES('v1', "
                   "'abababababababababababababababababababababababababababababababab', 6);"
                   "INSERT INTO job(case_id, state, tries, reason) VALUES('v1', 'done', 1, NULL), ('empty', "
                   "'failed', 3, 'no zip');"
                   "INSERT INTO report(case_id, ruleset, extractors, made, json) VALUES('v1', 'r0', 'x', 6, "
                   "'{\"findings\":[], "
                   "\"diagnoses\":[]}'), ('v1', 'r1', 'x', 7, "
                   "'{\"findings\":[{\"rule\":\"a\",\"severity\":\"error\",\"machine\":\"M\","
                   "\"subject\":\"s\",\"title\":\"t\",\"fingerprint\":\"f\"}],\"diagnoses\":[{\"causes\":[{"
                   "\"title\":\"why\"}]}]}');"},
    {"schema_2.sql",
     "INSERT INTO run(ruleset, extractors, why, started, ended, cases) VALUES('r1', 'x', 'reload', 8, 9, 1);"
     "INSERT INTO change(run, case_id, mark, rule, severity, machine, subject) VALUES(1, 'v1', '+', 'b', "
     "'info', 'M', "
     "'s');"
     "INSERT INTO job(case_id, state, kind, run, added, not_before) VALUES('v1', 'queued', 'reprocess', 1, "
     "8, 0);"
     "INSERT INTO finding(case_id, fingerprint, report, rule, severity, machine, site, subject, title, born, "
     "first) "
     "VALUES('empty', 'g', 2, 'b', 'info', 'M', 'Site', 's', 'u', 2, 9);"
     "INSERT INTO suppression(case_id, json, changed) VALUES('v1', "
     "'[{\"rule\":\"a\",\"reason\":\"known\"}]', 9);"
     "UPDATE cases SET retain_days = 30 WHERE id = 'v1'; UPDATE bundle SET gone = 9 WHERE sha256 = "
     "'abababababababababababababababababababababababababababababababab';"
     "INSERT INTO backup(made, place) VALUES(9, '/backup');"},
    {"schema_3.sql",
     "INSERT INTO token(hash, role, case_id, created, id, label, used, revoked) VALUES('ffff', 'triage', '', "
     "9, 'ffff', "
     "'desk', 10, 11);"
     "UPDATE cases SET closed = 10, complaint = '{\"url\":\"https://x.example/\"}' WHERE id = 'empty';"
     "INSERT INTO upload(id, token_id, case_id, filename, announced, length, created, expires) VALUES('u1', "
     "'ffff', 'v1', "
     "'a.zip', '', 100, 10, 9000000000000);"
     "INSERT INTO doomed(kind, name) VALUES('case', 'gone');"
     "INSERT INTO audit(at, token_id, role, address, action, case_id, object) VALUES(10, 'ffff', 'triage', "
     "'::1', "
     "'report-seen', 'v1', '');"},
    /* {"findings":[],"diagnoses":[]} by Python's gzip */
    {"schema_4.sql", "INSERT INTO report(case_id, ruleset, extractors, made, json) VALUES('v1', 'r4', 'x', "
                     "12, x'1f8b0800000000000203ab564acbcc4bc9cc4b2f56b28a8ed5514ac94c4ccfcb2f4e05736b01b9"
                     "2a3e7d1e000000');"},
};

enum { VERSIONS = (int)ARRAY_LEN(versions) };

static char folder[64], file[128];

static void add_file(struct buf *sql, const char *name)
{
    char path[512], piece[4096];
    size_t n;
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/server/store/%s", CT_SOURCE_DIR, name);
    f = fopen(path, "rb");
    if (!f)
        fail_msg("%s is not there", path);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(sql, piece, n);
    (void)fclose(f);
}

/* As a program of that version left it, which had come from all versions before it. */
static void make_store(int version)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(1 << 20);
    char *why = NULL;
    sqlite3 *db = NULL;

    (void)snprintf(folder, sizeof folder, "/tmp/certtriage-store-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof file, "%s/certtriage.db", folder);
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    for (int i = 0; i < version; i++) {
        add_file(&sql, versions[i].schema);
        buf_add_c(&sql, versions[i].rows);
    }
    buf_printf(&sql, "PRAGMA user_version = %d", version);
    if (sqlite3_exec(db, buf_c(&sql), NULL, NULL, &why) != SQLITE_OK)
        fail_msg("version %d: %s", version, why);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int add_row(void *ctx, int n, char **values, char **names)
{
    struct buf *to = ctx;

    (void)names;
    for (int i = 0; i < n; i++) {
        buf_add_c(to, values[i] ? values[i] : "NULL");
        buf_add_char(to, i < n - 1 ? '|' : '\n');
    }
    return 0;
}

static void ask(sqlite3 *db, struct buf *to, const char *sql)
{
    char *why = NULL;

    if (sqlite3_exec(db, sql, add_row, to, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

/* For each table a query for the columns that it has now, one a line. */
static void queries_of(sqlite3 *db, struct buf *ret)
{
    ask(db, ret,
        "SELECT 'SELECT ''' || m.name || ''', ' || (SELECT group_concat(c.name, ', ') FROM "
        "pragma_table_info(m.name) c) || "
        "' FROM ' || m.name || ' ORDER BY rowid' FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT "
        "LIKE "
        "'sqlite_%' ORDER BY m.name");
}

static void rows_of(sqlite3 *db, char *queries, struct buf *ret)
{
    char *next = NULL;

    for (char *one = strtok_r(queries, "\n", &next); one; one = strtok_r(NULL, "\n", &next))
        ask(db, ret, one);
}

static void read_rows(struct buf *queries, struct buf *ret)
{
    char *mine;
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    if (queries->len == 0)
        queries_of(db, queries);
    mine = strdup(buf_c(queries));
    assert_non_null(mine);
    rows_of(db, mine, ret);
    free(mine);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The tables as SQLite knows them, whichever way they came to be so. */
static void read_layout(const char *path, struct buf *ret)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    ask(db, ret,
        "SELECT m.type, m.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk FROM sqlite_master m LEFT "
        "JOIN "
        "pragma_table_info(m.name) c ORDER BY 1, 2, c.cid");
    ask(db, ret, "PRAGMA user_version");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void open_store(void)
{
    struct store *old = NULL;
    struct err e = {0};

    if (store_open(folder, &old, &e) < 0)
        fail_msg("%s", e.text);
    store_close(old);
}

/* Nothing of what was there is lost or changed, and the tables are those of a new store. What a version
 * derives from the rows of the one before is asked for in tests of its own. */
static void bring_forward(int version)
{
    CLEANUP(buf_done)
    struct buf queries = BUF_INIT(1 << 16), before = BUF_INIT(1 << 20), after = BUF_INIT(1 << 20),
               layout = BUF_INIT(1 << 20), new_layout = BUF_INIT(1 << 20);
    char path[128];

    make_store(version);
    read_rows(&queries, &before);
    assert_true(before.len > 0);
    open_store();
    read_rows(&queries, &after);
    if (strcmp(buf_c(&before), buf_c(&after)) != 0)
        fail_msg("version %d, before:\n%safter:\n%s", version, buf_c(&before), buf_c(&after));
    (void)snprintf(path, sizeof path, "%s/certtriage.db", dir);
    read_layout(path, &new_layout);
    read_layout(file, &layout);
    assert_string_equal(buf_c(&layout), buf_c(&new_layout));
    open_store(); /* and again, when nothing is left to be done */
}

static void remove_store(void)
{
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void expect(const char *sql, const char *rows)
{
    CLEANUP(buf_done) struct buf got = BUF_INIT(1 << 16);
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    ask(db, &got, sql);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_string_equal(buf_c(&got), rows);
}

static void version_1_gets_findings_as_rows_and_tokens_an_id(void **state)
{
    (void)state;
    bring_forward(1);
    expect("SELECT case_id, rule, severity, machine, site, subject, title, report, born, first FROM finding",
           "v1|a|error|M||s|t|2|2|7\n");
    expect("SELECT id, severity, cause, findings FROM report ORDER BY id", "1|NULL|NULL|0\n2|error|why|1\n");
    expect("SELECT id, label, used, revoked FROM token", "0123456789abcdef||NULL|NULL\n");
    expect("SELECT kind, run, not_before FROM job", "lint|NULL|0\nlint|NULL|0\n");
    expect("SELECT DISTINCT retain_days, closed, complaint FROM cases", "NULL|NULL|NULL\n");
    remove_store();
}

static void version_2_keeps_runs_findings_and_suppressions(void **state)
{
    (void)state;
    bring_forward(2);
    expect("SELECT id, used, revoked FROM token", "0123456789abcdef|NULL|NULL\n");
    expect("SELECT id, retain_days, closed FROM cases ORDER BY id", "empty|NULL|NULL\nv1|30|NULL\n");
    remove_store();
}

static void version_3_keeps_uploads_tokens_and_the_audit_log(void **state)
{
    (void)state;
    bring_forward(3);
    remove_store();
}

static void version_4_keeps_packed_reports(void **state)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 16);
    struct store *old = NULL;
    struct err e = {0};

    (void)state;
    bring_forward(4);
    assert_int_equal(store_open(folder, &old, &e), 0);
    assert_int_equal(store_report_get(old, STR("v1"), STR("r4"), &json, &e), 0);
    assert_string_equal(buf_c(&json), "{\"findings\":[],\"diagnoses\":[]}");
    store_close(old);
    remove_store();
}

/* A report that was kept as text is still the same report. */
static void the_same_report_as_an_old_one_is_not_kept_twice(void **state)
{
    const struct store_report same = {
        .json = STR(
            "{\"findings\":[{\"rule\":\"a\",\"severity\":\"error\",\"machine\":\"M\",\"subject\":\"s\","
            "\"title\":\"t\",\"fingerprint\":\"f\"}],\"diagnoses\":[{\"causes\":[{\"title\":\"why\"}]}]}"),
        .ruleset = "r1",
        .extractors = "x"};
    struct store *old = NULL;
    struct err e = {0};

    (void)state;
    make_store(3);
    assert_int_equal(store_open(folder, &old, &e), 0);
    assert_int_equal(store_report_put(old, STR("v1"), &same, 0, 20, NULL, NULL, &e), 0);
    store_close(old);
    expect("SELECT count(*), max(made), max(typeof(json)) FROM report WHERE case_id = 'v1'", "2|7|text\n");
    remove_store();
}

/* What it is for: the calls of this program give what an old one kept. */
static void an_old_store_is_read_by_the_calls_of_now(void **state)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 16), reason = BUF_INIT(1000);
    struct store *old = NULL;
    struct err e = {0};
    char job_state[16];

    (void)state;
    make_store(1);
    assert_int_equal(store_open(folder, &old, &e), 0);
    assert_int_equal(store_case_state(old, STR("empty"), job_state, &reason, &e), 0);
    assert_string_equal(job_state, "failed");
    assert_string_equal(buf_c(&reason), "no zip");
    assert_int_equal(store_report_get(old, STR("v1"), STR("r0"), &json, &e), 0);
    assert_string_equal(buf_c(&json), "{\"findings\":[], \"diagnoses\":[]}");
    assert_int_equal(store_case_delete(old, STR("v1"), &e), 0);
    store_close(old);
    remove_store();
}

static void every_version_has_its_test(void **state)
{
    char path[128], newest[16];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/certtriage.db", dir);
    (void)snprintf(file, sizeof file, "%s", path);
    (void)snprintf(newest, sizeof newest, "%d\n", VERSIONS);
    expect("PRAGMA user_version", newest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_1_gets_findings_as_rows_and_tokens_an_id),
        cmocka_unit_test(version_2_keeps_runs_findings_and_suppressions),
        cmocka_unit_test(version_3_keeps_uploads_tokens_and_the_audit_log),
        cmocka_unit_test(version_4_keeps_packed_reports),
        cmocka_unit_test(the_same_report_as_an_old_one_is_not_kept_twice),
        cmocka_unit_test(an_old_store_is_read_by_the_calls_of_now),
        cmocka_unit_test(every_version_has_its_test),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
