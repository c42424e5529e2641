/* SPDX-License-Identifier: Apache-2.0 */
#include "blob.h"

#include "blob_files.h"
#include "compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024 };

/* The hash runs along while this process writes; `hashed` is how far it is, -1: not at all any more. `synced`
 * is how much of the file is known to be on the disk. */
struct blob_upload {
    const struct blobs *blobs;
    char path[BLOB_PATH_BYTES];
    int fd;
    int64_t size, synced, hashed, marked;
    bool is_dirty;
    struct blob_tail tail; /* counted in size and hashed */
    EVP_MD_CTX *hash, *marked_hash;
};

static int upload_path(const struct blobs *b, const char *id, char ret[BLOB_PATH_BYTES], struct err *e)
{
    size_t len = strlen(id);
    int n;

    if (len == 0 || len > 64 || strspn(id, "0123456789abcdefghijklmnopqrstuvwxyz") != len)
        return err_set(e, ERR_MISSING, "upload: no such upload");
    n = snprintf(ret, BLOB_PATH_BYTES, "%s/spool/" SPOOL_PIECES "%s", b->dir, id);
    return n < 0 || n >= BLOB_PATH_BYTES ? err_set(e, ERR_LIMIT, "%s: the path is too long", b->dir) : 0;
}

static int open_file(struct blob_upload *u, int flags, struct err *e)
{
    struct stat info;

    if (u->fd >= 0)
        return 0;
    u->fd = open(u->path, O_RDWR | O_CLOEXEC | flags, 0600);
    if (u->fd < 0)
        return err_errno(e, "upload: opening its file");
    if (fstat(u->fd, &info) < 0)
        return err_errno(e, "upload: its size");
    u->size = info.st_size;
    return 0;
}

static int start(struct blob_upload *u, bool is_new, struct err *e)
{
    u->hash = EVP_MD_CTX_new();
    u->marked_hash = EVP_MD_CTX_new();
    if (!u->hash || !u->marked_hash || EVP_DigestInit_ex(u->hash, EVP_sha256(), NULL) != 1)
        return err_set(e, ERR_NOMEM, "upload: hashing");
    if (open_file(u, is_new ? O_CREAT | O_EXCL : 0, e) < 0)
        return -e->code;
    u->hashed = u->size == 0 ? 0 : -1;
    u->is_dirty = !is_new; /* what a killed server had written may not be on the disk yet */
    return is_new ? blob_sync_dir_of(u->path, e) : 0;
}

int blob_upload_open(struct blobs *b, const char *id, bool is_new, struct blob_upload **ret, struct err *e)
{
    struct blob_upload *u = calloc(1, sizeof *u);

    if (!u)
        return err_set(e, ERR_NOMEM, "upload");
    u->blobs = b;
    u->fd = -1;
    u->marked = -1;
    if (upload_path(b, id, u->path, e) < 0 || start(u, is_new, e) < 0) {
        blob_upload_close(u);
        return -e->code;
    }
    *ret = u;
    return 0;
}

int64_t blob_upload_size(const struct blob_upload *u)
{
    return u->size;
}

/* What could not be written was never there. */
static int flush(struct blob_upload *u, struct err *e)
{
    int64_t lost = (int64_t)u->tail.len;

    if (lost == 0 || blob_tail_flush(u->blobs, u->fd, &u->tail, u->size, e) == 0)
        return 0;
    u->size -= lost;
    u->hashed = -1;
    return -e->code;
}

static int add(struct blob_upload *u, const void *data, size_t len, struct err *e)
{
    int64_t lost = (int64_t)u->tail.len;

    if (blob_tail_add(u->blobs, u->fd, &u->tail, u->size, data, len, e) == 0)
        return 0;
    u->size -= lost;
    u->hashed = lost ? -1 : u->hashed;
    return -e->code;
}

int blob_upload_write(struct blob_upload *u, const void *data, size_t len, struct err *e)
{
    if (open_file(u, 0, e) < 0)
        return -e->code;
    u->is_dirty = true;
    if (add(u, data, len, e) < 0)
        return -e->code;
    if (u->hashed == u->size && EVP_DigestUpdate(u->hash, data, len) == 1)
        u->hashed += (int64_t)len;
    else
        u->hashed = -1;
    u->size += (int64_t)len;
    return 0;
}

/* After a sync that failed the system takes its pages for clean, so that the next one would say that all is
 * well (https://wiki.postgresql.org/wiki/Fsync_Errors): what came since the last good one was never there. */
static int lose_unsynced(struct blob_upload *u, struct err *e)
{
    (void)err_errno(e, "upload: syncing its file; nothing behind byte %lld is kept, go on from there",
                    (long long)u->synced);
    u->size = u->synced;
    u->hashed = u->marked = -1;
    if (ftruncate(u->fd, u->synced) < 0)
        (void)unlink(u->path); /* it must not be taken for what it is not */
    return -e->code;
}

int blob_upload_sync(struct blob_upload *u, struct err *e)
{
    if (!u->is_dirty)
        return 0;
    if (open_file(u, 0, e) < 0 || flush(u, e) < 0)
        return -e->code;
    if (fdatasync(u->fd) < 0)
        return lose_unsynced(u, e);
    u->synced = u->size;
    u->is_dirty = false;
    return 0;
}

int blob_upload_mark(struct blob_upload *u, struct err *e)
{
    u->marked = -1;
    if (u->hashed != u->size)
        return 0;
    if (EVP_MD_CTX_copy_ex(u->marked_hash, u->hash) != 1)
        return err_set(e, ERR_NOMEM, "upload: hashing");
    u->marked = u->size;
    return 0;
}

int blob_upload_cut(struct blob_upload *u, int64_t size, struct err *e)
{
    if (open_file(u, 0, e) < 0 || flush(u, e) < 0)
        return -e->code;
    if (size >= u->size)
        return 0;
    u->is_dirty = true;
    if (ftruncate(u->fd, size) < 0)
        return err_errno(e, "upload: cutting its file");
    u->size = size;
    u->synced = size < u->synced ? size : u->synced;
    u->hashed = -1;
    if (u->marked == size && EVP_MD_CTX_copy_ex(u->hash, u->marked_hash) == 1)
        u->hashed = size;
    return 0;
}

static int hash_file(struct blob_upload *u, struct err *e)
{
    char *piece = malloc(READ_BYTES);
    ssize_t n = 1;
    int64_t at = 0;

    if (!piece || EVP_DigestInit_ex(u->hash, EVP_sha256(), NULL) != 1) {
        free(piece);
        return err_set(e, ERR_NOMEM, "upload: hashing");
    }
    while (at < u->size && n > 0) {
        n = pread(u->fd, piece, READ_BYTES, at);
        if (n > 0 && EVP_DigestUpdate(u->hash, piece, (size_t)n) != 1)
            n = -1;
        at += n > 0 ? n : 0;
    }
    free(piece);
    if (at != u->size)
        return err_errno(e, "upload: reading its file");
    u->hashed = u->size;
    return 0;
}

int blob_upload_hash(struct blob_upload *u, char ret_sha256[65], struct err *e)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (open_file(u, 0, e) < 0 || flush(u, e) < 0 || (u->hashed != u->size && hash_file(u, e) < 0))
        return -e->code;
    u->hashed = -1;
    if (EVP_DigestFinal_ex(u->hash, digest, &n) != 1 || n != 32)
        return err_set(e, ERR_IO, "upload: hashing");
    for (unsigned i = 0; i < n; i++)
        (void)snprintf(ret_sha256 + (size_t)2 * i, 3, "%02x", digest[i]);
    return 0;
}

int blob_upload_commit(struct blob_upload *u, const char *sha256, struct err *e)
{
    u->is_dirty = true; /* the length too must be on the disk before the name is */
    if (blob_upload_sync(u, e) < 0 || blob_publish(u->blobs, u->path, sha256, e) < 0)
        return -e->code;
    blob_upload_park(u);
    return 0;
}

/* What cannot be written now comes again: whoever goes on is told the size without it. */
void blob_upload_park(struct blob_upload *u)
{
    struct err lost = {0};

    if (u->fd >= 0) {
        (void)flush(u, &lost);
        (void)close(u->fd);
    }
    u->fd = -1;
}

void blob_upload_close(struct blob_upload *u)
{
    if (!u)
        return;
    blob_upload_park(u);
    EVP_MD_CTX_free(u->hash);
    EVP_MD_CTX_free(u->marked_hash);
    free(u);
}

int blob_upload_remove(struct blobs *b, const char *id, struct err *e)
{
    char path[BLOB_PATH_BYTES];

    if (upload_path(b, id, path, e) < 0)
        return -e->code;
    return unlink(path) < 0 && errno != ENOENT ? err_errno(e, "upload: removing its file") : 0;
}
