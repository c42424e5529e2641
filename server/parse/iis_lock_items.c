/* SPDX-License-Identifier: Apache-2.0
 *
 * lockItem on the items of collections: a lower file may neither remove such an item nor clear its
 * collection. They are kept by the path that they hold for, so that a web.config with many <remove> stays
 * cheap. */
#include "iis_lock.h"

#include "buf.h"
#include "iis_collection.h"
#include "limits.h"

struct locked_item {
    const struct iis_placed *placed;
    const struct xml_element *item;
};

/* Of sections that have no row in iis_collections. */
static const struct iis_collection by_name = {.name = "", .add = "add", .keys = {{"name", NULL, true}}};

/* The collections of one section, one after the other; NULL: no more. */
static const struct iis_collection *next_collection(struct str section, size_t *i)
{
    bool any = false;

    if (*i > IIS_COLLECTION_COUNT)
        return NULL;
    for (size_t k = 0; k < IIS_COLLECTION_COUNT; k++) {
        if (!str_eq(section, str_from(iis_collections[k].section)))
            continue;
        any = true;
        if (k >= *i) {
            *i = k + 1;
            return &iis_collections[k];
        }
    }
    *i = IIS_COLLECTION_COUNT + 1;
    return any ? NULL : &by_name;
}

/* item NULL: what stands for the whole collection. False: no such item can be told from others. */
static bool name_of(const struct iis_collection *c, const struct xml_element *item, struct buf *name)
{
    buf_printf(name, "%c%s\n", item ? 'i' : 'c', c->name);
    return (!item || iis_item_key(item, c, name)) && !name->failed;
}

static int note(struct iis_tree *t, struct iis_placed *p, const struct iis_collection *c,
                const struct xml_element *item, const struct xml_element *named, struct err *e)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(LIMIT_TEXT_BYTES);
    struct locked_item *locked = arena_alloc(t->arena, sizeof *locked);
    struct str section = p->fragment->declaration->section;

    buf_add_str(&name, section);
    if (!name_of(c, named, &name))
        return 0;
    struct str key = arena_keep(t->arena, buf_str(&name));
    if (!locked || !key.p)
        return err_set(e, ERR_NOMEM, "out of memory");
    *locked = (struct locked_item){p, item};
    return iis_map_put(&t->locked_items, p->node, key, locked, e);
}

static int note_list(struct iis_tree *t, struct iis_placed *p, const struct iis_collection *c, struct err *e)
{
    const struct xml_element *list = iis_list_of(p->fragment->element, c);
    int r = 0;

    for (const struct xml_element *item = xml_child(list, c->add); item && r >= 0;
         item = xml_next(item, c->add)) {
        if (!iis_bool(xml_get(item, "lockItem"), false))
            continue;
        r = note(t, p, c, item, NULL, e);
        if (r >= 0)
            r = note(t, p, c, item, item, e);
    }
    return r;
}

int iis_lock_note_items(struct iis_tree *t, struct iis_placed *p, struct err *e)
{
    const struct iis_collection *c;
    size_t i = 0;
    int r = 0;

    if (!p->fragment->has_locks || !p->node || p->file->is_ignored)
        return 0;
    while (r >= 0 && (c = next_collection(p->fragment->declaration->section, &i)))
        r = note_list(t, p, c, e);
    return r == -ERR_LIMIT ? 0 : r; /* a collection of 20,000 locked items is no server's */
}

/* What holds `item` (a <remove> or <clear/>) for the path of p; NULL: nothing. */
static const struct locked_item *find(const struct iis_tree *t, const struct iis_placed *p,
                                      const struct iis_collection *c, const struct xml_element *item)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(LIMIT_TEXT_BYTES);
    bool clears = xml_is(item, "clear");

    buf_add_str(&name, p->fragment->declaration->section);
    if (!name_of(c, clears ? NULL : item, &name))
        return NULL;
    for (const struct iis_node *n = p->node; n; n = n->parent) {
        const struct locked_item *l = iis_map_get(&t->locked_items, n, buf_str(&name));
        if (l && iis_lock_governs(l->placed, p) && (clears || iis_same_item(l->item, item, c)))
            return l;
    }
    return NULL;
}

bool iis_lock_find_item(const struct iis_tree *t, const struct iis_placed *p, struct iis_lock *ret)
{
    const struct iis_collection *c;
    size_t i = 0;

    if (t->locked_items.n == 0)
        return false;
    while ((c = next_collection(p->fragment->declaration->section, &i))) {
        const struct xml_element *list = iis_list_of(p->fragment->element, c);
        for (const struct xml_element *item = xml_child(list, NULL); item; item = item->next) {
            bool takes_away = xml_is(item, "remove") || xml_is(item, "clear");
            const struct locked_item *l = takes_away ? find(t, p, c, item) : NULL;
            if (!l)
                continue;
            struct str key = xml_get(item, c->keys[0].name);
            *ret = (struct iis_lock){.by = l->placed, .at = item, .above = l->item};
            ret->part = xml_is(item, "clear") ? item->name : key.p ? key : item->name;
            return true;
        }
    }
    return false;
}
