/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <fcntl.h>
#include <unistd.h>

#include "limits.h"

int image_read_top(struct os *os, const char *name, struct buf *ret, struct err *e)
{
    int fd = image_open_relative(os, name, O_RDONLY | O_NONBLOCK, e);
    ssize_t n;

    if (fd == -ERR_MISSING)
        return 0;
    if (fd < 0)
        return fd;
    do {
        char *room = buf_reserve(ret, 65536);

        n = room == NULL ? 0 : read(fd, room, 65536);
        if (n > 0)
            buf_wrote(ret, (size_t)n);
    } while (n > 0);
    (void)close(fd);
    return n < 0 ? err_errno(e, "%s", name) : buf_check(ret, name, e);
}

/* Lines in the order of the file; blank ones and # comments left out. */
static int read_lines(struct os *os, const char *name, struct image_line **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    int r = image_read_top(os, name, &text, e);
    struct str rest = buf_str(&text);

    while (r == 0 && rest.len > 0) {
        struct str value, line = str_trim(str_cut(rest, '\n', &rest));
        struct image_line *at;

        if (line.len == 0 || line.p[0] == '#')
            continue;
        at = arena_alloc(&os->a, sizeof *at);
        if (at == NULL)
            return err_set(e, ERR_NOMEM, "%s: no memory", name);
        at->name = arena_keep(&os->a, str_trim(str_cut(line, '\t', &value)));
        at->value = arena_keep(&os->a, str_trim(value));
        *ret = at;
        ret = &at->next;
    }
    return r;
}

int image_lists_read(struct os *os, struct err *e)
{
    int r = read_lines(os, "acl.sddl", &os->acl, e);

    return r != 0 ? r : read_lines(os, "denied.txt", &os->denied, e);
}

int image_check_denied(const struct os *os, struct str name, struct err *e)
{
    for (const struct image_line *at = os->denied; at != NULL; at = at->next) {
        if (str_istarts(name, at->name) && (name.len == at->name.len || name.p[at->name.len] == '\\')) {
            (void)err_set(e, ERR_DENIED, "%.*s: access is denied", (int)name.len, name.p);
            e->os_code = 5;
            return -ERR_DENIED;
        }
    }
    return 0;
}
