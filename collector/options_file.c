/* SPDX-License-Identifier: Apache-2.0
 *
 * certtriage-collect.json: one signed program goes to every customer unchanged, with a small file beside it.
 */
#include <string.h>

#include <jansson.h>

#include "options.h"
#include "os.h"

enum { FILE_BYTES = 65536, ARGUMENTS = 256 };

/* Each member is turned into arguments, and options_parse says what is wrong with them. */
struct arguments {
    struct arena *arena;
    char **list;
    int n;
    const char *path;
};

static void free_json(json_t **j)
{
    json_decref(*j);
}

static int add(struct arguments *a, const char *text, struct err *e)
{
    if (a->n == ARGUMENTS)
        return err_set(e, ERR_LIMIT, "%s: more than %d members", a->path, ARGUMENTS);
    a->list[a->n] = arena_printf(a->arena, "%s", text);
    if (a->list[a->n++] == NULL)
        return err_set(e, ERR_NOMEM, "%s: out of memory", a->path);
    return 0;
}

static int add_value(struct arguments *a, const char *name, const json_t *value, struct err *e)
{
    char number[32];
    const char *text = json_string_value(value);

    if (json_is_integer(value)) {
        (void)snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
        text = number;
    }
    if (text == NULL)
        return err_set(e, ERR_FORMAT, "%s: %s: neither a text nor a whole number", a->path, name);
    return add(a, name, e) != 0 ? -e->code : add(a, text, e);
}

static int add_member(struct arguments *a, const char *key, const json_t *value, struct err *e)
{
    const char *name = strcmp(key, "output") == 0 ? "-o" : arena_printf(a->arena, "--%s", key);

    if (name == NULL)
        return err_set(e, ERR_NOMEM, "%s: out of memory", a->path);
    if (json_is_boolean(value))
        return json_is_true(value) ? add(a, name, e) : 0;
    if (!json_is_array(value))
        return add_value(a, name, value, e);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (add_value(a, name, json_array_get(value, i), e) != 0)
            return -e->code;
    return 0;
}

static int read_file(const char *path, struct buf *text, bool *ret_found, struct err *e)
{
    struct os_in *in = NULL;
    int64_t size, n;
    char *p;
    struct err why = {0};

    *ret_found = os_in_open(path, &in, &size, &why) == 0;
    if (!*ret_found && why.code == ERR_MISSING)
        return 0;
    if (!*ret_found) {
        *e = why;
        return -e->code;
    }
    p = buf_reserve(text, FILE_BYTES);
    n = p == NULL ? err_set(e, ERR_NOMEM, "%s: out of memory", path) : os_in_read(in, 0, p, FILE_BYTES, e);
    os_in_close(in);
    if (n < 0)
        return -e->code;
    buf_wrote(text, (size_t)n);
    return 0;
}

/* Notepad puts a mark before UTF-8. */
static struct str without_mark(struct str text)
{
    return str_starts(text, STR("\xef\xbb\xbf")) ? str_skip(text, 3) : text;
}

int options_file(const char *path, struct arena *a, int *argc, char ***argv, bool *ret_found, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(FILE_BYTES + 1);
    CLEANUP(free_json) json_t *root = NULL;
    struct arguments arguments = {.arena = a, .path = path};
    json_error_t where;
    const char *key;
    json_t *value;

    if (read_file(path, &text, ret_found, e) != 0)
        return -e->code;
    if (!*ret_found)
        return 0;
    struct str json = without_mark(buf_str(&text));
    root = json_loadb(json.p == NULL ? "" : json.p, json.len, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(root))
        return err_set(e, ERR_FORMAT, "%s: not a JSON object: line %d: %s", path, where.line, where.text);
    arguments.list = arena_array(a, (size_t)(ARGUMENTS + *argc + 1), sizeof(char *));
    if (arguments.list == NULL)
        return err_set(e, ERR_NOMEM, "%s: out of memory", path);
    arguments.list[arguments.n++] = (*argv)[0];
    json_object_foreach(root, key, value) if (add_member(&arguments, key, value, e) != 0) return -e->code;
    for (int i = 1; i < *argc; i++)
        arguments.list[arguments.n++] = (*argv)[i];
    *argc = arguments.n;
    *argv = arguments.list;
    return 0;
}
