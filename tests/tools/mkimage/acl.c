/* SPDX-License-Identifier: Apache-2.0
 *
 * acl.sddl and denied.txt: what a folder cannot hold. Their merged lines are written beside the volume's
 * files. */
#include "mkimage.h"

#include <string.h>
#include <sys/stat.h>

enum { LINES_MAX = 2048 };

struct acl_line {
    struct str path, sddl;
};

struct acl {
    struct machine *m;
    struct acl_line lines[LINES_MAX];
    size_t n;
    struct buf denied;
};

static struct str without_backslash(struct str s)
{
    return s.len > 0 && s.p[s.len - 1] == '\\' ? (struct str){s.p, s.len - 1} : s;
}

/* A path that ends with a backslash is a folder; everything else that is not there is made as an empty file.
 */
static int make_object(struct machine *m, struct str windows_path, struct err *e)
{
    const char *path;
    int r = path_in_image(m, windows_path, &path, e);

    if (r != 0 || file_exists(path))
        return r;
    if (windows_path.p[windows_path.len - 1] != '\\')
        return file_write(path, (struct bytes){(const uint8_t *)"", 0}, e);
    path = arena_printf(m->a, "%s.keep", path);
    r = path == NULL ? err_set(e, ERR_NOMEM, "no memory")
                     : file_write(path, (struct bytes){(const uint8_t *)"", 0}, e);
    if (r == 0)
        (void)remove(path);
    return r;
}

static struct acl_line *find_line(struct acl *acl, struct str path)
{
    for (size_t i = 0; i < acl->n; i++) {
        if (str_ieq(without_backslash(acl->lines[i].path), path))
            return &acl->lines[i];
    }
    return NULL;
}

static int acl_line(void *ctx, struct str line, struct err *e)
{
    struct acl *acl = ctx;
    struct str sddl, path = str_trim(str_cut(line, '\t', &sddl));
    struct acl_line *at = find_line(acl, without_backslash(path));

    sddl = str_trim(sddl);
    if (sddl.len == 0)
        return err_set(e, ERR_FORMAT, "path, TAB and SDDL are needed");
    if (str_eq(sddl, STR("-"))) {
        if (at == NULL)
            return err_set(e, ERR_MISSING, "%.*s is not there to take away", (int)path.len, path.p);
        *at = acl->lines[--acl->n];
        return 0;
    }
    if (at == NULL && acl->n == LINES_MAX)
        return err_set(e, ERR_LIMIT, "more than %d lines", LINES_MAX);
    at = at == NULL ? &acl->lines[acl->n++] : at;
    *at = (struct acl_line){.path = arena_keep(acl->m->a, path), .sddl = arena_keep(acl->m->a, sddl)};
    return 0;
}

static int denied_line(void *ctx, struct str line, struct err *e)
{
    static const struct str USER = {"store:User:", 11};
    struct acl *acl = ctx;
    struct str rest, name = str_trim(line);

    if (str_istarts(name, USER)) {
        name = str_cut(str_skip(name, USER.len), '\\', &rest);
        const struct user *u = machine_user(acl->m, name);

        if (u == NULL)
            return err_set(e, ERR_MISSING, "%.*s: no such user", (int)name.len, name.p);
        buf_printf(&acl->denied, "store:CurrentUser-%s\\%.*s\n", u->sid, (int)rest.len, rest.p);
        return 0;
    }
    buf_printf(&acl->denied, "%.*s\n", (int)name.len, name.p);
    return 0;
}

static int write_text(struct machine *m, const char *name, const struct buf *text, struct err *e)
{
    const char *path = arena_printf(m->a, "%s/%s", m->out, name);
    int r = path == NULL ? err_set(e, ERR_NOMEM, "no memory") : buf_check(text, name, e);

    if (r != 0 || text->len == 0)
        return r;
    return file_write(path, (struct bytes){(const uint8_t *)text->p, text->len}, e);
}

static int write_acl(struct acl *acl, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(16 << 20);
    int r = 0;

    for (size_t i = 0; r == 0 && i < acl->n; i++) {
        struct str path = without_backslash(acl->lines[i].path);

        buf_printf(&text, "%.*s\t%s\n", (int)path.len, path.p, acl->lines[i].sddl.p);
        r = make_object(acl->m, acl->lines[i].path, e);
    }
    return r != 0 ? r : write_text(acl->m, "acl.sddl", &text, e);
}

int acl_write(struct machine *m, struct err *e)
{
    struct acl *acl = arena_alloc(m->a, sizeof *acl);
    int r = acl == NULL ? err_set(e, ERR_NOMEM, "no memory") : 0;

    if (r != 0)
        return r;
    acl->m = m;
    acl->denied = BUF_INIT(1 << 20);
    for (size_t i = 0; r == 0 && i < m->n_layers; i++) {
        r = lines_read(m, m->layers[i], "acl.sddl", acl_line, acl, e);
        r = r != 0 ? r : lines_read(m, m->layers[i], "denied.txt", denied_line, acl, e);
    }
    r = r != 0 ? r : write_acl(acl, e);
    r = r != 0 ? r : write_text(m, "denied.txt", &acl->denied, e);
    buf_done(&acl->denied);
    return r;
}
