/* SPDX-License-Identifier: Apache-2.0
 *
 * blob_files: where the bytes are kept in the file system; private to blob*.c. */
#ifndef CERTTRIAGE_BLOB_FILES_H
#define CERTTRIAGE_BLOB_FILES_H

#include "blob.h"

enum { BLOB_PATH_BYTES = 4096 };

struct blobs {
    char *dir;
};

/* dir/kind/ab/<name>; makes the folders. */
int blob_path(const struct blobs *b, const char *kind, const char *name, char ret[BLOB_PATH_BYTES],
              struct err *e);
int blob_make_dir(const char *path, struct err *e);
int blob_sync_dir_of(const char *path, struct err *e); /* the folder in which path stands */
bool blob_is_sha256(const char *s);

#endif
