/* SPDX-License-Identifier: Apache-2.0 */
#include "mkimage.h"

#include <openssl/sha.h>

#include <string.h>

static const int64_t NINETY_DAYS_MS = 90LL * 24 * 3600 * 1000;

static int read_json(struct machine *m, struct err *e)
{
    m->json = json_object();
    for (size_t i = 0; i < m->n_layers; i++) {
        const char *path = arena_printf(m->a, "%s/machine.json", m->layers[i]);
        json_error_t why;

        if (path == NULL || m->json == NULL)
            return err_set(e, ERR_NOMEM, "machine.json: no memory");
        if (i > 0 && !file_exists(path))
            continue;
        json_t *layer = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
        if (!json_is_object(layer))
            return err_set(e, ERR_FORMAT, "%s:%d: %s", path, why.line, why.text);
        (void)json_object_update_new(m->json, layer);
    }
    return 0;
}

static const char *text_member(struct machine *m, const char *name, const char *otherwise)
{
    const char *s = json_string_value(json_object_get(m->json, name));

    return s == NULL ? otherwise : s;
}

static int time_member(struct machine *m, const char *name, int64_t otherwise, int64_t *ret, struct err *e)
{
    const char *s = text_member(m, name, NULL);

    if (s == NULL) {
        *ret = otherwise;
        return 0;
    }
    return time_parse(str_from(s), ret) ? 0
                                        : err_set(e, ERR_FORMAT, "machine.json: %s: not a time: %s", name, s);
}

/* A GUID that is the same each time the same machine is made. */
static const char *guid_from_name(struct machine *m)
{
    uint8_t h[20];

    (void)SHA1((const uint8_t *)m->name, strlen(m->name), h);
    return arena_printf(m->a, "%02x%02x%02x%02x-%02x%02x-4%x%02x-8%x%02x-%02x%02x%02x%02x%02x%02x", h[0],
                        h[1], h[2], h[3], h[4], h[5], h[6] & 15, h[7], h[8] & 15, h[9], h[10], h[11], h[12],
                        h[13], h[14], h[15]);
}

static int add_user(struct machine *m, const char *name, const char *sid, struct err *e)
{
    if (machine_user(m, str_from(name)) != NULL)
        return 0;
    if (m->n_users == USERS_MAX)
        return err_set(e, ERR_LIMIT, "%s: more than %d users", name, USERS_MAX);
    if (sid == NULL)
        sid = arena_printf(m->a, "S-1-5-21-1004336348-1177238915-682003330-%zu", 1101 + m->n_users);
    m->users[m->n_users++] = (struct user){.name = name, .sid = sid};
    return sid == NULL ? err_set(e, ERR_NOMEM, "%s: no memory", name) : 0;
}

/* Users are those of machine.json and those whose registry file is there. */
static int read_users(struct machine *m, struct err *e)
{
    const char *name;
    json_t *sid;
    int r = 0;

    json_object_foreach(json_object_get(m->json, "users"), name, sid)
    {
        r = r != 0 ? r : add_user(m, name, json_string_value(sid), e);
    }
    for (size_t i = 0; r == 0 && i < m->n_layers; i++) {
        const char *dir = arena_printf(m->a, "%s/registry", m->layers[i]);
        const char **names = NULL;
        size_t n = 0;

        r = dir == NULL ? err_set(e, ERR_NOMEM, "no memory") : dir_names(m->a, dir, &names, &n, e);
        for (size_t k = 0; r == 0 && k < n; k++) {
            struct str s = str_from(names[k]);

            if (!str_starts(s, STR("user-")) || !str_iends(s, STR(".reg")))
                continue;
            s = str_skip(s, 5);
            s.len -= 4;
            r = add_user(m, arena_keep(m->a, s).p, NULL, e);
        }
    }
    return r;
}

struct user *machine_user(struct machine *m, struct str name)
{
    for (size_t i = 0; i < m->n_users; i++) {
        if (str_ieq(str_from(m->users[i].name), name))
            return &m->users[i];
    }
    return NULL;
}

int machine_read(struct machine *m, struct err *e)
{
    int r = read_json(m, e);

    if (r != 0)
        return r;
    m->name = text_member(m, "name", "MACHINE");
    m->domain = text_member(m, "domain", "");
    m->guid = text_member(m, "guid", guid_from_name(m));
    r = time_member(m, "collected", TIME_NONE, &m->collected_ms, e);
    if (r == 0 && m->collected_ms == TIME_NONE)
        r = err_set(e, ERR_FORMAT, "machine.json: collected is not there");
    if (r == 0)
        r = time_member(m, "modified", m->collected_ms - NINETY_DAYS_MS, &m->modified_ms, e);
    return r != 0 ? r : read_users(m, e);
}

static bool set(struct machine *m, struct reg_key *hive, const char *key, const char *name, const char *value)
{
    struct reg_key *k = reg_key_make(m->a, hive, str_from(key));

    return k != NULL && reg_value_set_text(m->a, k, str_from(name), REG_TYPE_SZ, str_from(value));
}

static bool set_profile(struct machine *m, const struct user *u)
{
    const char *key = arena_printf(m->a, "Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\%s", u->sid);
    const char *path = arena_printf(m->a, "C:\\Users\\%s", u->name);
    struct reg_key *k = key == NULL || path == NULL ? NULL : reg_key_make(m->a, &m->software, str_from(key));

    return k != NULL &&
           reg_value_set_text(m->a, k, STR("ProfileImagePath"), REG_TYPE_EXPAND_SZ, str_from(path));
}

static bool set_all(struct machine *m)
{
    struct reg_key *select = reg_key_make(m->a, &m->system, STR("Select"));
    bool ok = select != NULL && reg_value_set_dword(m->a, select, STR("Current"), 1) &&
              reg_value_set_dword(m->a, select, STR("Default"), 1);

    ok = ok &&
         set(m, &m->system, "ControlSet001\\Control\\ComputerName\\ComputerName", "ComputerName", m->name);
    ok = ok && set(m, &m->system, "ControlSet001\\Services\\Tcpip\\Parameters", "Hostname", m->name);
    ok = ok && set(m, &m->system, "ControlSet001\\Services\\Tcpip\\Parameters", "Domain", m->domain);
    ok = ok && set(m, &m->software, "Microsoft\\Cryptography", "MachineGuid", m->guid);
    for (size_t i = 0; i < m->n_users; i++)
        ok = ok && set_profile(m, &m->users[i]);
    return ok;
}

int machine_write(struct machine *m, struct err *e)
{
    const char *path = arena_printf(m->a, "%s/machine.json", m->out);
    char *text = json_dumps(m->json, JSON_INDENT(2) | JSON_SORT_KEYS);
    struct str kept = text == NULL ? (struct str){NULL, 0} : arena_keep(m->a, str_from(text));

    free(text);
    if (path == NULL || kept.p == NULL || !set_all(m))
        return err_set(e, ERR_NOMEM, "machine.json: no memory");
    return file_write(path, (struct bytes){(const uint8_t *)kept.p, kept.len}, e);
}
