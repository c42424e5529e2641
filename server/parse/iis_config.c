/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_config.h"

#include <string.h>

#include "iis_collection.h"
#include "limits.h"

enum { GROUP_DEPTH = 12, SECTION_NAME_BYTES = 512 };

/* The path of the group that is open: 'system.webServer/security'. */
struct group {
    char name[SECTION_NAME_BYTES];
    size_t len;
    int depth;
};

static bool enter(struct group *g, struct str name)
{
    if (g->depth >= GROUP_DEPTH || name.len + 1 > sizeof g->name - g->len)
        return false;
    if (g->len)
        g->name[g->len++] = '/';
    if (name.len)
        memcpy(g->name + g->len, name.p, name.len);
    g->len += name.len;
    g->depth++;
    return true;
}

static enum iis_mode mode_from(struct str word)
{
    struct str w = str_trim(word);

    if (str_ieq(w, STR("Allow")))
        return IIS_ALLOW;
    return str_ieq(w, STR("Deny")) ? IIS_DENY : IIS_INHERIT;
}

static bool is_apphost_only(struct str definition)
{
    struct str w = str_trim(definition);

    return str_ieq(w, STR("AppHostOnly")) || str_ieq(w, STR("MachineOnly")) ||
           str_ieq(w, STR("MachineToRootWeb"));
}

static int declare(struct iis_declarations *d, struct str section, const struct xml_element *element,
                   struct arena *a, struct err *e)
{
    if (iis_map_get(&d->by_name, NULL, section))
        return 0;
    struct iis_declaration *made = arena_alloc(a, sizeof *made);
    if (made)
        made->section = arena_keep(a, section);
    if (!made || !made->section.p)
        return err_set(e, ERR_NOMEM, "out of memory");
    made->known = iis_section_find(section);
    if (element) {
        made->mode = mode_from(xml_get(element, "overrideModeDefault"));
        made->is_apphost_only = is_apphost_only(xml_get(element, "allowDefinition"));
        made->line = element->line;
    }
    if (d->last)
        d->last->next = made;
    else
        d->first = made;
    d->last = made;
    d->n_web_server += element && str_istarts(section, STR("system.webServer/"));
    return iis_map_put(&d->by_name, NULL, made->section, made, e);
}

static int note_group(struct iis_declarations *d, struct str group, struct arena *a, struct err *e)
{
    struct str name = arena_keep(a, group);

    return name.p ? iis_map_put(&d->groups, NULL, name, d, e) : err_set(e, ERR_NOMEM, "out of memory");
}

/* A section that rules need, and its groups: whether its module is installed, its module's entry says. */
static int declare_known(struct iis_declarations *d, struct str section, struct arena *a, struct err *e)
{
    int r = declare(d, section, NULL, a, e);

    for (size_t i = 0; i < section.len && r >= 0; i++)
        if (section.p[i] == '/')
            r = note_group(d, (struct str){section.p, i}, a, e);
    return r;
}

static int declare_group(struct iis_declarations *d, const struct xml_element *element, struct group g,
                         struct arena *a, struct err *e)
{
    int r = 0;

    for (const struct xml_element *c = element->child; c && r >= 0; c = c->next) {
        struct group inner = g;
        if (!enter(&inner, xml_get(c, "name")))
            continue;
        if (xml_is(c, "sectionGroup")) {
            r = note_group(d, (struct str){inner.name, inner.len}, a, e);
            r = r < 0 ? r : declare_group(d, c, inner, a, e);
        } else if (xml_is(c, "section"))
            r = declare(d, (struct str){inner.name, inner.len}, c, a, e);
    }
    return r;
}

int iis_declarations_read(const struct xml_element *config, struct arena *a, struct iis_declarations *ret,
                          struct err *e)
{
    struct iis_declarations d = {.by_name = IIS_MAP_INIT(a, false), .groups = IIS_MAP_INIT(a, false)};
    const struct xml_element *sections = config ? xml_child(config, "configSections") : NULL;
    int r = sections ? declare_group(&d, sections, (struct group){.len = 0}, a, e) : 0;

    for (size_t i = 0; i < IIS_SECTION_COUNT && r >= 0; i++)
        r = declare_known(&d, str_from(iis_sections[i].name), a, e);
    for (size_t i = 0; i < IIS_COLLECTION_COUNT && r >= 0; i++)
        r = declare_known(&d, str_from(iis_collections[i].section), a, e);
    if (r >= 0)
        *ret = d;
    return r < 0 ? r : 0;
}

/* What every fragment within one <location> (or outside of all) shares. */
struct place {
    struct str location, relative;
    const char *path_problem;
    enum iis_mode mode;
    bool stops_at_applications;
};

struct reading {
    const struct iis_declarations *declarations;
    struct arena *arena;
    struct iis_config config;
    int64_t n_fragments;
    bool may_declare;
};

static int set_fault(struct iis_fault **where, struct arena *a, const struct iis_fault *fault, struct err *e)
{
    if (*where)
        return 0;
    *where = arena_alloc(a, sizeof **where);
    if (!*where || !fault->message.p)
        return err_set(e, ERR_NOMEM, "out of memory");
    **where = *fault;
    return 0;
}

static int add_value_fault(struct reading *rd, struct iis_fragment *f, const struct iis_attribute *attribute,
                           const struct xml_element *element, enum iis_reading reading, struct str value,
                           struct err *e)
{
    bool flag = reading == IIS_VALUE_BAD_FLAG;
    int shown = value.len > 200 ? 200 : (int)value.len;
    struct iis_fault fault = {.kind = flag ? "unknown-flag" : "bad-value",
                              .hresult = HRESULT_INVALID,
                              .line = element->line,
                              .col = element->col};

    fault.message =
        str_from(arena_printf(rd->arena, "%s=\"%.*s\": %s", attribute->name, shown, value.p,
                              flag ? "not a flag that IIS knows" : "not a value of this attribute"));
    return set_fault(&f->fault, rd->arena, &fault, e);
}

static int read_setting(struct reading *rd, struct iis_fragment *f, size_t i, struct err *e)
{
    const struct iis_attribute *attribute = &f->declaration->known->attributes[i];
    const struct xml_element *element =
        attribute->element ? xml_child(f->element, attribute->element) : f->element;
    struct str value = element ? xml_get(element, attribute->key) : (struct str){NULL, 0};
    struct iis_setting *s = &f->settings[i];

    if (!value.p)
        return 0;
    struct str read = {NULL, 0};
    enum iis_reading reading = iis_value_read(attribute, value, rd->arena, &read);
    if (reading == IIS_VALUE_BAD || reading == IIS_VALUE_BAD_FLAG)
        return add_value_fault(rd, f, attribute, element, reading, value, e);
    if (reading == IIS_VALUE_OK && !read.p)
        return err_set(e, ERR_NOMEM, "out of memory");
    *s = (struct iis_setting){.is_set = true, .value = read, .raw = value, .line = element->line};
    return 0;
}

static void set_member(struct iis_setting *s, bool present, const struct xml_element *element)
{
    s->is_set = true;
    s->value = s->raw = present ? STR("present") : STR("absent");
    s->line = element->line;
}

/* A collection: <clear/>, <remove name>, <add name>, in their order. */
static void read_members(struct iis_fragment *f)
{
    const struct iis_section *known = f->declaration->known;

    for (const struct xml_element *c = f->element->child; c; c = c->next) {
        bool clear = xml_is(c, "clear"), add = xml_is(c, "add");
        if (!clear && !add && !xml_is(c, "remove"))
            continue;
        struct str name = xml_get(c, "name");
        for (size_t i = 0; i < known->n_attributes; i++)
            if (clear || str_ieq(name, str_from(known->attributes[i].name)))
                set_member(&f->settings[i], add, c);
    }
}

static int read_settings(struct reading *rd, struct iis_fragment *f, struct err *e)
{
    const struct iis_section *known = f->declaration->known;
    int r = 0;

    if (!known)
        return 0;
    f->settings = arena_array(rd->arena, known->n_attributes, sizeof *f->settings);
    if (!f->settings)
        return err_set(e, ERR_NOMEM, "out of memory");
    if (xml_get(f->element, "configSource").p) {
        for (size_t i = 0; i < known->n_attributes; i++)
            f->settings[i] = (struct iis_setting){.is_set = true, .line = f->element->line};
        return 0; /* the values stand in a file that we do not have: each may be anything */
    }
    if (known->attributes[0].type == IIS_MEMBER) {
        read_members(f);
        return 0;
    }
    for (size_t i = 0; i < known->n_attributes && r >= 0; i++)
        r = read_setting(rd, f, i, e);
    return r;
}

static bool carries_locks(const struct xml_element *element)
{
    for (size_t i = 0; i < element->n_attributes; i++)
        if (str_starts(element->attributes[i].name, STR("lock")))
            return true;
    return false;
}

/* Locks stand on the section, its elements, or the items of its collections. */
static bool has_locks(const struct xml_element *element)
{
    if (carries_locks(element))
        return true;
    for (const struct xml_element *c = element->child; c; c = c->next)
        if (has_locks(c))
            return true;
    return false;
}

static int add_fragment(struct reading *rd, const struct iis_declaration *declaration,
                        const struct xml_element *element, const struct place *place, struct err *e)
{
    if (++rd->n_fragments > LIMIT_IIS_FRAGMENTS)
        return err_set(e, ERR_LIMIT, "more than %lld sections", (long long)LIMIT_IIS_FRAGMENTS);
    struct iis_fragment *f = arena_alloc(rd->arena, sizeof *f);

    if (!f)
        return err_set(e, ERR_NOMEM, "out of memory");
    *f = (struct iis_fragment){.declaration = declaration,
                               .element = element,
                               .location = place->location,
                               .relative = place->relative,
                               .path_problem = place->path_problem,
                               .mode = place->mode,
                               .stops_at_applications = place->stops_at_applications,
                               .has_locks = has_locks(element)};
    if (rd->config.last)
        rd->config.last->next = f;
    else
        rd->config.first = f;
    rd->config.last = f;
    return read_settings(rd, f, e);
}

enum { SECTIONS_MIN = 25 }; /* of system.webServer: IIS' own applicationHost.config declares some forty */

/* Is this the name of a section that IIS cannot know, because the module it belongs to is not installed?
 * Where applicationHost.config was cut or trimmed nothing can be said. */
static bool is_unknown(const struct reading *rd, const struct group *g)
{
    struct str name = {g->name, g->len};

    return !rd->may_declare && rd->declarations->n_web_server >= SECTIONS_MIN &&
           str_starts(name, STR("system.webServer/")) && !iis_map_get(&rd->declarations->groups, NULL, name);
}

static int add_unknown(struct reading *rd, const struct group *g, const struct xml_element *element,
                       struct err *e)
{
    struct iis_fault fault = {.kind = "unknown-section",
                              .hresult = HRESULT_INVALID,
                              .section = arena_keep(rd->arena, (struct str){g->name, g->len}),
                              .line = element->line,
                              .col = element->col};
    int shown = element->name.len > 100 ? 100 : (int)element->name.len;

    fault.message =
        str_from(arena_printf(rd->arena, "<%.*s> is a section that applicationHost.config does not declare",
                              shown, element->name.p));
    if (!fault.section.p)
        return err_set(e, ERR_NOMEM, "out of memory");
    return set_fault(&rd->config.fault, rd->arena, &fault, e);
}

static int read_group(struct reading *rd, const struct xml_element *element, struct group g,
                      const struct place *place, struct err *e)
{
    int r = 0;

    for (const struct xml_element *c = element->child; c && r >= 0; c = c->next) {
        struct group inner = g;
        if (!enter(&inner, c->name))
            continue;
        const struct iis_declaration *declaration =
            iis_map_get(&rd->declarations->by_name, NULL, (struct str){inner.name, inner.len});
        if (declaration)
            r = add_fragment(rd, declaration, c, place, e);
        else if (is_unknown(rd, &inner))
            r = add_unknown(rd, &inner, c, e);
        else
            r = read_group(rd, c, inner, place, e);
    }
    return r;
}

static bool is_self(struct str path)
{
    return path.len == 0 || str_eq(path, STR("."));
}

static const char *path_problem(struct str path)
{
    int64_t parts = 1;

    if (path.len && path.p[0] == '/')
        return "begins with /";
    if (path.len && path.p[path.len - 1] == '/')
        return "ends with /";
    for (size_t i = 0; i < path.len; i++) {
        char c = path.p[i];
        if (c == '\\')
            return "contains \\";
        if (c == '*' || c == '?')
            return "contains a wildcard, which IIS does not know here";
        if (c == '%' && i + 2 < path.len && path.p[i + 1] == '2' && path.p[i + 2] == '0')
            return "is URL-encoded";
        if (c == '/' && path.p[i + 1] == '/')
            return "contains an empty part";
        parts += c == '/';
    }
    return parts > LIMIT_IIS_PATH_SEGMENTS / 2 ? "has too many parts" : NULL;
}

static int read_location(struct reading *rd, const struct xml_element *location, struct err *e)
{
    struct str mode = xml_get(location, "overrideMode"), allow = xml_get(location, "allowOverride");
    struct str path = xml_get(location, "path");
    struct place place = {.location = path.p ? path : STR(""), .mode = mode_from(mode)};

    if (!is_self(path)) {
        place.relative = path;
        place.path_problem = path_problem(path);
    }
    if (allow.p && !mode.p && !iis_is_hidden(allow))
        place.mode = iis_bool(allow, true) ? IIS_ALLOW : IIS_DENY;
    place.stops_at_applications = !iis_bool(xml_get(location, "inheritInChildApplications"), true);
    if (mode.p && allow.p) {
        struct iis_fault fault = {.kind = "lock-conflict",
                                  .hresult = HRESULT_INVALID,
                                  .message = STR("<location> carries both overrideMode and allowOverride"),
                                  .line = location->line,
                                  .col = location->col};
        int r = set_fault(&rd->config.fault, rd->arena, &fault, e);
        if (r < 0)
            return r;
    }
    return read_group(rd, location, (struct group){.len = 0}, &place, e);
}

bool iis_config_declares(const struct xml_element *config)
{
    const struct xml_element *sections = xml_child(config, "configSections");
    const struct xml_element *g = sections ? xml_child(sections, "sectionGroup") : NULL;

    while (g && !str_eq(xml_get(g, "name"), STR("system.webServer")))
        g = xml_next(g, "sectionGroup");
    return g != NULL;
}

int iis_config_read(const struct xml_element *config, const struct iis_declarations *declarations,
                    bool may_declare, struct arena *a, struct iis_config *ret, struct err *e)
{
    struct reading rd = {.declarations = declarations, .arena = a, .may_declare = may_declare};
    const struct place outside = {.mode = IIS_INHERIT};
    int r = 0;

    for (const struct xml_element *c = config->child; c && r >= 0; c = c->next) {
        struct group g = {.len = 0};
        if (xml_is(c, "location"))
            r = read_location(&rd, c, e);
        else if (!xml_is(c, "configSections") && enter(&g, c->name)) {
            const struct iis_declaration *top = iis_map_get(&declarations->by_name, NULL, c->name);
            r = top ? add_fragment(&rd, top, c, &outside, e) : read_group(&rd, c, g, &outside, e);
        }
    }
    if (r >= 0)
        *ret = rd.config;
    return r < 0 ? r : 0;
}
