/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_db.h"
#include "facts_handles.h"
#include "facts_schema.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

/* Facts are made in one go and can always be made again: no journal on disk. Temporary tables stay in memory.
 */
static const char SETTINGS[] =
    "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;"
    "PRAGMA locking_mode = EXCLUSIVE;";

static int open_database(const char *path, int flags, sqlite3 **ret, struct err *e)
{
    int r = sqlite3_open_v2(path, ret, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

    if (!*ret)
        return err_set(e, ERR_NOMEM, "%s: out of memory", path);
    if (r)
        return facts_sqlite_error(e, *ret, path);
    (void)sqlite3_db_config(*ret, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(*ret, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(*ret, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    return 0;
}

/* SQLite would take a file that is there, and what stands in it. */
static int create_file(const char *path, struct err *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_errno(e, "%s", path);
    (void)close(fd);
    return 0;
}

/* Facts without a row, from which all others begin (make/facts_make.c): SQLite looks through the whole schema
 * for each table and view that it creates. */
extern const char facts_empty_db[];
extern const size_t facts_empty_db_len;
static sqlite3 *empty;
static pthread_mutex_t empty_lock = PTHREAD_MUTEX_INITIALIZER;

static int make_empty(struct err *e)
{
    CLEANUP(facts_connection_done) sqlite3 *db = NULL;
    const sqlite3_int64 len = (sqlite3_int64)facts_empty_db_len;
    int r = open_database(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db, e);

    if (r)
        return r;
    /* read only: nobody writes to what is const */
    if (sqlite3_deserialize(db, "main", (unsigned char *)(uintptr_t)facts_empty_db, len, len,
                            SQLITE_DESERIALIZE_READONLY))
        return facts_sqlite_error(e, db, "facts.sql");
    empty = db; /* until the program ends */
    db = NULL;
    return 0;
}

static int copy_pages(sqlite3 *from, sqlite3 *db, struct err *e)
{
    sqlite3_backup *copy = sqlite3_backup_init(db, "main", from, "main");

    if (!copy)
        return facts_sqlite_error(e, db, "facts.sql");
    (void)sqlite3_backup_step(copy, -1);
    return sqlite3_backup_finish(copy) ? facts_sqlite_error(e, db, "facts.sql") : 0;
}

static int read_number(sqlite3 *db, const char *pragma, int *ret, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(db, pragma, -1, &s, NULL) || sqlite3_step(s) != SQLITE_ROW)
        return facts_sqlite_error(e, db, pragma);
    *ret = sqlite3_column_int(s, 0);
    return 0;
}

/* make/facts_make.c writes a hash of facts.sql there. */
int facts_take(sqlite3 *from, sqlite3 *into, struct err *e)
{
    static const char HASH[] = "PRAGMA application_id";
    int theirs = 0, ours = 0;
    int r = read_number(from, HASH, &theirs, e);

    if (r == 0)
        r = read_number(into, HASH, &ours, e);
    if (r < 0 || theirs == 0 || theirs != ours)
        return r;
    r = copy_pages(from, into, e);
    return r < 0 ? r : 1;
}

static int copy_schema(sqlite3 *db, struct err *e)
{
    int r;

    (void)pthread_mutex_lock(&empty_lock);
    r = empty ? 0 : make_empty(e);
    if (r == 0)
        r = copy_pages(empty, db, e);
    (void)pthread_mutex_unlock(&empty_lock);
    return r;
}

int facts_create(const char *path, sqlite3 **ret, struct err *e)
{
    CLEANUP(facts_connection_done) sqlite3 *db = NULL;
    int r = path ? create_file(path, e) : 0;

    if (r ||
        (r = open_database(path ? path : ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db, e)))
        return r;
    if (sqlite3_exec(db, SETTINGS, NULL, NULL, NULL))
        return facts_sqlite_error(e, db, "facts.sql");
    if ((r = copy_schema(db, e)))
        return r;
    *ret = db;
    db = NULL;
    return 0;
}

static int check_version(sqlite3 *db, const char *path, struct err *e)
{
    int version = 0, r = read_number(db, "PRAGMA user_version", &version, e);

    if (r == 0 && version != FACTS_VERSION)
        return err_set(e, ERR_UNSUPPORTED, "%s: facts of version %d, this program reads %d", path, version,
                       (int)FACTS_VERSION);
    return r;
}

int facts_open_bytes(unsigned char *bytes, size_t len, sqlite3 **ret, struct err *e)
{
    CLEANUP(facts_connection_done) sqlite3 *db = NULL;
    int r = open_database(":memory:", SQLITE_OPEN_READWRITE, &db, e);

    if (r)
        return r;
    if (sqlite3_deserialize(db, "main", bytes, (sqlite3_int64)len, (sqlite3_int64)len,
                            SQLITE_DESERIALIZE_READONLY))
        return facts_sqlite_error(e, db, "facts");
    if ((r = check_version(db, "facts", e)))
        return r;
    *ret = db;
    db = NULL;
    return 0;
}

int facts_open(const char *path, sqlite3 **ret, struct err *e)
{
    CLEANUP(facts_connection_done) sqlite3 *db = NULL;
    int r = open_database(path, SQLITE_OPEN_READONLY, &db, e);

    if (r || (r = check_version(db, path, e)))
        return r;
    *ret = db;
    db = NULL;
    return 0;
}
