/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_pools.h"

#include "iis_sid.h"
#include "windows.h"

static const struct builtin {
    const char *type, *account, *sid;
} builtins[] = {
    {"LocalSystem", "NT AUTHORITY\\SYSTEM", "S-1-5-18"},
    {"LocalService", "NT AUTHORITY\\LOCAL SERVICE", "S-1-5-19"},
    {"NetworkService", "NT AUTHORITY\\NETWORK SERVICE", "S-1-5-20"},
};

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory");
}

/* The number of the enumeration is accepted as well as its name. */
static struct str identity_type(struct str written, int64_t build, const struct iis_defaults *defaults)
{
    static const struct iis_word words[] = {{"LocalSystem", 0},
                                            {"LocalService", 1},
                                            {"NetworkService", 2},
                                            {"SpecificUser", 3},
                                            {"ApplicationPoolIdentity", 4},
                                            {NULL, 0}};
    struct str given = written.p ? written : defaults->identity_type, w = str_trim(given);
    uint64_t number = UINT64_MAX;

    if (!given.p) {
        const struct windows_family *f = windows_of_build(build);
        return f && !f->has_pool_identity ? STR("NetworkService") : STR("ApplicationPoolIdentity");
    }
    (void)str_to_u64(w, 4, &number);
    for (const struct iis_word *word = words; word->name; word++)
        if (str_ieq(w, str_from(word->name)) || number == word->value)
            return str_from(word->name);
    return (struct str){NULL, 0};
}

static int set_account(struct iis_pool *p, struct arena *a, struct err *e)
{
    p->sid = STR("");
    if (str_eq(p->identity_type, STR("SpecificUser"))) {
        p->account = p->user_name;
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(builtins); i++)
        if (str_eq(p->identity_type, str_from(builtins[i].type))) {
            p->account = str_from(builtins[i].account);
            p->sid = str_from(builtins[i].sid);
            return 0;
        }
    if (!p->identity_type.p)
        return 0;
    p->account = str_from(arena_printf(a, "IIS AppPool\\%.*s", (int)p->name.len, p->name.p));
    p->sid = iis_sid_of_pool(p->name, a);
    return p->account.p && p->sid.p ? 0 : out_of_memory(e);
}

static int read_pool(struct iis_tree *t, const struct xml_element *element,
                     const struct xml_element *defaults, int64_t build, struct iis_pool *p, struct err *e)
{
    const struct xml_element *own[] = {element, defaults};
    const struct xml_element *model[] = {xml_child(element, "processModel"),
                                         xml_child(defaults, "processModel")};
    struct str user = iis_first_of("userName", model, 2), profile = iis_first_of("loadUserProfile", model, 2);

    p->name = xml_get(element, "name");
    p->identity_type = identity_type(iis_first_of("identityType", model, 2), build, &t->defaults);
    p->user_name = user.p && iis_is_hidden(user) ? (struct str){NULL, 0} : user;
    if (!profile.p)
        profile = t->defaults.load_user_profile;
    p->is_profile_known = profile.p && iis_bool(profile, true) == iis_bool(profile, false);
    p->is_profile_loaded = iis_bool(profile, false);
    p->is_override_enabled = iis_bool(iis_first_of("enableConfigurationOverride", own, 2), true);
    p->auto_start = iis_bool(iis_first_of("autoStart", own, 2), true);
    p->line = element->line;
    return set_account(p, t->arena, e);
}

int iis_pools_read(struct iis_tree *t, const struct xml_element *pools, int64_t build,
                   struct iis_topology *ret, struct iis_map *by_name, struct err *e)
{
    const struct xml_element *defaults = xml_child(pools, "applicationPoolDefaults");
    struct iis_pool **end = &ret->pools;
    int r = 0;

    while (*end)
        end = &(*end)->next;
    for (const struct xml_element *c = xml_child(pools, "add"); c && r >= 0; c = xml_next(c, "add")) {
        struct iis_pool *p = arena_alloc(t->arena, sizeof *p);
        if (!p)
            return out_of_memory(e);
        r = read_pool(t, c, defaults, build, p, e);
        if (r >= 0 && p->name.p)
            r = iis_map_put(by_name, NULL, p->name, p, e);
        if (r < 0)
            return r;
        *end = p;
        end = &p->next;
        ret->n_pools++;
    }
    return r;
}
