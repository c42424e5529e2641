/* SPDX-License-Identifier: Apache-2.0
 *
 * What a bundle says of itself, as rows of 00-machine.sql. */
#include "extract_bundle.h"

#include "complaint.h"

#include <string.h>

#include "extract_certificates.h"
#include "limits.h"

/* A word for "somebody's browser or service runs here" is needed only where no manifest says the roles. */
static unsigned roles_by_entries(const struct bundle_view *view)
{
    unsigned roles = 0;

    for (size_t i = 0; i < view->n_entries; i++) {
        struct str name = view->entries[i].name;
        if (str_istarts(name, STR("iis/")) || str_istarts(name, STR("logs/w3svc/")))
            roles |= ROLE_SERVER;
        if (str_istarts(name, STR("registry/client-")) || str_istarts(name, STR("certs/CurrentUser-")))
            roles |= ROLE_CLIENT;
    }
    return roles;
}

static void write_machine(struct bundle_reading *b)
{
    static const struct manifest_machine UNKNOWN = {.booted_ms = TIME_NONE};
    const struct manifest *manifest = b->view->manifest;
    const struct manifest_machine *m = manifest ? &manifest->machine : &UNKNOWN;
    unsigned roles = m->roles ? m->roles : roles_by_entries(b->view);
    struct sink *s = b->x->sink;

    sink_begin(s, "machine");
    if (manifest) {
        sink_text(s, "name", m->name);
        sink_text(s, "domain", m->domain.p ? m->domain : STR(""));
        sink_text(s, "guid", m->guid);
        if (manifest->case_id.len)
            sink_text(s, "case_id", manifest->case_id);
        if (manifest->pseudonyms.len)
            sink_text(s, "pseudonyms", manifest->pseudonyms);
        sink_int(s, "elevated", m->elevated);
    }
    sink_int(s, "is_server", (roles & ROLE_SERVER) != 0);
    sink_int(s, "is_client", (roles & ROLE_CLIENT) != 0);
    sink_int(s, "is_proxy", (roles & ROLE_PROXY) != 0);
    sink_int(s, "is_dc", (roles & ROLE_DC) != 0);
    sink_time(s, "collected", b->x->collected_ms);
    sink_time(s, "booted", m->booted_ms);
    sink_int(s, "has_manifest", manifest != NULL);
    sink_end(s);
}

static void text_unless_empty(struct sink *s, const char *column, struct str value)
{
    if (value.len)
        sink_text(s, column, value);
}

static void write_complaint(struct bundle_reading *b, const struct complaint *c)
{
    struct sink *s = b->x->sink;
    struct complaint_facts f;

    if (complaint_is_empty(c))
        return;
    complaint_read(c, b->x->arena, &f);
    if (f.is_time_lost)
        bundle_problem_add(b, STR("manifest.json"), "the time of the complaint is not one that can be read");
    sink_begin(s, "complaint");
    text_unless_empty(s, "url", c->url);
    sink_time(s, "when", f.when_ms);
    text_unless_empty(s, "seen", c->seen);
    text_unless_empty(s, "account", c->account);
    text_unless_empty(s, "thumbprint", f.thumbprint);
    if (f.has_place) {
        sink_text(s, "host", f.host);
        sink_int(s, "port", (int64_t)f.port);
        sink_text(s, "path", f.path);
    }
    sink_end(s);
}

/* Which end is missing matters to whoever reads the reason. */
static void write_reason(struct sink *s, struct arena *a, const struct manifest_item *item)
{
    const char *cut = str_eq(item->cut, STR("head"))   ? "the beginning was left out"
                      : str_eq(item->cut, STR("tail")) ? "the end was left out"
                                                       : NULL;

    if (cut && item->reason.len)
        sink_c(s, "reason", arena_printf(a, "%.*s; %s", (int)item->reason.len, item->reason.p, cut));
    else if (cut)
        sink_c(s, "reason", cut);
    else
        text_unless_empty(s, "reason", item->reason);
}

static void write_item(struct bundle_reading *b, const struct manifest_item *item)
{
    struct sink *s = b->x->sink;
    const struct entry *entry = item->entry.len ? bundle_find(b, item->entry) : NULL;
    bool is_missing = item->entry.len && !entry;
    bool is_lost = is_missing || (entry && entry->is_lost);

    if (is_missing)
        bundle_problem_add(b, item->entry, "the manifest names it, the bundle does not hold it");
    sink_begin(s, "item");
    sink_int(s, "id", item->id);
    sink_c(s, "kind", kind_text(item->kind));
    text_unless_empty(s, "source", item->source);
    text_unless_empty(s, "entry", item->entry);
    sink_c(s, "outcome", is_lost ? "lost" : outcome_text(item->outcome));
    if (is_lost)
        sink_c(s, "reason", is_missing ? "not in the bundle" : "its entry cannot be used");
    else
        write_reason(s, b->x->arena, item);
    if (item->os_code)
        sink_int(s, "os_code", item->os_code);
    sink_int(s, "size", item->size);
    if (item->original >= 0)
        sink_int(s, "original", item->original);
    sink_time(s, "modified", item->modified_ms);
    text_unless_empty(s, "site", item->site);
    text_unless_empty(s, "path", item->path);
    text_unless_empty(s, "location", item->location);
    text_unless_empty(s, "store", item->store);
    text_unless_empty(s, "user", item->user);
    sink_end(s);
}

/* "certs/<location>/<store>/x.cer": one item a store is what the collector writes, so here as well. */
static void write_item_by_name(struct bundle_reading *b, const struct entry *entry)
{
    struct sink *s = b->x->sink;
    enum kind kind;

    if (!kind_of_entry(entry->name, &kind)) {
        bundle_problem_add(b, entry->name,
                           str_iends(entry->name, STR(".ibl"))
                               ? "a log of central binary logging, which is not read: the log mode "
                                 "CentralW3C, or one log a site, can be read"
                               : "its name says nothing about what it is; not used");
        return;
    }
    sink_begin(s, "item");
    sink_c(s, "kind", kind_text(kind));
    sink_text(s, "entry", entry->name);
    sink_c(s, "outcome", entry->is_lost ? "lost" : "ok");
    if (entry->is_lost)
        sink_c(s, "reason", "its entry cannot be used");
    sink_int(s, "size", entry->size);
    struct str location, store;
    if (kind == KIND_CERT_STORE && certificates_entry_store(entry->name, &location, &store)) {
        sink_text(s, "location", location);
        sink_text(s, "store", store);
    }
    sink_end(s);
}

static void write_problems(struct bundle_reading *b)
{
    for (size_t i = 0; i < b->view->n_problems; i++) {
        const struct bundle_problem *p = &b->view->problems[i];
        sink_problem(b->x->sink, p->entry, 0, "%.*s", (int)p->text.len, p->text.p);
    }
    for (size_t i = 0; i < b->n_problems; i++) {
        const struct bundle_problem *p = &b->problems[i];
        sink_problem(b->x->sink, p->entry, 0, "%.*s", (int)p->text.len, p->text.p ? p->text.p : "");
    }
}

/* Put into the bundle by hand, behind what the collector wrote. */
static bool is_added(const struct entry *entry)
{
    enum kind kind;

    return !entry->item && kind_of_entry(entry->name, &kind) &&
           (kind == KIND_LOG_EVENT || kind == KIND_ATTACHMENT);
}

void bundle_write_rows(struct bundle_reading *b)
{
    write_machine(b);
    if (b->view->manifest)
        write_complaint(b, &b->view->manifest->complaint);
    for (size_t i = 0; i < b->n_items; i++)
        write_item(b, b->items[i]);
    for (size_t i = 0; i < b->view->n_entries; i++)
        if (b->n_items ? is_added(&b->view->entries[i])
                       : !str_eq(b->view->entries[i].name, STR("manifest.json")))
            write_item_by_name(b, &b->view->entries[i]);
    write_problems(b);
}
