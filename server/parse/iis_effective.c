/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_effective.h"

static void apply(struct iis_placed *p, struct iis_values *values)
{
    const struct iis_section *known = p->fragment->declaration->known;
    struct iis_value *row = values->of[known - iis_sections];

    for (size_t i = 0; i < known->n_attributes; i++) {
        const struct iis_setting *s = &p->fragment->settings[i];
        if (s->is_set)
            row[i] = (struct iis_value){.from = p, .setting = s, .value = s->value};
    }
}

static void set_defaults(const struct iis_tree *t, struct iis_values *values)
{
    for (size_t s = 0; s < IIS_SECTION_COUNT; s++)
        for (size_t i = 0; i < iis_sections[s].n_attributes; i++)
            values->of[s][i] = (struct iis_value){.value = t->defaults.of[s][i]};
}

void iis_effective(const struct iis_tree *t, const struct iis_node *node, struct iis_values *ret)
{
    const struct iis_node *way[IIS_PATH_NODES];
    size_t n = 0;

    for (const struct iis_node *p = node; p && n < ARRAY_LEN(way); p = p->parent)
        way[n++] = p;
    set_defaults(t, ret);
    ret->is_broken = iis_node_is_broken(t, node);
    while (n-- > 0)
        for (struct iis_placed *p = way[n]->first; p; p = p->next_here)
            if (!p->is_broken && p->fragment->declaration->known && iis_placed_applies(p, node))
                apply(p, ret);
}

const char *iis_value_origin(const struct iis_value *v, const struct iis_node *node)
{
    if (!v->from)
        return "schema default";
    if (v->from->node != node)
        return "inherited";
    return v->from->file->node == node && !v->from->file->is_apphost ? "own" : "location";
}
