/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "extract_registry.h"

/* 1A04 (causes J01): 0 picks a single certificate without asking, 3 asks. First hit of: machine policy, user
 * policy, user, machine; with Security_HKLM_only only the machine counts. */

#define SETTINGS "Microsoft\\Windows\\CurrentVersion\\Internet Settings"
enum { ZONE_COUNT = 5, FIRST_ZONE_THAT_ASKS = 2, USERS = 256 };

const struct registry_source extract_registry_sources[REGISTRY_SOURCES] = {
    {"HKLM policy", false, true},
    {"HKCU policy", true, true},
    {"HKCU", true, false},
    {"HKLM", false, false},
};

static bool is_machine_only(const struct extract_state *x)
{
    const struct registry_value *v =
        registry_get(x->registry, "HKLM\\SOFTWARE\\Policies\\" SETTINGS, "Security_HKLM_only");

    return v && v->has_number && v->number == 1;
}

const char *extract_registry_place(struct extract_state *x, const struct registry_source *s,
                                   const struct registry_user *u, const char *below)
{
    struct str hive = s->is_user ? u->hive : STR("HKLM");

    if (s->is_user && (u->hive.len == 0 || is_machine_only(x)))
        return NULL;
    return arena_printf(x->arena, "%.*s\\SOFTWARE\\%s%s", (int)hive.len, hive.p,
                        s->is_policy ? "Policies\\" : "", below);
}

static void emit(struct extract_state *x, const struct registry_user *u, int zone, int64_t value,
                 const char *decided_by, const char *key, const struct registry_value *set)
{
    sink_begin(x->sink, "client_setting");
    sink_text(x->sink, "user", u->sid);
    sink_int(x->sink, "zone", zone);
    sink_c(x->sink, "setting", "1A04");
    sink_int(x->sink, "value", value);
    sink_int(x->sink, "is_set", set != NULL);
    sink_c(x->sink, "decided_by", decided_by);
    sink_c(x->sink, "key", key);
    if (set) {
        sink_text(x->sink, "entry", set->entry);
        sink_int(x->sink, "line", set->line);
    }
    sink_end(x->sink);
}

static int resolve_zone(struct extract_state *x, const struct registry_user *u, int zone, struct err *e)
{
    bool is_known = false;
    const char *below = arena_printf(x->arena, SETTINGS "\\Zones\\%d", zone);

    for (size_t i = 0; below && i < REGISTRY_SOURCES; i++) {
        const struct registry_source *s = &extract_registry_sources[i];
        const char *key = extract_registry_place(x, s, u, below),
                   *root = extract_registry_place(x, s, u, SETTINGS);
        const struct registry_value *v = key ? registry_get(x->registry, key, "1A04") : NULL;
        if (v && v->has_number) {
            emit(x, u, zone, (int64_t)v->number, s->decided_by, key, v);
            return 0;
        }
        is_known |= key && root && extract_registry_is_known(x, str_from(key), str_from(root));
    }
    if (is_known)
        emit(x, u, zone, zone < FIRST_ZONE_THAT_ASKS ? 0 : 3, "default", NULL, NULL);
    return below ? 0 : err_set(e, ERR_NOMEM, "client settings: out of memory");
}

/* The user's hive that a key stands in; false: none, or one that is nobody's (classes, services, .DEFAULT).
 */
static bool user_of(const struct registry_key *k, struct registry_user *ret)
{
    const struct str hku = STR("HKU\\S-1-"), hkcu = STR("HKCU\\"), client = STR("registry/client-");
    struct str rest, sid;

    if (str_istarts(k->key, hkcu)) {
        *ret = (struct registry_user){.hive = STR("HKCU"), .sid = STR("HKCU")};
        if (str_istarts(k->entry, client) && str_istarts(str_skip(k->entry, client.len), STR("S-1-")))
            ret->sid = str_cut(str_skip(k->entry, client.len), '.', &rest);
        return true;
    }
    if (!str_istarts(k->key, hku))
        return false;
    sid = str_cut(str_skip(k->key, 4), '\\', &rest);
    if (str_iends(sid, STR("_Classes")) || str_istarts(sid, STR("S-1-5-80-")) || sid.len < 12)
        return false;
    *ret = (struct registry_user){.hive = {k->key.p, 4 + sid.len}, .sid = sid};
    return true;
}

int extract_registry_users(struct extract_state *x, struct registry_user **ret, size_t *ret_n, struct err *e)
{
    struct registry_user *users = arena_array(x->arena, USERS, sizeof(*users)), found;
    size_t n = 0;

    if (!users)
        return err_set(e, ERR_NOMEM, "client settings: out of memory");
    for (const struct registry_key *k = registry_first(x->registry); k && n < USERS; k = k->next) {
        bool is_new = user_of(k, &found);
        for (size_t i = 0; is_new && i < n; i++)
            is_new = !str_ieq(users[i].hive, found.hive);
        if (is_new)
            users[n++] = found;
    }
    if (n == 0)
        users[n++] = (struct registry_user){0};
    *ret = users;
    *ret_n = n;
    return 0;
}

int extract_registry_client(struct extract_state *x, struct err *e)
{
    struct registry_user *users;
    size_t n;

    if (extract_registry_users(x, &users, &n, e))
        return -e->code;
    for (size_t i = 0; i < n; i++)
        for (int zone = 0; zone < ZONE_COUNT; zone++)
            if (resolve_zone(x, &users[i], zone, e))
                return -e->code;
    return sink_check(x->sink, e);
}
