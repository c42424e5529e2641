/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_model.h"

#include <string.h>

#include "limits.h"
#include "markup.h"
#include "text.h"

enum { DEPTH = 64 };

struct scan {
    struct iis_model *m;
    struct arena *arena;
    struct str stack[DEPTH];
    size_t depth;
    struct iis_site *site;
    struct iis_pool *pool;
    struct str application; /* its path */
};

/* The value of an attribute, in the arena; empty when it is not there. */
static struct str attribute(struct scan *s, const struct markup_token *t, const char *name)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_TEXT_BYTES);
    struct str value;

    if (!markup_attribute_find(t->inner, str_from(name), &value))
        return STR("");
    markup_unescape(&text, value);
    return arena_keep(s->arena, buf_str(&text));
}

static void add_site(struct scan *s, const struct markup_token *t)
{
    struct iis_site *site = arena_alloc(s->arena, sizeof(*site));

    s->site = site;
    if (site == NULL)
        return;
    site->name = attribute(s, t, "name");
    site->id = attribute(s, t, "id");
    *s->m->sites_end = site;
    s->m->sites_end = &site->next;
}

static void add_binding(struct scan *s, const struct markup_token *t)
{
    struct iis_binding *b = s->site == NULL ? NULL : arena_alloc(s->arena, sizeof(*b));

    if (b == NULL)
        return;
    b->protocol = attribute(s, t, "protocol");
    b->information = attribute(s, t, "bindingInformation");
    b->site = s->site->name;
    *s->m->bindings_end = b;
    s->m->bindings_end = &b->next;
}

static int add_folder(struct iis_model *m, struct arena *a, struct str path, struct str physical,
                      struct str site)
{
    struct iis_folder *f;

    for (f = m->folders; f != NULL; f = f->next)
        if (str_ieq(f->path, path))
            return 0;
    f = m->n_folders < (size_t)LIMIT_COLLECT_WEB_CONFIGS ? arena_alloc(a, sizeof(*f)) : NULL;
    if (f == NULL)
        return -ERR_LIMIT;
    *f = (struct iis_folder){.path = path, .physical = physical, .site = site};
    *m->folders_end = f;
    m->folders_end = &f->next;
    m->n_folders++;
    return 0;
}

/* "/" adds nothing to a path, "/app" itself. */
static struct str below(struct str path)
{
    while (path.len > 0 && path.p[path.len - 1] == '/')
        path.len--;
    return path;
}

static void add_directory(struct scan *s, const struct markup_token *t)
{
    struct str application = below(s->application), path = below(attribute(s, t, "path"));

    if (s->site == NULL)
        return;
    char *whole = arena_printf(s->arena, "%.*s%.*s%.*s", (int)s->site->name.len, s->site->name.p,
                               (int)application.len, application.p, (int)path.len, path.p);
    (void)add_folder(s->m, s->arena, str_from(whole), attribute(s, t, "physicalPath"), s->site->name);
}

static void add_pool(struct scan *s, const struct markup_token *t)
{
    struct iis_pool *pool = arena_alloc(s->arena, sizeof(*pool));

    s->pool = pool;
    if (pool == NULL)
        return;
    pool->name = attribute(s, t, "name");
    *s->m->pools_end = pool;
    s->m->pools_end = &pool->next;
}

static void set_identity(struct scan *s, const struct markup_token *t)
{
    if (s->pool == NULL)
        return;
    s->pool->identity_type = attribute(s, t, "identityType");
    s->pool->user_name = attribute(s, t, "userName");
}

static void set_log(struct scan *s, const struct markup_token *t)
{
    struct str directory = attribute(s, t, "directory"), format = attribute(s, t, "logFormat");

    if (s->site != NULL) {
        s->site->log_directory = directory;
        s->site->log_format = format;
    } else {
        s->m->log_directory = directory;
        s->m->log_format = format;
    }
}

static void set_freb(struct scan *s, const struct markup_token *t)
{
    struct str directory = attribute(s, t, "directory");

    if (s->site != NULL)
        s->site->freb_directory = directory;
    else
        s->m->freb_directory = directory;
}

static void set_application(struct scan *s, const struct markup_token *t)
{
    s->application = attribute(s, t, "path");
}

static void set_central(struct scan *s, const struct markup_token *t)
{
    s->m->central_mode = attribute(s, t, "centralLogFileMode");
}

static void set_central_directory(struct scan *s, const struct markup_token *t)
{
    s->m->central_directory = attribute(s, t, "directory");
}

static void set_history(struct scan *s, const struct markup_token *t)
{
    s->m->history_directory = attribute(s, t, "path");
}

static void add_location(struct scan *s, const struct markup_token *t)
{
    struct iis_location *l = arena_alloc(s->arena, sizeof(*l));

    if (l == NULL)
        return;
    l->path = attribute(s, t, "path");
    *s->m->locations_end = l;
    s->m->locations_end = &l->next;
}

/* Which element means what, below which parent. */
static const struct {
    const char *parent, *element;
    void (*take)(struct scan *s, const struct markup_token *t);
} elements[] = {
    {"sites", "site", add_site},
    {"bindings", "binding", add_binding},
    {"site", "application", set_application},
    {"application", "virtualDirectory", add_directory},
    {"site", "logFile", set_log},
    {"siteDefaults", "logFile", set_log},
    {"site", "traceFailedRequestsLogging", set_freb},
    {"siteDefaults", "traceFailedRequestsLogging", set_freb},
    {"applicationPools", "add", add_pool},
    {"add", "processModel", set_identity},
    {"system.applicationHost", "log", set_central},
    {"log", "centralW3CLogFile", set_central_directory},
    {"system.applicationHost", "configHistory", set_history},
    {"configuration", "location", add_location},
};

/* What stands open no more. */
static void leave(struct scan *s, struct str name)
{
    if (str_eq(name, STR("site")))
        s->site = NULL;
    else if (str_eq(name, STR("add")))
        s->pool = NULL;
}

static void take_element(struct scan *s, const struct markup_token *t)
{
    struct str parent = s->depth > 0 && s->depth <= DEPTH ? s->stack[s->depth - 1] : STR("");

    for (size_t i = 0; i < ARRAY_LEN(elements); i++)
        if (str_eq(t->name, str_from(elements[i].element)) && str_eq(parent, str_from(elements[i].parent)))
            elements[i].take(s, t);
    if (t->kind == MARKUP_EMPTY) {
        leave(s, t->name);
        return;
    }
    if (s->depth < DEPTH)
        s->stack[s->depth] = t->name;
    s->depth++;
}

static void take_close(struct scan *s, const struct markup_token *t)
{
    if (s->depth > 0)
        s->depth--;
    leave(s, t->name);
}

/* --- locations --- */

/* The virtual directory with the longest path that `path` lies below. */
static const struct iis_folder *home_of(const struct iis_model *m, const struct iis_folder *end,
                                        struct str path)
{
    const struct iis_folder *best = NULL;

    for (const struct iis_folder *f = m->folders; f != end; f = f->next)
        if (str_istarts(path, f->path) && path.len > f->path.len && path.p[f->path.len] == '/' &&
            (best == NULL || f->path.len > best->path.len))
            best = f;
    return best;
}

/* A part that would lead out of the folder, or is none. */
static bool is_part(struct str part)
{
    if (part.len == 0 || str_eq(part, STR(".")) || str_eq(part, STR("..")))
        return false;
    for (size_t i = 0; i < part.len; i++)
        if (strchr("\\:*?\"<>|", part.p[i]) != NULL || (unsigned char)part.p[i] < ' ')
            return false;
    return true;
}

static void add_parts(struct iis_model *m, struct arena *a, const struct iis_folder *home, struct str path)
{
    struct str rest = str_skip(path, home->path.len + 1), physical = home->physical, part;
    size_t at = home->path.len;

    while (physical.len > 0 && (physical.p[physical.len - 1] == '\\' || physical.p[physical.len - 1] == '/'))
        physical.len--;
    while (rest.p != NULL && (part = str_cut(rest, '/', &rest), is_part(part))) {
        at += 1 + part.len;
        physical =
            str_from(arena_printf(a, "%.*s\\%.*s", (int)physical.len, physical.p, (int)part.len, part.p));
        if (physical.p == NULL || add_folder(m, a, (struct str){path.p, at}, physical, home->site) != 0)
            return;
    }
}

static int add_locations(struct iis_model *m, struct arena *a, struct err *e)
{
    const struct iis_folder *last = NULL;

    for (const struct iis_folder *f = m->folders; f != NULL; f = f->next)
        last = f;
    for (const struct iis_location *l = m->locations; l != NULL; l = l->next) {
        const struct iis_folder *home = home_of(m, last == NULL ? NULL : last->next, below(l->path));
        if (home != NULL)
            add_parts(m, a, home, below(l->path));
    }
    return a->used_bytes >= a->cap_bytes ? err_set(e, ERR_LIMIT, "applicationHost.config: too much in it")
                                         : 0;
}

/* --- the file --- */

static void start_lists(struct iis_model *m)
{
    *m = (struct iis_model){0};
    m->sites_end = &m->sites;
    m->folders_end = &m->folders;
    m->pools_end = &m->pools;
    m->bindings_end = &m->bindings;
    m->locations_end = &m->locations;
}

int iis_model_read(struct iis_model *m, struct bytes file, struct arena *a, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(3 * file.len + 16);
    struct scan s = {.m = m, .arena = a};
    struct markup x;
    struct markup_token t;

    start_lists(m);
    text_add_decoded(&text, file);
    if (buf_check(&text, "applicationHost.config", e) != 0)
        return -e->code;
    markup_init(&x, buf_str(&text));
    while (markup_next(&x, &t) != MARKUP_END && t.kind != MARKUP_BROKEN) {
        if (t.kind == MARKUP_START || t.kind == MARKUP_EMPTY)
            take_element(&s, &t);
        else if (t.kind == MARKUP_CLOSE)
            take_close(&s, &t);
    }
    return add_locations(m, a, e);
}
