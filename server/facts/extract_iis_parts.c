/* SPDX-License-Identifier: Apache-2.0
 *
 * configSource: a section that stands in a file of its own, beside the file that names it or below. */
#include "extract_iis.h"

#include <string.h>

#include "limits.h"

static struct str folder_of(struct str path, char separator)
{
    size_t end = path.len;

    while (end && path.p[end - 1] != separator)
        end--;
    return (struct str){path.p, end};
}

static struct str file_of(struct str path)
{
    struct str rest = str_skip(path, folder_of(path, '\\').len);

    return str_skip(rest, folder_of(rest, '/').len);
}

/* By its path on the machine; in a bundle without manifest by its name, in the folder of the entry. */
static bool is_named(const struct iis_source *part, const struct iis_source *by, struct str name)
{
    struct str folder = folder_of(by->physical, '\\');

    if (part->physical.len && folder.len)
        return str_istarts(part->physical, folder) && str_ieq(str_skip(part->physical, folder.len), name);
    folder = folder_of(by->entry->name, '/');
    return str_istarts(part->entry->name, folder) &&
           str_ieq(str_skip(part->entry->name, folder.len), file_of(name));
}

static struct iis_source *find_part(struct iis_job *j, const struct iis_source *by, struct str name)
{
    struct iis_source *s = j->sources;

    while (s && !(str_eq(str_from(s->level), STR("part")) && is_named(s, by, name)))
        s = s->next;
    return s;
}

static int read_part(struct iis_job *j, struct iis_source *part, struct err *e)
{
    part->config = NULL;
    if (j->part_bytes > 4 * (size_t)LIMIT_WHOLE_ENTRY_BYTES)
        return 0;
    int r = iis_job_read(j, part, e);
    j->part_bytes += part->n_bytes;
    return r;
}

/* A part that two files name has one tree a use. */
static int include(struct iis_job *j, const struct iis_source *by, struct xml_element *element, struct err *e)
{
    struct str name = xml_get(element, "configSource");
    struct iis_source *part = find_part(j, by, name);
    bool is_known = part != NULL;

    if (is_known && (!part->unused_why || part->n_bytes == 0)) {
        int r = read_part(j, part, e);
        if (r < 0)
            return r;
    }
    if (is_known && part->config && str_eq(part->config->name, element->name)) {
        xml_replace(element, part->config, &part->entry->name);
        part->unused_why = NULL;
        return 0;
    }
    sink_problem(j->x->sink, by->entry->name, element->line, "configSource=\"%.*s\": %s",
                 (int)(name.len > 256 ? 256 : name.len), name.p,
                 !is_known      ? "the file is not in the bundle"
                 : part->config ? "the file holds another section"
                                : "the file could not be read");
    return 0;
}

static int include_below(struct iis_job *j, const struct iis_source *by, struct xml_element *above,
                         struct err *e)
{
    struct xml_element *next;
    int r = 0;

    for (struct xml_element *c = above->child; c && r == 0; c = next) {
        next = c->next;
        if (xml_get(c, "configSource").p && !iis_is_hidden(xml_get(c, "configSource")))
            r = include(j, by, c, e);
        else
            r = include_below(j, by, c, e);
    }
    return r;
}

int iis_job_include_parts(struct iis_job *j, struct iis_source *source, struct err *e)
{
    return source->config ? include_below(j, source, source->config, e) : 0;
}
