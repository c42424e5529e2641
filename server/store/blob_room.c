/* SPDX-License-Identifier: Apache-2.0
 *
 * The disk: written in pieces, kept from being filled, tidied. */
#include "blob.h"

#include "blob_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PIECE_BYTES = 8 << 20 }; /* how often the disk is asked, and sent what is dirty */
enum { TAIL_BYTES = 64 << 10 }; /* of each upload that somebody is sending */

void blobs_keep_free(struct blobs *b, int64_t bytes)
{
    b->keep_free = bytes;
}

int blobs_room(const struct blobs *b, int64_t bytes, struct err *e)
{
    struct statvfs disk;
    uint64_t left;

    if (statvfs(b->dir, &disk) < 0)
        return err_errno(e, "%s: free space", b->dir);
    left = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (left >= (uint64_t)bytes + (uint64_t)b->keep_free)
        return 0;
    return err_set(e, ERR_STORAGE,
                   "the server's disk has no room for %" PRId64 " bytes more; its keeper must make room",
                   bytes);
}

static int write_all(int fd, int64_t at, const char *data, size_t len, struct err *e)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, data, len, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(e, "upload: writing to the spool");
        data += n;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

static int write_at(const struct blobs *b, int fd, int64_t at, const void *data, size_t len, struct err *e)
{
    int64_t behind = at + (int64_t)len;

    if (write_all(fd, at, data, len, e) < 0)
        return -e->code;
    if (at / PIECE_BYTES == behind / PIECE_BYTES)
        return 0;
    (void)sync_file_range(fd, behind / PIECE_BYTES * PIECE_BYTES - PIECE_BYTES, PIECE_BYTES,
                          SYNC_FILE_RANGE_WRITE);
    return blobs_room(b, PIECE_BYTES, e);
}

int blob_tail_flush(const struct blobs *b, int fd, struct blob_tail *t, int64_t size, struct err *e)
{
    int r = t->len ? write_at(b, fd, size - (int64_t)t->len, t->bytes, t->len, e) : 0;

    free(t->bytes);
    *t = (struct blob_tail){0};
    return r;
}

int blob_tail_add(const struct blobs *b, int fd, struct blob_tail *t, int64_t size, const void *data,
                  size_t len, struct err *e)
{
    if (t->len + len > TAIL_BYTES && blob_tail_flush(b, fd, t, size, e) < 0)
        return -e->code;
    if (len > TAIL_BYTES / 2 || (!t->bytes && !(t->bytes = malloc(TAIL_BYTES))))
        return write_at(b, fd, size, data, len, e);
    memcpy(t->bytes + t->len, data, len);
    t->len += len;
    return 0;
}

static bool is_left_over(const char *name, bool (*is_known)(void *ctx, const char *upload_id), void *ctx)
{
    if (strncmp(name, SPOOL_SIMPLE, strlen(SPOOL_SIMPLE)) == 0)
        return true;
    return strncmp(name, SPOOL_PIECES, strlen(SPOOL_PIECES)) == 0 &&
           !is_known(ctx, name + strlen(SPOOL_PIECES));
}

void blobs_tidy(const struct blobs *b, bool (*is_known)(void *ctx, const char *upload_id), void *ctx)
{
    char path[BLOB_PATH_BYTES];
    struct dirent *one;
    DIR *dir;

    (void)snprintf(path, sizeof path, "%s/spool", b->dir);
    dir = opendir(path);
    while (dir && (one = readdir(dir)))
        if (is_left_over(one->d_name, is_known, ctx))
            (void)unlinkat(dirfd(dir), one->d_name, 0);
    if (dir)
        (void)closedir(dir);
}
