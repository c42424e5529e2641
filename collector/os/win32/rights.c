/* SPDX-License-Identifier: Apache-2.0
 *
 * Rights of accounts, as the local security policy assigns them. */
#include "win32.h"

#include <ntsecapi.h>
#include <sddl.h>
#include <stdlib.h>
#include <string.h>

/* LsaEnumerateAccountRights' documentation: this code where the account has no rights of its own. */
static const LONG NOTHING_ASSIGNED = (LONG)0xC0000034; /* STATUS_OBJECT_NAME_NOT_FOUND */

static bool has_word(const struct buf *words, struct str word)
{
    struct str rest = buf_str(words);

    while (rest.p != NULL)
        if (str_eq(str_cut(rest, ' ', &rest), word))
            return true;
    return false;
}

static void add_right(struct buf *out, const LSA_UNICODE_STRING *right)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(1024);

    wide_to_utf8_n(&text, right->Buffer, right->Length / sizeof(wchar_t));
    if (has_word(out, buf_str(&text)))
        return;
    buf_add_c(out, out->len > 0 ? " " : "");
    buf_add_str(out, buf_str(&text));
}

static int add_rights(LSA_HANDLE policy, struct str sid_text, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    CLEANUP(local_done) PSID sid = NULL;
    PLSA_UNICODE_STRING rights = NULL;
    ULONG n = 0;
    NTSTATUS s;

    if (wide_from(sid_text, &wide, e) != 0)
        return -e->code;
    if (!ConvertStringSidToSidW(wide_p(&wide), &sid))
        return err_windows(e, GetLastError(), 0, 0, "%.*s", (int)sid_text.len, sid_text.p);
    s = LsaEnumerateAccountRights(policy, sid, &rights, &n);
    if (s == NOTHING_ASSIGNED)
        return 0;
    if (s != 0)
        return err_windows(e, LsaNtStatusToWinError(s), 0, 0, "rights of %.*s", (int)sid_text.len,
                           sid_text.p);
    for (ULONG i = 0; i < n; i++)
        add_right(ret, &rights[i]);
    (void)LsaFreeMemory(rights);
    return 0;
}

int os_account_rights(struct os *os, struct str sids, struct buf *ret, struct err *e)
{
    LSA_OBJECT_ATTRIBUTES attributes = {.Length = sizeof attributes};
    LSA_HANDLE policy = NULL;
    NTSTATUS s =
        LsaOpenPolicy(NULL, &attributes, POLICY_LOOKUP_NAMES | POLICY_VIEW_LOCAL_INFORMATION, &policy);
    int r = 0;

    (void)os;
    if (s != 0)
        return err_windows(e, LsaNtStatusToWinError(s), 0, 0, "local security policy");
    while (r == 0 && sids.p != NULL) {
        struct str sid = str_cut(sids, ' ', &sids);
        if (sid.len > 0)
            r = add_rights(policy, sid, ret, e);
    }
    (void)LsaClose(policy);
    return r;
}
