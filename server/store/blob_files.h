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
/* blob_room.c: what is written at the end of a file, gathered, since many small writes take long.
 * Zero-initialised. */
struct blob_tail {
    char *bytes; /* that are not in the file yet */
    size_t len;
};
/* size: of the file when all of it is there, without `data`. Asks from time to time whether the disk has room
 * (blobs_room) and sends what was written on its way, so that the sync at the end is short. */
int blob_tail_add(const struct blobs *b, int fd, struct blob_tail *t, int64_t size, const void *data,
                  size_t len, struct err *e);
/* Until it is called the file is short; it frees the memory. Also on failure nothing is left: the file has
 * `size` bytes less those that were left. */
int blob_tail_flush(const struct blobs *b, int fd, struct blob_tail *t, int64_t size, struct err *e);
/* A synced file of the spool becomes the bundle of its hash, durably. */
int blob_publish(const struct blobs *b, const char *from, const char *sha256, struct err *e);
bool blob_is_sha256(const char *s);

#endif
