/* SPDX-License-Identifier: Apache-2.0
 *
 * Bundles verified, listed and copied. */
#include "blob_keep.h"

#include "blob_files.h"
#include "compiler.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 16 };

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static void close_dir(DIR **d)
{
    if (*d)
        (void)closedir(*d);
}

static void digest_done(EVP_MD_CTX **ctx)
{
    EVP_MD_CTX_free(*ctx);
}

static int write_all(int fd, const unsigned char *p, size_t n, struct err *e)
{
    while (n > 0) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return err_errno(e, "copying");
        p += done;
        n -= (size_t)done;
    }
    return 0;
}

/* Hashes what it reads; to < 0: it is written nowhere. */
static int pump(int from, int to, const char *sha256, struct err *e)
{
    CLEANUP(digest_done) EVP_MD_CTX *hash = EVP_MD_CTX_new();
    unsigned char piece[PIECE], digest[EVP_MAX_MD_SIZE];
    char hex[65] = "";
    unsigned len = 0;
    ssize_t n;

    if (!hash || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1)
        return err_set(e, ERR_NOMEM, "hashing");
    while ((n = read(from, piece, sizeof piece)) > 0) {
        (void)EVP_DigestUpdate(hash, piece, (size_t)n);
        if (to >= 0 && write_all(to, piece, (size_t)n, e) < 0)
            return -e->code;
    }
    if (n < 0)
        return err_errno(e, "bundle %.12s", sha256);
    (void)EVP_DigestFinal_ex(hash, digest, &len);
    for (unsigned i = 0; i < 32; i++)
        (void)snprintf(hex + (size_t)2 * i, 3, "%02x", digest[i]);
    return strcmp(hex, sha256) == 0
               ? 0
               : err_set(e, ERR_CHECKSUM, "bundle %.12s: its bytes have another SHA-256", sha256);
}

int blob_verify(struct blobs *b, const char *sha256, struct err *e)
{
    CLEANUP(close_fd) int fd = -1;

    return blob_open(b, sha256, &fd, e) < 0 ? -e->code : pump(fd, -1, sha256, e);
}

int blob_copy(struct blobs *from, const char *sha256, struct blobs *to, struct err *e)
{
    CLEANUP(close_fd) int in = -1, out = -1;
    char name[80], path[BLOB_PATH_BYTES], temporary[BLOB_PATH_BYTES + 8];

    (void)snprintf(name, sizeof name, "%.64s.zip", sha256);
    if (blob_open(from, sha256, &in, e) < 0 || blob_path(to, "bundles", name, path, e) < 0)
        return -e->code;
    (void)snprintf(temporary, sizeof temporary, "%s.tmp", path);
    out = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0)
        return err_errno(e, "%s", temporary);
    if (pump(in, out, sha256, e) < 0 || blob_facts_publish(temporary, path, e) < 0) {
        (void)unlink(temporary);
        return -e->code;
    }
    return 0;
}

/* "ab/<64 hex>…" of one kind. */
static int list_folder(const char *path, blob_name_fn take, void *ctx)
{
    CLEANUP(close_dir) DIR *d = opendir(path);
    const struct dirent *entry;
    int r = 0;

    while (d && r == 0 && (entry = readdir(d)))
        if (entry->d_name[0] != '.')
            r = take(ctx, entry->d_name);
    return r;
}

int blob_each(struct blobs *b, const char *kind, blob_name_fn take, void *ctx)
{
    char path[BLOB_PATH_BYTES];
    int r = 0;

    for (unsigned i = 0; i < 256 && r == 0; i++) {
        (void)snprintf(path, sizeof path, "%.4000s/%s/%02x", b->dir, kind, i);
        r = list_folder(path, take, ctx);
    }
    return r;
}

int blob_facts_copy(struct blobs *from, const char *sha256, int facts_version, struct blobs *to,
                    struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(BLOB_PATH_BYTES), temporary = BUF_INIT(BLOB_PATH_BYTES + 64);
    CLEANUP(close_fd) int in = -1, out = -1;
    char target[BLOB_PATH_BYTES];
    unsigned char piece[PIECE];
    int version;
    ssize_t n;

    if (blob_facts_older(from, sha256, facts_version, &path, &version, e) < 0)
        return -e->code;
    if (blob_path(to, "facts", strrchr(buf_c(&path), '/') + 1, target, e) < 0 ||
        blob_facts_temporary(target, &temporary, e) < 0)
        return -e->code;
    in = open(buf_c(&path), O_RDONLY | O_CLOEXEC);
    out = open(buf_c(&temporary), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (in < 0 || out < 0)
        return err_errno(e, "%s", in < 0 ? buf_c(&path) : buf_c(&temporary));
    while ((n = read(in, piece, sizeof piece)) > 0)
        if (write_all(out, piece, (size_t)n, e) < 0)
            return -e->code;
    return n < 0 ? err_errno(e, "%s", buf_c(&path)) : blob_facts_publish(buf_c(&temporary), target, e);
}
