/* SPDX-License-Identifier: Apache-2.0
 *
 * Private-key files: names, owner and DACL, never a byte of what they hold; and the accounts that may need
 * them. */
#include "probe.h"

#include <string.h>

#include <jansson.h>

#include "iis_model.h"
#include "limits.h"

static const char *const machine_folders[] = {
#define KEY_FOLDER(path) path,
#define USER_KEY_FOLDER(path, sid)
#include "keys.def"
#undef KEY_FOLDER
#undef USER_KEY_FOLDER
};

static const struct {
    const char *path;
    bool sid_follows;
} user_folders[] = {
#define KEY_FOLDER(path)
#define USER_KEY_FOLDER(path, sid) {path, sid},
#include "keys.def"
#undef KEY_FOLDER
#undef USER_KEY_FOLDER
};

/* A folder or an account that was asked for; its item is written behind acl/keys.json. */
struct key_record {
    enum kind kind;
    struct str source, user;
    int64_t modified_ms;
    struct bundle_end end;
    struct err why;
    struct key_record *next;
};

struct keys {
    struct probe_run *run;
    struct buf out;               /* what of the entry is not yet written */
    struct buf folders, accounts; /* "{…},{…}": they follow behind the files */
    struct key_record *records, **records_end;
    struct key_record *now;
    size_t n_files; /* of this folder */
    bool any_file;
    int64_t size;
    struct err fatal;
};

static void free_keys(struct keys *k)
{
    buf_done(&k->out);
    buf_done(&k->folders);
    buf_done(&k->accounts);
}

static int flush(struct keys *k, struct err *e)
{
    if (buf_check(&k->out, "acl/keys.json", e) != 0 ||
        bundle_write(k->run->bundle, buf_c(&k->out), k->out.len, e) != 0)
        return -e->code;
    k->size += (int64_t)k->out.len;
    buf_clear(&k->out);
    return 0;
}

static struct key_record *new_record(struct keys *k, enum kind kind, struct str source, struct str user)
{
    struct key_record *r = arena_alloc(&k->run->arena, sizeof(*r));

    if (r == NULL)
        return NULL;
    *r = (struct key_record){
        .kind = kind, .source = source, .user = user, .modified_ms = TIME_NONE, .end = BUNDLE_OK};
    *k->records_end = r;
    k->records_end = &r->next;
    k->now = r;
    return r;
}

/* Left out by choice: the record says so, and nothing is looked at. */
static bool is_excluded(struct keys *k, struct key_record *r)
{
    struct manifest_item head = {.kind = r->kind, .source = r->source, .user = r->user};
    const char *reason = bundle_excludes(k->run->bundle, &head);

    if (reason != NULL)
        r->end = (struct bundle_end){OUTCOME_EXCLUDED, reason, 0, NULL};
    return reason != NULL;
}

/* --- folders --- */

static json_t *sddl_of(struct keys *k, struct str path, struct err *why)
{
    CLEANUP(buf_done) struct buf sddl = BUF_INIT(LIMIT_TEXT_BYTES);

    return os_sddl(k->run->os, path, &sddl, why) == 0 ? value_text(buf_str(&sddl)) : json_null();
}

static json_t *file_object(struct keys *k, struct str path, int64_t modified_ms)
{
    struct err why = {0};
    json_t *sddl = sddl_of(k, path, &why);
    struct bundle_end end = why.code == 0 ? BUNDLE_OK : take_end(&why);
    char time[32];

    time_format(modified_ms, time);
    return value_outcome(json_pack("{s:o,s:o,s:o}", "path", value_text(path), "sddl", sddl, "modified",
                                   time[0] == 0 ? json_null() : json_string(time)),
                         &end);
}

static int take_key_file(void *ctx, struct str name, const struct os_file_info *info)
{
    struct keys *k = ctx;
    CLEANUP(buf_done) struct buf path = BUF_INIT(LIMIT_TEXT_BYTES);

    if (info->is_dir)
        return 0;
    if (k->n_files++ >= (size_t)LIMIT_COLLECT_KEY_FILES)
        return 1; /* enough; the record says so */
    buf_add_str(&path, k->now->source);
    buf_add_char(&path, '\\');
    buf_add_str(&path, name);
    buf_add_c(&k->out, k->any_file ? "," : "");
    k->any_file = true;
    value_take(&k->out, file_object(k, buf_str(&path), info->modified_ms));
    if (k->out.len >= 65536 && flush(k, &k->fatal) != 0)
        return -k->fatal.code;
    return 0;
}

static int take_folder(struct keys *k, struct str path, struct str user, struct err *e)
{
    struct key_record *r = new_record(k, KIND_KEY_ACL, path, user);
    struct os_file_info info = {.modified_ms = TIME_NONE};
    struct err no_sddl = {0};
    int failed;

    if (r == NULL)
        return err_set(e, ERR_NOMEM, "keys: out of memory");
    if (is_excluded(k, r))
        return 0;
    k->n_files = 0;
    failed = os_stat(k->run->os, path, &info, &r->why);
    if (failed == 0)
        failed = os_dir_list(k->run->os, path, take_key_file, k, &r->why);
    if (k->fatal.code != 0) {
        *e = k->fatal;
        return -e->code;
    }
    r->modified_ms = info.modified_ms;
    if (failed > 0)
        r->end = (struct bundle_end){OUTCOME_TRUNCATED, "more key files than the collector lists", 0, "tail"};
    else if (failed < 0)
        r->end = take_end(&r->why);
    buf_add_c(&k->folders, k->folders.len == 0 ? "" : ",");
    json_t *sddl = r->end.outcome == OUTCOME_ABSENT ? json_null() : sddl_of(k, path, &no_sddl);
    value_take(&k->folders,
               value_outcome(json_pack("{s:o,s:o}", "path", value_text(path), "sddl", sddl), &r->end));
    return 0;
}

static int take_folders(struct keys *k, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(machine_folders); i++)
        if (take_folder(k, take_expand(k->run, str_from(machine_folders[i])), STR(""), e) != 0)
            return -e->code;
    for (const struct probe_user *u = k->run->users; u != NULL; u = u->next)
        for (size_t i = 0; i < ARRAY_LEN(user_folders); i++) {
            struct str path =
                take_join(k->run, "%.*s\\%s%.*s", (int)u->profile.len, u->profile.p, user_folders[i].path,
                          user_folders[i].sid_follows ? (int)u->sid.len : 0, u->sid.p);
            if (take_folder(k, path, u->sid, e) != 0)
                return -e->code;
        }
    return 0;
}

/* --- accounts --- */

static json_t *groups_of(struct str groups)
{
    json_t *list = json_array();
    struct str group;

    while (groups.p != NULL) {
        group = str_cut(groups, ' ', &groups);
        if (group.len > 0)
            (void)json_array_append_new(list, value_text(group));
    }
    return list;
}

/* What all of its SIDs together may do; null: not known. */
static json_t *rights_of(struct keys *k, struct str sid, struct str groups)
{
    CLEANUP(buf_done) struct buf rights = BUF_INIT(LIMIT_TEXT_BYTES);
    struct err ignored = {0};
    struct str all =
        take_join(k->run, "%.*s %.*s", (int)sid.len, sid.p, (int)groups.len, groups.len > 0 ? groups.p : "");

    if (sid.len == 0 || all.p == NULL || os_account_rights(k->run->os, all, &rights, &ignored) != 0)
        return json_null();
    return rights.len > 0 ? groups_of(buf_str(&rights)) : json_array();
}

/* Windows asks a domain controller about accounts of a domain. */
static bool is_of_this_machine(struct keys *k, struct str account)
{
    static const char *const HERE[] = {".", "NT AUTHORITY", "NT SERVICE", "BUILTIN", "IIS AppPool"};
    struct os_machine machine;
    struct err ignored = {0};
    struct str name, domain = str_cut(account, '\\', &name);

    if (name.p == NULL)
        return memchr(account.p, '@', account.len) == NULL;
    for (size_t i = 0; i < ARRAY_LEN(HERE); i++)
        if (str_ieq(domain, str_from(HERE[i])))
            return true;
    return os_machine(k->run->os, &machine, &ignored) == 0 && str_ieq(domain, machine.name);
}

static int look_up(struct keys *k, struct str account, struct buf *sid, struct buf *groups, struct err *why)
{
    if (k->run->offline && !is_of_this_machine(k, account))
        return err_set(why, ERR_UNSUPPORTED, "nothing is sent: --offline");
    return os_account(k->run->os, account, sid, groups, why);
}

static int take_account(struct keys *k, struct str account, struct err *e)
{
    CLEANUP(buf_done) struct buf sid = BUF_INIT(256);
    CLEANUP(buf_done) struct buf groups = BUF_INIT(LIMIT_TEXT_BYTES);
    struct key_record *r;

    for (r = k->records; r != NULL; r = r->next)
        if (r->kind == KIND_ACCOUNT && str_ieq(r->source, account))
            return 0;
    r = account.len == 0 ? NULL : new_record(k, KIND_ACCOUNT, account, STR(""));
    if (r == NULL)
        return account.len == 0 ? 0 : err_set(e, ERR_NOMEM, "accounts: out of memory");
    if (is_excluded(k, r))
        return 0;
    if (look_up(k, account, &sid, &groups, &r->why) != 0)
        r->end = take_end(&r->why);
    buf_add_c(&k->accounts, k->accounts.len == 0 ? "" : ",");
    value_take(&k->accounts, json_pack("{s:o,s:o,s:o,s:o}", "account", value_text(account), "sid",
                                       sid.len > 0 ? value_text(buf_str(&sid)) : json_null(), "groups",
                                       groups_of(buf_str(&groups)), "rights",
                                       rights_of(k, buf_str(&sid), buf_str(&groups))));
    return 0;
}

/* The account that a pool's identity means. */
static struct str account_of(struct keys *k, const struct iis_pool *pool)
{
    if (str_ieq(pool->identity_type, STR("SpecificUser")))
        return pool->user_name;
    if (str_ieq(pool->identity_type, STR("NetworkService")))
        return STR("NT AUTHORITY\\NETWORK SERVICE");
    if (str_ieq(pool->identity_type, STR("LocalService")))
        return STR("NT AUTHORITY\\LOCAL SERVICE");
    if (str_ieq(pool->identity_type, STR("LocalSystem")))
        return STR("NT AUTHORITY\\SYSTEM");
    return take_join(k->run, "IIS AppPool\\%.*s", (int)pool->name.len, pool->name.p);
}

/* --- accounts of services --- */

/* LocalSystem and its like are the same everywhere, and most services run as one of them. */
static int take_service(void *ctx, struct str name, uint32_t type, struct bytes data)
{
    CLEANUP(buf_done) struct buf account = BUF_INIT(LIMIT_TEXT_BYTES);
    struct keys *k = ctx;

    (void)type;
    if (!str_ieq(name, STR("ObjectName")))
        return 0;
    text_add_utf16le(&account, data.p, data.len);
    while (account.len > 0 && account.p[account.len - 1] == 0)
        account.len--;
    struct str text = buf_str(&account);
    if (text.len == 0 || text.p[0] == '\\' || str_ieq(text, STR("LocalSystem")) ||
        str_istarts(text, STR("NT AUTHORITY\\")))
        return 0;
    return take_account(k, arena_keep(&k->run->arena, text), &k->fatal);
}

static int skip_key(void *ctx, struct str key, int64_t modified_ms)
{
    (void)ctx, (void)key, (void)modified_ms;
    return 0;
}

static int skip_failed(void *ctx, struct str key, const struct err *why)
{
    (void)ctx, (void)key, (void)why;
    return 0;
}

static int take_services(struct keys *k, struct err *e)
{
    const struct os_reg_visitor visitor = {
        .ctx = k, .key = skip_key, .value = take_service, .failed = skip_failed};
    struct err ignored = {0};

    (void)os_reg_walk(k->run->os, STR("HKLM\\SYSTEM\\CurrentControlSet\\Services"), 1, &visitor, &ignored);
    if (k->fatal.code != 0)
        *e = k->fatal;
    return -k->fatal.code;
}

static int take_accounts(struct keys *k, struct err *e)
{
    if (take_account(k, k->run->account, e) != 0)
        return -e->code;
    for (const struct iis_pool *p = k->run->model->pools; p != NULL; p = p->next)
        if (take_account(k, account_of(k, p), e) != 0)
            return -e->code;
    return take_services(k, e);
}

/* --- acl/keys.json --- */

/* The files are written while they are found; everything else follows. */
static int write_json(struct keys *k, char sha256[65], struct err *e)
{
    CLEANUP(buf_done) struct buf guid = BUF_INIT(256);
    struct err no_guid = {0};

    if (bundle_entry_begin(k->run->bundle, STR("acl/keys.json"), e) != 0)
        return -e->code;
    buf_add_c(&k->out, "{\"files\":[");
    if (take_folders(k, e) != 0 || take_accounts(k, e) != 0)
        return -e->code;
    (void)os_reg_text(k->run->os, STR("HKLM\\SOFTWARE\\Microsoft\\Cryptography"), STR("MachineGuid"), &guid,
                      &no_guid);
    buf_add_c(&k->out, "],\"folders\":[");
    buf_add_str(&k->out, buf_str(&k->folders));
    buf_add_c(&k->out, "],\"accounts\":[");
    buf_add_str(&k->out, buf_str(&k->accounts));
    buf_add_c(&k->out, "],\"machineGuid\":");
    value_take(&k->out, guid.len > 0 ? value_text(buf_str(&guid)) : json_null());
    buf_add_c(&k->out, "}\n");
    if (buf_check(&k->folders, "acl/keys.json", e) != 0 || buf_check(&k->accounts, "acl/keys.json", e) != 0 ||
        flush(k, e) != 0)
        return -e->code;
    return bundle_entry_end(k->run->bundle, sha256, e);
}

static int note_records(const struct keys *k, const char *sha256, struct err *e)
{
    for (const struct key_record *r = k->records; r != NULL; r = r->next) {
        struct manifest_item head = {.kind = r->kind,
                                     .source = r->source,
                                     .entry = STR("acl/keys.json"),
                                     .user = r->user,
                                     .sha256 = str_from(sha256),
                                     .size = k->size,
                                     .original = -1,
                                     .modified_ms = r->modified_ms};
        if (bundle_item_note(k->run->bundle, &head, &r->end, e) != 0)
            return -e->code;
    }
    return 0;
}

int probe_keys(struct probe_run *run, struct err *e)
{
    CLEANUP(free_keys)
    struct keys k = {.run = run,
                     .out = BUF_INIT(4 * LIMIT_ROW_BYTES),
                     .folders = BUF_INIT(LIMIT_COLLECT_JSON_BYTES),
                     .accounts = BUF_INIT(LIMIT_COLLECT_JSON_BYTES)};
    char sha256[65];

    k.records_end = &k.records;
    if (write_json(&k, sha256, e) != 0)
        return -e->code;
    return note_records(&k, sha256, e);
}
