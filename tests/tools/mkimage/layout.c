/* SPDX-License-Identifier: Apache-2.0
 *
 * The volume's files: each layer's files/ laid over the ones before, then its DELETE, then its EDIT. */
#include "mkimage.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Files whose words in braces are expanded; everything else is copied as it is. */
static bool has_words(const char *path)
{
    struct str s = str_from(path);

    return str_iends(s, STR(".config")) || str_iends(s, STR(".xml"));
}

static int copy_file(struct machine *m, const char *from, const char *to, struct err *e)
{
    struct bytes data;
    struct str text;
    int r = file_read(m->a, from, &data, e);

    if (r == 0 && has_words(from)) {
        r = words_expand(m, (struct str){(const char *)data.p, data.len}, &text, e);
        data = (struct bytes){(const uint8_t *)text.p, text.len};
        if (r != 0)
            return err_wrap(e, "%s", from);
    }
    return r != 0 ? r : file_write(to, data, e);
}

static int copy_tree(struct machine *m, const char *from, const char *to, unsigned depth, struct err *e)
{
    const char **names = NULL;
    size_t n = 0;
    int r = depth > 64 ? err_set(e, ERR_LIMIT, "%s: too deep", from) : dir_names(m->a, from, &names, &n, e);

    for (size_t i = 0; r == 0 && i < n; i++) {
        const char *source = arena_printf(m->a, "%s/%s", from, names[i]);
        const char *target = arena_printf(m->a, "%s/%s", to, names[i]);
        struct stat st;

        if (source == NULL || target == NULL)
            return err_set(e, ERR_NOMEM, "%s: no memory", from);
        if (stat(source, &st) != 0)
            return err_errno(e, "%s", source);
        r = S_ISDIR(st.st_mode) ? copy_tree(m, source, target, depth + 1, e)
                                : copy_file(m, source, target, e);
    }
    return r;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int delete_line(void *ctx, struct str line, struct err *e)
{
    const char *path;
    int r = path_in_image(ctx, str_trim(line), &path, e);

    if (r == 0 && nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        return err_errno(e, "%s", path);
    return r;
}

struct edit {
    struct machine *m;
    struct str path;
    struct buf old, new;
    bool has_new; /* a '>' was seen: the next '<' begins another edit */
};

static void edit_done(struct edit *ed)
{
    buf_done(&ed->old);
    buf_done(&ed->new);
}

/* Where the old lines stand in the file, and how often; they begin where a line begins. */
static const char *find_lines(struct bytes file, const struct buf *old, unsigned *ret_count)
{
    const char *start = (const char *)file.p, *found = NULL, *at = start, *end = start + file.len;

    *ret_count = 0;
    for (; (at = memmem(at, (size_t)(end - at), old->p, old->len)) != NULL; at++) {
        if (at != start && at[-1] != '\n')
            continue;
        found = at;
        ++*ret_count;
    }
    return found;
}

static void add_line(struct buf *out, struct str line)
{
    buf_add_str(out, line);
    buf_add_char(out, '\n');
}

/* The lines of an edit end as those of the file do. */
static void add_lines_as_in(struct bytes file, const struct buf *lines, struct buf *ret)
{
    bool has_cr = memmem(file.p, file.len, "\r\n", 2) != NULL;
    struct str rest = buf_str(lines);

    while (rest.len > 0) {
        buf_add_str(ret, str_cut(rest, '\n', &rest));
        buf_add_c(ret, has_cr ? "\r\n" : "\n");
    }
}

static int apply_edit(struct edit *ed, struct err *e)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(64 << 20);
    CLEANUP(buf_done) struct buf old = BUF_INIT(2 << 20);
    const char *path, *at;
    struct bytes file;
    unsigned count;
    int r;

    if (ed->old.len == 0)
        return 0;
    r = path_in_image(ed->m, ed->path, &path, e);
    r = r != 0 ? r : file_read(ed->m->a, path, &file, e);
    if (r != 0)
        return r;
    add_lines_as_in(file, &ed->old, &old);
    r = buf_check(&old, path, e);
    if (r != 0)
        return r;
    at = find_lines(file, &old, &count);
    if (count != 1)
        return err_set(e, ERR_MISSING, "%s: found %u times, not once: %s", path, count, buf_c(&ed->old));
    buf_add(&out, file.p, (size_t)(at - (const char *)file.p));
    add_lines_as_in(file, &ed->new, &out);
    at += old.len;
    buf_add(&out, at, (size_t)((const char *)file.p + file.len - at));
    buf_clear(&ed->old);
    buf_clear(&ed->new);
    ed->has_new = false;
    r = buf_check(&out, path, e);
    return r != 0 ? r : file_write(path, (struct bytes){(const uint8_t *)out.p, out.len}, e);
}

static int edit_line(void *ctx, struct str line, struct err *e)
{
    struct edit *ed = ctx;
    struct str text = str_skip(line, line.len > 1 && line.p[1] == ' ' ? 2 : 1);
    int r = 0;

    switch (line.p[0]) {
    case '@':
        r = apply_edit(ed, e);
        ed->path = arena_keep(ed->m->a, str_trim(text));
        break;
    case '<':
        r = ed->has_new ? apply_edit(ed, e) : 0;
        add_line(&ed->old, text);
        break;
    case '>':
        ed->has_new = true;
        add_line(&ed->new, text);
        break;
    default:
        r = err_set(e, ERR_FORMAT, "a line of EDIT begins with @, < or >");
    }
    return r;
}

static int apply_edits(struct machine *m, const char *layer, struct err *e)
{
    CLEANUP(edit_done) struct edit ed = {.m = m, .old = BUF_INIT(1 << 20), .new = BUF_INIT(1 << 20)};
    int r = lines_read(m, layer, "EDIT", edit_line, &ed, e);

    return r != 0 ? r : apply_edit(&ed, e);
}

int layout_write(struct machine *m, struct err *e)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < m->n_layers; i++) {
        const char *files = arena_printf(m->a, "%s/files", m->layers[i]);

        r = files == NULL ? err_set(e, ERR_NOMEM, "no memory") : copy_tree(m, files, m->out, 0, e);
        r = r != 0 ? r : lines_read(m, m->layers[i], "DELETE", delete_line, m, e);
        r = r != 0 ? r : apply_edits(m, m->layers[i], e);
    }
    return r;
}
