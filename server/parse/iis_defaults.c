/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_defaults.h"

#include <string.h>

void iis_defaults_init(struct iis_defaults *d)
{
    memset(d, 0, sizeof *d);
    for (size_t s = 0; s < IIS_SECTION_COUNT; s++)
        for (size_t i = 0; i < iis_sections[s].n_attributes; i++)
            d->of[s][i] = str_from(iis_sections[s].attributes[i].initial);
}

/* The child of that kind whose name attribute is that; NULL: none. */
static const struct xml_element *named(const struct xml_element *element, const char *kind, const char *name)
{
    const struct xml_element *c = xml_child(element, kind);

    while (c && !str_eq(xml_get(c, "name"), str_from(name)))
        c = xml_next(c, kind);
    return c;
}

static void read_section(struct iis_defaults *d, const struct xml_element *schema, size_t s, struct arena *a)
{
    for (size_t i = 0; i < iis_sections[s].n_attributes; i++) {
        const struct iis_attribute *row = &iis_sections[s].attributes[i];
        const struct xml_element *holder = row->element ? named(schema, "element", row->element) : schema;
        const struct xml_element *attribute = named(holder, "attribute", row->key);
        struct str value = attribute ? xml_get(attribute, "defaultValue") : (struct str){NULL, 0};
        struct str read = {NULL, 0};
        if (row->type != IIS_MEMBER && value.p && iis_value_read(row, value, a, &read) == IIS_VALUE_OK &&
            read.p)
            d->of[s][i] = read;
    }
}

static void read_pools(struct iis_defaults *d, const struct xml_element *schema)
{
    const struct xml_element *model = named(xml_child(schema, "collection"), "element", "processModel");
    const struct xml_element *identity = named(model, "attribute", "identityType");
    const struct xml_element *profile = named(model, "attribute", "loadUserProfile");

    if (identity)
        d->identity_type = xml_get(identity, "defaultValue");
    if (profile)
        d->load_user_profile = xml_get(profile, "defaultValue");
}

void iis_defaults_read(struct iis_defaults *d, const struct xml_element *schema, struct arena *a)
{
    for (const struct xml_element *c = xml_child(schema, "sectionSchema"); c;
         c = xml_next(c, "sectionSchema")) {
        const struct iis_section *known = iis_section_find(xml_get(c, "name"));
        if (known)
            read_section(d, c, (size_t)(known - iis_sections), a);
        if (str_eq(xml_get(c, "name"), STR("system.applicationHost/applicationPools")))
            read_pools(d, c);
    }
}
