/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include "compiler.h"
#include "store_db.h"
#include "store_pack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each checkpoint is three syncs that all who write wait for: four times as many frames as SQLite would take
 * (16 MiB of log) are a third of the waiting, twice as many again save little more. */
enum { CHECKPOINT_FRAMES = 4000, DB_PATH_BYTES = 4096 };

static bool is_lost_sync(int extended_code)
{
    return extended_code == SQLITE_IOERR_FSYNC || extended_code == SQLITE_IOERR_DIR_FSYNC;
}

int store_fail(struct store *s, struct err *e, const char *what)
{
    int code = sqlite3_errcode(s->db);

    s->has_lost_sync |= is_lost_sync(sqlite3_extended_errcode(s->db));

    return err_set(e,
                   code == SQLITE_NOMEM                             ? ERR_NOMEM
                   : code == SQLITE_FULL || code == SQLITE_READONLY ? ERR_STORAGE
                                                                    : ERR_IO,
                   "store: %s: %s", what, sqlite3_errmsg(s->db));
}

/* After a sync that failed the system takes its pages for clean: the next one would say that all is well
 * although frames in the middle of the write-ahead log are missing, behind which nothing would be found again
 * (https://wiki.postgresql.org/wiki/Fsync_Errors). Who starts anew reads what there is. */
static int check_synced(const struct store *s, struct err *e)
{
    return s->has_lost_sync ? err_set(e, ERR_STORAGE,
                                      "store: the disk did not take what was written, nothing more is until "
                                      "the server is started again")
                            : 0;
}

void store_checkpoint(struct store *s, int mode)
{
    if (sqlite3_wal_checkpoint_v2(s->db, NULL, mode, NULL, NULL) != SQLITE_OK)
        s->has_lost_sync |= is_lost_sync(sqlite3_extended_errcode(s->db));
}

/* In the place of SQLite's own hook, which would keep a failure to itself. */
static int committed(void *ctx, sqlite3 *db, const char *name, int n_frames)
{
    (void)db, (void)name;
    if (n_frames >= CHECKPOINT_FRAMES)
        store_checkpoint(ctx, SQLITE_CHECKPOINT_PASSIVE);
    return SQLITE_OK;
}

/* synchronous (sqlite.org/pragma.html): with a write-ahead log FULL syncs at each commit, NORMAL at
 * checkpoints only. A commit that is synced brings all those before it to the disk, too. The statement does
 * its work when it is prepared, so that it cannot be kept. */
static int make_lazy(struct store *s, bool is_lazy)
{
    int r = SQLITE_OK;

    if (is_lazy != s->is_lazy)
        r = sqlite3_exec(s->db, is_lazy ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL", NULL, NULL,
                         NULL);
    if (r == SQLITE_OK)
        s->is_lazy = is_lazy;
    return r;
}

static int begin(struct store *s, bool is_lazy, struct err *e)
{
    (void)pthread_mutex_lock(&s->lock);
    if (check_synced(s, e) == 0) {
        if (make_lazy(s, is_lazy) != SQLITE_OK)
            (void)store_fail(s, e, "beginning");
        else if (store_run(s, e, "BEGIN IMMEDIATE", "") == 0)
            return 0;
    }
    (void)pthread_mutex_unlock(&s->lock);
    return -e->code;
}

int store_begin(struct store *s, struct err *e)
{
    return begin(s, false, e);
}

int store_begin_lazy(struct store *s, struct err *e)
{
    return begin(s, true, e);
}

int store_end(struct store *s, int r, struct err *e)
{
    struct err ignored = {0};

    if (r >= 0 && store_run(s, e, "COMMIT", "") < 0)
        r = -e->code;
    if (r < 0)
        (void)store_run(s, &ignored, "ROLLBACK", "");
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

static int set_up(struct store *s, struct err *e)
{
    if (sqlite3_exec(s->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON", NULL,
                     NULL, NULL) != SQLITE_OK)
        return store_fail(s, e, "opening");
    (void)sqlite3_wal_hook(s->db, committed, s);
    if (store_pack_register(s->db) != SQLITE_OK)
        return store_fail(s, e, "opening");
    return store_migrate(s, e);
}

static int open_db(struct store *s, const char *dir, struct err *e)
{
    char path[DB_PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/certtriage.db", dir);

    if (n < 0 || n >= (int)sizeof path)
        return err_set(e, ERR_LIMIT, "%s: the path is too long", dir);
    if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
                        NULL) != SQLITE_OK)
        return store_fail(s, e, path);
    (void)sqlite3_busy_timeout(s->db, 10000);
    return set_up(s, e);
}

/* "file:" URI of the database's name, https://www.sqlite.org/uri.html. */
static int add_uri(const char *path, const char *how, struct buf *ret, struct err *e)
{
    buf_add_c(ret, "file:");
    for (; *path; path++)
        if (strchr("%?#", *path))
            buf_printf(ret, "%%%02x", (unsigned)(unsigned char)*path);
        else
            buf_add_char(ret, *path);
    buf_add_c(ret, how);
    return buf_check(ret, "store: path", e);
}

/* In a folder where nothing can be written SQLite reads a write-ahead log when the files of it are there;
 * when there is none, it must be told that it need not make them (https://www.sqlite.org/wal.html, 4). */
static int open_db_to_read(struct store *s, const char *dir, struct err *e)
{
    CLEANUP(buf_done) struct buf uri = BUF_INIT(4 * DB_PATH_BYTES);
    char path[DB_PATH_BYTES], log[DB_PATH_BYTES + 8];
    int n = snprintf(path, sizeof path, "%s/certtriage.db", dir);
    struct stat info;
    bool has_log;

    if (n < 0 || n >= (int)sizeof path)
        return err_set(e, ERR_LIMIT, "%s: the path is too long", dir);
    (void)snprintf(log, sizeof log, "%s-wal", path);
    has_log = stat(log, &info) == 0 && info.st_size > 0;
    if (add_uri(path, has_log ? "?mode=ro" : "?mode=ro&immutable=1", &uri, e) < 0)
        return -e->code;
    if (sqlite3_open_v2(buf_c(&uri), &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX,
                        NULL) != SQLITE_OK)
        return store_fail(s, e, path);
    if (store_pack_register(s->db) != SQLITE_OK)
        return store_fail(s, e, "opening");
    return store_migrated(s, e);
}

static int open_in(const char *dir, int (*open)(struct store *s, const char *dir, struct err *e),
                   struct store **ret, struct err *e)
{
    struct store *s = calloc(1, sizeof *s);

    if (!s)
        return err_set(e, ERR_NOMEM, "%s: opening", dir);
    if (pthread_mutex_init(&s->lock, NULL) != 0 || pthread_mutex_init(&s->files_lock, NULL) != 0) {
        free(s);
        return err_set(e, ERR_NOMEM, "%s: opening", dir);
    }
    if (blobs_open(dir, &s->blobs, e) < 0 || open(s, dir, e) < 0) {
        store_close(s);
        return err_wrap(e, "%s", dir);
    }
    *ret = s;
    return 0;
}

int store_open(const char *dir, struct store **ret, struct err *e)
{
    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return err_errno(e, "%s: making the data folder", dir);
    /* SQLite would only say that it cannot open its file. */
    if (access(dir, W_OK) < 0)
        return err_errno(e, "%s: the data folder must be writable", dir);
    return open_in(dir, open_db, ret, e);
}

/* A slip in its name must not look like a store without cases. */
static int must_be_there(const char *dir, struct err *e)
{
    char path[DB_PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/certtriage.db", dir);

    if (n < 0 || n >= (int)sizeof path)
        return err_set(e, ERR_LIMIT, "%s: the path is too long", dir);
    if (access(path, F_OK) == 0)
        return 0;
    if (errno != ENOENT)
        return err_errno(e, "%s", path);
    return err_set(e, ERR_MISSING, "%s: %s; serve makes one", dir,
                   access(dir, F_OK) < 0 ? "no such folder" : "not a data folder of certtriage-server");
}

int store_open_existing(const char *dir, struct store **ret, struct err *e)
{
    return must_be_there(dir, e) < 0 ? -e->code : store_open(dir, ret, e);
}

int store_open_to_read(const char *dir, struct store **ret, struct err *e)
{
    if (must_be_there(dir, e) < 0)
        return -e->code;
    return access(dir, W_OK) == 0 ? store_open(dir, ret, e) : open_in(dir, open_db_to_read, ret, e);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    store_forget_statements(s);
    (void)sqlite3_close(s->db);
    blobs_close(s->blobs);
    (void)pthread_mutex_destroy(&s->lock);
    (void)pthread_mutex_destroy(&s->files_lock);
    free(s);
}

struct blobs *store_blobs(struct store *s)
{
    return s->blobs;
}
