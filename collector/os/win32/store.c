/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate stores of this machine: what ../store.c asks for. */
#include "win32.h"

#include "../store.h"

static int find_profile(void *ctx, struct str sid, struct str profile_path)
{
    struct buf *ret = ctx; /* in: the SID; out: the path */

    if (!str_ieq(sid, buf_str(ret)))
        return 0;
    buf_clear(ret);
    buf_add_str(ret, profile_path);
    return 1;
}

/* Who runs us may have the roaming folder elsewhere, and the environment knows where. */
int store_user_folder(struct os *os, struct str sid, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(WIDE_BYTES);
    int r;

    if (str_ieq(sid, buf_str(&os->own_sid)))
        return os_expand(os, STR("%APPDATA%"), ret, e);
    buf_add_str(&path, sid);
    r = os_users(os, find_profile, &path, e);
    if (r < 0)
        return r;
    if (r == 0 || path.len == 0)
        return err_set(e, ERR_IO, "%.*s: the profile is not known", (int)sid.len, sid.p);
    buf_add_str(ret, buf_str(&path));
    buf_add_c(ret, "\\AppData\\Roaming");
    return buf_check(ret, "profile", e);
}

int store_check_denied(struct os *os, struct str user, struct str store, struct err *e)
{
    (void)os, (void)user, (void)store, (void)e;
    return 0;
}
