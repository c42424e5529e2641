/* SPDX-License-Identifier: Apache-2.0
 *
 * store_db: what the files of the store share: the connection, its lock, and one way to run a statement. */
#ifndef CERTTRIAGE_STORE_DB_H
#define CERTTRIAGE_STORE_DB_H

#include "store.h"

#include <pthread.h>
#include <sqlite3.h>

/* More than the store has texts of SQL. */
enum { STORE_KEPT = 96 };

struct store_kept {
    sqlite3_stmt *statement;
    const char *sql; /* the caller's */
    uint64_t used;   /* the greater, the later */
    bool in_use;
};

/* A statement in use, while the lock is held. Begins as {0}; store_give_back ends the use. */
struct store_statement {
    sqlite3_stmt *row;
    bool *in_use; /* of the kept one; NULL: it is not kept */
};

struct store {
    sqlite3 *db;
    struct blobs *blobs;
    pthread_mutex_t lock;
    /* Taken before lock: between bytes becoming a bundle and their row, and while files of deleted ones are
     * removed. */
    pthread_mutex_t files_lock;
    bool has_lost_sync; /* nothing more is written (store.c) */
    bool is_lazy;       /* synchronous is NORMAL now */
    struct store_kept kept[STORE_KEPT];
    uint64_t n_used;
    int64_t sized_ms, size_bytes; /* store_size.c: all files, and when they were added up */
};

/* Begin takes the lock and starts an immediate transaction; end commits when r >= 0, else rolls back, and
 * gives the lock back. Returns r, or the failure of the commit. What store_begin begins is durable when it
 * has ended; what store_begin_lazy begins is whole, but a power cut may take the newest of it back: for what
 * is done again then, such as the state of jobs. */
int store_begin(struct store *s, struct err *e);
int store_begin_lazy(struct store *s, struct err *e);
int store_end(struct store *s, int r, struct err *e);

/* What SQLite says of its last call; a sync that failed is remembered. */
int store_fail(struct store *s, struct err *e, const char *what);

/* What the log has goes into the database's file; mode: SQLITE_CHECKPOINT_... Being busy is no failure; a
 * sync that failed is remembered. */
void store_checkpoint(struct store *s, int mode);

/* store_statement.c. Takes a statement that is kept, or prepares it, and binds: format has one letter a
 * value, 's' struct str *, 'b' the same as a BLOB, 'c' const char *, 'i' int64_t *; a NULL pointer binds
 * NULL. Of a text that is in use already there is another. */
int store_prepare(struct store *s, struct store_statement *ret, struct err *e, const char *sql,
                  const char *format, ...);
void store_give_back(struct store_statement *); /* {0} is welcome */
void store_forget_statements(struct store *s);  /* none may be in use */
/* 1: a row, 0: done. */
int store_step(struct store *s, sqlite3_stmt *st, struct err *e);
/* Prepare, run to the end, give back. */
int store_run(struct store *s, struct err *e, const char *sql, const char *format, ...);
/* Gives column 0 of each row. The texts are gathered first, so that take may call the store again; what it
 * returns when it is not 0 ends the list and is returned. */
int store_texts(struct store *s, store_text_fn take, void *ctx, struct err *e, const char *sql,
                const char *format, ...);
/* store_case.c; within a transaction: the rows of a bundle whose bytes are stored, and a lint of its case. */
int store_add_bundle(struct store *s, const char *sha256, struct str case_id, int64_t now_ms, struct err *e);
const char *store_text(sqlite3_stmt *st, int column); /* "" for NULL */
/* Calls take_row for each row of a prepared statement, with the lock held; negative ends it, for want of
 * memory unless *e says another reason. */
typedef int (*store_row_fn)(void *ctx, sqlite3_stmt *row);
int store_each(struct store *s, sqlite3_stmt *st, store_row_fn take_row, void *ctx, struct err *e);

/* store_migrate.c: from whatever version the file has to this program's. */
int store_migrate(struct store *s, struct err *e);
/* -ERR_UNSUPPORTED: it is of another version. */
int store_migrated(struct store *s, struct err *e);

#endif
