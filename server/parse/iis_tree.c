/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_tree.h"

#include <string.h>

#include "limits.h"

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory");
}

int iis_tree_init(struct iis_tree *t, const struct xml_element *config, struct arena *a, struct err *e)
{
    *t = (struct iis_tree){
        .arena = a, .by_name = IIS_MAP_INIT(a, true), .locked_items = IIS_MAP_INIT(a, true)};
    iis_defaults_init(&t->defaults);
    t->root = t->last = arena_alloc(a, sizeof *t->root);
    if (!t->root)
        return out_of_memory(e);
    t->root->name = t->root->path = STR("");
    return iis_declarations_read(config, a, &t->declarations, e);
}

static struct str join(struct arena *a, struct str above, struct str name)
{
    if (above.len == 0)
        return arena_keep(a, name);
    char *p = arena_alloc(a, above.len + 1 + name.len + 1);
    if (!p)
        return (struct str){NULL, 0};
    memcpy(p, above.p, above.len);
    p[above.len] = '/';
    if (name.len)
        memcpy(p + above.len + 1, name.p, name.len);
    return (struct str){p, above.len + 1 + name.len};
}

static int add_child(struct iis_tree *t, struct iis_node *parent, struct str name, struct iis_node **ret,
                     struct err *e)
{
    if (parent->depth >= (unsigned)LIMIT_IIS_PATH_SEGMENTS)
        return err_set(e, ERR_LIMIT, "path of more than %lld parts", (long long)LIMIT_IIS_PATH_SEGMENTS);
    struct iis_node *n = arena_alloc(t->arena, sizeof *n);
    if (!n)
        return out_of_memory(e);
    n->parent = parent;
    n->depth = parent->depth + 1;
    n->path = join(t->arena, parent->path, name);
    if (!n->path.p)
        return out_of_memory(e);
    n->name = str_skip(n->path, n->path.len - name.len);
    int r = iis_map_put(&t->by_name, parent, n->name, n, e);
    if (r < 0)
        return r;
    t->last->next = n;
    t->last = n;
    *ret = n;
    return 0;
}

int iis_node_make(struct iis_tree *t, struct iis_node *base, struct str path, struct iis_node **ret,
                  struct err *e)
{
    struct iis_node *n = base;
    struct str rest = path;

    while (rest.len) {
        struct str name = str_cut(rest, '/', &rest);
        if (name.len == 0)
            continue;
        struct iis_node *child = iis_map_get(&t->by_name, n, name);
        int r = child ? 0 : add_child(t, n, name, &child, e);
        if (r < 0)
            return r;
        n = child;
    }
    *ret = n;
    return 0;
}

struct iis_node *iis_node_find(const struct iis_tree *t, struct str path)
{
    struct iis_node *n = t->root;
    struct str rest = path;

    while (n && rest.len) {
        struct str name = str_cut(rest, '/', &rest);
        if (name.len)
            n = iis_map_get(&t->by_name, n, name);
    }
    return n;
}

struct str iis_placed_entry(const struct iis_placed *p)
{
    const struct str *entry = p->fragment->element->entry;

    return entry ? *entry : p->file->entry;
}

bool iis_node_is_above(const struct iis_node *above, const struct iis_node *node)
{
    if (above->depth >= node->depth)
        return false;
    while (node->depth > above->depth)
        node = node->parent;
    return node == above;
}

const struct iis_node *iis_node_site(const struct iis_node *node)
{
    while (node && node->depth > 1)
        node = node->parent;
    return node && node->depth == 1 ? node : NULL;
}

const struct iis_node *iis_node_application(const struct iis_node *node)
{
    while (node && !node->is_application)
        node = node->parent;
    return node;
}

const struct iis_node *iis_node_virtual_directory(const struct iis_node *node)
{
    while (node && !node->is_virtual_directory)
        node = node->parent;
    return node;
}

int iis_tree_add_error(struct iis_tree *t, const struct iis_fault *fault, struct str entry,
                       struct str section, const struct iis_node *node, struct err *e)
{
    if (t->n_errors >= (size_t)LIMIT_IIS_ERRORS)
        return 0;
    struct iis_error *error = arena_alloc(t->arena, sizeof *error);
    if (!error)
        return out_of_memory(e);
    *error = (struct iis_error){.fault = fault, .entry = entry, .section = section, .node = node};
    if (t->last_error)
        t->last_error->next = error;
    else
        t->errors = error;
    t->last_error = error;
    t->n_errors++;
    return 0;
}
