/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include "case.h"
#include "compiler.h"
#include "facts_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct case_bundles {
    sqlite3 *db[CASE_BUNDLES];
    size_t n, n_unusable;
    struct store *store;
    struct err *e;
};

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static void close_db(sqlite3 **db)
{
    (void)sqlite3_close(*db);
}

static void close_all(const struct case_bundles *b)
{
    for (size_t i = 0; i < b->n; i++)
        (void)sqlite3_close(b->db[i]);
}

/* Extracts beside the final place, so that a killed server never leaves half of a facts file under its name.
 */
static int extract_anew(struct store *s, const char *sha256, const char *path, sqlite3 **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf temporary = BUF_INIT(8192);
    CLEANUP(close_fd) int fd = -1;
    sqlite3 *db = NULL;
    int r;

    buf_printf(&temporary, "%s.tmp-%ld", path, (long)getpid());
    if (buf_check(&temporary, "path of facts", e) < 0 || blob_open(store_blobs(s), sha256, &fd, e) < 0)
        return -e->code;
    (void)unlink(buf_c(&temporary));
    r = case_extract(fd, sha256, buf_c(&temporary), &db, e);
    (void)sqlite3_close(db);
    if (r == 0)
        r = blob_facts_publish(buf_c(&temporary), path, e);
    if (r < 0) {
        (void)unlink(buf_c(&temporary));
        return r;
    }
    return facts_open(path, ret, e);
}

static int bundle_facts(struct store *s, const char *sha256, sqlite3 **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(8192);
    struct err ignored = {0};

    if (blob_facts_path(store_blobs(s), sha256, FACTS_VERSION, EXTRACTORS_VERSION, &path, e) < 0)
        return -e->code;
    if (access(buf_c(&path), R_OK) == 0 && facts_open(buf_c(&path), ret, &ignored) == 0)
        return 0;
    return extract_anew(s, sha256, buf_c(&path), ret, e);
}

/* A bundle of which nothing can be used stands in the case as a machine of which nothing is known. */
static int unusable_facts(const char *sha256, const struct err *why, sqlite3 **ret, struct err *e)
{
    CLEANUP(close_db) sqlite3 *db = NULL;
    char *sql = NULL;
    int r = facts_create(NULL, &db, e);

    if (r < 0)
        return r;
    sql = sqlite3_mprintf(
        "INSERT INTO machine(machine, name, bundle, has_manifest) VALUES('bundle %.12q', '', '%q', 0);"
        "INSERT INTO bundle_problem(machine, problem) VALUES('bundle %.12q', '%q')",
        sha256, sha256, sha256, why->text);
    r = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    if (r != SQLITE_OK)
        return err_set(e, ERR_NOMEM, "bundle %.12s: %s", sha256, sqlite3_errmsg(db));
    *ret = db;
    db = NULL;
    return 0;
}

static int take_bundle(void *ctx, const char *sha256)
{
    struct case_bundles *b = ctx;
    struct err why = {0};
    int r;

    if (b->n == CASE_BUNDLES)
        return err_set(b->e, ERR_LIMIT, "case: more than %d bundles", CASE_BUNDLES);
    r = bundle_facts(b->store, sha256, &b->db[b->n], &why);
    if (r < 0) {
        b->n_unusable++;
        r = unusable_facts(sha256, &why, &b->db[b->n], b->e);
    }
    if (r == 0)
        b->n++;
    return r;
}

static int lint_bundles(const struct case_bundles *b, const struct ruleset *rules, struct str case_id,
                        json_t **ret, struct err *e)
{
    CLEANUP(close_db) sqlite3 *facts = NULL;
    char id[65] = "";

    memcpy(id, case_id.p, case_id.len < 64 ? case_id.len : 64);
    if (case_facts(b->db, b->n, &facts, e) < 0)
        return -e->code;
    return ruleset_run(rules, facts, id, ret, e);
}

/* What the list of cases shows of it: findings come the worst first, causes the most likely first. */
static const char *text_of(const json_t *list, const char *member)
{
    return json_string_value(json_object_get(json_array_get(list, 0), member));
}

static int put_report(struct store *s, const struct ruleset *rules, struct str case_id, const json_t *report,
                      struct err *e)
{
    char extractors[32];
    char *json = json_dumps(report, JSON_COMPACT | JSON_SORT_KEYS);
    const json_t *first = json_array_get(json_object_get(report, "diagnoses"), 0);
    int r;

    if (!json)
        return err_set(e, ERR_NOMEM, "report: writing");
    snprintf(extractors, sizeof extractors, "f%d-x%d", FACTS_VERSION, EXTRACTORS_VERSION);
    struct store_report stored = {.json = str_from(json),
                                  .ruleset = ruleset_version(rules),
                                  .extractors = extractors,
                                  .severity = text_of(json_object_get(report, "findings"), "severity"),
                                  .cause = text_of(json_object_get(first, "causes"), "title")};
    r = store_report_put(s, case_id, &stored, (int64_t)time(NULL) * 1000, e);
    free(json);
    return r;
}

int job_lint_case(struct store *s, const struct ruleset *rules, struct str case_id, json_t **ret_report,
                  struct err *e)
{
    CLEANUP(close_all) struct case_bundles b = {.store = s, .e = e};
    json_t *report = NULL;
    int r = store_case_bundles(s, case_id, take_bundle, &b, e);

    if (r == 0 && b.n == 0)
        r = err_set(e, ERR_MISSING, "case %.*s: no bundle", (int)case_id.len, case_id.p);
    if (r == 0)
        r = lint_bundles(&b, rules, case_id, &report, e);
    if (r == 0)
        r = put_report(s, rules, case_id, report, e);
    if (r == 0 && ret_report)
        *ret_report = json_incref(report);
    json_decref(report);
    return r;
}

int job_case_facts(struct store *s, struct str case_id, sqlite3 **ret, struct err *e)
{
    CLEANUP(close_all) struct case_bundles b = {.store = s, .e = e};
    int r = store_case_bundles(s, case_id, take_bundle, &b, e);

    if (r == 0 && b.n == 0)
        r = err_set(e, ERR_MISSING, "case %.*s: no bundle", (int)case_id.len, case_id.p);
    return r < 0 ? r : case_facts(b.db, b.n, ret, e);
}

static bool has_fingerprint(const json_t *findings, const char *fingerprint)
{
    size_t i;
    json_t *f;

    json_array_foreach(findings, i, f)
    {
        const char *other = json_string_value(json_object_get(f, "fingerprint"));
        if (other && strcmp(other, fingerprint) == 0)
            return true;
    }
    return false;
}

static void add_only_in(const json_t *findings, const json_t *others, char mark, struct buf *out)
{
    size_t i;
    json_t *f;

    json_array_foreach(findings, i, f)
    {
        const char *rule = "", *machine = "", *subject = "", *fingerprint = "";
        (void)json_unpack(f, "{s?s s?s s?s s?s}", "rule", &rule, "machine", &machine, "subject", &subject,
                          "fingerprint", &fingerprint);
        if (has_fingerprint(others, fingerprint))
            continue;
        buf_printf(out, "%c %s  ", mark, rule);
        text_add_printable(out, str_from(machine));
        buf_add_c(out, "  ");
        text_add_printable(out, str_from(subject));
        buf_add_char(out, '\n');
    }
}

void job_report_diff(const json_t *before, const json_t *after, struct buf *out)
{
    const json_t *old = json_object_get(before, "findings"), *now = json_object_get(after, "findings");

    add_only_in(now, old, '+', out);
    add_only_in(old, now, '-', out);
}
