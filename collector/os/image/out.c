/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine that we run on, when it is Linux: the bundle's file, hashes, arguments. */
#include "../os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

struct os_out {
    int fd;
};

struct os_in {
    int fd;
};

struct os_hash {
    EVP_MD_CTX *context;
    const EVP_MD *kind;
};

int os_arguments(int argc, char **argv, int *ret_argc, char ***ret_argv, struct err *e)
{
    (void)e;
    *ret_argc = argc;
    *ret_argv = argv;
    return 0;
}

int os_out_open(const char *path, bool replace, struct os_out **ret, struct err *e)
{
    struct os_out *o = calloc(1, sizeof(*o));

    if (o == NULL)
        return err_set(e, ERR_NOMEM, "%s: out of memory", path);
    o->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | (replace ? O_TRUNC : O_EXCL), 0600);
    if (o->fd < 0) {
        int r = errno == EEXIST ? err_set(e, ERR_CONFLICT, "%s: is already there", path)
                                : err_errno(e, "%s", path);
        free(o);
        return r;
    }
    *ret = o;
    return 0;
}

int os_out_write(struct os_out *o, const void *data, size_t len, struct err *e)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = write(o->fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(e, "writing");
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

int os_out_seek(struct os_out *o, int64_t offset, struct err *e)
{
    return lseek(o->fd, (off_t)offset, SEEK_SET) < 0 ? err_errno(e, "seeking") : 0;
}

int os_out_sync(struct os_out *o, struct err *e)
{
    return fsync(o->fd) != 0 ? err_errno(e, "writing to the disk") : 0;
}

int os_out_close(struct os_out *o, struct err *e)
{
    int r;

    if (o == NULL)
        return 0;
    r = close(o->fd) != 0 ? err_errno(e, "closing") : 0;
    free(o);
    return r;
}

void os_out_remove(const char *path)
{
    (void)unlink(path);
}

int os_in_open(const char *path, struct os_in **ret, int64_t *ret_size, struct err *e)
{
    struct stat st;
    struct os_in *in = calloc(1, sizeof(*in));

    if (in == NULL)
        return err_set(e, ERR_NOMEM, "%s: out of memory", path);
    in->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0 || fstat(in->fd, &st) != 0) {
        int r = err_errno(e, "%s", path);
        os_in_close(in);
        return r;
    }
    *ret = in;
    *ret_size = st.st_size;
    return 0;
}

int64_t os_in_read(struct os_in *in, int64_t offset, void *data, size_t room, struct err *e)
{
    ssize_t n;

    do
        n = pread(in->fd, data, room, (off_t)offset);
    while (n < 0 && errno == EINTR);
    return n < 0 ? err_errno(e, "reading") : n;
}

void os_in_close(struct os_in *in)
{
    if (in == NULL)
        return;
    if (in->fd >= 0)
        (void)close(in->fd);
    free(in);
}

int os_hash_new(enum os_hash_kind kind, struct os_hash **ret, struct err *e)
{
    struct os_hash *h = calloc(1, sizeof(*h));

    if (h == NULL)
        return err_set(e, ERR_NOMEM, "hash: out of memory");
    h->kind = kind == OS_SHA1 ? EVP_sha1() : EVP_sha256();
    h->context = EVP_MD_CTX_new();
    if (h->context == NULL || EVP_DigestInit_ex(h->context, h->kind, NULL) != 1) {
        os_hash_free(h);
        return err_set(e, ERR_IO, "hash: libcrypto offers none");
    }
    *ret = h;
    return 0;
}

int os_hash_add(struct os_hash *h, const void *data, size_t len, struct err *e)
{
    return EVP_DigestUpdate(h->context, data, len) != 1 ? err_set(e, ERR_IO, "hash: libcrypto refuses") : 0;
}

int os_hash_end(struct os_hash *h, uint8_t *ret, struct err *e)
{
    unsigned len = 0;

    if (EVP_DigestFinal_ex(h->context, ret, &len) != 1 || EVP_DigestInit_ex(h->context, h->kind, NULL) != 1)
        return err_set(e, ERR_IO, "hash: libcrypto refuses");
    return 0;
}

void os_hash_free(struct os_hash *h)
{
    if (h == NULL)
        return;
    EVP_MD_CTX_free(h->context);
    free(h);
}

int os_random(void *ret, size_t len, struct err *e)
{
    return getrandom(ret, len, 0) != (ssize_t)len ? err_errno(e, "random numbers") : 0;
}

int64_t os_clock_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int os_proxy(const char *url, struct buf *ret, struct err *e)
{
    (void)url, (void)ret;
    return err_set(e, ERR_MISSING, "proxy: left to libcurl's environment variables");
}

int os_long_path(const char *path, struct buf *ret, struct err *e)
{
    buf_add_c(ret, path);
    return buf_check(ret, path, e);
}
