/* SPDX-License-Identifier: Apache-2.0
 *
 * blob_files: where the bytes are kept in the file system; private to blob*.c. */
#ifndef CERTTRIAGE_BLOB_FILES_H
#define CERTTRIAGE_BLOB_FILES_H

#include "blob.h"

enum { BLOB_PATH_BYTES = 4096 };

/* How names of files in the spool begin: simple uploads, uploads in pieces. */
#define SPOOL_SIMPLE "upload-"
#define SPOOL_PIECES "tus-"

struct blobs {
    char *dir;
    int64_t keep_free;
};

const char *blobs_dir(const struct blobs *b);
/* dir/kind/ab/<name>; makes the folders. */
int blob_path(const struct blobs *b, const char *kind, const char *name, char ret[BLOB_PATH_BYTES],
              struct err *e);
int blob_make_dir(const char *path, struct err *e);
int blob_sync_dir_of(const char *path, struct err *e); /* the folder in which path stands */
/* blob_room.c: all of it at that place of the file. Asks from time to time whether the disk has room
 * (blobs_room) and sends what was written on its way, so that the sync at the end is short. */
int blob_write(const struct blobs *b, int fd, int64_t at, const void *data, size_t len, struct err *e);
/* A synced file of the spool becomes the bundle of its hash, durably. */
int blob_publish(const struct blobs *b, const char *from, const char *sha256, struct err *e);
bool blob_is_sha256(const char *s);

#endif
