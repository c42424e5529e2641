/* SPDX-License-Identifier: Apache-2.0
 *
 * What policies make of three preferences of Firefox: whether it sees the certificates of the Windows stores,
 * trusts their roots, and picks a certificate by itself. The policy "Preferences" is one value of JSON,
 * {"security.…": {"Value": true, "Status": "locked"}}, and in older templates a key with one value a
 * preference (github.com/mozilla/policy-templates, "Preferences"). The machine's goes before the user's. */
#include <jansson.h>

#include "extract_registry.h"

enum { VALUE_BYTES = 65536 };
#define BELOW "SOFTWARE\\Policies\\Mozilla\\Firefox"

static const char *const preferences[] = {
    "security.osclientcerts.autoload",
    "security.enterprise_roots.enabled",
    "security.default_personal_cert",
};

struct preference {
    const char *name;
    struct str user;
    const char *decided_by, *key;
    const struct registry_value *v;
};

static void emit_value(struct sink *s, const struct preference *p, const json_t *value)
{
    if (json_is_boolean(value) || json_is_integer(value))
        sink_int(s, "value", json_is_integer(value) ? json_integer_value(value) : json_is_true(value));
    else if (json_is_string(value))
        sink_c(s, "text", json_string_value(value));
    else if (p->v->has_number)
        sink_int(s, "value", (int64_t)p->v->number);
    else
        sink_text(s, "text", p->v->text);
}

static void emit(struct extract_state *x, const struct preference *p, const json_t *value)
{
    const char *setting = arena_printf(x->arena, "Firefox %s", p->name);

    if (!setting)
        return;
    sink_begin(x->sink, "client_setting");
    sink_text(x->sink, "user", p->user);
    sink_c(x->sink, "setting", setting);
    emit_value(x->sink, p, value);
    sink_int(x->sink, "is_set", 1);
    sink_c(x->sink, "decided_by", p->decided_by);
    sink_c(x->sink, "key", p->key);
    sink_text(x->sink, "entry", p->v->entry);
    sink_int(x->sink, "line", p->v->line);
    sink_end(x->sink);
}

/* One hive: does it set the preference? */
static bool take(struct extract_state *x, struct str hive, struct preference p)
{
    const char *key = arena_printf(x->arena, "%.*s\\" BELOW, (int)hive.len, hive.p);
    const char *old = arena_printf(x->arena, "%.*s\\" BELOW "\\Preferences", (int)hive.len, hive.p);
    json_t *all = NULL;
    const json_t *one = NULL;

    if (!key || !old)
        return false;
    p.key = key;
    p.v = registry_get(x->registry, key, "Preferences");
    if (p.v && p.v->text.len <= VALUE_BYTES && extract_registry_is_shallow(p.v->text))
        all = json_loadb(p.v->text.p ? p.v->text.p : "", p.v->text.len, 0, NULL);
    one = json_object_get(json_object_get(all, p.name), "Value");
    if (!one) {
        p.key = old;
        p.v = registry_get(x->registry, old, p.name);
    }
    if (p.v)
        emit(x, &p, one);
    json_decref(all);
    return p.v != NULL;
}

int extract_registry_firefox(struct extract_state *x, struct err *e)
{
    struct registry_user *users;
    size_t n;

    if (extract_registry_users(x, &users, &n, e))
        return -e->code;
    for (size_t k = 0; k < ARRAY_LEN(preferences); k++) {
        const struct preference machine = {.name = preferences[k], .decided_by = "HKLM policy"};
        if (take(x, STR("HKLM"), machine))
            continue;
        for (size_t i = 0; i < n; i++) {
            const struct preference own = {
                .name = preferences[k], .user = users[i].sid, .decided_by = "HKCU policy"};
            if (users[i].hive.len > 0)
                (void)take(x, users[i].hive, own);
        }
    }
    return sink_check(x->sink, e);
}
