/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_registry.h"
#include "http_sys.h"

enum { NEGOTIATE = 2, DS_MAPPER = 1 };

struct emitter {
    struct extract_state *x;
    const char *source;
    const struct entry *entry; /* NULL: the record says where it stands */
};

static void emit(const struct http_sys_binding *b, void *ctx)
{
    const struct emitter *m = ctx;
    struct sink *s = m->x->sink;

    sink_begin(s, "ssl_binding");
    sink_c(s, "tree", b->tree);
    sink_text(s, "endpoint", b->endpoint);
    sink_text(s, "ip", b->ip);
    sink_int(s, "port", b->port);
    sink_text(s, "host", b->host);
    sink_text(s, "thumbprint", b->thumbprint);
    sink_text(s, "app_id", b->app_id);
    sink_text(s, "store", b->store);
    sink_int(s, "check_mode", b->check_mode);
    sink_int(s, "freshness_time", b->freshness_time);
    sink_int(s, "url_retrieval_timeout", b->url_retrieval_timeout);
    sink_text(s, "ctl_identifier", b->ctl_identifier);
    sink_text(s, "ctl_store", b->ctl_store);
    sink_int(s, "flags", b->flags);
    sink_int(s, "negotiate", (b->flags & NEGOTIATE) != 0);
    sink_int(s, "ds_mapper", (b->flags & DS_MAPPER) != 0);
    sink_c(s, "source", m->source);
    sink_time(s, "modified", b->modified_ms);
    sink_text(s, "entry", m->entry ? m->entry->name : b->entry);
    if (b->line > 0)
        sink_int(s, "line", b->line);
    sink_end(s);
}

static bool is_netsh_entry(struct str name)
{
    return (str_istarts(name, STR("http/")) || str_istarts(name, STR("attach/"))) &&
           str_iends(name, STR("sslcert.txt"));
}

/* netsh writes in the console's code page or, redirected by PowerShell, in UTF-16. */
static int read_netsh(struct emitter *m, struct bytes file, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(2 * (file.len + 4));
    bool is_translated;
    int bad;

    text_add_decoded(&text, file);
    if (buf_check(&text, "netsh text", e))
        return -e->code;
    m->source = "netsh";
    bad = http_sys_from_netsh(buf_str(&text), m->x->arena, emit, m, &is_translated, e);
    if (is_translated)
        sink_problem(
            m->x->sink, m->entry->name, 0,
            "netsh text in another language: its words for on and off are taken from the usage check "
            "and from the cached revocation check, which every record agrees on");
    if (bad > 0)
        sink_problem(m->x->sink, m->entry->name, 0,
                     "%d records of netsh text could not be read: take http/sslcert.json or the registry",
                     bad);
    return bad < 0 ? bad : 0;
}

static int read_entry(struct extract_state *x, const struct entry *entry, struct err *e)
{
    struct emitter m = {.x = x, .source = "api", .entry = entry};
    bool is_json = str_ieq(entry->name, STR("http/sslcert.json"));
    struct bytes file;
    int r;

    if (!is_json && !is_netsh_entry(entry->name))
        return 0;
    r = x->view->read(x->view->ctx, entry, x->arena, &file, e);
    if (r == 0)
        r = is_json ? http_sys_from_json(file, x->arena, emit, &m, e) : read_netsh(&m, file, e);
    if (r == -ERR_NOMEM)
        return r;
    if (r < 0)
        sink_problem(x->sink, entry->name, 0, "%s", e->text);
    return 0;
}

int extract_registry_bindings(struct extract_state *x, struct err *e)
{
    struct emitter m = {.x = x, .source = "registry"};
    int r = http_sys_from_registry(x->registry, x->arena, emit, &m, e);

    for (size_t i = 0; r == 0 && i < x->view->n_entries; i++)
        r = read_entry(x, &x->view->entries[i], e);
    return r ? r : sink_check(x->sink, e);
}
