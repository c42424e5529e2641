/* SPDX-License-Identifier: Apache-2.0 */
#include "blob.h"

#include "blob_files.h"
#include "compiler.h"
#include "limits.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct blob_spool {
    const struct blobs *blobs;
    char *path;
    int fd;
    struct blob_tail tail;
    int64_t written, cap;
    EVP_MD_CTX *hash;
    char sha256[65];
};

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

int blob_make_dir(const char *path, struct err *e)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return err_errno(e, "%s: making the folder", path);
    return 0;
}

int blob_sync_dir_of(const char *path, struct err *e)
{
    char dir[BLOB_PATH_BYTES];
    const char *slash = strrchr(path, '/');
    CLEANUP(close_fd) int fd = -1;

    if (!slash || (size_t)(slash - path) >= sizeof dir)
        return err_set(e, ERR_USAGE, "%s: a path with a folder is needed", path);
    memcpy(dir, path, (size_t)(slash - path));
    dir[slash - path] = 0;
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return err_errno(e, "%s: syncing the folder", dir);
    return 0;
}

int blob_path(const struct blobs *b, const char *kind, const char *name, char ret[BLOB_PATH_BYTES],
              struct err *e)
{
    int n = snprintf(ret, BLOB_PATH_BYTES, "%s/%s/%.2s", b->dir, kind, name);

    if (n < 0 || n >= BLOB_PATH_BYTES - 160)
        return err_set(e, ERR_LIMIT, "%s: the path is too long", b->dir);
    if (blob_make_dir(ret, e) < 0)
        return -e->code;
    snprintf(ret + n, (size_t)(BLOB_PATH_BYTES - n), "/%s", name);
    return 0;
}

int blobs_open(const char *dir, struct blobs **ret, struct err *e)
{
    static const char *const kinds[] = {"bundles", "facts", "cases", "spool"};
    char path[BLOB_PATH_BYTES];
    struct blobs *b = calloc(1, sizeof *b);

    if (!b || !(b->dir = strdup(dir))) {
        blobs_close(b);
        return err_set(e, ERR_NOMEM, "%s: opening", dir);
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        int n = snprintf(path, sizeof path, "%s/%s", dir, kinds[i]);
        if (n < 0 || n >= (int)sizeof path || blob_make_dir(path, e) < 0) {
            blobs_close(b);
            return -(e->code ? e->code : ERR_LIMIT);
        }
    }
    *ret = b;
    return 0;
}

const char *blobs_dir(const struct blobs *b)
{
    return b->dir;
}

void blobs_close(struct blobs *b)
{
    if (b)
        free(b->dir);
    free(b);
}

static int spool_open_file(struct blob_spool *s, struct err *e)
{
    char path[BLOB_PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/spool/" SPOOL_SIMPLE "XXXXXX", s->blobs->dir);

    if (n < 0 || n >= (int)sizeof path)
        return err_set(e, ERR_LIMIT, "%s: the path is too long", s->blobs->dir);
    s->fd = mkostemp(path, O_CLOEXEC);
    if (s->fd < 0)
        return err_errno(e, "%s: making a spool file", path);
    s->path = strdup(path);
    s->hash = EVP_MD_CTX_new();
    if (!s->path || !s->hash || EVP_DigestInit_ex(s->hash, EVP_sha256(), NULL) != 1) {
        (void)unlink(path);
        return err_set(e, ERR_NOMEM, "upload: spooling");
    }
    return 0;
}

int blob_spool_begin(struct blobs *b, int64_t cap_bytes, struct blob_spool **ret, struct err *e)
{
    struct blob_spool *s = calloc(1, sizeof *s);

    if (!s)
        return err_set(e, ERR_NOMEM, "upload: spooling");
    s->blobs = b;
    s->cap = cap_bytes;
    s->fd = -1;
    if (spool_open_file(s, e) < 0) {
        blob_spool_drop(s);
        return -e->code;
    }
    *ret = s;
    return 0;
}

int blob_spool_write(struct blob_spool *s, const void *data, size_t len, struct err *e)
{
    if ((int64_t)len > s->cap - s->written)
        return err_set(e, ERR_LIMIT, "upload: more than %lld bytes", (long long)s->cap);
    if (EVP_DigestUpdate(s->hash, data, len) != 1)
        return err_set(e, ERR_IO, "upload: hashing");
    if (blob_tail_add(s->blobs, s->fd, &s->tail, s->written, data, len, e) < 0)
        return -e->code;
    s->written += (int64_t)len;
    return 0;
}

int blob_spool_hash(struct blob_spool *s, char ret_sha256[65], struct err *e)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (EVP_DigestFinal_ex(s->hash, digest, &n) != 1 || n != 32)
        return err_set(e, ERR_IO, "upload: hashing");
    for (unsigned i = 0; i < n; i++)
        snprintf(s->sha256 + (size_t)2 * i, 3, "%02x", digest[i]);
    memcpy(ret_sha256, s->sha256, sizeof s->sha256);
    return 0;
}

int blob_publish(const struct blobs *b, const char *from, const char *sha256, struct err *e)
{
    char name[80], path[BLOB_PATH_BYTES];

    (void)snprintf(name, sizeof name, "%s.zip", sha256);
    if (blob_path(b, "bundles", name, path, e) < 0)
        return -e->code;
    if (rename(from, path) < 0)
        return err_errno(e, "%s: storing", path);
    if (blob_sync_dir_of(path, e) < 0)
        return -e->code;
    /* The two-letter folder itself may be new. */
    *strrchr(path, '/') = 0;
    return blob_sync_dir_of(path, e);
}

int blob_spool_sync(struct blob_spool *s, struct err *e)
{
    if (blob_tail_flush(s->blobs, s->fd, &s->tail, s->written, e) < 0)
        return -e->code;
    return fsync(s->fd) < 0 ? err_errno(e, "upload: syncing the spool") : 0;
}

int blob_spool_commit(struct blob_spool *s, struct err *e)
{
    int r = blob_spool_sync(s, e);

    if (r == 0)
        r = blob_publish(s->blobs, s->path, s->sha256, e);
    if (r == 0) {
        free(s->path);
        s->path = NULL;
    }
    blob_spool_drop(s);
    return r;
}

void blob_spool_drop(struct blob_spool *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        (void)close(s->fd);
    if (s->path)
        (void)unlink(s->path);
    free(s->path);
    free(s->tail.bytes);
    EVP_MD_CTX_free(s->hash);
    free(s);
}

bool blob_is_sha256(const char *s)
{
    return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

int blob_open(struct blobs *b, const char *sha256, int *ret_fd, struct err *e)
{
    char name[80], path[BLOB_PATH_BYTES];

    if (!blob_is_sha256(sha256))
        return err_set(e, ERR_USAGE, "not a SHA-256 in lower-case hex");
    snprintf(name, sizeof name, "%s.zip", sha256);
    if (blob_path(b, "bundles", name, path, e) < 0)
        return -e->code;
    *ret_fd = open(path, O_RDONLY | O_CLOEXEC);
    return *ret_fd < 0 ? err_errno(e, "bundle %.12s", sha256) : 0;
}
