/* SPDX-License-Identifier: Apache-2.0 */
#include "redact_policy.h"

/* Sections whose content rules may need; in any other nothing keeps its value, not even names. */
static const char *const trees[] = {
#define TREE(name) name,
#define ATTRIBUTES(parents, elements, attributes, keep)
#include "config.def"
#undef TREE
#undef ATTRIBUTES
};

static const struct row {
    const char *parents, *elements, *attributes; /* "a|b"; "*": any */
    enum keep keep;
} rows[] = {
#define TREE(name)
#define ATTRIBUTES(parents, elements, attributes, keep) {parents, elements, attributes, keep},
#include "config.def"
#undef TREE
#undef ATTRIBUTES
};

/* The section group that the path stands in: the first element below <configuration> and <location>. */
static struct str tree_of(const struct element_path *path)
{
    for (size_t i = 0; i < path->n; i++)
        if (!str_eq(path->names[i], STR("configuration")) && !str_eq(path->names[i], STR("location")))
            return path->names[i];
    return element_up(path, 0);
}

static bool is_listed_tree(struct str tree)
{
    for (size_t i = 0; i < ARRAY_LEN(trees); i++)
        if (str_eq(tree, str_from(trees[i])))
            return true;
    return false;
}

static bool matches(const char *pattern, struct str name)
{
    struct str rest = str_from(pattern);

    if (pattern[0] == '*')
        return true;
    while (rest.p != NULL)
        if (str_ieq(str_cut(rest, '|', &rest), name))
            return true;
    return false;
}

static enum keep attribute(const struct element_path *path, struct str name)
{
    if (!is_listed_tree(tree_of(path)))
        return KEEP_NOT;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (matches(rows[i].elements, element_up(path, 0)) && matches(rows[i].parents, element_up(path, 1)) &&
            matches(rows[i].attributes, name))
            return rows[i].keep;
    return KEEP_NOT;
}

static enum keep text(const struct element_path *path)
{
    (void)path;
    return KEEP_NOT;
}

const struct policy policy_config = {.attribute = attribute, .text = text};
