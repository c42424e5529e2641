/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_place.h"

#include "iis_collection.h"
#include "iis_lock.h"

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory");
}

bool iis_placed_applies(const struct iis_placed *p, const struct iis_node *node)
{
    const struct iis_node *application = iis_node_application(node);

    if (p->file->is_ignored)
        return false;
    if (p->fragment->stops_at_applications && application != iis_node_application(p->node))
        return false;
    return p->file->is_apphost || !application || !application->ignores_web_config;
}

bool iis_node_is_broken(const struct iis_tree *t, const struct iis_node *node)
{
    const struct iis_node *application = iis_node_application(node);
    bool reads_web_config = !application || !application->ignores_web_config;

    if (t->server_is_broken)
        return true;
    for (const struct iis_node *n = node; n; n = n->parent) {
        if (n->is_broken_by_web && reads_web_config)
            return true;
        for (const struct iis_placed *p = n->first; p; p = p->next_here)
            if (p->is_broken && iis_placed_applies(p, node))
                return true;
    }
    return false;
}

/* The same section for the same path in the same file. */
static struct iis_placed *find_twin(const struct iis_node *node, const struct iis_file *file,
                                    const struct iis_fragment *f)
{
    for (struct iis_placed *p = node->first; p; p = p->next_here)
        if (p->file == file && p->fragment->declaration == f->declaration)
            return p;
    return NULL;
}

static void append(struct iis_tree *t, struct iis_placed *p)
{
    if (t->last_placed)
        t->last_placed->next = p;
    else
        t->placed = p;
    t->last_placed = p;
    if (!p->node)
        return;
    if (p->node->last)
        p->node->last->next_here = p;
    else
        p->node->first = p;
    p->node->last = p;
}

static int add_fault(struct iis_tree *t, struct iis_placed *p, const struct iis_fault *fault, struct err *e)
{
    p->is_broken = true;
    return iis_tree_add_error(t, fault, iis_placed_entry(p), p->fragment->declaration->section, p->node, e);
}

static int add_duplicate(struct iis_tree *t, struct iis_placed *p, struct iis_placed *twin, struct err *e)
{
    struct iis_fault *fault = arena_alloc(t->arena, sizeof *fault);

    if (!fault)
        return out_of_memory(e);
    *fault = (struct iis_fault){.kind = "duplicate",
                                .hresult = HRESULT_EXISTS,
                                .line = p->fragment->element->line,
                                .col = p->fragment->element->col};
    fault->message = str_from(arena_printf(
        t->arena, "the section stands twice for one path, first at line %u", twin->fragment->element->line));
    twin->is_broken = true;
    return fault->message.p ? add_fault(t, p, fault, e) : out_of_memory(e);
}

/* What is wrong with the fragment by itself, by what stands above it, or by its twin. */
static int check_placed(struct iis_tree *t, struct iis_placed *p, struct iis_placed *twin, struct err *e)
{
    const struct iis_fault *lock = NULL;
    int r = 0;

    if (twin)
        return add_duplicate(t, p, twin, e);
    if (!p->file->is_apphost)
        r = iis_lock_check(t, p, &lock, e);
    if (r == 0 && lock)
        return add_fault(t, p, lock, e);
    if (r == 0 && p->fragment->fault)
        return add_fault(t, p, p->fragment->fault, e);
    return r < 0 ? r : 0;
}

static bool is_matched(const struct iis_tree *t, const struct iis_node *node)
{
    const struct iis_node *site = iis_node_site(node);

    return node == t->root || !t->sites_are_known || (site && site->is_site);
}

static int place_fragment(struct iis_tree *t, struct iis_file *file, const struct iis_fragment *f,
                          struct err *e)
{
    struct iis_node *node = NULL;
    int r = f->path_problem ? 0 : iis_node_make(t, file->node, f->relative, &node, e);
    if (r < 0)
        return r;
    struct iis_placed *twin = node ? find_twin(node, file, f) : NULL;
    if (twin && twin->is_broken)
        return 0; /* said once */
    struct iis_placed *p = arena_alloc(t->arena, sizeof *p);
    if (!p)
        return out_of_memory(e);
    *p = (struct iis_placed){.fragment = f, .file = file, .node = node};
    p->is_matched = node && is_matched(t, node);
    p->collections = iis_collections_touched(f);
    if (p->is_matched && !file->is_ignored) {
        node->collections |= p->collections;
        t->has_stops |= f->stops_at_applications && p->collections;
    }
    r = p->is_matched && !file->is_ignored ? check_placed(t, p, twin, e) : 0;
    if (r < 0)
        return r;
    append(t, p);
    if (p->is_matched && node != t->root && !file->is_ignored)
        node->is_listed = true;
    return iis_lock_note_items(t, p, e);
}

int iis_place(struct iis_tree *t, struct iis_file *file, const struct xml_element *config, struct err *e)
{
    t->has_own_sections |= !file->is_apphost && iis_config_declares(config);
    int r = iis_config_read(config, &t->declarations, file->is_apphost || t->has_own_sections, t->arena,
                            &file->config, e);
    if (r < 0)
        return r;
    if (!file->is_apphost) {
        file->node->file = file;
        file->node->is_listed = is_matched(t, file->node);
    }
    if (file->config.fault && !file->is_ignored) {
        file->node->is_broken_by_web = !file->is_apphost;
        t->server_is_broken |= file->is_apphost;
        r = iis_tree_add_error(t, file->config.fault, file->entry, file->config.fault->section, file->node,
                               e);
    }
    for (const struct iis_fragment *f = file->config.first; f && r >= 0; f = f->next)
        r = place_fragment(t, file, f, e);
    return r;
}

int iis_place_malformed(struct iis_tree *t, const struct iis_file *file, struct xml_position where,
                        struct str message, struct err *e)
{
    struct iis_fault *fault = arena_alloc(t->arena, sizeof *fault);

    if (!fault)
        return out_of_memory(e);
    *fault = (struct iis_fault){.kind = "malformed",
                                .hresult = HRESULT_INVALID,
                                .message = message,
                                .line = where.line,
                                .col = where.col};
    if (file->is_apphost)
        t->server_is_broken = true;
    else {
        file->node->is_broken_by_web = true;
        file->node->file = file;
        file->node->is_listed = is_matched(t, file->node);
    }
    return iis_tree_add_error(t, fault, file->entry, (struct str){NULL, 0}, file->node, e);
}
