/* SPDX-License-Identifier: Apache-2.0 */
#include "mkimage.h"

int lines_read(struct machine *m, const char *layer, const char *name, line_fn take, void *ctx, struct err *e)
{
    const char *path = arena_printf(m->a, "%s/%s", layer, name);
    struct bytes data;
    struct str text;
    int r;

    if (path == NULL)
        return err_set(e, ERR_NOMEM, "%s: no memory", name);
    if (!file_exists(path))
        return 0;
    r = file_read(m->a, path, &data, e);
    if (r == 0)
        r = words_expand(m, (struct str){(const char *)data.p, data.len}, &text, e);
    if (r != 0)
        return err_wrap(e, "%s", path);
    for (unsigned number = 1; r == 0 && text.len > 0; number++) {
        struct str line = str_cut(text, '\n', &text);

        if (line.len > 0 && line.p[line.len - 1] == '\r')
            line.len--;
        if (str_trim(line).len == 0 || line.p[0] == '#')
            continue;
        r = take(ctx, line, e);
        if (r != 0)
            (void)err_wrap(e, "%s:%u", path, number);
    }
    return r;
}

struct str line_word(struct arena *a, struct str *rest)
{
    struct str s = str_trim(*rest);
    bool in_quotes = false;
    size_t n = 0, kept = 0;
    char *word = arena_alloc(a, s.len + 1);

    if (word == NULL)
        return (struct str){NULL, 0};
    for (; n < s.len && (in_quotes || (s.p[n] != ' ' && s.p[n] != '\t')); n++) {
        if (s.p[n] == '"')
            in_quotes = !in_quotes;
        else
            word[kept++] = s.p[n];
    }
    *rest = str_skip(s, n);
    return (struct str){word, kept};
}
