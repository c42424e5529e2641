/* SPDX-License-Identifier: Apache-2.0 */
#include "redact_policy.h"

static const struct {
    const char *element, *attribute; /* "*": any */
    enum keep keep;
} attributes[] = {
#define TRACE_ATTRIBUTE(element, attribute, keep) {element, attribute, keep},
#define TRACE_TEXT(element, keep)
#define TRACE_DATA(name, keep)
#include "freb.def"
#undef TRACE_ATTRIBUTE
#undef TRACE_TEXT
#undef TRACE_DATA
};

struct row {
    const char *name;
    enum keep keep;
};

static const struct row texts[] = {
#define TRACE_ATTRIBUTE(element, attribute, keep)
#define TRACE_TEXT(element, keep) {element, keep},
#define TRACE_DATA(name, keep)
#include "freb.def"
#undef TRACE_ATTRIBUTE
#undef TRACE_TEXT
#undef TRACE_DATA
};

static const struct row data[] = {
#define TRACE_ATTRIBUTE(element, attribute, keep)
#define TRACE_TEXT(element, keep)
#define TRACE_DATA(name, keep) {name, keep},
#include "freb.def"
#undef TRACE_ATTRIBUTE
#undef TRACE_TEXT
#undef TRACE_DATA
};

static enum keep lookup(const struct row *rows, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(name, str_from(rows[i].name)))
            return rows[i].keep;
    return KEEP_NOT;
}

static enum keep attribute(const struct element_path *path, struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
        if (str_ieq(name, str_from(attributes[i].attribute)) &&
            (attributes[i].element[0] == '*' ||
             str_ieq(element_up(path, 0), str_from(attributes[i].element))))
            return attributes[i].keep;
    return KEEP_NOT;
}

static enum keep text(const struct element_path *path)
{
    struct str element = element_up(path, 0);

    if (str_eq(element, STR("Data")))
        return lookup(data, ARRAY_LEN(data), path->data_name);
    return lookup(texts, ARRAY_LEN(texts), element);
}

const struct policy policy_freb = {.attribute = attribute, .text = text};
