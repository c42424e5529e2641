/* SPDX-License-Identifier: Apache-2.0
 *
 * Security descriptors, the token of this process, accounts. */
#include "win32.h"

#include <aclapi.h>
#include <lm.h>
#include <sddl.h>
#include <stdlib.h>
#include <wchar.h>

int sid_to_text(PSID sid, struct buf *ret, struct err *e)
{
    CLEANUP(local_done) LPWSTR text = NULL;

    if (!ConvertSidToStringSidW(sid, &text))
        return err_windows(e, GetLastError(), 0, 0, "a SID");
    wide_to_utf8(ret, text);
    return 0;
}

int token_information(TOKEN_INFORMATION_CLASS what, void **ret, struct err *e)
{
    CLEANUP(handle_done) HANDLE token = NULL;
    DWORD len = 0;
    void *p;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return err_windows(e, GetLastError(), 0, 0, "token");
    (void)GetTokenInformation(token, what, NULL, 0, &len);
    p = calloc(1, len + sizeof(uint64_t));
    if (p == NULL)
        return err_set(e, ERR_NOMEM, "token: out of memory");
    if (!GetTokenInformation(token, what, p, len, &len)) {
        int r = err_windows(e, GetLastError(), 0, 0, "token");
        free(p);
        return r;
    }
    *ret = p;
    return 0;
}

PSECURITY_DESCRIPTOR win32_private_descriptor(void)
{
    CLEANUP(buf_done) struct buf sid = BUF_INIT(512);
    CLEANUP(buf_done) struct buf sddl = BUF_INIT(2048);
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    PSECURITY_DESCRIPTOR ret = NULL;
    struct err ignored = {0};
    void *user = NULL;

    if (token_information(TokenUser, &user, &ignored) == 0)
        (void)sid_to_text(((TOKEN_USER *)user)->User.Sid, &sid, &ignored);
    free(user);
    buf_printf(&sddl, "O:%sD:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;%s)", buf_c(&sid), buf_c(&sid));
    if (sid.len > 0 && wide_from(buf_str(&sddl), &wide, &ignored) == 0)
        (void)ConvertStringSecurityDescriptorToSecurityDescriptorW(wide_p(&wide), SDDL_REVISION_1, &ret,
                                                                   NULL);
    return ret;
}

/* By handle, which has no limit on the path's length; READ_CONTROL is all that it asks for. */
int os_sddl(struct os *os, struct str path, struct buf *ret, struct err *e)
{
    static const SECURITY_INFORMATION PARTS =
        OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    CLEANUP(handle_done) HANDLE h = NULL;
    CLEANUP(local_done) PSECURITY_DESCRIPTOR descriptor = NULL;
    CLEANUP(local_done) LPWSTR text = NULL;
    DWORD code;
    int r = wide_path(path, &wide, e);

    (void)os;
    if (r != 0)
        return r;
    h = CreateFileW(wide_p(&wide), READ_CONTROL, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                    OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return err_windows(e, GetLastError(), ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, "%.*s",
                           (int)path.len, path.p);
    code = GetSecurityInfo(h, SE_FILE_OBJECT, PARTS, NULL, NULL, NULL, NULL, &descriptor);
    if (code == 0 && !ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, SDDL_REVISION_1, PARTS,
                                                                           &text, NULL))
        code = GetLastError();
    if (code != 0)
        return err_windows(e, code, 0, 0, "%.*s: security descriptor", (int)path.len, path.p);
    wide_to_utf8(ret, text);
    return 0;
}

/* --- accounts
 * ------------------------------------------------------------------------------------------------------ */
enum { SID_BYTES = SECURITY_MAX_SID_SIZE, DOMAIN_CHARS = 512 };

static bool lookup(const wchar_t *account, void *ret_sid)
{
    wchar_t domain[DOMAIN_CHARS];
    DWORD sid_bytes = SID_BYTES, domain_chars = DOMAIN_CHARS;
    SID_NAME_USE use;

    return LookupAccountNameW(NULL, account, ret_sid, &sid_bytes, domain, &domain_chars, &use) != 0;
}

static void add_group(struct buf *out, PSID sid)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(512);
    struct err ignored;

    if (sid_to_text(sid, &text, &ignored) != 0)
        return;
    if (out->len > 0)
        buf_add_char(out, ' ');
    buf_add_str(out, buf_str(&text));
}

/* Who runs us: the token knows all groups, those of the domain as well. */
static void add_token_groups(struct buf *out)
{
    struct err ignored;
    void *p = NULL;
    TOKEN_GROUPS *groups;

    if (token_information(TokenGroups, &p, &ignored) != 0)
        return;
    groups = p;
    for (DWORD i = 0; i < groups->GroupCount; i++)
        if (!(groups->Groups[i].Attributes & SE_GROUP_LOGON_ID))
            add_group(out, groups->Groups[i].Sid);
    free(p);
}

static void add_local_groups(struct buf *out, const wchar_t *account)
{
    typedef NET_API_STATUS(WINAPI * groups_fn)(LPCWSTR, LPCWSTR, DWORD, DWORD, LPBYTE *, DWORD, LPDWORD,
                                               LPDWORD);
    typedef NET_API_STATUS(WINAPI * free_fn)(LPVOID);
    groups_fn list = (groups_fn)win32_lookup(L"netapi32.dll", "NetUserGetLocalGroups");
    free_fn release = (free_fn)win32_lookup(L"netapi32.dll", "NetApiBufferFree");
    union {
        LPBYTE bytes;
        LOCALGROUP_USERS_INFO_0 *rows;
    } found = {NULL};
    DWORD n = 0, total = 0;

    if (list == NULL || release == NULL ||
        list(NULL, account, 0, LG_INCLUDE_INDIRECT, &found.bytes, MAX_PREFERRED_LENGTH, &n, &total) !=
            NERR_Success)
        return;
    for (DWORD i = 0; i < n; i++) {
        uint64_t sid[(SID_BYTES + 7) / 8];

        if (lookup(found.rows[i].lgrui0_name, sid))
            add_group(out, sid);
    }
    (void)release(found.bytes);
}

int os_account(struct os *os, struct str account, struct buf *ret_sid, struct buf *ret_groups, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT(512);
    uint64_t sid[(SID_BYTES + 7) / 8];
    int r = wide_from(account, &wide, e);

    if (r != 0)
        return r;
    if (!lookup(wide_p(&wide), sid))
        return err_windows(e, GetLastError(), ERROR_NONE_MAPPED, 0, "%.*s", (int)account.len, account.p);
    r = sid_to_text(sid, &text, e);
    if (r != 0)
        return r;
    buf_add_str(ret_sid, buf_str(&text));
    if (str_eq(buf_str(&text), buf_str(&os->own_sid)))
        add_token_groups(ret_groups);
    else
        add_local_groups(ret_groups, wide_p(&wide));
    return 0;
}
