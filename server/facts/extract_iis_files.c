/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_iis.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory");
}

static struct str last_part(struct str path, char separator)
{
    for (size_t i = path.len; i > 0; i--)
        if (path.p[i - 1] == separator)
            return str_skip(path, i);
    return path;
}

/* What an entry's name says it is; NULL: no configuration. */
static const char *level_of(struct str name)
{
    struct str file = last_part(name, '/');

    if (str_istarts(name, STR("iis/web/")))
        return str_ieq(file, STR("web.config")) ? "web" : str_iends(file, STR(".config")) ? "part" : NULL;
    if (!str_istarts(name, STR("iis/config/")))
        return NULL;
    if (str_istarts(name, STR("iis/config/schema/")))
        return str_iends(file, STR(".xml")) ? "schema" : NULL;
    if (str_ieq(file, STR("applicationHost.config")))
        return "apphost";
    if (str_ieq(file, STR("redirection.config")))
        return "redirection";
    if (str_ieq(file, STR("machine.config")))
        return "machine";
    if (str_ieq(file, STR("framework-web.config")))
        return "root-web";
    if (str_ieq(file, STR("administration.config")))
        return "administration";
    return str_iends(file, STR(".config")) ? "part" : NULL;
}

static int add_source(struct iis_job *j, const struct entry *entry, const char *level, struct err *e)
{
    struct iis_source *s = arena_alloc(&j->model, sizeof *s);

    if (!s)
        return out_of_memory(e);
    *s = (struct iis_source){.entry = entry, .level = level};
    if (str_eq(str_from(level), STR("part")))
        s->unused_why = "no configSource names it";
    if (entry->item) {
        s->physical = entry->item->source;
        if (entry->item->path.len)
            s->path = entry->item->path;
    }
    *j->sources_end = s;
    j->sources_end = &s->next;
    return 0;
}

static bool is_cut(const struct entry *entry)
{
    return entry->item && entry->item->outcome == OUTCOME_TRUNCATED;
}

/* What does not parse though it was cut by a limit says nothing about the file on the machine. */
static int note_broken(struct iis_job *j, struct iis_source *s, struct xml_position where, int code,
                       struct err *e)
{
    if (code == -ERR_FORMAT && !is_cut(s->entry)) {
        s->is_malformed = true;
        s->where = where;
        s->problem = arena_keep(&j->model, str_from(e->text));
        return s->problem.p ? 0 : out_of_memory(e);
    }
    sink_problem(j->x->sink, s->entry->name, where.line, "%s%s", is_cut(s->entry) ? "cut off: " : "",
                 e->text);
    return 0;
}

int iis_job_read(struct iis_job *j, struct iis_source *source, struct err *e)
{
    struct arena scratch = ARENA_INIT(2 * LIMIT_WHOLE_ENTRY_BYTES);
    const struct bundle_view *view = j->x->view;
    struct xml_position where = {0, 0};
    struct xml_element *root = NULL;
    struct bytes file;
    int r = view->read(view->ctx, source->entry, &scratch, &file, e);

    if (r < 0) {
        sink_problem(j->x->sink, source->entry->name, 0, "%s", e->text);
        arena_done(&scratch);
        return 0;
    }
    r = xml_read(file, &j->model, &root, &where, e);
    arena_done(&scratch);
    source->n_bytes = file.len;
    if (r < 0)
        return r == -ERR_NOMEM ? r : note_broken(j, source, where, r, e);
    if (xml_is(root, "configuration") || str_eq(str_from(source->level), STR("part")) ||
        str_ieq(last_part(source->entry->name, '.'), STR("xml"))) {
        source->config = root;
        return 0;
    }
    where = (struct xml_position){root->line, root->col};
    (void)err_set(e, ERR_FORMAT, "<%.*s> where <configuration> should be",
                  (int)(root->name.len > 64 ? 64 : root->name.len), root->name.p);
    return note_broken(j, source, where, -ERR_FORMAT, e);
}

/* Without the last part: 'C:\a\web.config' gives 'C:\a'. */
static struct str folder_of(struct str path)
{
    struct str file = last_part(path, '\\');

    return file.len < path.len ? (struct str){path.p, path.len - file.len - 1} : (struct str){path.p, 0};
}

static struct str without_end(struct str folder)
{
    while (folder.len && (folder.p[folder.len - 1] == '\\' || folder.p[folder.len - 1] == '/'))
        folder.len--;
    return folder;
}

static bool is_sys_wow64(struct str physical)
{
    for (size_t i = 0; i < physical.len; i++)
        if (str_istarts(str_skip(physical, i), STR("\\SysWOW64\\")))
            return true;
    return false;
}

/* The folder that redirection.config points at; p == NULL: none. */
static int read_redirection(struct iis_job *j, struct iis_source *s, struct str *ret, struct err *e)
{
    int r = iis_job_read(j, s, e);
    const struct xml_element *redirection = xml_child(s->config, "configurationRedirection");

    if (r < 0 || !redirection || !iis_bool(xml_get(redirection, "enabled"), false))
        return r;
    struct str path = xml_get(redirection, "path");
    *ret = iis_expand(&j->model, &j->environment, without_end(path.p ? path : STR("")));
    return ret->p ? 0 : out_of_memory(e);
}

/* NULL: IIS reads this one. */
static const char *why_unused(const struct iis_source *s, struct str redirected)
{
    if (is_sys_wow64(s->physical))
        return "a 32-bit program wrote it; IIS does not read this folder";
    if (redirected.p && !str_ieq(folder_of(s->physical), redirected))
        return "redirection.config points elsewhere";
    return NULL;
}

static int choose_apphost(struct iis_job *j, struct err *e)
{
    struct str redirected = {NULL, 0};
    int r = 0;

    for (struct iis_source *s = j->sources; s && r >= 0; s = s->next)
        if (str_eq(str_from(s->level), STR("redirection")) && !is_sys_wow64(s->physical))
            r = read_redirection(j, s, &redirected, e);
    for (struct iis_source *s = j->sources; s && r >= 0; s = s->next) {
        if (!str_eq(str_from(s->level), STR("apphost")))
            continue;
        s->unused_why = why_unused(s, redirected);
        if (!s->unused_why && !j->apphost)
            j->apphost = s;
        else if (!s->unused_why)
            s->unused_why = "a second one";
    }
    if (r >= 0 && redirected.p && !j->apphost)
        sink_problem(j->x->sink, STR("iis/config/redirection.config"), 0,
                     "IIS reads its configuration from %.*s, which is not in the bundle",
                     (int)(redirected.len > 256 ? 256 : redirected.len), redirected.p);
    return r;
}

int iis_job_find_files(struct iis_job *j, struct err *e)
{
    const struct bundle_view *view = j->x->view;
    int r = 0;

    for (size_t i = 0; i < view->n_entries && r >= 0; i++) {
        const char *level = level_of(view->entries[i].name);
        if (level)
            r = add_source(j, &view->entries[i], level, e);
    }
    for (struct iis_source *s = j->sources; s && r >= 0; s = s->next)
        if (str_eq(str_from(s->level), STR("administration")))
            r = iis_job_read(j, s, e); /* for nothing but whether it is sound */
    return r < 0 ? r : choose_apphost(j, e);
}
