/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <stdlib.h>

#define PROFILE_LIST "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"

int image_profile_path(struct os *os, struct str sid, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf key = BUF_INIT(4096);
    CLEANUP(buf_done) struct buf path = BUF_INIT(1 << 16);
    int r;

    buf_printf(&key, PROFILE_LIST "\\%.*s", (int)sid.len, sid.p);
    r = buf_check(&key, "SID", e);
    r = r != 0 ? r : os_reg_text(os, buf_str(&key), STR("ProfileImagePath"), &path, e);
    return r != 0 ? r : os_expand(os, buf_str(&path), ret, e);
}

struct user_walk {
    struct os *os;
    os_user_fn take;
    void *ctx;
};

static bool has_hive(struct os *os, const struct buf *profile)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(1 << 16);
    struct os_file_info info;
    struct err ignored = {0};

    buf_printf(&path, "%s\\NTUSER.DAT", buf_c(profile));
    /* one that is there and may not be read is a user all the same */
    int r = path.failed != 0 ? -ERR_NOMEM : os_stat(os, buf_str(&path), &info, &ignored);
    return r == 0 || r == -ERR_DENIED;
}

static int take_profile(void *ctx, struct str key, int64_t modified_ms)
{
    CLEANUP(buf_done) struct buf profile = BUF_INIT(1 << 16);
    struct user_walk *w = ctx;
    struct str sid = str_skip(key, sizeof PROFILE_LIST);
    struct err ignored = {0};

    (void)modified_ms;
    /* people, and application pools that load their profile */
    if (!str_istarts(sid, STR("S-1-5-21-")) && !str_istarts(sid, STR("S-1-5-82-")))
        return 0;
    if (image_profile_path(w->os, sid, &profile, &ignored) != 0 || !has_hive(w->os, &profile))
        return 0; /* a profile that was removed, or lies on another drive */
    return w->take(w->ctx, sid, buf_str(&profile));
}

static int ignore_value(void *ctx, struct str name, uint32_t type, struct bytes data)
{
    (void)ctx;
    (void)name;
    (void)type;
    (void)data;
    return 0;
}

int os_users(struct os *os, os_user_fn take, void *ctx, struct err *e)
{
    struct user_walk w = {.os = os, .take = take, .ctx = ctx};
    const struct os_reg_visitor v = {.ctx = &w, .key = take_profile, .value = ignore_value};

    return os_reg_walk(os, STR(PROFILE_LIST), 1, &v, e);
}

/* Accounts with the same SID on every machine. Others stand in the SAM or in a domain, and an image shows
 * neither. */
static const struct {
    const char *name, *sid;
} WELL_KNOWN[] = {
    {"LocalSystem", "S-1-5-18"},
    {"SYSTEM", "S-1-5-18"},
    {"NT AUTHORITY\\SYSTEM", "S-1-5-18"},
    {"LocalService", "S-1-5-19"},
    {"NT AUTHORITY\\LocalService", "S-1-5-19"},
    {"NT AUTHORITY\\LOCAL SERVICE", "S-1-5-19"},
    {"NetworkService", "S-1-5-20"},
    {"NT AUTHORITY\\NetworkService", "S-1-5-20"},
    {"NT AUTHORITY\\NETWORK SERVICE", "S-1-5-20"},
    {"NT AUTHORITY\\IUSR", "S-1-5-17"},
    {"IUSR", "S-1-5-17"},
    {"Everyone", "S-1-1-0"},
    {"NT AUTHORITY\\Authenticated Users", "S-1-5-11"},
    {"BUILTIN\\Administrators", "S-1-5-32-544"},
    {"BUILTIN\\Users", "S-1-5-32-545"},
    {"BUILTIN\\IIS_IUSRS", "S-1-5-32-568"},
};

int os_account(struct os *os, struct str account, struct buf *ret_sid, struct buf *ret_groups, struct err *e)
{
    (void)os;
    (void)ret_groups; /* not known: left empty */
    for (size_t i = 0; i < ARRAY_LEN(WELL_KNOWN); i++) {
        if (str_ieq(account, str_from(WELL_KNOWN[i].name))) {
            buf_add_c(ret_sid, WELL_KNOWN[i].sid);
            return buf_check(ret_sid, "SID", e);
        }
    }
    return err_set(e, ERR_UNSUPPORTED, "%.*s: an image does not hold the accounts", (int)account.len,
                   account.p);
}
