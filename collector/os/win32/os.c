/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine itself: who it is, since when it runs, what we may do on it. */
#include "win32.h"

#include <lm.h>
#include <stdlib.h>

enum { NAME_BYTES = 1024, ENVIRONMENT_CHARS = 32768 };

static void read_computer_name(COMPUTER_NAME_FORMAT what, struct buf *ret)
{
    wchar_t name[256];
    DWORD n = ARRAY_LEN(name);

    if (GetComputerNameExW(what, name, &n))
        wide_to_utf8_n(ret, name, n);
}

/* A member without a primary DNS suffix of its own still knows the domain that it joined. */
static void read_joined_domain(struct buf *ret)
{
    typedef NET_API_STATUS(WINAPI * join_fn)(LPCWSTR, LPWSTR *, PNETSETUP_JOIN_STATUS);
    typedef NET_API_STATUS(WINAPI * free_fn)(LPVOID);
    join_fn join = (join_fn)win32_lookup(L"netapi32.dll", "NetGetJoinInformation");
    free_fn release = (free_fn)win32_lookup(L"netapi32.dll", "NetApiBufferFree");
    NETSETUP_JOIN_STATUS status;
    LPWSTR name = NULL;

    if (join == NULL || release == NULL || join(NULL, &name, &status) != NERR_Success)
        return;
    if (status == NetSetupDomainName)
        wide_to_utf8(ret, name);
    (void)release(name);
}

static int read_token(struct os *os, struct err *e)
{
    void *p = NULL;
    int r = token_information(TokenUser, &p, e);

    if (r == 0)
        r = sid_to_text(((TOKEN_USER *)p)->User.Sid, &os->own_sid, e);
    free(p);
    if (r != 0)
        return r;
    r = token_information(TokenElevation, &p, e);
    if (r == 0)
        os->elevated = ((TOKEN_ELEVATION *)p)->TokenIsElevated != 0;
    free(p);
    return r;
}

int os_open(const char *image_dir, struct os **ret, struct err *e)
{
    struct os *os;
    int r;

    if (image_dir != NULL)
        return err_set(e, ERR_UNSUPPORTED, "%s: images are read by the Linux program", image_dir);
    os = calloc(1, sizeof *os);
    if (os == NULL)
        return err_set(e, ERR_NOMEM, "out of memory");
    os->name = os->domain = os->own_sid = BUF_INIT(NAME_BYTES);
    read_computer_name(ComputerNamePhysicalDnsHostname, &os->name);
    if (os->name.len == 0)
        read_computer_name(ComputerNamePhysicalNetBIOS, &os->name);
    read_computer_name(ComputerNamePhysicalDnsDomain, &os->domain);
    if (os->domain.len == 0)
        read_joined_domain(&os->domain);
    r = read_token(os, e);
    if (r != 0) {
        os_close(os);
        return err_wrap(e, "this process");
    }
    *ret = os;
    return 0;
}

void os_close(struct os *os)
{
    if (os == NULL)
        return;
    buf_done(&os->name);
    buf_done(&os->domain);
    buf_done(&os->own_sid);
    free(os);
}

const char *os_backend(const struct os *os)
{
    (void)os;
    return "win32";
}

int os_machine(struct os *os, struct os_machine *ret, struct err *e)
{
    int64_t now = os_clock_ms();

    (void)e;
    *ret = (struct os_machine){.name = buf_str(&os->name),
                               .domain = buf_str(&os->domain),
                               .now_ms = now,
                               .booted_ms = now - (int64_t)GetTickCount64(),
                               .elevated = os->elevated};
    return 0;
}

int os_expand(struct os *os, struct str text, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    CLEANUP(buf_done) struct buf out = WIDE_INIT;
    wchar_t *at;
    DWORD n;
    int r = wide_from(text, &wide, e);

    (void)os;
    if (r != 0)
        return r;
    at = (wchar_t *)(void *)buf_reserve(&out, ENVIRONMENT_CHARS * sizeof(wchar_t));
    if (at == NULL)
        return err_set(e, ERR_NOMEM, "%.*s: out of memory", (int)text.len, text.p);
    n = ExpandEnvironmentStringsW(wide_p(&wide), at, ENVIRONMENT_CHARS);
    if (n == 0 || n > ENVIRONMENT_CHARS)
        return err_windows(e, n == 0 ? GetLastError() : ERROR_INSUFFICIENT_BUFFER, 0, 0, "%.*s",
                           (int)text.len, text.p);
    wide_to_utf8(ret, at);
    return 0;
}
