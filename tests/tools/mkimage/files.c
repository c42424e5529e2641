/* SPDX-License-Identifier: Apache-2.0 */
#include "mkimage.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void file_close(FILE **f)
{
    if (*f != NULL)
        (void)fclose(*f);
}

int file_read(struct arena *a, const char *path, struct bytes *ret, struct err *e)
{
    CLEANUP(file_close) FILE *f = fopen(path, "rb");
    struct stat st;
    uint8_t *p;

    if (f == NULL || fstat(fileno(f), &st) != 0)
        return err_errno(e, "%s", path);
    p = arena_alloc(a, (size_t)st.st_size + 1);
    if (p == NULL)
        return err_set(e, ERR_NOMEM, "%s: no memory", path);
    if (fread(p, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
        return err_set(e, ERR_IO, "%s: cannot be read", path);
    *ret = (struct bytes){p, (size_t)st.st_size};
    return 0;
}

static int make_parents(const char *path, struct err *e)
{
    char part[4096];

    for (size_t i = 1; path[i] != '\0'; i++) {
        if (path[i] != '/')
            continue;
        if (i >= sizeof part)
            return err_set(e, ERR_LIMIT, "%s: path too long", path);
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return err_errno(e, "%s", part);
    }
    return 0;
}

int file_write(const char *path, struct bytes data, struct err *e)
{
    CLEANUP(file_close) FILE *f = NULL;
    int r = make_parents(path, e);

    if (r != 0)
        return r;
    f = fopen(path, "wb");
    if (f == NULL)
        return err_errno(e, "%s", path);
    if (fwrite(data.p, 1, data.len, f) != data.len || fflush(f) != 0)
        return err_errno(e, "%s", path);
    return 0;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void dir_close(DIR **d)
{
    if (*d != NULL)
        (void)closedir(*d);
}

int dir_names(struct arena *a, const char *path, const char ***ret, size_t *ret_n, struct err *e)
{
    enum { NAMES_MAX = 4096 };
    CLEANUP(dir_close) DIR *d = opendir(path);
    const char **names = arena_array(a, NAMES_MAX, sizeof *names);
    size_t n = 0;

    if (names == NULL)
        return err_set(e, ERR_NOMEM, "%s: no memory", path);
    if (d == NULL && errno != ENOENT)
        return err_errno(e, "%s", path);
    for (struct dirent *entry; d != NULL && n < NAMES_MAX && (entry = readdir(d)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        names[n] = arena_keep(a, str_from(entry->d_name)).p;
        if (names[n++] == NULL)
            return err_set(e, ERR_NOMEM, "%s: no memory", path);
    }
    qsort(names, n, sizeof *names, by_name);
    *ret = names;
    *ret_n = n;
    return 0;
}

int path_in_image(struct machine *m, struct str path, const char **ret, struct err *e)
{
    char *p;

    if (!str_istarts(path, STR("C:\\")))
        return err_set(e, ERR_FORMAT, "%.*s: not a path that begins with C:\\", (int)path.len, path.p);
    path = str_skip(path, 3);
    p = arena_printf(m->a, "%s/%.*s", m->out, (int)path.len, path.p);
    if (p == NULL)
        return err_set(e, ERR_NOMEM, "%.*s: no memory", (int)path.len, path.p);
    for (char *c = p; *c != '\0'; c++)
        *c = *c == '\\' ? '/' : *c;
    *ret = p;
    return 0;
}
