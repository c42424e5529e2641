/* SPDX-License-Identifier: Apache-2.0
 *
 * Modification times: the machine's time for everything, then the lines of modified.txt. */
#include "mkimage.h"

#include <fcntl.h>
#include <sys/stat.h>

static int set_time(const char *path, int64_t ms, struct err *e)
{
    struct timespec at = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
    struct timespec both[2] = {at, at};

    return utimensat(AT_FDCWD, path, both, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : err_errno(e, "%s", path);
}

static int set_tree(struct machine *m, const char *path, struct err *e)
{
    const char **names = NULL;
    struct stat st;
    size_t n = 0;
    int r = lstat(path, &st) == 0 ? 0 : err_errno(e, "%s", path);

    if (r == 0 && S_ISDIR(st.st_mode))
        r = dir_names(m->a, path, &names, &n, e);
    for (size_t i = 0; r == 0 && i < n; i++) {
        const char *child = arena_printf(m->a, "%s/%s", path, names[i]);

        r = child == NULL ? err_set(e, ERR_NOMEM, "no memory") : set_tree(m, child, e);
    }
    return r != 0 ? r : set_time(path, m->modified_ms, e);
}

static int time_line(void *ctx, struct str line, struct err *e)
{
    struct str time, path = str_trim(str_cut(line, '\t', &time));
    const char *file;
    int64_t ms;
    int r = path_in_image(ctx, path, &file, e);

    time = str_trim(time);
    if (r == 0 && !time_parse(time, &ms))
        return err_set(e, ERR_FORMAT, "path, TAB and time are needed");
    return r != 0 ? r : set_time(file, ms, e);
}

int times_write(struct machine *m, struct err *e)
{
    int r = set_tree(m, m->out, e);

    for (size_t i = 0; r == 0 && i < m->n_layers; i++)
        r = lines_read(m, m->layers[i], "modified.txt", time_line, m, e);
    return r;
}
