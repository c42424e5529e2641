/* SPDX-License-Identifier: Apache-2.0
 *
 * Where each web.config stands. One physical folder may serve several virtual paths, and the collector takes
 * it once. */
#include "extract_iis.h"

#include <stdlib.h>

#include "limits.h"

/* Virtual directories of one physical folder. */
struct folder {
    const struct iis_virtual_directory *directory;
    struct folder *next;
};

struct finder {
    struct iis_job *job;
    struct iis_map folders; /* physical path to struct folder */
    struct iis_web **webs;  /* to be sorted */
    size_t n_webs, room;
};

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory");
}

static struct str without_end(struct str folder)
{
    while (folder.len && (folder.p[folder.len - 1] == '\\' || folder.p[folder.len - 1] == '/'))
        folder.len--;
    return folder;
}

static int note_folder(struct finder *f, const struct iis_virtual_directory *v, struct err *e)
{
    struct str path = without_end(v->physical_path);
    struct folder *here = arena_alloc(&f->job->model, sizeof *here);

    if (!here)
        return out_of_memory(e);
    here->directory = v;
    struct folder *first = iis_map_get(&f->folders, NULL, path);
    if (!first)
        return iis_map_put(&f->folders, NULL, path, here, e);
    here->next = first->next;
    first->next = here;
    return 0;
}

static int note_folders(struct finder *f, struct err *e)
{
    int r = 0;

    for (const struct iis_site *s = f->job->topology.sites; s; s = s->next)
        for (const struct iis_application *a = s->applications; a; a = a->next)
            for (const struct iis_virtual_directory *v = a->virtual_directories; v && r >= 0; v = v->next)
                if (v->physical_path.len)
                    r = note_folder(f, v, e);
    return r == -ERR_LIMIT ? 0 : r;
}

/* Does anything read the web.config at this node? Requests of a pool that ignores them do not; those of an
 * application further down, in another pool, do. */
static bool some_pool_reads(const struct iis_job *j, const struct iis_node *node)
{
    const struct iis_node *application = iis_node_application(node);

    if (!application || !application->ignores_web_config)
        return true;
    for (const struct iis_site *s = j->topology.sites; s; s = s->next)
        for (const struct iis_application *a = s->applications; a; a = a->next)
            if (!a->node->ignores_web_config && iis_node_is_above(node, a->node))
                return true;
    return false;
}

/* NULL: IIS reads it (causes 1.1 (3)). */
static const char *why_unused(const struct iis_job *j, const struct iis_node *node)
{
    const struct iis_node *site = iis_node_site(node), *directory = iis_node_virtual_directory(node);

    if (!j->tree.sites_are_known)
        return NULL;
    if (!site || !site->is_site)
        return "no site of this name";
    if (directory && directory != node && directory->ignores_subdir_config)
        return "its virtual directory has allowSubDirConfig=\"false\"";
    return some_pool_reads(j, node) ? NULL : "its application pool has enableConfigurationOverride=\"false\"";
}

static int keep_web(struct finder *f, struct iis_web *web, struct err *e)
{
    if (f->n_webs == f->room) {
        size_t room = f->room ? 2 * f->room : 64;
        struct iis_web **webs = arena_array(&f->job->model, room, sizeof *webs);
        if (!webs)
            return out_of_memory(e);
        for (size_t i = 0; i < f->n_webs; i++)
            webs[i] = f->webs[i];
        f->webs = webs;
        f->room = room;
    }
    f->webs[f->n_webs++] = web;
    return 0;
}

static int stand(struct finder *f, struct iis_source *source, struct iis_node *node, struct err *e)
{
    if (node->depth == 0 || node->has_web_config)
        return 0;
    node->has_web_config = true;
    struct iis_web *web = arena_alloc(&f->job->model, sizeof *web);
    if (!web)
        return out_of_memory(e);
    const char *why = why_unused(f->job, node);
    source->stands = true;
    *web = (struct iis_web){.source = source, .unused_why = why};
    web->file = (struct iis_file){.entry = source->entry->name, .is_ignored = why != NULL, .node = node};
    return keep_web(f, web, e);
}

/* 'sub\dir' below a virtual directory. */
static int stand_below(struct finder *f, struct iis_source *source, const struct iis_virtual_directory *v,
                       struct str rest, struct err *e)
{
    struct iis_node *node = v->node;

    while (rest.len) {
        struct str part = str_cut(rest, '\\', &rest);
        int r = part.len ? iis_node_make(&f->job->tree, node, part, &node, e) : 0;
        if (r < 0)
            return r;
    }
    /* Another virtual directory may hide the folder under this name. */
    return iis_node_virtual_directory(node) == v->node ? stand(f, source, node, e) : 0;
}

static int stand_by_folder(struct finder *f, struct iis_source *source, struct err *e)
{
    struct str file = source->physical;
    size_t end = file.len;
    int r = 0;

    while (end && file.p[end - 1] != '\\')
        end--;
    struct str folder = without_end((struct str){file.p, end});
    for (struct str above = folder; above.len && r >= 0;) {
        for (const struct folder *d = iis_map_get(&f->folders, NULL, above); d && r >= 0; d = d->next)
            r = stand_below(f, source, d->directory, str_skip(folder, above.len), e);
        while (above.len && above.p[above.len - 1] != '\\')
            above.len--;
        above = without_end(above);
    }
    return r;
}

/* What the manifest says comes first, what follows from the folders second. */
static int stand_by_path(struct finder *f, struct iis_source *source, struct err *e)
{
    struct iis_node *node;
    int r = iis_job_read(f->job, source, e);

    if (r == 0)
        r = iis_job_include_parts(f->job, source, e);
    if (r < 0 || source->path.len == 0)
        return r;
    r = iis_node_make(&f->job->tree, f->job->tree.root, source->path, &node, e);
    return r < 0 ? r : stand(f, source, node, e);
}

static int find_web(struct finder *f, struct iis_source *source,
                    int (*how)(struct finder *, struct iis_source *, struct err *), struct err *e)
{
    int r = how(f, source, e);

    if (r == -ERR_LIMIT) {
        sink_problem(f->job->x->sink, source->entry->name, 0, "%s", e->text);
        r = 0;
    }
    return r;
}

static void note_homeless(struct iis_job *j)
{
    for (struct iis_source *s = j->sources; s; s = s->next)
        if (str_eq(str_from(s->level), STR("web")) && !s->stands) {
            s->unused_why = s->path.p ? "another web.config of the same path was read"
                                      : "nothing says at which path it stands";
            sink_problem(j->x->sink, s->entry->name, 0, "%s", s->unused_why);
        }
}

/* Higher paths first; the bundle's order among equals. */
static int compare_webs(const void *left, const void *right)
{
    const struct iis_web *const *a = left, *const *b = right;

    if ((*a)->file.node->depth != (*b)->file.node->depth)
        return (*a)->file.node->depth < (*b)->file.node->depth ? -1 : 1;
    return str_icmp((*a)->file.node->path, (*b)->file.node->path);
}

int iis_job_find_webs(struct iis_job *j, struct err *e)
{
    struct finder f = {.job = j, .folders = IIS_MAP_INIT(&j->model, true)};
    int r = note_folders(&f, e);

    for (struct iis_source *s = j->sources; s && r >= 0; s = s->next)
        if (str_eq(str_from(s->level), STR("web")))
            r = find_web(&f, s, stand_by_path, e);
    for (struct iis_source *s = j->sources; s && r >= 0; s = s->next)
        if (str_eq(str_from(s->level), STR("web")))
            r = find_web(&f, s, stand_by_folder, e);
    if (r < 0)
        return r;
    note_homeless(j);
    if (f.n_webs)
        qsort(f.webs, f.n_webs, sizeof *f.webs, compare_webs);
    for (size_t i = 0; i < f.n_webs; i++) {
        *j->webs_end = f.webs[i];
        j->webs_end = &f.webs[i]->next;
    }
    return 0;
}
