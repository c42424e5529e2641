/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_iis.h"

#include "limits.h"

static void set_environment(struct iis_job *j)
{
    j->environment = (struct iis_environment){.system_drive = j->x->system_drive,
                                              .system_root = j->x->system_root,
                                              .program_data = j->x->program_data};
}

/* The section schemas of that machine. */
static int read_schemas(struct iis_job *j, struct err *e)
{
    int r = 0;

    for (struct iis_source *s = j->sources; s && r >= 0; s = s->next) {
        if (!str_eq(str_from(s->level), STR("schema")))
            continue;
        r = iis_job_read(j, s, e);
        if (s->config)
            iis_defaults_read(&j->tree.defaults, s->config, &j->model);
    }
    return r;
}

/* machine.config and the framework's web.config: two levels that IIS reads as well. */
static int place_above(struct iis_job *j, const char *level, unsigned above, struct err *e)
{
    struct iis_file *file = &j->above_files[above - 1];
    struct iis_source *s = j->sources;

    while (s && !str_eq(str_from(s->level), str_from(level)))
        s = s->next;
    if (!s)
        return 0;
    *file =
        (struct iis_file){.entry = s->entry->name, .is_apphost = true, .above = above, .node = j->tree.root};
    int r = iis_job_read(j, s, e);
    if (r == 0 && s->is_malformed)
        return iis_place_malformed(&j->tree, file, s->where, s->problem, e);
    if (r == 0)
        r = iis_job_include_parts(j, s, e);
    return r == 0 && s->config ? iis_place(&j->tree, file, s->config, e) : r;
}

/* applicationHost.config: declarations, topology, fragments. */
static int place_apphost(struct iis_job *j, struct err *e)
{
    struct iis_source *source = j->apphost;
    int r = source ? iis_job_read(j, source, e) : 0;

    if (r == 0 && source)
        r = iis_job_include_parts(j, source, e);
    if (r == 0)
        r = iis_tree_init(&j->tree, source ? source->config : NULL, &j->model, e);
    if (r == 0)
        r = read_schemas(j, e);
    if (r < 0 || !source)
        return r;
    j->apphost_file =
        (struct iis_file){.entry = source->entry->name, .is_apphost = true, .node = j->tree.root};
    if (source->is_malformed)
        return iis_place_malformed(&j->tree, &j->apphost_file, source->where, source->problem, e);
    if (!source->config)
        return 0;
    j->tree.sites_are_known = true;
    r = iis_sites_read(&j->tree, source->config, &j->environment, j->x->build, &j->topology, e);
    if (r == 0)
        r = place_above(j, "machine", 2, e);
    if (r == 0)
        r = place_above(j, "root-web", 1, e);
    if (r == 0)
        r = iis_place(&j->tree, &j->apphost_file, source->config, e);
    if (r != -ERR_LIMIT)
        return r;
    j->tree.sites_are_known = false; /* half a configuration says nothing certain of any path */
    sink_problem(j->x->sink, source->entry->name, 0, "not read to its end: %s", e->text);
    return 0;
}

static int place_webs(struct iis_job *j, struct err *e)
{
    int r = 0;

    for (struct iis_web *w = j->webs; w && r >= 0; w = w->next) {
        if (w->source->is_malformed && !w->file.is_ignored)
            r = iis_place_malformed(&j->tree, &w->file, w->source->where, w->source->problem, e);
        else if (w->source->config)
            r = iis_place(&j->tree, &w->file, w->source->config, e);
        if (r == -ERR_LIMIT) {
            sink_problem(j->x->sink, w->file.entry, 0, "not read to its end: %s", e->text);
            r = 0;
        }
    }
    return r;
}

/* What was found before a limit stays. */
static int check_collections(struct iis_job *j, struct err *e)
{
    int r = iis_collections_check(&j->tree, e);

    if (r != -ERR_LIMIT)
        return r;
    sink_problem(j->x->sink, (struct str){NULL, 0}, 0, "duplicates were not looked for everywhere: %s",
                 e->text);
    return 0;
}

static int run(struct iis_job *j, struct err *e)
{
    int r = iis_job_find_files(j, e);

    if (r < 0 || !j->sources)
        return r;
    r = place_apphost(j, e);
    if (r == 0)
        r = iis_job_find_webs(j, e);
    if (r == 0)
        r = place_webs(j, e);
    if (r == 0)
        r = iis_job_read_mappings(j, e);
    if (r == 0)
        r = check_collections(j, e);
    if (r < 0)
        return r;
    iis_job_emit_files(j);
    iis_job_emit_sites(j);
    iis_job_emit_metadata(j);
    iis_job_emit_farms(j);
    iis_job_emit_config(j);
    r = iis_job_emit_collections(j, e);
    if (r == 0)
        r = iis_job_emit_mappings(j, e);
    if (r == 0)
        r = iis_job_emit_wcf(j, e);
    return r == 0 ? iis_job_keep_state(j, e) : r;
}

int extract_iis(struct extract_state *x, struct err *e)
{
    struct iis_job j = {.x = x, .model = ARENA_INIT(LIMIT_WORKER_MEMORY_BYTES / 4)};

    j.sources_end = &j.sources;
    j.webs_end = &j.webs;
    set_environment(&j);
    int r = run(&j, e);
    bool is_full = j.model.used_bytes > j.model.cap_bytes / 2;
    arena_done(&j.model);
    if (r == -ERR_LIMIT || (r == -ERR_NOMEM && is_full)) {
        sink_problem(x->sink, (struct str){NULL, 0}, 0, "IIS configuration: %s", e->text);
        r = 0;
    }
    return r < 0 ? r : sink_check(x->sink, e);
}
