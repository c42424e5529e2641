/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_iis.h"

#include <openssl/evp.h>
#include <string.h>

#include "wcf.h"

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory");
}

/* A <remove> is no word of these collections: IIS refuses the section. */
static int refuse(struct iis_job *j, struct iis_placed *p, const struct xml_element *element, struct err *e)
{
    struct iis_fault *fault = arena_alloc(&j->model, sizeof *fault);

    if (!fault)
        return out_of_memory(e);
    *fault = (struct iis_fault){.kind = "bad-value",
                                .hresult = HRESULT_INVALID,
                                .message = STR("<remove> in a collection that knows only <add> and <clear/>"),
                                .line = element->line,
                                .col = element->col};
    p->is_broken = true;
    return iis_tree_add_error(&j->tree, fault, iis_placed_entry(p), p->fragment->declaration->section,
                              p->node, e);
}

int iis_job_read_mappings(struct iis_job *j, struct err *e)
{
    struct iis_mapped **end = &j->mapped;
    int r = 0;

    for (struct iis_placed *p = j->tree.placed; p && r >= 0; p = p->next) {
        const struct iis_section *known = p->fragment->declaration->known;
        if (!known || !str_eq(p->fragment->declaration->section, STR(IIS_MAPPING)))
            continue;
        struct iis_mapped *m = arena_alloc(&j->model, sizeof *m);
        if (!m)
            return out_of_memory(e);
        m->placed = p;
        r = iis_mapping_read(p->fragment->element, &j->model, &m->mappings, e);
        if (r >= 0 && m->mappings.refused && p->is_matched && !p->is_broken && !p->file->is_ignored)
            r = refuse(j, p, m->mappings.refused, e);
        *end = m;
        end = &m->next;
    }
    return r < 0 ? r : 0;
}

static void emit_thumbprint(struct sink *s, struct bytes der)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned len;

    if (der.p && EVP_Digest(der.p, der.len, hash, &len, EVP_sha1(), NULL))
        sink_hex(s, "thumbprint", (struct bytes){hash, len});
}

/* Where the section that holds an entry stands. */
struct place {
    struct str path, site, entry;
    int64_t depth;
    bool is_apphost;
};

static struct place place_of(const struct iis_placed *p)
{
    const struct iis_file *f = p->file;
    const struct iis_node *node = p->node ? p->node : f->node, *site = iis_node_site(node);

    return (struct place){.path = node->path,
                          .site = site ? site->path : (struct str){NULL, 0},
                          .entry = iis_placed_entry(p),
                          .depth = node->depth,
                          .is_apphost = f->is_apphost};
}

static void emit_mapping(struct sink *s, const struct place *at, const struct iis_mapping *m)
{
    sink_begin(s, "certificate_mapping");
    sink_text(s, "path", at->path);
    sink_text(s, "site", at->site);
    sink_int(s, "depth", at->depth);
    sink_c(s, "kind", m->is_one_to_one ? "oneToOne" : "manyToOne");
    sink_text(s, "name", m->name);
    sink_int(s, "enabled", m->is_enabled);
    sink_text(s, "user_name", m->user_name);
    sink_text(s, "permission_mode", m->permission_mode);
    emit_thumbprint(s, m->der);
    sink_c(s, "blob_problem", m->blob_problem);
    iis_emit_place(s, at->entry, m->line);
    sink_int(s, "col", m->col);
    sink_c(s, "file_level", at->is_apphost ? "apphost" : "web");
    sink_end(s);
}

static void emit_rules(struct sink *s, const struct place *at, const struct iis_mapping *m)
{
    for (const struct iis_mapping_rule *rule = m->rules; rule; rule = rule->next) {
        sink_begin(s, "mapping_rule");
        sink_text(s, "path", at->path);
        sink_text(s, "mapping", m->name);
        sink_text(s, "field", rule->field);
        sink_text(s, "sub_field", rule->sub_field);
        sink_text(s, "criteria", rule->criteria);
        sink_int(s, "case_sensitive", rule->is_case_sensitive);
        iis_emit_place(s, at->entry, rule->line);
        sink_end(s);
    }
}

static size_t count_certificates(const struct iis_job *j)
{
    size_t n = 0;

    for (const struct iis_mapped *m = j->mapped; m; m = m->next)
        for (const struct iis_mapping *entry = m->mappings.first; entry; entry = entry->next)
            n += entry->der.p != NULL;
    return n;
}

static int keep_certificate(struct extract_state *x, struct bytes der, struct err *e)
{
    uint8_t *copy = arena_alloc(x->arena, der.len);

    if (!copy)
        return out_of_memory(e);
    memcpy(copy, der.p, der.len);
    x->mapped[x->n_mapped++] = (struct bytes){copy, der.len};
    return 0;
}

/* Entries of files that IIS does not read, and of paths that cannot be, map nobody. */
int iis_job_emit_mappings(struct iis_job *j, struct err *e)
{
    struct extract_state *x = j->x;
    size_t n = count_certificates(j);
    int r = 0;

    x->mapped = n ? arena_array(x->arena, n, sizeof *x->mapped) : NULL;
    if (n && !x->mapped)
        return out_of_memory(e);
    for (const struct iis_mapped *m = j->mapped; m; m = m->next) {
        if (m->placed->file->is_ignored || !m->placed->is_matched)
            continue;
        const struct place at = place_of(m->placed);
        for (const struct iis_mapping *entry = m->mappings.first; entry && r >= 0; entry = entry->next) {
            emit_mapping(x->sink, &at, entry);
            emit_rules(x->sink, &at, entry);
            if (entry->der.p)
                r = keep_certificate(x, entry->der, e);
        }
    }
    return r;
}

static void emit_endpoint(struct sink *s, struct str path, struct str entry, const struct wcf_endpoint *p)
{
    sink_begin(s, "wcf_endpoint");
    sink_text(s, "path", path);
    sink_text(s, "service", p->service);
    sink_text(s, "contract", p->contract);
    sink_text(s, "binding", p->binding);
    sink_text(s, "binding_name", p->binding_name);
    sink_text(s, "security_mode", p->security_mode);
    sink_text(s, "client_credential_type", p->transport_credential);
    sink_text(s, "message_credential_type", p->message_credential);
    sink_text(s, "address", p->address);
    sink_text(s, "find_type", p->find_type);
    sink_text(s, "find_value", p->find_value);
    sink_text(s, "store_location", p->store_location);
    sink_text(s, "store", p->store);
    sink_int(s, "is_client", p->is_client);
    sink_text(s, "behavior", p->behavior);
    iis_emit_place(s, entry, p->line);
    sink_end(s);
}

static void emit_behavior(struct sink *s, struct str path, struct str entry, const struct wcf_behavior *b)
{
    sink_begin(s, "wcf_behavior");
    sink_text(s, "path", path);
    sink_text(s, "name", b->name);
    sink_int(s, "gets_https", b->gets_https);
    sink_text(s, "validation_mode", b->validation_mode);
    sink_text(s, "revocation_mode", b->revocation_mode);
    sink_text(s, "trusted_location", b->trusted_location);
    iis_emit_place(s, entry, b->line);
    sink_end(s);
}

static int emit_models(struct iis_job *j, const struct iis_web *web, const struct xml_element *above,
                       struct str path, struct err *e)
{
    int r = 0;

    for (const struct xml_element *m = xml_child(above, "system.serviceModel"); m && r >= 0;
         m = xml_next(m, "system.serviceModel")) {
        struct wcf_endpoint *endpoints = NULL;
        struct wcf_behavior *behaviors = NULL;
        r = wcf_read(m, &j->model, &endpoints, e);
        if (r >= 0)
            r = wcf_read_behaviors(m, &j->model, &behaviors, e);
        for (const struct wcf_endpoint *p = endpoints; p; p = p->next)
            emit_endpoint(j->x->sink, path, web->file.entry, p);
        for (const struct wcf_behavior *b = behaviors; b; b = b->next)
            emit_behavior(j->x->sink, path, web->file.entry, b);
    }
    return r;
}

int iis_job_emit_wcf(struct iis_job *j, struct err *e)
{
    int r = 0;

    for (const struct iis_web *w = j->webs; w && r >= 0; w = w->next) {
        if (!w->source->config)
            continue;
        r = emit_models(j, w, w->source->config, w->file.node->path, e);
        for (const struct xml_element *l = xml_child(w->source->config, "location"); l && r >= 0;
             l = xml_next(l, "location")) {
            struct str path = xml_get(l, "path");
            struct iis_node *node = w->file.node;
            if (path.len && !str_eq(path, STR(".")) &&
                iis_node_make(&j->tree, w->file.node, path, &node, e) < 0)
                continue;
            r = emit_models(j, w, l, node->path, e);
        }
    }
    return r;
}
