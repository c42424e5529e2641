/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "extract_certificates.h"
#include "iis_sid.h"

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "keys: out of memory");
}

static struct str file_name(struct str path)
{
    size_t at = path.len;

    while (at > 0 && path.p[at - 1] != '\\' && path.p[at - 1] != '/')
        at--;
    return str_skip(path, at);
}

static const char *outcome_of(const json_t *o)
{
    enum outcome outcome = OUTCOME_ERROR;
    const char *text = json_string_value(json_object_get(o, "outcome"));

    (void)outcome_from(str_from(text ? text : "ok"), &outcome);
    return outcome_text(outcome);
}

/* --- acl/keys.json --- */

static int emit_descriptor(struct certificates *k, struct str path, struct str text, struct sddl *ret,
                           struct err *e)
{
    struct sink *s = k->x->sink;
    int r = text.len > 0 ? sddl_parse(text, k->x->arena, ret, e) : 0;

    if (r == -ERR_NOMEM)
        return r;
    if (r)
        sink_problem(s, STR("acl/keys.json"), 0, "%.*s: %s", (int)path.len, path.p, e->text);
    for (size_t i = 0; i < ret->n_aces; i++) {
        const struct sddl_ace *a = &ret->aces[i];
        sink_begin(s, "access_entry");
        sink_text(s, "object", path);
        sink_int(s, "position", (int64_t)i);
        sink_text(s, "sid", a->sid);
        sink_c(s, "kind", a->is_deny ? "deny" : "allow");
        sink_int(s, "mask", a->mask);
        sink_int(s, "inherit_only", a->inherit_only);
        sink_int(s, "inherited", a->inherited);
        sink_c(s, "entry", "acl/keys.json");
        sink_end(s);
    }
    return 0;
}

static int read_file(struct certificates *k, const json_t *o, struct key_file *f, struct err *e)
{
    struct arena *a = k->x->arena;
    struct sink *s = k->x->sink;
    struct str text = certificates_json_text(o, "sddl", a);
    int64_t modified = TIME_NONE;

    f->dacl.is_unknown = true;
    f->path = certificates_json_text(o, "path", a);
    f->name = file_name(f->path);
    f->outcome = outcome_of(o);
    (void)time_parse(certificates_json_text(o, "modified", a), &modified);
    if (f->name.len == 0)
        return 0;
    if (emit_descriptor(k, f->path, text, &f->dacl, e))
        return -e->code;
    sink_begin(s, "key_file");
    sink_text(s, "path", f->path);
    sink_text(s, "file_name", f->name);
    sink_c(s, "outcome", f->outcome);
    sink_text(s, "owner", f->dacl.owner);
    sink_text(s, "sddl", text);
    sink_time(s, "modified", modified);
    sink_c(s, "entry", "acl/keys.json");
    sink_end(s);
    return 0;
}

static int read_files(struct certificates *k, const json_t *root, struct err *e)
{
    const json_t *files = json_object_get(root, "files"), *folders = json_object_get(root, "folders");
    json_t *o;
    size_t i;

    k->files = arena_array(k->x->arena, json_array_size(files) + 1, sizeof(*k->files));
    k->folders = arena_array(k->x->arena, json_array_size(folders) + 1, sizeof(*k->folders));
    if (!k->files || !k->folders)
        return no_memory(e);
    json_array_foreach(files, i, o) if (read_file(k, o, &k->files[k->n_files++], e)) return -e->code;
    json_array_foreach(folders, i, o)
    {
        struct key_folder *f = &k->folders[k->n_folders++];
        struct sddl dacl = {.is_unknown = true};
        f->path = certificates_json_text(o, "path", k->x->arena);
        f->is_whole = strcmp(outcome_of(o), "ok") == 0 || strcmp(outcome_of(o), "absent") == 0;
        if (emit_descriptor(k, f->path, certificates_json_text(o, "sddl", k->x->arena), &dacl, e))
            return -e->code;
    }
    return 0;
}

/* --- accounts --- */

static struct certificate_account *add_account(struct certificates *k, struct str account, struct str sid,
                                               const char *why)
{
    struct certificate_account *more = k->accounts;

    for (size_t i = 0; i < k->n_accounts; i++) {
        if (!str_ieq(k->accounts[i].account, account))
            continue;
        if (!k->accounts[i].sid.p)
            k->accounts[i].sid = sid;
        return &k->accounts[i];
    }
    if (k->n_accounts == k->room_accounts) {
        size_t room = k->room_accounts ? 2 * k->room_accounts : 32;
        more = arena_array(k->x->arena, room, sizeof(*more));
        if (!more)
            return NULL;
        if (k->n_accounts)
            memcpy(more, k->accounts, k->n_accounts * sizeof(*more));
        k->accounts = more;
        k->room_accounts = room;
    }
    more[k->n_accounts] = (struct certificate_account){.account = account, .sid = sid, .why = why};
    return &more[k->n_accounts++];
}

static int read_account(struct certificates *k, const json_t *o, struct err *e)
{
    struct arena *a = k->x->arena;
    struct str account = certificates_json_text(o, "account", a);
    const json_t *groups = json_object_get(o, "groups");
    struct certificate_account *c;
    json_t *group;
    size_t i;

    if (!account.p)
        return 0;
    c = add_account(k, account, certificates_json_text(o, "sid", a), "collected");
    if (!c)
        return no_memory(e);
    if (json_array_size(groups) == 0) /* everybody is in some group: it was not resolved */
        return 0;
    c->groups_known = true;
    c->groups = arena_array(a, json_array_size(groups) + 1, sizeof(*c->groups));
    if (!c->groups)
        return no_memory(e);
    json_array_foreach(groups, i, group)
    {
        struct str sid = {json_string_value(group), json_string_length(group)};
        if (sid.len > 0)
            c->groups[c->n_groups++] = arena_keep(a, sid);
    }
    return 0;
}

int certificates_read_keys(struct certificates *k, struct err *e)
{
    CLEANUP(certificates_json_done) json_t *root = certificates_json(k->x, "acl/keys.json", e);
    struct str guid = certificates_json_text(root, "machineGuid", k->x->arena);
    json_t *o;
    size_t i;
    int r = root ? read_files(k, root, e) : 0;

    if (k->x->machine_guid.len == 0)
        k->x->machine_guid = guid;
    json_array_foreach(json_object_get(root, "accounts"), i, o)
    {
        if (r == 0)
            r = read_account(k, o, e);
    }
    return r;
}

/* Accounts whose SID is the same everywhere, by the names that people and IIS write. Translated names arrive
 * with their SID from the collector. */
static struct str well_known_sid(struct str account, struct arena *a)
{
    static const char *const rows[][2] = {{"NT AUTHORITY\\NETWORK SERVICE", "S-1-5-20"},
                                          {"NETWORK SERVICE", "S-1-5-20"},
                                          {"NetworkService", "S-1-5-20"},
                                          {"NT AUTHORITY\\LOCAL SERVICE", "S-1-5-19"},
                                          {"LOCAL SERVICE", "S-1-5-19"},
                                          {"LocalService", "S-1-5-19"},
                                          {"NT AUTHORITY\\SYSTEM", "S-1-5-18"},
                                          {"SYSTEM", "S-1-5-18"},
                                          {"LocalSystem", "S-1-5-18"}};
    const struct str pool = STR("IIS AppPool\\");

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_ieq(account, str_from(rows[i][0])))
            return str_from(rows[i][1]);
    return str_istarts(account, pool) ? iis_sid_of_pool(str_skip(account, pool.len), a) : (struct str){0};
}

static bool runs_as(const struct extract_identity *id, const struct certificate_account *c)
{
    return str_ieq(id->account, c->account) || (c->sid.p && id->sid.len > 0 && str_eq(id->sid, c->sid));
}

static size_t count_pools(const struct certificates *k, const struct certificate_account *c)
{
    size_t n = 0;

    for (size_t i = 0; i < k->x->n_identities; i++)
        n += runs_as(&k->x->identities[i], c);
    return n;
}

static bool is_builtin(const struct certificate_account *c)
{
    return c->sid.p && (str_eq(c->sid, STR("S-1-5-18")) || str_eq(c->sid, STR("S-1-5-19")) ||
                        str_eq(c->sid, STR("S-1-5-20")) || str_istarts(c->sid, STR("S-1-5-82-")));
}

/* The groups that Windows puts into the token of each service logon, and IIS into that of each worker process
 * (`whoami /groups` in one). */
static void add_service_groups(struct certificate_account *c, bool is_pool)
{
    static const char *const service[] = {"S-1-5-6", "S-1-5-32-545", "S-1-2-0", "S-1-2-1", "S-1-5-15"};
    bool is_system = c->sid.p && str_eq(c->sid, STR("S-1-5-18"));

    c->groups[c->n_groups++] = STR("S-1-1-0");
    c->groups[c->n_groups++] = STR("S-1-5-11");
    if (is_system)
        c->groups[c->n_groups++] = STR("S-1-5-32-544");
    for (size_t i = 0; i < ARRAY_LEN(service) && (is_pool || (is_builtin(c) && !is_system)); i++)
        c->groups[c->n_groups++] = str_from(service[i]);
    if (is_pool)
        c->groups[c->n_groups++] = STR("S-1-5-32-568");
    if (c->sid.p && str_istarts(c->sid, STR("S-1-5-82-")))
        c->groups[c->n_groups++] = STR("S-1-5-82-0");
}

/* The SIDs of the pools that run as this account: a worker process holds that of its own
 * (learn.microsoft.com, IIS Application Host SID Mapping Configuration). Which process the complaint means is
 * not known. */
static void add_pools(const struct certificates *k, struct certificate_account *c, size_t n)
{
    bool is_sure = n == 1 && strcmp(c->why, "app pool") == 0;

    for (size_t i = 0; i < k->x->n_identities; i++) {
        struct str pool = k->x->identities[i].pool_sid;
        if (!runs_as(&k->x->identities[i], c) || !pool.p)
            continue;
        if (is_sure)
            c->groups[c->n_groups++] = pool;
        else
            c->pools[c->n_pools++] = pool;
    }
}

static int set_groups(struct certificates *k, struct certificate_account *c, struct err *e)
{
    enum { ROOM = 16 };
    size_t n = count_pools(k, c);
    struct str *groups = arena_array(k->x->arena, c->n_groups + ROOM, sizeof(*groups));

    c->pools = arena_array(k->x->arena, n + 1, sizeof(*c->pools));
    if (!groups || !c->pools)
        return no_memory(e);
    if (c->n_groups)
        memcpy(groups, c->groups, c->n_groups * sizeof(*groups));
    c->groups = groups;
    add_service_groups(c, n > 0 || str_istarts(c->account, STR("IIS AppPool\\")));
    add_pools(k, c, n);
    c->groups_known = c->groups_known || is_builtin(c);
    return 0;
}

int certificates_find_accounts(struct certificates *k, struct err *e)
{
    const struct manifest *m = k->x->view->manifest;
    struct certificate_account *c;

    for (size_t i = 0; i < k->x->n_identities; i++) {
        const struct extract_identity *id = &k->x->identities[i];
        struct str sid = id->sid.len > 0 ? id->sid : well_known_sid(id->account, k->x->arena);
        c = id->account.len > 0 ? add_account(k, id->account, sid, "app pool") : NULL;
        if (id->account.len > 0 && !c)
            return no_memory(e);
        if (c)
            c->why = "app pool"; /* also when the collector resolved it */
    }
    if (m && m->complaint.account.len > 0) {
        c = add_account(k, m->complaint.account, well_known_sid(m->complaint.account, k->x->arena),
                        "complaint");
        if (!c)
            return no_memory(e);
        c->why = "complaint";
    }
    for (size_t i = 0; i < k->n_accounts; i++) {
        if (!k->accounts[i].sid.p)
            k->accounts[i].sid = well_known_sid(k->accounts[i].account, k->x->arena);
        if (set_groups(k, &k->accounts[i], e))
            return -e->code;
    }
    return 0;
}
