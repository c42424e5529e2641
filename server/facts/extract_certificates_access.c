/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "extract_certificates.h"
#include "keyfile.h"

enum { MACHINE_KEYSET = 0x20, ACCESS_ROWS = 50000 };

/* --- the key's file --- */

static const struct key_file *find_file(const struct certificates *k, const char *name)
{
    for (size_t i = 0; i < k->n_files; i++)
        if (str_ieq(k->files[i].name, str_from(name)))
            return &k->files[i];
    return NULL;
}

/* Without the machine's GUID: the only file that begins with the hash. */
static const struct key_file *find_by_hash(const struct certificates *k, const char *hash)
{
    const struct key_file *found = NULL;

    for (size_t i = 0; i < k->n_files; i++) {
        if (!str_istarts(k->files[i].name, str_from(hash)))
            continue;
        if (found)
            return NULL;
        found = &k->files[i];
    }
    return found;
}

static bool is_whole(const struct certificates *k, struct str end)
{
    for (size_t i = 0; i < k->n_folders; i++)
        if (k->folders[i].is_whole && str_iends(k->folders[i].path, end))
            return true;
    return false;
}

/* Is there a complete list of <parent>\Keys? */
static bool has_keys(const struct certificates *k, struct str parent)
{
    for (size_t i = 0; i < k->n_folders; i++) {
        struct str path = k->folders[i].path;
        if (k->folders[i].is_whole && path.len == parent.len + 5 && str_istarts(path, parent) &&
            str_iends(path, STR("\\Keys")))
            return true;
    }
    return false;
}

/* A user's folder of CAPI carries his SID, and that of CNG lies beside it. */
static bool is_user_whole(const struct certificates *k, struct str sid, bool is_cng)
{
    enum { LEAD_CHARS = 12, RSA_CHARS = 5 }; /* "\Crypto\RSA\", "\RSA\" */
    char text[256];
    struct str end = {text, LEAD_CHARS + sid.len};

    if (!sid.p || end.len > sizeof text)
        return false;
    memcpy(text, "\\Crypto\\RSA\\", LEAD_CHARS);
    memcpy(text + LEAD_CHARS, sid.p, sid.len);
    for (size_t i = 0; i < k->n_folders; i++) {
        struct str path = k->folders[i].path;
        if (k->folders[i].is_whole && str_iends(path, end) &&
            (!is_cng || has_keys(k, (struct str){path.p, path.len - sid.len - RSA_CHARS})))
            return true;
    }
    return false;
}

/* Were all folders listed in which the file would lie? A software KSP falls back to the CAPI folder. */
static bool is_listed(const struct certificates *k, const struct certificate_place *p, bool is_cng)
{
    if (p->key.flags & MACHINE_KEYSET)
        return is_whole(k, STR("\\Crypto\\RSA\\MachineKeys")) &&
               (!is_cng || is_whole(k, STR("\\ProgramData\\Microsoft\\Crypto\\Keys")));
    return is_user_whole(k, p->user, is_cng);
}

struct located {
    char name[KEYFILE_NAME_CHARS];
    bool has_name;
    const struct key_file *file;
    const struct key_file *other; /* by another machine's GUID */
    int present;                  /* -1 cannot be known */
};

static struct located locate(const struct certificates *k, const struct certificate_place *p)
{
    enum keyfile_provider kind = keyfile_provider_of(p->key.provider, p->key.type);
    struct located l = {.present = -1};
    bool is_cng = kind == KEYFILE_CNG;
    char other[KEYFILE_NAME_CHARS], hash[KEYFILE_HASH_CHARS + 1];

    if (kind == KEYFILE_HARDWARE || !p->key.container.p)
        return l;
    l.has_name = keyfile_name(is_cng, p->key.container, k->x->machine_guid, l.name);
    if (l.has_name)
        l.file = find_file(k, l.name);
    if (!l.file && is_cng && keyfile_name(false, p->key.container, k->x->machine_guid, other))
        l.file = find_file(k, other);
    if (!l.file && !l.has_name && keyfile_hash(is_cng, p->key.container, hash))
        l.file = find_by_hash(k, hash);
    if (!l.file && l.has_name && keyfile_hash(is_cng, p->key.container, hash))
        l.other = find_by_hash(k, hash);
    if (l.file)
        l.present = 1;
    else if (l.has_name && is_listed(k, p, is_cng))
        l.present = 0;
    return l;
}

static void emit_key(struct sink *s, const struct certificate_place *p, const struct located *l)
{
    sink_begin(s, "private_key");
    sink_c(s, "thumbprint", p->thumbprint);
    sink_text(s, "location", p->location);
    sink_text(s, "user", p->user);
    sink_text(s, "store", p->store);
    sink_text(s, "provider", p->key.provider);
    sink_int(s, "provider_type", p->key.type);
    sink_text(s, "container", p->key.container);
    sink_int(s, "flags", p->key.flags);
    sink_int(s, "key_spec", p->key.key_spec);
    if (l->has_name)
        sink_c(s, "file_name", l->name);
    else if (l->file)
        sink_text(s, "file_name", l->file->name);
    if (l->file)
        sink_text(s, "path", l->file->path);
    if (l->other)
        sink_text(s, "other_path", l->other->path);
    if (l->present >= 0)
        sink_int(s, "present", l->present);
    sink_text(s, "entry", p->entry);
    if (p->line > 0)
        sink_int(s, "line", p->line);
    sink_end(s);
}

/* --- who may read it --- */

static struct str join_groups(const struct certificate_account *c, struct arena *a)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(LIMIT_TEXT_BYTES);

    for (size_t i = 0; i < c->n_groups; i++) {
        if (i > 0)
            buf_add_char(&b, ' ');
        buf_add_str(&b, c->groups[i]);
    }
    return arena_keep(a, b.p ? buf_str(&b) : STR(""));
}

static void emit_account(const struct certificates *k, const struct certificate_account *c)
{
    struct sink *s = k->x->sink;

    sink_begin(s, "identity");
    sink_text(s, "account", c->account);
    sink_text(s, "sid", c->sid);
    sink_c(s, "why", c->why);
    if (c->groups_known)
        sink_text(s, "groups", join_groups(c, k->x->arena));
    sink_end(s);
}

static const char *explain(const struct certificates *k, const struct certificate_account *c,
                           const struct key_file *f, enum sddl_answer answer, const struct sddl_ace *by)
{
    if (f->dacl.is_unknown)
        return arena_printf(k->x->arena, "the rights of the file were not read (%s)", f->outcome);
    if (!c->sid.p && answer != SDDL_YES)
        return "the account's SID is not known";
    if (answer == SDDL_UNKNOWN && c->groups_known)
        return "an entry for an application pool decides, and not every process of this account is one of "
               "that "
               "pool";
    if (answer == SDDL_UNKNOWN)
        return "the account's groups are not known, and an entry for a group decides";
    if (!f->dacl.has_dacl)
        return "the file has no access control list";
    if (!by)
        return "no entry grants it";
    return arena_printf(k->x->arena, "entry %zu %s %.*s", (size_t)(by - f->dacl.aces) + 1,
                        by->is_deny ? "denies" : "allows", (int)by->sid.len, by->sid.p);
}

static int emit_access(const struct certificates *k, const struct certificate_account *c,
                       const struct certificate_place *p, const struct key_file *f, struct err *e)
{
    static const char *const words[] = {"no", "yes", "unknown"};
    struct sink *s = k->x->sink;
    const struct sddl_ace *by = NULL;
    struct str *sids = arena_array(k->x->arena, c->n_groups + 1, sizeof(*sids));
    struct sddl_token token = {.sids = sids,
                               .n_sids = c->n_groups + 1,
                               .groups_known = c->groups_known,
                               .possible = c->pools,
                               .n_possible = c->n_pools};
    enum sddl_answer answer;

    if (!sids)
        return err_set(e, ERR_NOMEM, "keys: out of memory");
    sids[0] = c->sid.p ? c->sid : STR("?");
    if (c->n_groups)
        memcpy(sids + 1, c->groups, c->n_groups * sizeof(*sids));
    answer = sddl_can_read(&f->dacl, &token, &by);
    if (!c->sid.p && answer != SDDL_YES)
        answer = SDDL_UNKNOWN;
    sink_begin(s, "key_access");
    sink_text(s, "account", c->account);
    sink_text(s, "sid", c->sid);
    sink_c(s, "thumbprint", p->thumbprint);
    sink_text(s, "path", f->path);
    sink_c(s, "can_read", words[answer]);
    sink_c(s, "why", explain(k, c, f, answer, by));
    sink_end(s);
    return 0;
}

/* A machine's key, or the account's own. */
static bool concerns(const struct certificate_account *c, const struct certificate_place *p)
{
    return str_eq(p->location, STR("LocalMachine")) || (p->user.p && c->sid.p && str_ieq(p->user, c->sid));
}

/* The same key of the same certificate in two physical stores is one. */
static bool is_done(const struct certificates *k, size_t at)
{
    const struct certificate_place *p = &k->places[at];

    for (size_t i = 0; i < at; i++) {
        const struct certificate_place *o = &k->places[i];
        if (o->key.is_there && strcmp(o->thumbprint, p->thumbprint) == 0 &&
            str_eq(o->location, p->location) && str_ieq(o->user, p->user) &&
            str_ieq(o->key.container, p->key.container))
            return true;
    }
    return false;
}

int certificates_emit_keys(const struct certificates *k, struct err *e)
{
    size_t rows = 0;

    for (size_t i = 0; i < k->n_accounts; i++)
        emit_account(k, &k->accounts[i]);
    for (size_t i = 0; i < k->n_places; i++) {
        const struct certificate_place *p = &k->places[i];
        struct located l;
        if (!p->key.is_there)
            continue;
        l = locate(k, p);
        emit_key(k->x->sink, p, &l);
        if (!l.file || is_done(k, i))
            continue;
        for (size_t c = 0; c < k->n_accounts && rows < ACCESS_ROWS; c++) {
            if (!concerns(&k->accounts[c], p))
                continue;
            rows++;
            if (emit_access(k, &k->accounts[c], p, l.file, e))
                return -e->code;
        }
    }
    return 0;
}
