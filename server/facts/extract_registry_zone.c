/* SPDX-License-Identifier: Apache-2.0
 *
 * Which zone a host belongs to (KB182569: ZoneMap\Domains, EscDomains, Ranges, EscRanges; the policy "Site to
 * Zone Assignment List" is ZoneMapKey). What the machine's and the user's maps say is added up, unless only
 * the machine's counts. */
#include <string.h>

#include "extract_registry.h"

#define SETTINGS "Microsoft\\Windows\\CurrentVersion\\Internet Settings"
enum { ENTRIES_MAX = 4000, RESTRICTED = 4, INTERNET = 3, INTRANET = 1 };

struct zone_entry {
    struct str pattern, scheme;
    int64_t zone;
    const char *list, *decided_by;
    const struct registry_key *key;
    const struct registry_value *value;
};

struct zone_map {
    struct extract_state *x;
    const struct registry_user *user;
    struct zone_entry *entries;
    size_t n;
    bool is_hardened; /* Enhanced Security Configuration: the Esc lists count, not the others */
};

static void emit_entry(const struct zone_map *m, const struct zone_entry *z)
{
    struct sink *s = m->x->sink;

    sink_begin(s, "zone_entry");
    sink_text(s, "user", m->user->sid);
    sink_text(s, "pattern", z->pattern);
    sink_text(s, "scheme", z->scheme);
    if (z->zone >= 0)
        sink_int(s, "zone", z->zone);
    sink_c(s, "list", z->list);
    sink_c(s, "decided_by", z->decided_by);
    sink_text(s, "key", z->key->key);
    sink_text(s, "entry", z->value->entry);
    sink_int(s, "line", z->value->line);
    sink_end(s);
}

static void add_entry(struct zone_map *m, struct zone_entry z)
{
    if (m->n == ENTRIES_MAX || z.pattern.len == 0)
        return;
    m->entries[m->n] = z;
    emit_entry(m, &m->entries[m->n++]);
}

/* 'contoso.com\www' is 'www.contoso.com'; 'contoso.com' alone stands for all below it, too. */
static struct str domain_of(struct zone_map *m, struct str below)
{
    struct str sub, domain = str_cut(below, '\\', &sub);
    char *text;

    if (sub.len == 0)
        text = arena_printf(m->x->arena, "*.%.*s", (int)domain.len, domain.p);
    else
        text = arena_printf(m->x->arena, "%.*s.%.*s", (int)sub.len, sub.p, (int)domain.len, domain.p);
    return str_from(text);
}

static struct str range_of(const struct registry_key *k)
{
    const struct registry_value *v = registry_value(k, ":Range");

    return v ? v->text : (struct str){0};
}

/* The values of one key under Domains or Ranges: the name is the scheme, the number the zone. */
static void read_key(struct zone_map *m, const char *list, const char *decided_by,
                     const struct registry_key *k, struct str pattern)
{
    for (const struct registry_value *v = k->values; v; v = v->next) {
        if (!v->has_number || v->name.len == 0)
            continue;
        add_entry(m, (struct zone_entry){.pattern = pattern,
                                         .scheme = v->name,
                                         .zone = (int64_t)v->number,
                                         .list = list,
                                         .decided_by = decided_by,
                                         .key = k,
                                         .value = v});
    }
}

static void read_list(struct zone_map *m, const char *list, bool is_range, const struct registry_source *s)
{
    char *below = arena_printf(m->x->arena, SETTINGS "\\ZoneMap\\%s\\", list);
    const char *place = below ? extract_registry_place(m->x, s, m->user, below) : NULL;
    struct str prefix = str_from(place);

    for (const struct registry_key *k = place ? registry_first(m->x->registry) : NULL; k; k = k->next) {
        if (k->is_absent || !str_istarts(k->key, prefix))
            continue;
        read_key(m, list, s->decided_by, k,
                 is_range ? range_of(k) : domain_of(m, str_skip(k->key, prefix.len)));
    }
}

/* 'https://www.contoso.com' = "2": the policy's own list. Without a scheme it holds for all. */
static void read_policy_list(struct zone_map *m, const struct registry_source *s)
{
    const char *place =
        s->is_policy ? extract_registry_place(m->x, s, m->user, SETTINGS "\\ZoneMapKey") : NULL;
    const struct registry_key *k = place ? registry_find(m->x->registry, str_from(place)) : NULL;

    for (const struct registry_value *v = k ? k->values : NULL; v; v = v->next) {
        uint64_t zone = 0;
        struct str host = v->name, scheme = STR("*");
        const char *at = memmem(v->name.p ? v->name.p : "", v->name.len, "://", 3);
        bool is_number = str_to_u64(str_trim(v->text), RESTRICTED, &zone);
        if (at) {
            scheme = (struct str){v->name.p, (size_t)(at - v->name.p)};
            host = str_skip(v->name, scheme.len + 3);
        }
        add_entry(m, (struct zone_entry){.pattern = host,
                                         .scheme = scheme,
                                         .zone = is_number ? (int64_t)zone : -1,
                                         .list = "policy list",
                                         .decided_by = s->decided_by,
                                         .key = k,
                                         .value = v});
    }
}

/* The first place that says it, in the order of the sources; -1: none. */
static int64_t map_number(struct zone_map *m, const char *name)
{
    for (size_t i = 0; i < REGISTRY_SOURCES; i++) {
        const char *key =
            extract_registry_place(m->x, &extract_registry_sources[i], m->user, SETTINGS "\\ZoneMap");
        const struct registry_value *v = key ? registry_get(m->x->registry, key, name) : NULL;
        if (v && v->has_number)
            return (int64_t)v->number;
    }
    return -1;
}

static void read_map(struct zone_map *m)
{
    int64_t hardened = map_number(m, "IEHarden");

    m->is_hardened = hardened == 1;
    for (size_t i = 0; i < REGISTRY_SOURCES; i++) {
        const struct registry_source *s = &extract_registry_sources[i];
        read_policy_list(m, s);
        read_list(m, "Domains", false, s);
        read_list(m, "EscDomains", false, s);
        read_list(m, "Ranges", true, s);
        read_list(m, "EscRanges", true, s);
    }
}

/* '*.contoso.com' fits contoso.com and all below it, '10.0.0.*' what begins so. */
static bool fits(struct str pattern, struct str host)
{
    if (str_istarts(pattern, STR("*."))) {
        struct str base = str_skip(pattern, 2);
        return str_ieq(host, base) ||
               (host.len > base.len && host.p[host.len - base.len - 1] == '.' && str_iends(host, base));
    }
    if (pattern.len > 1 && pattern.p[pattern.len - 1] == '*')
        return str_istarts(host, (struct str){pattern.p, pattern.len - 1});
    return str_ieq(pattern, host);
}

static bool counts(const struct zone_map *m, const struct zone_entry *z, struct str scheme, struct str host)
{
    bool is_esc = strncmp(z->list, "Esc", 3) == 0, is_policy = strcmp(z->list, "policy list") == 0;

    return z->zone >= 0 && (is_policy || is_esc == m->is_hardened) &&
           (str_eq(z->scheme, STR("*")) || str_ieq(z->scheme, scheme)) && fits(z->pattern, host);
}

/* Longer is more specific, and one that is written out goes before a wild one. */
static size_t weight(const struct zone_entry *z)
{
    return z->pattern.len * 2 + !memchr(z->pattern.p, '*', z->pattern.len);
}

static const struct zone_entry *find(const struct zone_map *m, struct str scheme, struct str host,
                                     bool *ret_contradicted)
{
    const struct zone_entry *best = NULL;

    *ret_contradicted = false;
    for (size_t i = 0; i < m->n; i++) {
        const struct zone_entry *z = &m->entries[i];
        if (!counts(m, z, scheme, host))
            continue;
        if (!best || weight(z) > weight(best)) {
            best = z;
            *ret_contradicted = false;
        } else if (weight(z) == weight(best) && z->zone != best->zone) {
            *ret_contradicted = true;
        }
    }
    return best;
}

struct answer {
    int64_t zone; /* -1: cannot be known */
    const char *why;
    const struct zone_entry *by;
};

/* A name without a dot is the intranet when IntranetName says so; when the intranet is to be detected, nobody
 * knows off the network. */
static struct answer by_name(struct zone_map *m, struct str host)
{
    if (memchr(host.p, '.', host.len) || memchr(host.p, ':', host.len))
        return (struct answer){INTERNET, "no entry names it", NULL};
    if (map_number(m, "IntranetName") == 1)
        return (struct answer){INTRANET, "a name without a dot (IntranetName)", NULL};
    if (map_number(m, "IntranetName") == 0 && map_number(m, "AutoDetect") == 0)
        return (struct answer){INTERNET, "no entry names it", NULL};
    return (struct answer){-1, "a name without a dot, and the intranet is detected on the network", NULL};
}

static struct answer ask(struct zone_map *m, struct str scheme, struct str host)
{
    bool contradicted;
    const struct zone_entry *z = find(m, scheme, host, &contradicted);

    if (contradicted)
        return (struct answer){-1, "it stands in several zones", z};
    return z ? (struct answer){z->zone, "an entry names it", z} : by_name(m, host);
}

static void emit_answer(const struct zone_map *m, struct str url, const struct answer *a)
{
    struct sink *s = m->x->sink;

    sink_begin(s, "url_zone");
    sink_text(s, "user", m->user->sid);
    sink_text(s, "url", url);
    if (a->zone >= 0)
        sink_int(s, "zone", a->zone);
    sink_c(s, "why", a->why);
    if (a->by) {
        sink_text(s, "key", a->by->key->key);
        sink_text(s, "entry", a->by->value->entry);
        sink_int(s, "line", a->by->value->line);
    }
    sink_end(s);
}

/* Scheme and host of a URL as the complaint has it. */
static bool split_url(struct str url, struct str *ret_scheme, struct str *ret_host)
{
    const char *at = memmem(url.p ? url.p : "", url.len, "://", 3);
    struct str rest, port;

    if (!at)
        return false;
    *ret_scheme = (struct str){url.p, (size_t)(at - url.p)};
    rest = str_skip(url, ret_scheme->len + 3);
    *ret_host = str_cut(str_cut(rest, '/', &port), '?', &port);
    if (ret_host->len > 0 && ret_host->p[0] == '[')
        *ret_host = str_cut(str_skip(*ret_host, 1), ']', &port);
    else
        *ret_host = str_cut(*ret_host, ':', &port);
    return ret_host->len > 0;
}

/* Was a ZoneMap of this user, or of the machine, in the evidence? */
static bool is_known(struct zone_map *m)
{
    for (size_t i = 0; i < REGISTRY_SOURCES; i++) {
        const char *key = extract_registry_place(m->x, &extract_registry_sources[i], m->user,
                                                 SETTINGS "\\ZoneMap"),
                   *root = extract_registry_place(m->x, &extract_registry_sources[i], m->user, SETTINGS);
        if (key && root && extract_registry_is_known(m->x, str_from(key), str_from(root)))
            return true;
    }
    return false;
}

int extract_registry_zones(struct extract_state *x, struct err *e)
{
    const struct manifest *manifest = x->view->manifest;
    struct str url = manifest ? manifest->complaint.url : (struct str){0}, scheme = {0}, host = {0};
    bool has_url = url.len > 0 && split_url(url, &scheme, &host);
    struct registry_user *users;
    struct zone_entry *room = arena_array(x->arena, ENTRIES_MAX, sizeof(*room));
    size_t n;

    if (!room)
        return err_set(e, ERR_NOMEM, "zones: out of memory");
    if (extract_registry_users(x, &users, &n, e))
        return -e->code;
    for (size_t i = 0; i < n; i++) {
        struct zone_map m = {.x = x, .user = &users[i], .entries = room};
        read_map(&m);
        if (has_url && (m.n > 0 || is_known(&m))) {
            struct answer a = ask(&m, scheme, host);
            emit_answer(&m, url, &a);
        }
    }
    return sink_check(x->sink, e);
}
