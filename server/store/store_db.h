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
};

/* Begin takes the lock and starts an immediate transaction; end commits when r >= 0, else rolls back, and
 * gives the lock back. Returns r, or the failure of the commit. */
int store_begin(struct store *s, struct err *e);
int store_end(struct store *s, int r, struct err *e);

/* Prepares and binds: format has one letter a value, 's' struct str *, 'c' const char *, 'i' int64_t *; a
 * NULL pointer binds NULL. */
int store_prepare(struct store *s, sqlite3_stmt **ret, struct err *e, const char *sql, const char *format,
                  ...);
/* 1: a row, 0: done. */
int store_step(struct store *s, sqlite3_stmt *st, struct err *e);
/* Prepare, run to the end, finalize. */
int store_run(struct store *s, struct err *e, const char *sql, const char *format, ...);
void store_finalize(sqlite3_stmt **st);

#endif
