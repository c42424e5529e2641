/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"

struct os_file {
    int fd;
};

static struct os_file_info info_of(const struct stat *st)
{
    return (struct os_file_info){
        .size = (int64_t)st->st_size,
        .modified_ms = (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000,
        .is_dir = S_ISDIR(st->st_mode),
    };
}

int os_stat(struct os *os, struct str path, struct os_file_info *ret, struct err *e)
{
    struct stat st;
    int fd = image_open(os, path, O_PATH, e), r;

    if (fd < 0)
        return fd;
    r = fstat(fd, &st) == 0 ? 0 : err_errno(e, "%.*s", (int)path.len, path.p);
    (void)close(fd);
    if (r == 0)
        *ret = info_of(&st);
    return r;
}

int os_file_open(struct os *os, struct str path, struct os_file **ret, struct err *e)
{
    struct stat st;
    struct os_file *f;
    int fd = image_open(os, path, O_RDONLY | O_NONBLOCK, e); /* a FIFO would wait for ever */

    if (fd < 0)
        return fd;
    f = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? calloc(1, sizeof *f) : NULL;
    if (f == NULL) {
        (void)close(fd);
        return err_set(e, ERR_IO, "%.*s: not a file that can be read", (int)path.len, path.p);
    }
    f->fd = fd;
    *ret = f;
    return 0;
}

void os_file_close(struct os_file *f)
{
    if (f == NULL)
        return;
    (void)close(f->fd);
    free(f);
}

int64_t os_file_read(struct os_file *f, int64_t offset, void *data, size_t room, struct err *e)
{
    ssize_t n;

    do
        n = pread(f->fd, data, room, (off_t)offset);
    while (n < 0 && errno == EINTR);
    return n >= 0 ? n : err_errno(e, "reading at byte %lld", (long long)offset);
}

struct listing {
    struct arena names_a;
    const char **names;
    size_t n, room;
};

static void listing_done(struct listing *l)
{
    arena_done(&l->names_a);
    free(l->names);
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static int add_name(struct listing *l, const char *name, struct err *e)
{
    if (l->n == (size_t)LIMIT_DIR_ENTRIES)
        return err_set(e, ERR_LIMIT, "more than %lld entries", (long long)LIMIT_DIR_ENTRIES);
    if (l->n == l->room) {
        size_t room = l->room == 0 ? 64 : l->room * 2;
        const char **more = reallocarray(l->names, room, sizeof *more);

        if (more == NULL)
            return err_set(e, ERR_NOMEM, "no memory");
        l->names = more;
        l->room = room;
    }
    l->names[l->n] = arena_keep(&l->names_a, str_from(name)).p;
    return l->names[l->n++] != NULL ? 0 : err_set(e, ERR_NOMEM, "no memory");
}

static int read_names(DIR *d, struct listing *l, struct err *e)
{
    struct dirent *entry;
    int r = 0;

    for (errno = 0; r == 0 && (entry = readdir(d)) != NULL; errno = 0) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            r = add_name(l, entry->d_name, e);
    }
    if (r == 0 && errno != 0)
        r = err_errno(e, "listing");
    if (l->n > 0)
        qsort(l->names, l->n, sizeof *l->names,
              by_name); /* a folder's own order differs from machine to machine */
    return r;
}

static int give_names(DIR *d, const struct listing *l, os_dir_fn take, void *ctx)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < l->n; i++) {
        CLEANUP(buf_done) struct buf name = BUF_INIT(4 * NAME_MAX);
        struct os_file_info info = {.modified_ms = TIME_NONE};
        struct stat st = {0};

        /* a link is listed as an empty file: it is followed only when it is opened */
        if (fstatat(dirfd(d), l->names[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
            info = info_of(&st);
        if (S_ISLNK(st.st_mode))
            info.size = 0;
        text_add_utf8_lossy(&name, str_from(l->names[i]));
        r = take(ctx, buf_str(&name), &info);
    }
    return r;
}

int os_dir_list(struct os *os, struct str path, os_dir_fn take, void *ctx, struct err *e)
{
    CLEANUP(listing_done) struct listing l = {.names_a = ARENA_INIT(LIMIT_WHOLE_ENTRY_BYTES * 4)};
    int fd = image_open(os, path, O_RDONLY | O_DIRECTORY, e), r;
    DIR *d;

    if (fd < 0)
        return fd;
    d = fdopendir(fd);
    if (d == NULL) {
        (void)close(fd);
        return err_set(e, ERR_NOMEM, "%.*s: no memory", (int)path.len, path.p);
    }
    r = read_names(d, &l, e);
    r = r != 0 ? err_wrap(e, "%.*s", (int)path.len, path.p) : give_names(d, &l, take, ctx);
    (void)closedir(d);
    return r;
}
