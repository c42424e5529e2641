/* SPDX-License-Identifier: Apache-2.0
 *
 * Collections as facts: where each becomes another than what it is above, and what is in it there. */
#include "extract_iis.h"

#include "buf.h"
#include "limits.h"

struct emitter {
    struct iis_job *job;
    struct iis_items items;
    int64_t n_rows;
};

/* 'name'; 'a.b', b of the child a; 'a/c.b', b of every a/c, joined. p == NULL: not written. */
static struct str value_of(const struct xml_element *item, const char *attribute, struct buf *joined)
{
    struct str name, way = str_cut(str_from(attribute), '.', &name), below;
    struct str above = str_cut(way, '/', &below);
    size_t n = 0;

    if (!name.p)
        return xml_get(item, attribute);
    const struct xml_element *c = xml_find(item, above);
    if (!below.p || !c)
        return c ? xml_get(c, name.p) : (struct str){NULL, 0};
    for (const struct xml_element *d = c->child; d; d = d->next) {
        if (!str_eq(d->name, below))
            continue;
        struct str value = xml_get(d, name.p);
        if (n++ > 0)
            buf_add_c(joined, "; ");
        if (!iis_is_hidden(value))
            buf_add_str(joined, value);
    }
    return joined->failed ? (struct str){NULL, 0} : buf_str(joined);
}

static void emit_row(struct emitter *m, size_t i, const struct iis_node *node, size_t position,
                     const char *attribute)
{
    const struct iis_collection *c = &iis_collections[i];
    const struct iis_item *item = &m->items.of[position];
    const struct iis_node *site = iis_node_site(node);
    CLEANUP(buf_done) struct buf joined = BUF_INIT(LIMIT_TEXT_BYTES);
    struct str value = value_of(item->element, attribute, &joined);
    struct sink *s = m->job->x->sink;

    if (!value.p)
        return;
    sink_begin(s, "effective_item");
    if (site)
        sink_text(s, "site", site->path);
    sink_text(s, "path", node->path);
    sink_c(s, "section", c->section);
    sink_c(s, "collection", c->name);
    sink_int(s, "position", (int64_t)position + 1);
    sink_c(s, "attribute", attribute);
    if (!iis_is_hidden(value))
        sink_text(s, "value", value);
    iis_emit_place(s, iis_placed_entry(item->from), item->element->line);
    sink_int(s, "col", item->element->col);
    sink_end(s);
    m->n_rows++;
}

static void emit_items(struct emitter *m, size_t i, const struct iis_node *node)
{
    const struct iis_collection *c = &iis_collections[i];

    for (size_t position = 0; position < m->items.n && m->n_rows < LIMIT_IIS_ITEM_ROWS; position++)
        for (size_t k = 0; k < IIS_SHOWN_MAX && c->shown[k]; k++)
            emit_row(m, i, node, position, c->shown[k]);
}

static void emit_head(struct emitter *m, size_t i, const struct iis_node *node, const struct iis_node *origin)
{
    struct sink *s = m->job->x->sink;

    sink_begin(s, "effective_collection");
    if (iis_node_site(node))
        sink_text(s, "site", iis_node_site(node)->path);
    sink_text(s, "path", node->path);
    sink_c(s, "section", iis_collections[i].section);
    sink_c(s, "collection", iis_collections[i].name);
    sink_text(s, "from_path", origin->path);
    if (node == origin)
        sink_int(s, "items", (int64_t)m->items.n);
    sink_end(s);
}

static int emit_node(struct emitter *m, const struct iis_node *node, struct err *e)
{
    struct iis_tree *t = &m->job->tree;
    int r = 0;

    for (size_t i = 0; i < IIS_COLLECTION_COUNT && r >= 0; i++) {
        const struct iis_node *origin = iis_items_origin(t, i, node);
        if (!iis_collections[i].shown[0] || (origin == t->root && node != t->root))
            continue;
        if (origin == node)
            r = iis_items_at(t, i, node, &m->items, e);
        if (r < 0)
            return r;
        emit_head(m, i, node, origin);
        if (origin == node)
            emit_items(m, i, node);
    }
    return r;
}

int iis_job_emit_collections(struct iis_job *j, struct err *e)
{
    struct emitter m = {.job = j};
    int r = iis_items_init(&j->tree, &m.items, e);

    if (!j->tree.sites_are_known)
        return 0;
    for (const struct iis_node *n = j->tree.root; n && r >= 0; n = n->next)
        if (n == j->tree.root || n->is_listed)
            r = emit_node(&m, n, e);
    if (m.n_rows >= LIMIT_IIS_ITEM_ROWS)
        r = err_set(e, ERR_LIMIT, "more than %lld items", (long long)LIMIT_IIS_ITEM_ROWS);
    if (r != -ERR_LIMIT)
        return r;
    sink_problem(j->x->sink, (struct str){NULL, 0}, 0, "collections are not complete: %s", e->text);
    return 0;
}
