/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"

enum { TYPE_SZ = 1, TYPE_EXPAND_SZ = 2, TYPE_DWORD = 4, TYPE_MULTI_SZ = 7, TYPE_QWORD = 11 };

struct walk {
    struct os *os;
    hive_h *h;
    const struct os_reg_visitor *v;
    struct buf key; /* name of the key that is visited */
    int64_t n_keys;
};

static void free_names(char **p)
{
    free(*p);
}

static void free_nodes(hive_node_h **p)
{
    free(*p);
}

static void walk_done(struct walk *w)
{
    buf_done(&w->key);
}

/* A key or value that cannot be read is told; the walk goes on unless the visitor stops it. */
static int tell_failed(struct walk *w, const struct err *why)
{
    return w->v->failed == NULL ? 0 : w->v->failed(w->v->ctx, buf_str(&w->key), why);
}

static int tell_damage(struct walk *w, const char *what)
{
    struct err why = {0};

    (void)image_hive_error(&why, what);
    return tell_failed(w, &why);
}

static int visit_value(struct walk *w, hive_value_h value)
{
    CLEANUP(free_names) char *name = hivex_value_key(w->h, value);
    CLEANUP(free_names) char *data = NULL;
    hive_type type;
    size_t len;

    if (name == NULL)
        return tell_damage(w, "name of a value");
    data = hivex_value_value(w->h, value, &type, &len);
    if (data == NULL)
        return tell_damage(w, name);
    return w->v->value(w->v->ctx, str_from(name), (uint32_t)type, (struct bytes){(const uint8_t *)data, len});
}

static int visit_values(struct walk *w, hive_node_h node)
{
    CLEANUP(free_nodes) hive_value_h *values = hivex_node_values(w->h, node);
    int r = 0;

    if (values == NULL)
        return tell_damage(w, "values");
    for (size_t i = 0; r == 0 && values[i] != 0; i++)
        r = visit_value(w, values[i]);
    return r;
}

static int visit_key(struct walk *w, hive_node_h node, unsigned depth, unsigned level, struct err *e);

static int visit_child(struct walk *w, hive_node_h child, unsigned depth, unsigned level, struct err *e)
{
    CLEANUP(free_names) char *name = hivex_node_name(w->h, child);
    size_t parent_len = w->key.len;
    struct err why = {0};
    int r;

    if (name == NULL)
        return tell_damage(w, "name of a subkey");
    buf_add_char(&w->key, '\\');
    buf_add_c(&w->key, name);
    r = buf_check(&w->key, "name of a key", e);
    if (r == 0 && image_check_denied(w->os, buf_str(&w->key), &why) != 0)
        r = tell_failed(w, &why);
    else if (r == 0)
        r = visit_key(w, child, depth, level, e);
    w->key.len = parent_len;
    if (w->key.p != NULL)
        w->key.p[parent_len] = '\0';
    return r;
}

static int visit_key(struct walk *w, hive_node_h node, unsigned depth, unsigned level, struct err *e)
{
    CLEANUP(free_nodes) hive_node_h *children = NULL;
    int64_t time = hivex_node_timestamp(w->h, node);
    int r;

    if (++w->n_keys > LIMIT_REGISTRY_KEYS || level > (unsigned)LIMIT_REGISTRY_DEPTH)
        return err_set(e, ERR_LIMIT, "%s: more keys than a hive can hold; it is damaged", buf_c(&w->key));
    r = w->v->key(w->v->ctx, buf_str(&w->key), time > 0 ? time_from_filetime((uint64_t)time) : TIME_NONE);
    r = r != 0 ? r : visit_values(w, node);
    if (r != 0 || depth == 0)
        return r;
    children = hivex_node_children(w->h, node);
    if (children == NULL)
        return tell_damage(w, "subkeys");
    for (size_t i = 0; r == 0 && children[i] != 0; i++)
        r = visit_child(w, children[i], depth - 1, level + 1, e);
    return r;
}

int os_reg_walk(struct os *os, struct str key, unsigned depth, const struct os_reg_visitor *v, struct err *e)
{
    CLEANUP(walk_done) struct walk w = {.os = os, .v = v, .key = BUF_INIT(1 << 16)};
    hive_node_h node;
    int r = image_key_open(os, key, &w.h, &node, e);

    if (r != 0)
        return r;
    buf_add_str(&w.key, key);
    r = buf_check(&w.key, "name of a key", e);
    return r != 0 ? r : visit_key(&w, node, depth >= 32 ? (unsigned)LIMIT_REGISTRY_DEPTH : depth, 0, e);
}

static int add_number(struct buf *ret, const uint8_t *p, size_t len)
{
    uint64_t n = 0;

    for (size_t i = len; i-- > 0;)
        n = n << 8 | p[i];
    buf_printf(ret, "%llu", (unsigned long long)n);
    return 0;
}

/* Up to the first NUL; of a list, its strings one a line. */
static void add_text(struct buf *ret, const uint8_t *p, size_t len, bool is_list)
{
    size_t start = 0;

    for (size_t i = 0; i + 1 < len; i += 2) {
        if (p[i] != 0 || p[i + 1] != 0)
            continue;
        text_add_utf16le(ret, p + start, i - start);
        start = i + 2;
        if (!is_list || (start + 1 < len && p[start] == 0 && p[start + 1] == 0))
            return;
        if (start + 1 < len)
            buf_add_char(ret, '\n');
    }
    text_add_utf16le(ret, p + start, len - start);
}

static int add_value(struct buf *ret, hive_type type, const char *data, size_t len, struct err *e)
{
    const uint8_t *p = (const uint8_t *)data;

    switch ((int)type) {
    case TYPE_SZ:
    case TYPE_EXPAND_SZ:
    case TYPE_MULTI_SZ:
        add_text(ret, p, len, (int)type == TYPE_MULTI_SZ);
        return buf_check(ret, "value", e);
    case TYPE_DWORD:
    case TYPE_QWORD:
        if (len != ((int)type == TYPE_DWORD ? 4 : 8))
            return err_set(e, ERR_FORMAT, "a number of %zu bytes", len);
        return add_number(ret, p, len);
    default:
        return err_set(e, ERR_FORMAT, "neither text nor a number (type %d)", (int)type);
    }
}

int os_reg_text(struct os *os, struct str key, struct str name, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf wanted = BUF_INIT(1 << 16);
    CLEANUP(free_names) char *data = NULL;
    hive_value_h value;
    hive_node_h node;
    hive_type type;
    hive_h *h;
    size_t len;
    int r = image_key_open(os, key, &h, &node, e);

    buf_add_str(&wanted, name);
    r = r != 0 ? r : buf_check(&wanted, "name of a value", e);
    if (r != 0)
        return r;
    errno = 0;
    value = hivex_node_get_value(h, node, buf_c(&wanted));
    if (value == 0 && errno == 0)
        return err_set(e, ERR_MISSING, "%.*s: %s: no such value", (int)key.len, key.p, buf_c(&wanted));
    data = value == 0 ? NULL : hivex_value_value(h, value, &type, &len);
    r = data == NULL ? image_hive_error(e, buf_c(&wanted)) : add_value(ret, type, data, len, e);
    return r == 0 ? 0 : err_wrap(e, "%.*s: %s", (int)key.len, key.p, buf_c(&wanted));
}

void image_reg_text_or_empty(struct os *os, const char *key, const char *name, struct buf *ret)
{
    struct err ignored = {0};

    if (os_reg_text(os, str_from(key), str_from(name), ret, &ignored) != 0)
        buf_clear(ret);
}
