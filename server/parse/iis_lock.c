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

bool iis_lock_governs(const struct iis_placed *by, const struct iis_placed *p)
{
    return governs(by, p->fragment->declaration, p->file->node, p->node);
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

/* The first thing in `below` that `above`, the same element further up, locks. */
static bool find_locked_part(const struct xml_element *above, const struct xml_element *below,
                             struct iis_lock *ret)
{
    struct str attributes = xml_get(above, "lockAttributes"), but = xml_get(above, "lockAllAttributesExcept");
    struct str elements = xml_get(above, "lockElements"),
               but_elements = xml_get(above, "lockAllElementsExcept");
    bool has_content = below->n_attributes || below->child;

    *ret = (struct iis_lock){.above = above, .at = below, .part = below->name};
    if (has_content && iis_bool(xml_get(above, "lockItem"), false))
        return true;
    for (size_t i = 0; i < below->n_attributes; i++) {
        ret->part = below->attributes[i].name;
        if (!is_lock_word(ret->part) &&
            ((attributes.p && list_has(attributes, ret->part)) || (but.p && !list_has(but, ret->part))))
            return true;
    }
    for (const struct xml_element *c = below->child; c && (elements.p || but_elements.p); c = c->next) {
        ret->part = c->name;
        ret->at = c;
        if ((elements.p && list_has(elements, c->name)) ||
            (but_elements.p && !list_has(but_elements, c->name)))
            return true;
    }
    return false;
}

static bool is_collection_word(const struct xml_element *element)
{
    return xml_is(element, "add") || xml_is(element, "remove") || xml_is(element, "clear");
}

enum {
    ELEMENTS_MAX = 256, /* of one element; the largest of IIS' schema has some fifty */
    DEPTH_MAX = 6,      /* of elements in a section; the deepest of IIS' schema has four */
};

/* As find_locked_part, for the section and the elements within it. */
static bool find_in_section(const struct xml_element *above, const struct xml_element *below, int depth,
                            struct iis_lock *ret)
{
    int n = 0;

    if (find_locked_part(above, below, ret))
        return true;
    for (const struct xml_element *c = below->child; c && depth < DEPTH_MAX && n < ELEMENTS_MAX;
         c = c->next) {
        if (is_collection_word(c))
            continue;
        const struct xml_element *same = xml_find(above, c->name);
        if (same && find_in_section(same, c, depth + 1, ret))
            return true;
        n++;
    }
    return false;
}

static bool find_in_elements(const struct iis_placed *p, struct iis_lock *ret)
{
    for (const struct iis_node *n = p->node; n; n = n->parent)
        for (const struct iis_placed *q = n->first; q; q = q->next_here)
            if (q->fragment->has_locks && iis_lock_governs(q, p) &&
                find_in_section(q->fragment->element, p->fragment->element, 0, ret)) {
                ret->by = q;
                return true;
            }
    return false;
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

/* element: what is refused, for its line. message NULL: no memory. */
static int new_fault(struct iis_tree *t, const char *kind, const struct xml_element *element,
                     const char *message, const struct iis_fault **ret, struct err *e)
{
    struct iis_fault *fault = arena_alloc(t->arena, sizeof *fault);

    if (!fault || !message)
        return out_of_memory(e);
    *fault = (struct iis_fault){.kind = kind,
                                .hresult = HRESULT_LOCKED,
                                .message = str_from(message),
                                .line = element->line,
                                .col = element->col};
    *ret = fault;
    return 0;
}

static int refuse_section(struct iis_tree *t, const struct iis_placed *p, const char *kind, const char *why,
                          const struct iis_fault **ret, struct err *e)
{
    const struct iis_placed *by = decider(p->fragment->declaration, p->file->node, p->node);
    uint32_t line = by ? by->fragment->element->line : p->fragment->declaration->line;
    struct str entry = by ? iis_placed_entry(by) : STR("applicationHost.config");
    const char *message = arena_printf(t->arena, "%s: %.*s:%u", why, (int)entry.len, entry.p, line);

    return new_fault(t, kind, p->fragment->element, message, ret, e);
}

static int refuse_part(struct iis_tree *t, const struct iis_lock *lock, const struct iis_fault **ret,
                       struct err *e)
{
    struct str entry = iis_placed_entry(lock->by);
    int shown = lock->part.len > 100 ? 100 : (int)lock->part.len;
    const char *message = arena_printf(t->arena, "%.*s is locked at a higher level: %.*s:%u", shown,
                                       lock->part.p, (int)entry.len, entry.p, lock->above->line);

    return new_fault(t, "locked", lock->at, message, ret, e);
}

int iis_lock_check(struct iis_tree *t, const struct iis_placed *p, const struct iis_fault **ret,
                   struct err *e)
{
    const char *kind, *why = refusal(p, &kind);
    struct iis_lock lock;

    if (why)
        return refuse_section(t, p, kind, why, ret, e);
    if (find_in_elements(p, &lock) || iis_lock_find_item(t, p, &lock))
        return refuse_part(t, &lock, ret, e);
    return 0;
}
