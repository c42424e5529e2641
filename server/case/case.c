/* SPDX-License-Identifier: Apache-2.0 */
#include "case.h"
#include "case_complaint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "cage.h"
#include "case_machines.h"
#include "case_stream.h"
#include "facts_db.h"
#include "facts_image.h"
#include "facts_handles.h"
#include "text.h"

enum { PIECE = 65536, SHA256_HEX = 64 };

static void digest_done(EVP_MD_CTX **ctx)
{
    EVP_MD_CTX_free(*ctx);
}

/* The bundle's name: the SHA-256 of the whole file. */
static int hash_file(int fd, char ret[SHA256_HEX + 1], struct err *e)
{
    CLEANUP(digest_done) EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char piece[PIECE], md[EVP_MAX_MD_SIZE];
    CLEANUP(buf_done) struct buf hex = BUF_INIT(2 * SHA256_HEX);
    unsigned len = 0;
    ssize_t n;
    off_t at = 0;

    if (!digest || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        return err_set(e, ERR_NOMEM, "hashing the bundle: out of memory");
    while ((n = pread(fd, piece, sizeof(piece), at)) > 0) {
        (void)EVP_DigestUpdate(digest, piece, (size_t)n);
        at += n;
    }
    if (n < 0)
        return err_errno(e, "hashing the bundle");
    (void)EVP_DigestFinal_ex(digest, md, &len);
    text_hex(&hex, md, len);
    if (buf_check(&hex, "hashing the bundle", e) || hex.len != SHA256_HEX)
        return -ERR_NOMEM;
    memcpy(ret, hex.p, SHA256_HEX + 1);
    return 0;
}

static int set_bundle(sqlite3 *db, const char *sha256, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(db, "UPDATE machine SET bundle = ?1", -1, &s, NULL) != SQLITE_OK ||
        sqlite3_bind_text(s, 1, sha256, -1, SQLITE_STATIC) != SQLITE_OK || sqlite3_step(s) != SQLITE_DONE)
        return err_set(e, ERR_IO, "facts: %s", sqlite3_errmsg(db));
    return 0;
}

/* What takes its time beside the worker: the hash of a large bundle, and tables for its rows. */
static int prepare(int bundle_fd, const char *path, char ret_sha256[SHA256_HEX + 1], sqlite3 **ret,
                   struct err *e)
{
    int r = facts_create(path, ret, e);

    if (r)
        return r;
    r = hash_file(bundle_fd, ret_sha256, e);
    if (r) {
        (void)sqlite3_close(*ret);
        if (path)
            (void)unlink(path);
    }
    return r;
}

int case_extract(int bundle_fd, const char *name, const char *path, sqlite3 **ret, struct err *ret_killed,
                 struct err *e)
{
    const struct cage_job job = {.what = "extract", .input_fd = bundle_fd, .name = name};
    struct cage_worker *worker = NULL;
    char sha256[SHA256_HEX + 1];
    sqlite3 *db = NULL;
    int r = cage_begin(&job, &worker, e);

    if (r)
        return r;
    if ((r = prepare(bundle_fd, path, sha256, &db, e))) {
        cage_cancel(worker);
        return r;
    }
    r = cage_end(worker, NULL, db, e);
    *ret_killed = r == -ERR_KILLED ? *e : (struct err){0};
    /* a worker that ended badly leaves the rows that were good, and a row of bundle_problem that says so */
    if (r == 0 || r == -ERR_CAGE || r == -ERR_KILLED)
        r = set_bundle(db, sha256, e);
    if (r) {
        (void)sqlite3_close(db);
        if (path)
            (void)unlink(path);
        return r;
    }
    *ret = db;
    return 0;
}

/* Chains of the clients' certificates against the servers' stores. */
static int add_chains(sqlite3 *db, bool is_last_try, struct err *e)
{
    struct cage_job job = {.what = "case", .input_fd = -1, .name = "case facts"};
    int r = case_stream(db, &job.input_fd, e);

    if (r || job.input_fd < 0)
        return r;
    r = cage_run(&job, "", db, e);
    (void)close(job.input_fd);
    return r == -ERR_CAGE || (r == -ERR_KILLED && is_last_try) ? 0 : r;
}

static int build(sqlite3 *const *machines, size_t n_machines, struct str complaint, bool is_last_try,
                 sqlite3 **ret, struct err *e)
{
    sqlite3 *db = NULL;
    int r = facts_create(NULL, &db, e);

    if (r)
        return r;
    r = case_merge(machines, n_machines, db, e);
    if (r == 0)
        r = case_complain(db, complaint, e);
    if (r == 0)
        r = add_chains(db, is_last_try, e);
    if (r) {
        (void)sqlite3_close(db);
        return r;
    }
    *ret = db;
    return 0;
}

static int confine(sqlite3 *db, sqlite3 **ret, struct err *e)
{
    int r = facts_confine(db, e);

    if (r)
        (void)sqlite3_close(db);
    else
        *ret = db;
    return r;
}

int case_facts(sqlite3 *const *machines, size_t n_machines, sqlite3 **ret, struct err *e)
{
    sqlite3 *db = NULL;
    int r = build(machines, n_machines, (struct str){NULL, 0}, true, &db, e);

    if (r)
        return r;
    r = facts_settle(db, e);
    if (r == 0)
        return confine(db, ret, e);
    (void)sqlite3_close(db);
    return r;
}

int case_facts_write(sqlite3 *const *machines, size_t n_machines, struct str complaint, bool is_last_try,
                     const char *path, struct err *e)
{
    sqlite3 *db = NULL;
    int r = build(machines, n_machines, complaint, is_last_try, &db, e);

    if (r == 0)
        r = facts_lay_out(db, path, e);
    (void)sqlite3_close(db);
    return r;
}

int case_facts_image(sqlite3 *const *machines, size_t n_machines, unsigned char *to, size_t *ret_len,
                     struct err *e)
{
    sqlite3 *db = NULL;
    int r = build(machines, n_machines, (struct str){NULL, 0}, true, &db, e);

    if (r == 0)
        r = facts_lay_out_at(db, to, ret_len, e);
    (void)sqlite3_close(db);
    return r;
}
