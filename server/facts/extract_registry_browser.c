/* SPDX-License-Identifier: Apache-2.0
 *
 * AutoSelectCertificateForUrls of Edge and Chrome: each value is a JSON object {"pattern": "https://host",
 * "filter":
 * {"ISSUER": {"CN": "…"}, "SUBJECT": {"CN": "…"}}}; an empty filter takes any certificate (the policy's page
 * in the vendors' policy lists). */
#include <jansson.h>
#include <stdlib.h>

#include "extract_registry.h"

enum { VALUE_BYTES = 65536, DEPTH_MAX = 16 };

static const struct {
    const char *browser, *below;
} browsers[] = {
    {"Edge", "Microsoft\\Edge\\AutoSelectCertificateForUrls"},
    {"Chrome", "Google\\Chrome\\AutoSelectCertificateForUrls"},
};

/* Jansson recurses by nesting (2,048 levels); this needs four. */
bool extract_registry_is_shallow(struct str text)
{
    int depth = 0;

    for (size_t i = 0; i < text.len; i++) {
        depth += text.p[i] == '{' || text.p[i] == '[';
        depth -= text.p[i] == '}' || text.p[i] == ']';
        if (depth > DEPTH_MAX)
            return false;
    }
    return true;
}

static void emit_name(struct sink *s, const char *column, const json_t *filter, const char *who)
{
    const char *cn = json_string_value(json_object_get(json_object_get(filter, who), "CN"));

    if (cn)
        sink_c(s, column, cn);
}

static void emit_rule(struct sink *s, const json_t *rule)
{
    const json_t *filter = json_object_get(rule, "filter");
    const char *pattern = json_string_value(json_object_get(rule, "pattern"));
    char *text = json_dumps(filter, JSON_COMPACT | JSON_SORT_KEYS);

    if (pattern && json_is_object(filter)) {
        sink_c(s, "pattern", pattern);
        emit_name(s, "issuer_cn", filter, "ISSUER");
        emit_name(s, "subject_cn", filter, "SUBJECT");
        if (text)
            sink_c(s, "filter", text);
    }
    free(text);
}

static void emit(struct extract_state *x, const struct registry_user *u, const char *browser,
                 const struct registry_source *source, const struct registry_key *k,
                 const struct registry_value *v)
{
    json_t *rule = v->text.len <= VALUE_BYTES && extract_registry_is_shallow(v->text)
                       ? json_loadb(v->text.p ? v->text.p : "", v->text.len, 0, NULL)
                       : NULL;
    struct sink *s = x->sink;

    sink_begin(s, "browser_policy");
    if (source->is_user)
        sink_text(s, "user", u->sid);
    sink_c(s, "browser", browser);
    sink_c(s, "policy", "AutoSelectCertificateForUrls");
    sink_text(s, "position", v->name);
    if (rule)
        emit_rule(s, rule);
    sink_c(s, "decided_by", source->decided_by);
    sink_text(s, "key", k->key);
    sink_text(s, "entry", v->entry);
    sink_int(s, "line", v->line);
    sink_end(s);
    json_decref(rule);
}

static void read_source(struct extract_state *x, const struct registry_user *u,
                        const struct registry_source *source)
{
    for (size_t b = 0; b < ARRAY_LEN(browsers); b++) {
        struct str hive = source->is_user ? u->hive : STR("HKLM");
        const char *place =
            arena_printf(x->arena, "%.*s\\SOFTWARE\\Policies\\%s", (int)hive.len, hive.p, browsers[b].below);
        const struct registry_key *k =
            place && hive.len > 0 ? registry_find(x->registry, str_from(place)) : NULL;
        for (const struct registry_value *v = k ? k->values : NULL; v; v = v->next)
            emit(x, u, browsers[b].browser, source, k, v);
    }
}

int extract_registry_browsers(struct extract_state *x, struct err *e)
{
    struct registry_user *users;
    size_t n;

    if (extract_registry_users(x, &users, &n, e))
        return -e->code;
    read_source(x, &users[0], &extract_registry_sources[0]); /* the machine's, once */
    for (size_t i = 0; i < n; i++)
        read_source(x, &users[i], &extract_registry_sources[1]);
    return sink_check(x->sink, e);
}
