/* SPDX-License-Identifier: Apache-2.0
 *
 * Users whose registry is loaded, and where their profiles are. */
#include "win32.h"

#include <wchar.h>

static bool is_person(const struct os *os, struct str sid)
{
    if (str_iends(sid, STR("_Classes")))
        return false;
    /* S-1-12-1: accounts of Entra ID. S-1-5-82: application pools, where they load their profile. */
    return str_istarts(sid, STR("S-1-5-21-")) || str_istarts(sid, STR("S-1-5-82-")) ||
           str_istarts(sid, STR("S-1-12-1-")) || str_ieq(sid, buf_str(&os->own_sid));
}

static void read_profile(struct os *os, struct str sid, struct buf *ret)
{
    CLEANUP(buf_done) struct buf key = BUF_INIT(2048);
    CLEANUP(buf_done) struct buf raw = BUF_INIT(WIDE_BYTES);
    struct err ignored;

    buf_add_c(&key, "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\");
    buf_add_str(&key, sid);
    if (os_reg_text(os, buf_str(&key), STR("ProfileImagePath"), &raw, &ignored) != 0 &&
        str_ieq(sid, buf_str(&os->own_sid)))
        buf_add_c(&raw, "%USERPROFILE%");
    if (os_expand(os, buf_str(&raw), ret, &ignored) != 0)
        buf_clear(ret);
}

int os_users(struct os *os, os_user_fn take, void *ctx, struct err *e)
{
    LSTATUS code = 0;
    int r = 0;

    for (DWORD i = 0; r == 0 && code == 0; i++) {
        CLEANUP(buf_done) struct buf sid = BUF_INIT(1024);
        CLEANUP(buf_done) struct buf profile = BUF_INIT(WIDE_BYTES);
        wchar_t name[256];
        DWORD n = ARRAY_LEN(name);

        code = RegEnumKeyExW(HKEY_USERS, i, name, &n, NULL, NULL, NULL, NULL);
        if (code != 0)
            break;
        wide_to_utf8_n(&sid, name, n);
        if (!is_person(os, buf_str(&sid)))
            continue;
        read_profile(os, buf_str(&sid), &profile);
        r = take(ctx, buf_str(&sid), buf_str(&profile));
    }
    return r == 0 && code != ERROR_NO_MORE_ITEMS ? err_windows(e, (DWORD)code, 0, 0, "HKU") : r;
}
