/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_lock.h"

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory");
}

/* Does `p` stand in a file above that of `file_node`, and reach down to `target`? */
static bool governs(const struct iis_placed *p, const struct iis_declaration *declaration,
                    const struct iis_node *file_node, const struct iis_node *target)
{
    return p->fragment->declaration == declaration && iis_node_is_above(p->file->node, file_node) &&
           iis_placed_applies(p, target);
}

static bool is_nearer(const struct iis_file *a, const struct iis_file *b)
{
    return a->node->depth > b->node->depth || (a->node->depth == b->node->depth && a->above < b->above);
}

/* The fragment whose <location> decides over Allow or Deny; NULL: none does. */
static const struct iis_placed *decider(const struct iis_declaration *declaration,
                                        const struct iis_node *file_node, const struct iis_node *target)
{
    const struct iis_placed *best = NULL;

    for (const struct iis_node *n = target; n; n = n->parent)
        for (const struct iis_placed *p = n->first; p; p = p->next_here)
            if (p->fragment->mode != IIS_INHERIT && governs(p, declaration, file_node, target) &&
                (!best || is_nearer(p->file, best->file)))
                best = p;
    return best;
}

enum iis_mode iis_mode_at(const struct iis_declaration *declaration, const struct iis_node *file_node,
                          const struct iis_node *target)
{
    const struct iis_placed *by = decider(declaration, file_node, target);
    enum iis_mode mode = by ? by->fragment->mode : declaration->mode;

    return mode == IIS_DENY ? IIS_DENY : IIS_ALLOW;
}

/* Is `word` in a list like "enabled, userName"? '*' stands for all. */
static bool list_has(struct str list, struct str word)
{
    struct str rest = list;

    while (rest.p) {
        struct str item = str_trim(str_cut(rest, ',', &rest));
        if (str_ieq(item, word) || str_eq(item, STR("*")))
            return true;
    }
    return false;
}

static bool is_lock_word(struct str name)
{
    return str_starts(name, STR("lock"));
}

/* The first thing in `below` that `above`, the same element further up, locks; p == NULL: nothing. */
static struct str locked_part(const struct xml_element *above, const struct xml_element *below)
{
    struct str attributes = xml_get(above, "lockAttributes"), but = xml_get(above, "lockAllAttributesExcept");
    struct str elements = xml_get(above, "lockElements"),
               but_elements = xml_get(above, "lockAllElementsExcept");
    bool has_content = below->n_attributes || below->child;

    if (has_content && iis_bool(xml_get(above, "lockItem"), false))
        return below->name;
    for (size_t i = 0; i < below->n_attributes; i++) {
        struct str name = below->attributes[i].name;
        if (!is_lock_word(name) &&
            ((attributes.p && list_has(attributes, name)) || (but.p && !list_has(but, name))))
            return name;
    }
    for (const struct xml_element *c = below->child; c; c = c->next)
        if ((elements.p && list_has(elements, c->name)) ||
            (but_elements.p && !list_has(but_elements, c->name)))
            return c->name;
    return (struct str){NULL, 0};
}

static bool is_collection_word(const struct xml_element *element)
{
    return xml_is(element, "add") || xml_is(element, "remove") || xml_is(element, "clear");
}

enum { ELEMENTS_MAX = 256 }; /* of one section; the largest has some fifty */

/* As locked_part, for the section and the elements within it. */
static struct str locked_in_section(const struct xml_element *above, const struct xml_element *below)
{
    struct str part = locked_part(above, below);

    int n = 0;
    for (const struct xml_element *c = below->child; c && !part.p && n < ELEMENTS_MAX; c = c->next, n++) {
        const struct xml_element *same = is_collection_word(c) ? NULL : xml_child(above, NULL);
        while (same && !str_eq(same->name, c->name))
            same = same->next;
        if (same)
            part = locked_part(same, c);
    }
    return part;
}

static struct str locked_by_attributes(const struct iis_placed *p)
{
    struct str part = {NULL, 0};

    for (const struct iis_node *n = p->node; n && !part.p; n = n->parent)
        for (const struct iis_placed *q = n->first; q && !part.p; q = q->next_here)
            if (q->fragment->has_locks && governs(q, p->fragment->declaration, p->file->node, p->node))
                part = locked_in_section(q->fragment->element, p->fragment->element);
    return part;
}

/* What a collection's item is called; p == NULL: it has no name, or it was redacted. */
static struct str item_name(const struct xml_element *item)
{
    struct str name = xml_get(item, "name");

    return name.p && iis_is_hidden(name) ? (struct str){NULL, 0} : name;
}

/* A <remove> of an item that a higher file locks, or a <clear/> of a collection with such an item. */
static struct str locked_item(const struct iis_tree *t, const struct iis_placed *p)
{
    const struct iis_declaration *d = p->fragment->declaration;

    for (const struct xml_element *c = p->fragment->element->child; c; c = c->next) {
        bool clear = xml_is(c, "clear");
        struct str key = clear ? STR("") : item_name(c);
        if (!key.p || (!clear && !xml_is(c, "remove")))
            continue;
        const struct iis_placed *q = iis_map_get(&t->locked_items, d, key);
        if (q && q->node && (q->node == p->node || iis_node_is_above(q->node, p->node)) &&
            governs(q, d, p->file->node, p->node))
            return clear ? c->name : key;
    }
    return (struct str){NULL, 0};
}

int iis_lock_note_items(struct iis_tree *t, struct iis_placed *p, struct err *e)
{
    int r = 0;

    if (!p->fragment->has_locks)
        return 0;
    for (const struct xml_element *c = p->fragment->element->child; c && r >= 0; c = c->next) {
        if (!xml_is(c, "add") || !iis_bool(xml_get(c, "lockItem"), false))
            continue;
        struct str name = item_name(c);
        r = iis_map_put(&t->locked_items, p->fragment->declaration, STR(""), p, e); /* for <clear/> */
        if (r >= 0 && name.p)
            r = iis_map_put(&t->locked_items, p->fragment->declaration, name, p, e);
    }
    return r == -ERR_LIMIT ? 0 : r; /* a collection of 20,000 locked items is no server's */
}

/* Why the whole section may not stand in this file; NULL: it may. */
static const char *refusal(const struct iis_placed *p, const char **ret_kind)
{
    const struct iis_declaration *d = p->fragment->declaration;

    *ret_kind = "locked";
    if (d->is_apphost_only)
        return "the section may only stand in applicationHost.config (allowDefinition)";
    if (iis_mode_at(d, p->file->node, p->node) == IIS_ALLOW)
        return NULL;
    if (p->fragment->mode != IIS_ALLOW)
        return "the section is locked at a higher level";
    *ret_kind = "lock-conflict";
    return "<location> allows what is locked at a higher level";
}

static int new_fault(struct iis_tree *t, const struct iis_placed *p, const char *kind, const char *why,
                     const struct iis_fault **ret, struct err *e)
{
    const struct iis_placed *by = decider(p->fragment->declaration, p->file->node, p->node);
    uint32_t line = by ? by->fragment->element->line : p->fragment->declaration->line;
    struct str entry = by ? iis_placed_entry(by) : STR("applicationHost.config");
    struct iis_fault *fault = arena_alloc(t->arena, sizeof *fault);

    if (!fault)
        return out_of_memory(e);
    *fault = (struct iis_fault){.kind = kind,
                                .hresult = HRESULT_LOCKED,
                                .line = p->fragment->element->line,
                                .col = p->fragment->element->col};
    fault->message = str_from(arena_printf(t->arena, "%s: %.*s:%u", why, (int)entry.len, entry.p, line));
    if (!fault->message.p)
        return out_of_memory(e);
    *ret = fault;
    return 0;
}

int iis_lock_check(struct iis_tree *t, const struct iis_placed *p, const struct iis_fault **ret,
                   struct err *e)
{
    const char *kind, *why = refusal(p, &kind);
    struct str part = {NULL, 0};

    if (why)
        return new_fault(t, p, kind, why, ret, e);
    part = locked_by_attributes(p);
    if (!part.p)
        part = locked_item(t, p);
    if (!part.p)
        return 0;
    why = arena_printf(t->arena, "%.*s is locked at a higher level", (int)(part.len > 100 ? 100 : part.len),
                       part.p);
    return why ? new_fault(t, p, "locked", why, ret, e) : out_of_memory(e);
}
