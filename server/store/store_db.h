/* SPDX-License-Identifier: Apache-2.0
 *
 * store_db: what the files of the store share: the connection, its lock, and one way to run a statement. */
#ifndef CERTTRIAGE_STORE_DB_H
#define CERTTRIAGE_STORE_DB_H

#include "store.h"

#include <pthread.h>
#include <sqlite3.h>

struct store {
    sqlite3 *db;
    struct blobs *blobs;
    pthread_mutex_t lock;
    /* Taken before lock: between bytes becoming a bundle and their row, and while files of deleted ones are
     * removed. */
    pthread_mutex_t files_lock;
    bool has_lost_sync;           /* nothing more is written (store.c) */
    int64_t sized_ms, size_bytes; /* store_size.c: all files, and when they were added up */
};

/* Begin takes the lock and starts an immediate transaction; end commits when r >= 0, else rolls back, and
 * gives the lock back. Returns r, or the failure of the commit. What store_begin begins is durable when it
 * has ended; what store_begin_lazy begins is whole, but a power cut may take the newest of it back: for what
 * is done again then, such as the state of jobs. */
int store_begin(struct store *s, struct err *e);
int store_begin_lazy(struct store *s, struct err *e);
int store_end(struct store *s, int r, struct err *e);

/* Prepares and binds: format has one letter a value, 's' struct str *, 'c' const char *, 'i' int64_t *; a
 * NULL pointer binds NULL. */
int store_prepare(struct store *s, sqlite3_stmt **ret, struct err *e, const char *sql, const char *format,
                  ...);
/* 1: a row, 0: done. */
int store_step(struct store *s, sqlite3_stmt *st, struct err *e);
/* Prepare, run to the end, finalize. */
int store_run(struct store *s, struct err *e, const char *sql, const char *format, ...);
/* Gives column 0 of each row. The texts are gathered first, so that take may call the store again; what it
 * returns when it is not 0 ends the list and is returned. */
int store_texts(struct store *s, store_text_fn take, void *ctx, struct err *e, const char *sql,
                const char *format, ...);
/* store_case.c; within a transaction: the rows of a bundle whose bytes are stored, and a lint of its case. */
int store_add_bundle(struct store *s, const char *sha256, struct str case_id, int64_t now_ms, struct err *e);
void store_finalize(sqlite3_stmt **st);
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
