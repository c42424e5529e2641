/* SPDX-License-Identifier: Apache-2.0
 *
 * W3C logs of sites. */
#include "extract_logs.h"

#include <string.h>

#include "limits.h"

enum { SITES_MAX = 4096, SITE_NAMES_MAX = 16384 };

static const struct extract_site *configured_site(const struct logs *l, int64_t id, struct str name)
{
    for (size_t i = 0; i < l->x->n_sites; i++) {
        const struct extract_site *s = &l->x->sites[i];
        if (id >= 0 ? s->id == id : str_ieq(s->name, name))
            return s;
    }
    return NULL;
}

static bool grow_sites(struct logs *l)
{
    if (l->n_sites < l->sites_room)
        return true;
    uint32_t room = l->sites_room ? l->sites_room * 2 : 16;
    struct log_site *sites = arena_array(l->a, room, sizeof(*sites));
    if (!sites)
        return false;
    if (l->n_sites > 0)
        memcpy(sites, l->sites, l->n_sites * sizeof(*sites));
    l->sites = sites;
    l->sites_room = room;
    return true;
}

static uint32_t depth_of(const struct logs *l, struct str site)
{
    uint32_t depth = 0;

    for (size_t i = 0; site.p && i < l->x->n_paths; i++) {
        struct str path = l->x->paths[i].path;
        uint32_t slashes = 0;
        if (!str_eq(l->x->paths[i].site, site))
            continue;
        for (size_t k = site.len; k < path.len; k++)
            slashes += path.p[k] == '/';
        if (slashes > depth)
            depth = slashes;
    }
    return depth;
}

static uint32_t find_site(const struct logs *l, const struct log_site *site)
{
    for (uint32_t i = 0; i < l->n_sites; i++)
        if (l->sites[i].id == site->id && str_eq(l->sites[i].name, site->name))
            return i;
    return NOT_THERE;
}

static uint32_t add_site(struct logs *l, struct log_site site)
{
    if (!grow_sites(l))
        return NOT_THERE;
    if (site.name.p)
        site.name = arena_keep(l->a, site.name);
    site.depth = depth_of(l, site.name);
    l->sites[l->n_sites] = site;
    return l->n_sites++;
}

uint32_t logs_site(struct logs *l, int64_t id, struct str name)
{
    const struct extract_site *known = configured_site(l, id, name);
    struct log_site site = {.id = known ? known->id : id, .name = known ? known->name : name};
    uint32_t at = find_site(l, &site);

    if (at == NOT_THERE && l->n_sites >= SITES_MAX) {
        site = (struct log_site){.id = -1}; /* whose it is stays unknown */
        at = find_site(l, &site);
    }
    return at == NOT_THERE ? add_site(l, site) : at;
}

int logs_sites_init(struct logs *l)
{
    return log_map_init(&l->site_names, l->a, SITE_NAMES_MAX) < 0
               ? -ERR_NOMEM
               : log_list_init(&l->sites_named, l->a, sizeof(uint32_t), SITE_NAMES_MAX);
}

void logs_put_sites(struct logs *l)
{
    if (l->sites_refused > 0)
        sink_problem(l->x->sink, (struct str){0}, 0,
                     "logs: of %lld requests the site is left open, there are more than %d sites",
                     (long long)l->sites_refused, SITES_MAX);
}

/* The number behind "w3svc" in a path: logs/w3svc/1/u_ex150906.log, W3SVC1/u_ex150906.log. */
static int64_t site_id_of_name(struct str name)
{
    for (size_t i = 0; i + 5 < name.len; i++) {
        uint64_t id = 0;
        if (!str_istarts(str_skip(name, i), STR("w3svc")))
            continue;
        struct str rest = str_skip(name, i + 5);
        if (rest.p[0] == '/')
            rest = str_skip(rest, 1);
        if (str_to_u64(str_cut(rest, '/', &rest), 0xffffffff, &id))
            return (int64_t)id;
    }
    return -1;
}

static uint32_t site_of_entry(struct logs *l, uint32_t entry)
{
    const struct entry *at = &l->x->view->entries[entry];
    int64_t id = site_id_of_name(at->name);
    struct str name = at->item ? at->item->site : (struct str){0};

    if (id < 0 && name.len == 0)
        return NOT_THERE;
    return logs_site(l, id, name.len ? name : (struct str){0});
}

/* Thousands of sites may write into one log, each in every other line. */
static uint32_t site_of_name(struct logs *l, struct str name)
{
    bool is_new = false;
    uint32_t at = log_map_add(&l->site_names, log_hash(name, 0x517e), &is_new);
    uint32_t *site = at == NOT_THERE ? NULL : log_list_at(&l->sites_named, at);

    if (!site)
        return logs_site(l, -1, (struct str){0});
    if (is_new) {
        int64_t id = site_id_of_name(name);
        *site = logs_site(l, id, id < 0 ? name : (struct str){0});
    }
    return *site;
}

/* s-sitename: W3SVC1. Where the entry tells no site (central logging), each line does. */
static uint32_t site_of_line(struct logs *l, const struct w3c_line *line)
{
    if (l->site != NOT_THERE)
        return l->site;
    struct str name = w3c_get(line, W3C_SITE_NAME);
    uint32_t site = site_of_name(l, name);
    if (name.p && site != NOT_THERE && l->sites[site].id < 0 && !l->sites[site].name.p)
        l->sites_refused++;
    return site;
}

static bool read_status(const struct w3c_line *line, struct log_status *s)
{
    return w3c_number(line, W3C_STATUS, &s->status) && w3c_number(line, W3C_SUBSTATUS, &s->substatus) &&
           w3c_number(line, W3C_WIN32, &s->win32) && s->status >= 0 && s->status <= 999 &&
           s->substatus < 10000;
}

/* The text of the three columns, where they stand side by side and are short, as they nearly always are. */
static uint32_t status_text(const struct w3c_line *line, uint64_t *ret)
{
    const struct w3c *w = line->log;
    int at = w->column[W3C_STATUS];

    if (at < 0 || w->column[W3C_SUBSTATUS] != at + 1 || w->column[W3C_WIN32] != at + 2)
        return 0;
    uint32_t end = w->end[at + 2], len = end - w->start[at];
    if (len > 8 || end < 8)
        return 0;
    *ret = log_eight_bytes(line->p + end - 8) >> (64 - 8 * len);
    return len;
}

/* A log has few different statuses: their text was read before. */
static bool find_status(struct logs *l, const struct w3c_line *line, struct log_status *s)
{
    uint64_t text = 0;
    uint32_t len = status_text(line, &text);
    struct log_status_text *known = &l->statuses[log_hash_mix(len, text) % LOG_STATUSES];

    if (len == 0)
        return read_status(line, s);
    if (known->text != text || known->len != len) {
        if (!read_status(line, s))
            return false;
        *known = (struct log_status_text){.text = text, .len = len, .s = *s};
    }
    *s = known->s;
    return true;
}

static int take_line(const struct w3c_line *line, void *ctx)
{
    struct logs *l = ctx;
    struct log_request r = {.line = line, .entry = l->entry, .time_ms = line->time_ms};

    r.site = site_of_line(l, line);
    if (r.site == NOT_THERE)
        return -ERR_NOMEM;
    r.url = w3c_get(line, W3C_STEM);
    r.client = w3c_get(line, W3C_CLIENT);
    r.client_hash = log_hash(r.client, r.site + 1);
    if (!find_status(l, line, &r.s)) {
        l->bad_lines++;
        return 0;
    }
    r.spot = logs_spot(l, r.site, r.url);
    if (r.spot == NOT_THERE)
        return 0;
    logs_count(l, &r);
    if (logs_trace_wants(l, &r))
        logs_trace_match(l, &r);
    return 0;
}

static int take_piece(void *ctx, struct bytes piece)
{
    return w3c_feed(ctx, piece);
}

static const char *format_text(enum w3c_format format)
{
    return format == W3C_FORMAT_IIS ? "iis" : format == W3C_FORMAT_NCSA ? "ncsa" : "w3c";
}

void logs_put_file(struct logs *l, uint32_t entry, const struct w3c *w, const char *kind, struct str site,
                   bool is_broken)
{
    const struct entry *at = &l->x->view->entries[entry];
    struct sink *sink = l->x->sink;

    sink_begin(sink, "log_file");
    sink_text(sink, "entry", at->name);
    sink_text(sink, "site", site);
    sink_c(sink, "kind", kind);
    if (w->flavour == W3C_IIS)
        sink_c(sink, "format", format_text(w->format));
    sink_time(sink, "first", w->first_ms);
    sink_time(sink, "last", w->last_ms);
    sink_int(sink, "lines", w->lines);
    sink_int(sink, "skipped", w->skipped + l->bad_lines);
    sink_int(sink, "cut", is_broken || (at->item && at->item->outcome == OUTCOME_TRUNCATED));
    sink_text(sink, "fields", w->fields.len ? buf_str(&w->fields) : (struct str){0});
    sink_end(sink);
}

/* A last line without its end is ordinary: the log was written to while it was read. */
void logs_say_skipped(struct logs *l, struct str name, const struct w3c *w)
{
    int64_t skipped = w->skipped + l->bad_lines - w->cut_last;

    if (w->utf16)
        sink_problem(l->x->sink, name, 0, "is UTF-16, which IIS does not write; it was not read");
    if (w->binary)
        sink_problem(l->x->sink, name, 0,
                     "is not text and was not read; central binary logging (.ibl) writes such: the log mode "
                     "CentralW3C, or one log a site, can be read");
    if (skipped > 0)
        sink_problem(l->x->sink, name, w->first_skipped,
                     w->first_skipped ? "%lld line%s could not be read, the first is line %lld"
                                      : "%lld line%s could not be read",
                     (long long)skipped, skipped == 1 ? "" : "s", (long long)w->first_skipped);
}

static void say_problems(struct logs *l, struct str name, const struct w3c *w)
{
    struct sink *sink = l->x->sink;

    if (w->local_time)
        sink_problem(sink, name, 0, "has local times only; they are taken as UTC");
    if (w->guessed)
        sink_problem(sink, name, 0, "begins without a #Fields line; these columns were assumed: %s",
                     buf_c(&w->fields));
    if (w->has_fields && w->n_columns > 0 && !w3c_has(w, W3C_TIME))
        sink_problem(sink, name, 0,
                     "has no time column; its requests cannot be put in order and were not read");
    if (w->n_columns > 0 && !w3c_has(w, W3C_STATUS) && w->flavour == W3C_IIS)
        sink_problem(sink, name, 0, "has no sc-status column; its requests cannot be judged");
    if (w->format != W3C_FORMAT_W3C)
        sink_problem(
            sink, name, 0,
            "is in the %s format, which has no substatus: a 403.7 looks like any 403; the W3C format has it",
            w->format == W3C_FORMAT_IIS ? "IIS" : "NCSA");
    else if (w3c_has(w, W3C_STATUS) && !w3c_has(w, W3C_SUBSTATUS) && w->flavour == W3C_IIS)
        sink_problem(sink, name, 0, "has no sc-substatus column: a 403.7 looks like any 403");
    logs_say_skipped(l, name, w);
}

static void note_span(struct logs *l, const struct w3c *w)
{
    if (w->first_ms == TIME_NONE)
        return;
    if (l->first_ms == TIME_NONE || w->first_ms < l->first_ms)
        l->first_ms = w->first_ms;
    if (l->last_ms == TIME_NONE || w->last_ms > l->last_ms)
        l->last_ms = w->last_ms;
}

int logs_iis(struct logs *l, uint32_t entry)
{
    const struct entry *at = &l->x->view->entries[entry];
    CLEANUP(w3c_done) struct w3c w;
    struct err e = {0};

    w3c_init(&w, W3C_IIS, at->name, take_line, l);
    l->entry = entry;
    l->bad_lines = 0;
    uint32_t site = site_of_entry(l, entry);
    if (l->site == site)
        w3c_assume(&w, l->fields);
    l->site = site;
    int r = logs_stream(l, entry, take_piece, &w, &e);
    if (r == -ERR_NOMEM)
        return r;
    if (r < 0)
        sink_problem(l->x->sink, at->name, w.lines, "read up to here only: %s", e.text);
    if (w3c_finish(&w) == -ERR_NOMEM)
        return -ERR_NOMEM;
    note_span(l, &w);
    logs_put_file(l, entry, &w, "iis", site == NOT_THERE ? (struct str){0} : l->sites[site].name, r < 0);
    say_problems(l, at->name, &w);
    l->fields = arena_keep(l->a, buf_str(&w.fields));
    return 0;
}
