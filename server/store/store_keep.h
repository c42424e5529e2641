/* SPDX-License-Identifier: Apache-2.0
 *
 * store_keep: whether everything that was acknowledged is there, copies of it, and what is kept no longer. A
 * part of the seam of store.h. */
#ifndef CERTTRIAGE_STORE_KEEP_H
#define CERTTRIAGE_STORE_KEEP_H

#include "store.h"

struct store_checked {
    int64_t cases, bundles, reports, facts; /* that were looked at */
    int64_t damaged;                        /* of these; each was told */
    int64_t orphans; /* files that nothing names: uploads that were never acknowledged */
};
/* Reads everything: the database, the SHA-256 of every bundle, every report as JSON, that every case with a
 * bundle has a report or a job. take gets one line for each damage and orphan. Beside a running server a file
 * that it is just storing may look like an orphan. */
int store_check(struct store *s, int (*take)(void *ctx, bool is_damage, const char *line), void *ctx,
                struct store_checked *ret, struct err *e);

struct store_sizes {
    int64_t cases, bundles;
    int64_t bytes;      /* of all files of the data folder, added up at most age_ms ago */
    int64_t free_bytes; /* of its disk */
};
int store_sizes_read(struct store *s, int64_t age_ms, struct store_sizes *ret, struct err *e);

/* A copy of a store in use, in a folder that is made: the database as it was at one moment, and every bundle
 * that it names, verified while it is copied. Into the folder of an earlier backup only new bundles are
 * copied. Facts are copied where the bundle is gone; others are made again. *ret_bundles: copied now.
 * -ERR_CHECKSUM: a bundle is damaged. Remembered, so that a deletion can name the backups that still hold a
 * case. */
int store_backup(struct store *s, const char *to, int64_t now_ms, int64_t *ret_bundles, struct err *e);
/* Makes `to`, a new folder, out of a backup, verified. -ERR_CONFLICT: it is there and not empty. */
int store_restore(const char *from, const char *to, int64_t *ret_bundles, struct err *e);

/* Deletes cases whose newest bundle is older than that many days; a case with days of its own counts by them
 * (0: for ever). days 0: only those. */
/* Days of one case: TIME_NONE as the server is told, 0 for ever. -ERR_MISSING: no such case. */
int store_case_retain(struct store *s, struct str case_id, int64_t days, struct err *e);
int store_case_retained(struct store *s, struct str case_id, int64_t *ret_days, struct err *e);
/* The backups made since the case came, which may still hold it when it is deleted; the newest first. */
int store_case_backups(struct store *s, struct str case_id,
                       int (*take)(void *ctx, const char *place, int64_t made_ms), void *ctx, struct err *e);
int store_retain(struct store *s, int64_t days, int64_t now_ms, int64_t *ret_deleted, struct err *e);

/* For the one server of this store: at its start it takes what runs and what is being received for what a
 * killed one left. The caller closes *ret_fd at its end. -ERR_CONFLICT: another holds it. */
int store_hold(struct store *s, int *ret_fd, struct err *e);

#endif
