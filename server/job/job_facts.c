/* SPDX-License-Identifier: Apache-2.0
 *
 * The facts of a stored case: kept ones where they are of now, else made anew from the bundles. */
#include "job.h"

#include "case.h"
#include "compiler.h"
#include "facts_db.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct case_bundles {
    struct store *store;
    struct err *e;
    bool is_last_try, may_be_partial;
    struct err killed; /* the worker of a bundle that is to be tried again; code 0: none was */
    size_t n, n_usable;
    char parts[CASE_BUNDLES][80]; /* hash, and what is left of the bundle: for the key */
    sqlite3 *db[CASE_BUNDLES];
    struct buf complaint; /* JSON */
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

static void close_all(struct case_bundles *b)
{
    for (size_t i = 0; i < b->n; i++)
        (void)sqlite3_close(b->db[i]);
    buf_done(&b->complaint);
}

/* Extracts beside the final place, so that a killed server never leaves half of a facts file under its name.
 */
static int extract_anew(const struct case_bundles *b, const char *sha256, const char *path, sqlite3 **ret,
                        struct err *e)
{
    CLEANUP(buf_done) struct buf temporary = BUF_INIT(8192);
    CLEANUP(close_fd) int fd = -1;
    struct err killed = {0};
    sqlite3 *db = NULL;
    int r;

    if (blob_facts_temporary(path, &temporary, e) < 0 || blob_open(store_blobs(b->store), sha256, &fd, e) < 0)
        return -e->code;
    r = case_extract(fd, sha256, buf_c(&temporary), &db, &killed, e);
    (void)sqlite3_close(db);
    if (r == 0 && killed.code && !b->is_last_try) {
        *e = killed;
        r = -killed.code;
    }
    if (r == 0)
        r = blob_facts_publish(buf_c(&temporary), path, e);
    if (r < 0) {
        (void)unlink(buf_c(&temporary));
        return r;
    }
    return facts_open(path, ret, e);
}

int job_stored_facts(struct store *s, const char *sha256, sqlite3 **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(8192);

    if (blob_facts_path(store_blobs(s), sha256, FACTS_VERSION, EXTRACTORS_VERSION, &path, e) < 0)
        return -e->code;
    if (access(buf_c(&path), R_OK) != 0)
        return err_set(e, ERR_MISSING, "bundle %.12s: no facts of it are stored (not judged yet, or deleted)",
                       sha256);
    return facts_open(buf_c(&path), ret, e);
}

static int bundle_facts(const struct case_bundles *b, const char *sha256, sqlite3 **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(8192);
    struct err ignored = {0};

    if (blob_facts_path(store_blobs(b->store), sha256, FACTS_VERSION, EXTRACTORS_VERSION, &path, e) < 0)
        return -e->code;
    if (access(buf_c(&path), R_OK) == 0 && facts_open(buf_c(&path), ret, &ignored) == 0)
        return 0;
    return extract_anew(b, sha256, buf_c(&path), ret, e);
}

/* Where the bundle is gone, older facts are better than none: what they do not know, the report says. */
static int older_facts(struct store *s, const char *sha256, sqlite3 **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(8192);
    int version = 0;

    if (blob_facts_older(store_blobs(s), sha256, FACTS_VERSION, &path, &version, e) < 0)
        return -e->code;
    return facts_open_older(buf_c(&path), ret, e);
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

/* What is wrong with us and not with the bundle may be better next time. Memory is the bundle's fault when it
 * is short each time, so that it does not keep the case's other bundles from being judged. */
static bool is_ours(const struct case_bundles *b, const struct err *why)
{
    return (why->code == ERR_NOMEM && !b->is_last_try) || why->code == ERR_IO || why->code == ERR_STORAGE;
}

static bool has_older_facts(const struct case_bundles *b, const char *sha256)
{
    struct err ignored = {0};
    sqlite3 *db = NULL;
    bool has = older_facts(b->store, sha256, &db, &ignored) == 0;

    (void)sqlite3_close(db);
    return has;
}

/* It does not keep the others from being judged until it is tried again. What was known of it before is not
 * to be taken for gone meanwhile: then the report of before stays. */
static int try_again_later(struct case_bundles *b, size_t i, const char *sha256, const struct err *why)
{
    struct err said = *why;

    b->killed = *why;
    if (has_older_facts(b, sha256))
        b->may_be_partial = false;
    (void)err_set(&said, why->code, "%s; it is tried again, and what it holds is not in this report yet",
                  why->text);
    return unusable_facts(sha256, &said, &b->db[i], b->e);
}

static int open_bundle(struct case_bundles *b, size_t i)
{
    char sha256[65];
    struct err why = {0};
    int r;

    (void)snprintf(sha256, sizeof sha256, "%.64s", b->parts[i]);
    r = bundle_facts(b, sha256, &b->db[i], &why);
    if (r == -ERR_MISSING)
        r = older_facts(b->store, sha256, &b->db[i], &why);
    if (r == -ERR_KILLED)
        return try_again_later(b, i, sha256, &why);
    b->n_usable += r == 0;
    if (r < 0 && is_ours(b, &why)) {
        *b->e = why;
        return r;
    }
    return r < 0 ? unusable_facts(sha256, &why, &b->db[i], b->e) : 0;
}

static int take_bundle(void *ctx, const struct store_bundle *one)
{
    struct case_bundles *b = ctx;

    if (b->n == CASE_BUNDLES)
        return err_set(b->e, ERR_LIMIT, "case: more than %d bundles", CASE_BUNDLES);
    (void)snprintf(b->parts[b->n++], sizeof b->parts[0], "%.64s%s", one->sha256,
                   one->gone_ms == TIME_NONE ? "" : " gone");
    return 0;
}

static int list_bundles(struct case_bundles *b, struct str case_id)
{
    int r = store_bundle_list(b->store, case_id, take_bundle, b, b->e);

    if (r == 0 && b->n == 0)
        r = err_set(b->e, ERR_MISSING, "no bundle");
    return r;
}

static int case_key(const struct case_bundles *b, char ret[CASE_KEY_CHARS + 1])
{
    const char *parts[CASE_BUNDLES];

    for (size_t i = 0; i < b->n; i++)
        parts[i] = b->parts[i];
    return case_facts_key(parts, b->n, buf_str(&b->complaint), ret, b->e);
}

/* *ret_path: where the facts are. Those of a case of which a bundle is missing stay beside `path`. */
static int build(struct case_bundles *b, const char *path, struct buf *ret_path)
{
    CLEANUP(buf_done) struct buf temporary = BUF_INIT(8192);
    int r = blob_facts_temporary(path, &temporary, b->e);

    /* What was extracted in time is kept, so that the next try comes further. */
    for (size_t i = 0; r == 0 && i < b->n; i++)
        r = facts_is_late()
                ? err_set(b->e, ERR_TIMEOUT, "case: bundle %zu of %zu was not begun in time", i + 1, b->n)
                : open_bundle(b, i);
    if (r == 0 && b->killed.code && !(b->may_be_partial && b->n_usable > 0)) {
        *b->e = b->killed;
        return -b->killed.code;
    }
    if (r == 0)
        r = case_facts_write(b->db, b->n, buf_str(&b->complaint), b->is_last_try, buf_c(&temporary), b->e);
    if (r == 0 && !b->killed.code)
        r = blob_facts_publish(buf_c(&temporary), path, b->e);
    if (r < 0)
        (void)unlink(buf_c(&temporary));
    buf_add_c(ret_path, b->killed.code ? buf_c(&temporary) : path);
    return r < 0 ? r : buf_check(ret_path, path, b->e);
}

/* Who reads the file says what is wrong with it. */
static int find(struct case_bundles *b, struct str case_id, struct buf *ret_path)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(8192);
    char key[CASE_KEY_CHARS + 1];
    struct err ignored = {0};

    if (list_bundles(b, case_id) < 0 || store_case_complaint(b->store, case_id, &b->complaint, b->e) < 0 ||
        case_key(b, key) < 0 || blob_case_path(store_blobs(b->store), case_id, key, &path, b->e) < 0)
        return -b->e->code;
    if (access(buf_c(&path), R_OK) == 0) {
        buf_add_str(ret_path, buf_str(&path));
        return buf_check(ret_path, "facts of the case", b->e);
    }
    if (build(b, buf_c(&path), ret_path) < 0)
        return -b->e->code;
    if (!b->killed.code)
        (void)blob_case_forget(store_blobs(b->store), case_id, key, &ignored);
    return access(buf_c(ret_path), R_OK) == 0 ? 0 : err_errno(b->e, "%s", buf_c(ret_path));
}

int job_case_path(struct store *s, struct str case_id, bool is_last_try, struct buf *ret,
                  struct err *ret_killed, struct err *e)
{
    CLEANUP(close_all)
    struct case_bundles b = {.store = s,
                             .e = e,
                             .is_last_try = is_last_try,
                             .may_be_partial = ret_killed != NULL,
                             .complaint = BUF_INIT(1 << 20)};
    int r = find(&b, case_id, ret);

    if (ret_killed)
        *ret_killed = r == 0 ? b.killed : (struct err){0};
    return r;
}
