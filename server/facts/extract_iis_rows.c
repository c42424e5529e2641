/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_iis.h"

#include "limits.h"

void iis_emit_place(struct sink *s, struct str entry, uint32_t line)
{
    sink_text(s, "entry", entry);
    if (line)
        sink_int(s, "line", line);
}

static int64_t modified(const struct entry *entry)
{
    return entry->item ? entry->item->modified_ms : entry->time_ms;
}

static void emit_file(struct sink *s, const struct iis_source *f, struct str path, const char *why)
{
    sink_begin(s, "config_file");
    sink_text(s, "entry", f->entry->name);
    if (f->physical.len)
        sink_text(s, "source", f->physical);
    sink_c(s, "level", f->level);
    sink_text(s, "path", path);
    sink_int(s, "used", why == NULL);
    sink_c(s, "why", why);
    sink_time(s, "modified", modified(f->entry));
    sink_end(s);
}

/* A web.config has one row for each path at which it stands. */
void iis_job_emit_files(struct iis_job *j)
{
    for (const struct iis_source *f = j->sources; f; f = f->next)
        if (!f->stands)
            emit_file(j->x->sink, f, f->path, f->unused_why);
    for (const struct iis_web *w = j->webs; w; w = w->next)
        emit_file(j->x->sink, w->source, w->file.node->path, w->unused_why);
}

static void emit_binding(struct sink *s, const struct iis_site *site, const struct iis_binding *b,
                         struct str entry)
{
    sink_begin(s, "binding");
    sink_text(s, "site", site->name);
    sink_text(s, "protocol", b->protocol);
    sink_text(s, "information", b->information);
    sink_text(s, "ip", b->ip);
    if (b->port >= 0)
        sink_int(s, "port", b->port);
    sink_text(s, "host", b->host);
    if (b->ssl_flags >= 0)
        sink_int(s, "ssl_flags", b->ssl_flags);
    iis_emit_place(s, entry, b->line);
    sink_end(s);
}

static void emit_directory(struct sink *s, const struct iis_site *site, const struct iis_application *a,
                           const struct iis_virtual_directory *v, struct str entry)
{
    sink_begin(s, "virtual_directory");
    sink_text(s, "site", site->name);
    sink_text(s, "application", a->path);
    sink_text(s, "path", v->path);
    sink_text(s, "physical_path", v->physical_path);
    sink_int(s, "allow_subdir_config", v->allows_subdir_config);
    iis_emit_place(s, entry, v->line);
    sink_end(s);
}

static void emit_application(struct sink *s, const struct iis_site *site, const struct iis_application *a,
                             struct str entry)
{
    sink_begin(s, "application");
    sink_text(s, "site", site->name);
    sink_text(s, "path", a->path);
    sink_text(s, "app_pool", a->pool);
    sink_text(s, "enabled_protocols", a->protocols);
    iis_emit_place(s, entry, a->line);
    sink_end(s);
    for (const struct iis_virtual_directory *v = a->virtual_directories; v; v = v->next)
        emit_directory(s, site, a, v, entry);
}

static void emit_site(struct sink *s, const struct iis_site *site, struct str entry)
{
    sink_begin(s, "site");
    sink_text(s, "site", site->name);
    if (site->id >= 0)
        sink_int(s, "id", site->id);
    sink_int(s, "auto_start", site->auto_start);
    sink_text(s, "log_directory", site->log_directory);
    sink_text(s, "log_format", site->log_format);
    sink_text(s, "log_fields", site->log_fields);
    sink_text(s, "freb_directory", site->freb_directory);
    sink_int(s, "freb_enabled", site->freb_enabled);
    iis_emit_place(s, entry, site->line);
    sink_end(s);
    for (const struct iis_binding *b = site->bindings; b; b = b->next)
        emit_binding(s, site, b, entry);
    for (const struct iis_application *a = site->applications; a; a = a->next)
        emit_application(s, site, a, entry);
}

static void emit_pool(struct sink *s, const struct iis_pool *p, struct str entry)
{
    sink_begin(s, "app_pool");
    sink_text(s, "app_pool", p->name.p ? p->name : STR(""));
    sink_text(s, "identity_type", p->identity_type);
    sink_text(s, "user_name", p->user_name);
    sink_text(s, "account", p->account);
    if (p->sid.len)
        sink_text(s, "sid", p->sid);
    if (p->is_profile_known)
        sink_int(s, "load_user_profile", p->is_profile_loaded);
    sink_int(s, "enable_configuration_override", p->is_override_enabled);
    sink_int(s, "auto_start", p->auto_start);
    iis_emit_place(s, entry, p->line);
    sink_end(s);
}

void iis_job_emit_sites(struct iis_job *j)
{
    for (const struct iis_site *s = j->topology.sites; s; s = s->next)
        emit_site(j->x->sink, s, j->apphost_file.entry);
    for (const struct iis_pool *p = j->topology.pools; p; p = p->next)
        emit_pool(j->x->sink, p, j->apphost_file.entry);
}

static void emit_metadata(struct sink *s, const struct xml_element *key, struct str entry)
{
    uint64_t id;

    for (const struct xml_element *p = xml_child(key, "property"); p; p = xml_next(p, "property")) {
        if (!str_to_u64(xml_get(p, "id"), UINT32_MAX, &id))
            continue;
        sink_begin(s, "custom_metadata");
        sink_text(s, "path", xml_get(key, "path"));
        sink_int(s, "id", (int64_t)id);
        iis_emit_place(s, entry, p->line);
        sink_end(s);
    }
}

void iis_job_emit_metadata(struct iis_job *j)
{
    const struct xml_element *config = j->apphost ? j->apphost->config : NULL;

    for (const struct xml_element *h = xml_child(config, "system.applicationHost"); h;
         h = xml_next(h, "system.applicationHost"))
        for (const struct xml_element *m = xml_child(h, "customMetadata"); m;
             m = xml_next(m, "customMetadata"))
            for (const struct xml_element *k = xml_child(m, "key"); k; k = xml_next(k, "key"))
                emit_metadata(j->x->sink, k, j->apphost_file.entry);
}

static void emit_farm(struct sink *s, const struct xml_element *farm, struct str entry)
{
    bool is_enabled = iis_bool(xml_get(farm, "enabled"), true);

    for (const struct xml_element *v = xml_child(farm, "server"); v; v = xml_next(v, "server")) {
        struct str name = xml_get(farm, "name"), address = xml_get(v, "address");
        if (!name.p || !address.p || iis_is_hidden(name) || iis_is_hidden(address))
            continue;
        sink_begin(s, "web_farm_server");
        sink_text(s, "farm", name);
        sink_text(s, "address", address);
        sink_int(s, "enabled", is_enabled && iis_bool(xml_get(v, "enabled"), true));
        iis_emit_place(s, entry, v->line);
        sink_end(s);
    }
}

void iis_job_emit_farms(struct iis_job *j)
{
    const struct xml_element *config = j->apphost ? j->apphost->config : NULL;

    for (const struct xml_element *f = xml_child(config, "webFarms"); f; f = xml_next(f, "webFarms"))
        for (const struct xml_element *w = xml_child(f, "webFarm"); w; w = xml_next(w, "webFarm"))
            emit_farm(j->x->sink, w, j->apphost_file.entry);
}

static const char *mode_name(enum iis_mode mode)
{
    return mode == IIS_ALLOW ? "Allow" : mode == IIS_DENY ? "Deny" : "Inherit";
}

static void emit_lock(struct sink *s, struct str section, struct str path, enum iis_mode mode,
                      struct str entry, uint32_t line)
{
    sink_begin(s, "section_lock");
    sink_text(s, "section", section);
    sink_text(s, "path", path);
    sink_c(s, "mode", mode_name(mode));
    iis_emit_place(s, entry, line);
    sink_end(s);
}

static void emit_locks(struct iis_job *j)
{
    struct sink *s = j->x->sink;

    for (const struct iis_declaration *d = j->tree.declarations.first; d; d = d->next)
        if (d->mode != IIS_INHERIT)
            emit_lock(s, d->section, STR(""), d->mode, j->apphost_file.entry, d->line);
    for (const struct iis_placed *p = j->tree.placed; p; p = p->next)
        if (p->fragment->mode != IIS_INHERIT && p->is_matched && !p->file->is_ignored)
            emit_lock(s, p->fragment->declaration->section, p->node->path, p->fragment->mode,
                      iis_placed_entry(p), p->fragment->element->line);
}

/* Files without which IIS or its manager does not start; no path is read from them. */
static void emit_malformed(struct iis_job *j, const struct iis_source *f)
{
    struct sink *s = j->x->sink;
    bool is_manager = str_eq(str_from(f->level), STR("administration"));

    if (!f->is_malformed || f->unused_why || (!is_manager && !str_eq(str_from(f->level), STR("redirection"))))
        return;
    sink_begin(s, "config_error");
    sink_c(s, "kind", is_manager ? "malformed-administration" : "malformed");
    sink_c(s, "hresult", HRESULT_INVALID);
    sink_text(s, "message", f->problem);
    iis_emit_place(s, f->entry->name, f->where.line);
    sink_int(s, "col", f->where.col);
    sink_end(s);
}

static void emit_errors(struct iis_job *j)
{
    struct sink *s = j->x->sink;

    for (const struct iis_source *f = j->sources; f; f = f->next)
        emit_malformed(j, f);

    for (const struct iis_error *error = j->tree.errors; error; error = error->next) {
        sink_begin(s, "config_error");
        if (error->node != j->tree.root)
            sink_text(s, "path", error->node->path);
        sink_text(s, "section", error->section);
        sink_c(s, "kind", error->fault->kind);
        sink_c(s, "hresult", error->fault->hresult);
        sink_text(s, "message", error->fault->message);
        iis_emit_place(s, error->entry, error->fault->line);
        sink_int(s, "col", error->fault->col);
        sink_end(s);
    }
    if (j->tree.n_errors >= (size_t)LIMIT_IIS_ERRORS)
        sink_problem(s, (struct str){NULL, 0}, 0, "more than %lld configuration errors; the rest is left out",
                     (long long)LIMIT_IIS_ERRORS);
}

/* setting NULL: the element carries none of the attributes. */
static void emit_fragment(struct sink *s, const struct iis_placed *p, struct str path, const char *attribute,
                          const struct iis_setting *setting, bool used)
{
    const struct iis_fragment *f = p->fragment;

    sink_begin(s, "config_fragment");
    sink_text(s, "section", f->declaration->section);
    sink_text(s, "path", path);
    sink_c(s, "attribute", attribute);
    if (setting && setting->value.p)
        sink_text(s, "value", setting->raw);
    iis_emit_place(s, iis_placed_entry(p), setting ? setting->line : f->element->line);
    sink_text(s, "location", f->location);
    if (f->location.p)
        sink_c(s, "override_mode", mode_name(f->mode));
    sink_int(s, "matched", p->is_matched);
    sink_int(s, "used", used);
    sink_end(s);
}

static struct str target_of(struct iis_job *j, const struct iis_placed *p)
{
    struct str base = p->file->node->path, relative = p->fragment->relative;

    if (p->node)
        return p->node->path;
    const char *text = arena_printf(&j->model, "%.*s%s%.*s", (int)base.len, base.p ? base.p : "",
                                    base.len ? "/" : "", (int)relative.len, relative.p ? relative.p : "");
    return text ? str_from(text) : relative;
}

static void emit_fragments(struct iis_job *j)
{
    for (const struct iis_placed *p = j->tree.placed; p; p = p->next) {
        const struct iis_section *known = p->fragment->declaration->known;
        bool has_effect = p->is_matched && !p->file->is_ignored, any = false;
        if (!known && !p->collections)
            continue;
        struct str path = target_of(j, p);
        for (size_t i = 0; known && i < known->n_attributes; i++) {
            const struct iis_setting *setting = &p->fragment->settings[i];
            if (setting->is_set)
                emit_fragment(j->x->sink, p, path, known->attributes[i].name, setting, has_effect && p->wins);
            any |= setting->is_set;
        }
        if (!any)
            emit_fragment(j->x->sink, p, path, NULL, NULL, has_effect);
    }
}

static void emit_value(struct sink *s, const struct iis_node *node, const struct iis_section *section,
                       const struct iis_attribute *attribute, const struct iis_value *v, bool is_broken)
{
    sink_begin(s, "effective_config");
    sink_text(s, "site", iis_node_site(node)->path);
    sink_text(s, "path", node->path);
    sink_c(s, "section", section->name);
    sink_c(s, "attribute", attribute->name);
    sink_text(s, "value", v->value);
    sink_c(s, "origin", iis_value_origin(v, node));
    if (v->from) {
        iis_emit_place(s, iis_placed_entry(v->from), v->setting->line);
        sink_text(s, "location", v->from->fragment->location);
    }
    sink_int(s, "broken", is_broken);
    sink_end(s);
}

static void emit_effective(struct iis_job *j, const struct iis_node *node)
{
    struct iis_values values;

    iis_effective(&j->tree, node, &values);
    for (size_t s = 0; s < IIS_SECTION_COUNT; s++)
        for (size_t i = 0; i < iis_sections[s].n_attributes; i++) {
            struct iis_value *v = &values.of[s][i];
            if (v->from)
                v->from->wins = true;
            emit_value(j->x->sink, node, &iis_sections[s], &iis_sections[s].attributes[i], v,
                       values.is_broken);
        }
}

void iis_job_emit_config(struct iis_job *j)
{
    if (j->tree.sites_are_known)
        for (const struct iis_node *n = j->tree.root->next; n; n = n->next)
            if (n->is_listed)
                emit_effective(j, n);
    emit_fragments(j); /* after the values: those say which fragments count */
    emit_locks(j);
    emit_errors(j);
}
