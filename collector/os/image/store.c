/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate stores of an image: what ../store.c asks for. */
#include "image.h"

#include "../store.h"

int store_user_folder(struct os *os, struct str sid, struct buf *ret, struct err *e)
{
    int r = image_profile_path(os, sid, ret, e);

    if (r == 0)
        buf_add_c(ret, "\\AppData\\Roaming");
    return r != 0 ? r : buf_check(ret, "profile", e);
}

int store_check_denied(struct os *os, struct str user, struct str store, struct err *e)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(4096);
    int r;

    if (user.len == 0)
        buf_add_c(&name, "store:LocalMachine");
    else
        buf_printf(&name, "store:CurrentUser-%.*s", (int)user.len, user.p);
    buf_printf(&name, "\\%.*s", (int)store.len, store.p);
    r = buf_check(&name, "store", e);
    return r != 0 ? r : image_check_denied(os, buf_str(&name), e);
}
