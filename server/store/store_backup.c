/* SPDX-License-Identifier: Apache-2.0 */
#include "store_keep.h"

#include "blob_files.h"
#include "blob_keep.h"
#include "compiler.h"
#include "store_db.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_db(sqlite3 **db)
{
    (void)sqlite3_close(*db);
}

static void finalize(sqlite3_stmt **st)
{
    (void)sqlite3_finalize(*st);
}

static void close_blobs(struct blobs **b)
{
    blobs_close(*b);
}

/* One statement with one text, on the database of a store or another. */
static int say(sqlite3 *db, const char *sql, const char *text, struct err *e)
{
    CLEANUP(finalize) sqlite3_stmt *st = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK ||
        (text && sqlite3_bind_text(st, 1, text, -1, SQLITE_STATIC) != SQLITE_OK) ||
        sqlite3_step(st) != SQLITE_DONE)
        return err_set(e, ERR_IO, "backup: %s", sqlite3_errmsg(db));
    return 0;
}

/* VACUUM INTO (sqlite.org/lang_vacuum.html) reads one state of a database in use, on a connection of its own
 * so that the server goes on writing. */
static int snapshot(const char *from, const char *path, struct err *e)
{
    CLEANUP(close_db) sqlite3 *db = NULL;

    (void)unlink(path);
    if (sqlite3_open_v2(from, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        return err_set(e, ERR_IO, "%s: %s", from, sqlite3_errmsg(db));
    (void)sqlite3_busy_timeout(db, 10000);
    return say(db, "VACUUM INTO ?1", path, e);
}

struct copy {
    struct blobs *from, *to;
    sqlite3 *db; /* the copy's: a bundle that was deleted meanwhile is gone there, too */
    int64_t n;
    struct err *e;
};

static int copy_bundle(struct copy *c, const char *sha256, bool is_gone)
{
    struct err why = {0};

    if (!is_gone && blob_verify(c->to, sha256, &why) == 0)
        return 0; /* of an earlier backup */
    why = (struct err){0};
    if (!is_gone && blob_copy(c->from, sha256, c->to, &why) == 0)
        return c->n++, 0;
    if (is_gone || why.code == ERR_MISSING) {
        struct err none = {0};
        (void)blob_facts_copy(c->from, sha256, INT_MAX, c->to, &none);
        return is_gone ? 0
                       : say(c->db, "UPDATE bundle SET gone = received WHERE gone IS NULL AND sha256 = ?1",
                             sha256, c->e);
    }
    *c->e = why;
    return -why.code;
}

static int copy_bundles(struct copy *c)
{
    CLEANUP(finalize) sqlite3_stmt *st = NULL;
    int r = 0;

    if (sqlite3_prepare_v2(c->db, "SELECT sha256, min(gone IS NOT NULL) FROM bundle GROUP BY sha256", -1, &st,
                           NULL) != SQLITE_OK)
        return err_set(c->e, ERR_IO, "backup: %s", sqlite3_errmsg(c->db));
    while (r == 0 && sqlite3_step(st) == SQLITE_ROW)
        r = copy_bundle(c, store_text(st, 0), sqlite3_column_int(st, 1) != 0);
    return r;
}

/* The database goes to its name last: a folder with it is whole. */
static int copy_store(const char *from, const char *to, int64_t *ret_bundles, struct err *e)
{
    CLEANUP(buf_done)
    struct buf source = BUF_INIT(BLOB_PATH_BYTES), part = BUF_INIT(BLOB_PATH_BYTES),
               target = BUF_INIT(BLOB_PATH_BYTES);
    CLEANUP(close_blobs) struct blobs *old = NULL, *copy = NULL;
    struct copy c = {.e = e};
    int r;

    buf_printf(&source, "%s/certtriage.db", from);
    buf_printf(&part, "%s/certtriage.db.part", to);
    buf_printf(&target, "%s/certtriage.db", to);
    if (buf_check(&source, from, e) < 0 || buf_check(&part, to, e) < 0 || buf_check(&target, to, e) < 0 ||
        blob_make_dir(to, e) < 0 || blobs_open(from, &old, e) < 0 || blobs_open(to, &copy, e) < 0 ||
        snapshot(buf_c(&source), buf_c(&part), e) < 0)
        return -e->code;
    c.from = old;
    c.to = copy;
    r = sqlite3_open_v2(buf_c(&part), &c.db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
            ? copy_bundles(&c)
            : err_set(e, ERR_IO, "%s: cannot be opened", buf_c(&part));
    (void)sqlite3_close(c.db);
    *ret_bundles = c.n;
    return r < 0 ? r : blob_facts_publish(buf_c(&part), buf_c(&target), e);
}

int store_backup(struct store *s, const char *to, int64_t now_ms, int64_t *ret_bundles, struct err *e)
{
    const char *from = blobs_dir(store_blobs(s));
    char *place;
    int r = copy_store(from, to, ret_bundles, e);

    if (r < 0)
        return r;
    place = realpath(to, NULL);
    r = store_begin(s, e);
    if (r == 0)
        r = store_end(s,
                      store_run(s, e, "INSERT INTO backup(made, place) VALUES(?, ?)", "ic", &now_ms,
                                place ? place : to),
                      e);
    free(place);
    return r;
}

static bool is_empty(const char *path)
{
    DIR *d = opendir(path);
    const struct dirent *entry;
    bool empty = true;

    while (d && empty && (entry = readdir(d)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (d)
        (void)closedir(d);
    return empty;
}

int store_restore(const char *from, const char *to, int64_t *ret_bundles, struct err *e)
{
    char path[BLOB_PATH_BYTES];

    (void)snprintf(path, sizeof path, "%.4000s/certtriage.db", from);
    if (access(path, R_OK) < 0)
        return err_errno(e, "%s: not a backup", path);
    if (!is_empty(to))
        return err_set(e, ERR_CONFLICT, "%s: is there and not empty; restore into a new folder", to);
    return copy_store(from, to, ret_bundles, e);
}
