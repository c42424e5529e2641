/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "extract_registry.h"

/* 1A04 (causes J01): 0 picks a single certificate without asking, 3 asks. First hit of: machine policy, user
 * policy, user, machine; with Security_HKLM_only only the machine counts. */

#define SETTINGS "Microsoft\\Windows\\CurrentVersion\\Internet Settings"
enum { ZONE_COUNT = 5, FIRST_ZONE_THAT_ASKS = 2, USERS = 256 };

struct source {
    const char *decided_by;
    bool is_user;
    const char *path;
};

static const struct source sources[] = {
    {"HKLM policy", false, "SOFTWARE\\Policies\\" SETTINGS},
    {"HKCU policy", true, "Software\\Policies\\" SETTINGS},
    {"HKCU", true, "Software\\" SETTINGS},
    {"HKLM", false, "SOFTWARE\\" SETTINGS},
};

struct user {
    struct str hive; /* 'HKU\S-1-5-21-…', 'HKCU'; empty: the machine alone */
    struct str sid;  /* of the user; 'HKCU' when a hand-made export does not say whose it is */
};

static bool is_machine_only(const struct extract_state *x)
{
    const struct registry_value *v =
        registry_get(x->registry, "HKLM\\SOFTWARE\\Policies\\" SETTINGS, "Security_HKLM_only");

    return v && v->has_number && v->number == 1;
}

/* 'HKLM\SOFTWARE\…\Internet Settings', with '\Zones\3' behind it for a zone. */
static const char *key_of(struct extract_state *x, const struct source *s, const struct user *u, int zone)
{
    struct str hive = s->is_user ? u->hive : STR("HKLM");

    if (zone < 0)
        return arena_printf(x->arena, "%.*s\\%s", (int)hive.len, hive.p, s->path);
    return arena_printf(x->arena, "%.*s\\%s\\Zones\\%d", (int)hive.len, hive.p, s->path, zone);
}

static void emit(struct extract_state *x, const struct user *u, int zone, int64_t value,
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

static int resolve_zone(struct extract_state *x, const struct user *u, int zone, struct err *e)
{
    bool machine_only = is_machine_only(x), is_known = false;
    const char *key;

    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        const struct source *s = &sources[i];
        const struct registry_value *v;
        const char *root;
        if (s->is_user && (machine_only || u->hive.len == 0))
            continue;
        key = key_of(x, s, u, zone);
        root = key_of(x, s, u, -1);
        if (!key || !root)
            return err_set(e, ERR_NOMEM, "client settings: out of memory");
        v = registry_get(x->registry, key, "1A04");
        if (v && v->has_number) {
            emit(x, u, zone, (int64_t)v->number, s->decided_by, key, v);
            return 0;
        }
        is_known |= extract_registry_is_known(x, str_from(key), str_from(root));
    }
    if (is_known)
        emit(x, u, zone, zone < FIRST_ZONE_THAT_ASKS ? 0 : 3, "default", NULL, NULL);
    return 0;
}

/* The user's hive that a key stands in; false: none, or one that is nobody's (classes, services, .DEFAULT).
 */
static bool user_of(const struct registry_key *k, struct user *ret)
{
    const struct str hku = STR("HKU\\S-1-"), hkcu = STR("HKCU\\"), client = STR("registry/client-");
    struct str rest, sid;

    if (str_istarts(k->key, hkcu)) {
        *ret = (struct user){.hive = STR("HKCU"), .sid = STR("HKCU")};
        if (str_istarts(k->entry, client) && str_istarts(str_skip(k->entry, client.len), STR("S-1-")))
            ret->sid = str_cut(str_skip(k->entry, client.len), '.', &rest);
        return true;
    }
    if (!str_istarts(k->key, hku))
        return false;
    sid = str_cut(str_skip(k->key, 4), '\\', &rest);
    if (str_iends(sid, STR("_Classes")) || str_istarts(sid, STR("S-1-5-80-")) || sid.len < 12)
        return false;
    *ret = (struct user){.hive = {k->key.p, 4 + sid.len}, .sid = sid};
    return true;
}

int extract_registry_client(struct extract_state *x, struct err *e)
{
    struct user *users = arena_array(x->arena, USERS, sizeof(*users)), found;
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
        users[n++] = (struct user){0};
    for (size_t i = 0; i < n; i++)
        for (int zone = 0; zone < ZONE_COUNT; zone++)
            if (resolve_zone(x, &users[i], zone, e))
                return -e->code;
    return sink_check(x->sink, e);
}
