/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows paths below DIR: without regard to case, and never out of DIR. */
#include "image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_drive(struct str s)
{
    return s.len >= 2 && s.p[1] == ':' &&
           ((s.p[0] >= 'A' && s.p[0] <= 'Z') || (s.p[0] >= 'a' && s.p[0] <= 'z')) &&
           (s.len == 2 || s.p[2] == '\\' || s.p[2] == '/');
}

static struct str cut_part(struct str s, struct str *rest)
{
    size_t n = 0;

    while (n < s.len && s.p[n] != '\\' && s.p[n] != '/')
        n++;
    *rest = str_skip(s, n + 1);
    return (struct str){s.p, n};
}

static void drop_last_part(struct buf *b)
{
    while (b->len > 2 && b->p[b->len - 1] != '\\')
        b->len--;
    if (b->len > 2)
        b->len--;
    b->p[b->len] = '\0';
}

int image_path_normal(struct str path, struct buf *ret, struct err *e)
{
    struct str part, rest = path;

    if (str_starts(rest, STR("\\\\?\\")))
        rest = str_skip(rest, 4);
    if (!is_drive(rest) || memchr(path.p, '\0', path.len) != NULL)
        return err_set(e, ERR_UNSUPPORTED, "%.*s: not a path of a local drive", (int)path.len, path.p);
    buf_add_char(ret, (char)(rest.p[0] & ~0x20));
    buf_add_char(ret, ':');
    for (rest = str_skip(rest, 3); rest.len > 0;) {
        part = cut_part(rest, &rest);
        if (str_eq(part, STR("..")) && ret->failed == 0)
            drop_last_part(ret);
        while (part.len > 0 && (part.p[part.len - 1] == '.' || part.p[part.len - 1] == ' '))
            part.len--; /* as Windows does */
        if (part.len == 0)
            continue;
        buf_add_char(ret, '\\');
        buf_add_str(ret, part);
    }
    return buf_check(ret, "path", e);
}

/* The folder of a drive: C: is DIR itself, D: is D_drive where somebody put it. */
static int start_at_drive(struct os *os, struct str normal, struct buf *ret, struct err *e)
{
    struct stat st;

    buf_clear(ret);
    if (normal.p[0] == 'C') {
        buf_add_char(ret, '.');
        return buf_check(ret, "path", e);
    }
    buf_printf(ret, "%c_drive", normal.p[0]);
    if (ret->failed == 0 && fstatat(os->root, buf_c(ret), &st, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    return err_set(e, ERR_UNSUPPORTED, "%.*s: the image has no drive %c:", (int)normal.len, normal.p,
                   normal.p[0]);
}

static void dir_close(DIR **d)
{
    if (*d != NULL)
        (void)closedir(*d);
}

/* Appends the part as the folder spells it. Windows compares without case; of two names that differ by case
 * alone (which NTFS allows) the exact one wins. */
static int add_part(struct os *os, struct str part, struct buf *path, struct err *e)
{
    CLEANUP(dir_close) DIR *d = NULL;
    size_t parent_len = path->len;
    struct stat st;
    int fd = image_open_relative(os, buf_c(path), O_RDONLY | O_DIRECTORY, e);

    if (fd < 0)
        return fd;
    d = fdopendir(fd);
    if (d == NULL) {
        (void)close(fd);
        return err_set(e, ERR_NOMEM, "%s: no memory", buf_c(path));
    }
    buf_add_char(path, '/');
    buf_add_str(path, part);
    if (path->failed != 0)
        return buf_check(path, "path", e);
    if (fstatat(fd, path->p + parent_len + 1, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
        struct str name = str_from(entry->d_name);

        if (str_ieq(name, part)) {
            memcpy(path->p + parent_len + 1, name.p, name.len); /* the same length */
            return 0;
        }
    }
    return err_set(e, ERR_MISSING, "no such file");
}

int image_path_find(struct os *os, struct str normal, struct buf *ret, struct err *e)
{
    struct str rest = str_skip(normal, 3);
    int r = start_at_drive(os, normal, ret, e);

    while (r == 0 && rest.len > 0) {
        struct str part = str_cut(rest, '\\', &rest);

        r = add_part(os, part, ret, e);
        if (r == -ERR_IO && e->os_code == ENOTDIR)
            r = err_set(e, ERR_MISSING, "a part of the path is not a folder");
        if (r != 0)
            return err_wrap(e, "%.*s", (int)normal.len, normal.p);
    }
    return r;
}

/* A name that is there but cannot be opened is a link that leads out of DIR, or to nowhere: not a proof of
 * absence. */
static int check_dangling(struct os *os, const char *relative, struct err *e)
{
    struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    int fd = (int)syscall(SYS_openat2, os->root, relative, &how, sizeof how);

    if (fd < 0)
        return err_set(e, ERR_MISSING, "%s: no such file", relative);
    (void)close(fd);
    return err_set(e, ERR_UNSUPPORTED, "%s: a link that leads out of the image", relative);
}

int image_open_relative(struct os *os, const char *relative, int flags, struct err *e)
{
    struct open_how how = {.flags = (unsigned long long)(unsigned)(flags | O_CLOEXEC),
                           .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, os->root, relative, &how, sizeof how);

    if (fd >= 0)
        return fd;
    if (errno == ENOENT)
        return check_dangling(os, relative, e);
    if (errno == ENOSYS)
        return err_set(e, ERR_UNSUPPORTED,
                       "this kernel has no openat2, which keeps links inside of an image");
    return err_errno(e, "%s", relative);
}

int image_open(struct os *os, struct str path, int flags, struct err *e)
{
    CLEANUP(buf_done) struct buf normal = BUF_INIT(1 << 16);
    CLEANUP(buf_done) struct buf relative = BUF_INIT(1 << 16);
    int r = image_path_normal(path, &normal, e);

    r = r != 0 ? r : image_check_denied(os, buf_str(&normal), e);
    r = r != 0 ? r : image_path_find(os, buf_str(&normal), &relative, e);
    if (r != 0)
        return r;
    r = image_open_relative(os, buf_c(&relative), flags, e);
    return r >= 0 ? r : err_wrap(e, "%.*s", (int)normal.len, normal.p);
}
