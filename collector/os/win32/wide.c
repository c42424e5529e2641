/* SPDX-License-Identifier: Apache-2.0 */
#include "win32.h"

#include <wchar.h>

int wide_from(struct str utf8, struct buf *ret, struct err *e)
{
    int n, room;
    wchar_t *at;

    buf_clear(ret);
    room = utf8.len >= WIDE_BYTES ? 0 : (int)utf8.len + 1;
    at = room == 0 ? NULL : (wchar_t *)(void *)buf_reserve(ret, (size_t)room * sizeof(wchar_t));
    if (at == NULL)
        return err_set(e, room == 0 ? ERR_LIMIT : ERR_NOMEM, "a name of %zu bytes", utf8.len);
    n = utf8.len == 0
            ? 0
            : MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8.p, (int)utf8.len, at, room - 1);
    if (utf8.len > 0 && n <= 0)
        return err_set(e, ERR_FORMAT, "%.*s: not UTF-8", (int)utf8.len, utf8.p);
    at[n] = 0;
    buf_wrote(ret, ((size_t)n + 1) * sizeof(wchar_t));
    /* A NUL inside would silently name something else. */
    return wcslen(at) == (size_t)n ? 0 : err_set(e, ERR_FORMAT, "%.*s: a NUL inside", (int)utf8.len, utf8.p);
}

const wchar_t *wide_p(const struct buf *b)
{
    return b->p == NULL ? L"" : (const wchar_t *)(const void *)b->p;
}

void wide_to_utf8_n(struct buf *out, const wchar_t *s, size_t n_chars)
{
    text_add_utf16le(out, s, n_chars * sizeof(wchar_t));
}

void wide_to_utf8(struct buf *out, const wchar_t *s)
{
    if (s != NULL)
        wide_to_utf8_n(out, s, wcslen(s));
}

static bool starts(const wchar_t *s, const wchar_t *with)
{
    return wcsncmp(s, with, wcslen(with)) == 0;
}

#ifndef _WIN64
/* How long the name of System32 is that a path begins with, where 64-bit Windows would show SysWOW64 instead;
 * else 0. */
static size_t redirected(const wchar_t *absolute)
{
    enum { NAME = 8 }; /* system32 */
    wchar_t folder[MAX_PATH];
    UINT n = GetSystemDirectoryW(folder, MAX_PATH);
    BOOL is_wow64 = FALSE;

    if (n <= NAME || n >= MAX_PATH || !IsWow64Process(GetCurrentProcess(), &is_wow64) || !is_wow64)
        return 0;
    if (_wcsnicmp(absolute, folder, n) != 0 || (absolute[n] != 0 && absolute[n] != L'\\'))
        return 0;
    return _wcsicmp(folder + n - NAME, L"system32") == 0 ? n : 0;
}

/* To a 32-bit program the real System32 is there as Sysnative
 * (learn.microsoft.com/windows/win32/winprog64/file-system-redirector). Redirection is not switched off,
 * which would hold for a thread and keep DLLs of the system from being loaded. */
static void add_real(struct buf *out, const wchar_t *absolute)
{
    size_t n = redirected(absolute);

    if (n > 0) {
        buf_add(out, absolute, (n - wcslen(L"system32")) * sizeof(wchar_t));
        buf_add(out, L"Sysnative", wcslen(L"Sysnative") * sizeof(wchar_t));
    }
    buf_add(out, absolute + n, (wcslen(absolute + n) + 1) * sizeof(wchar_t));
}
#else
static void add_real(struct buf *out, const wchar_t *absolute)
{
    buf_add(out, absolute, (wcslen(absolute) + 1) * sizeof(wchar_t));
}
#endif

/* The prefix that switches the limit off: \\?\C:\… and \\?\UNC\server\share\…; devices and what has one stay.
 */
static void add_prefixed(struct buf *out, const wchar_t *absolute)
{
    const wchar_t *prefix = L"";

    if (starts(absolute, L"\\\\?\\") || starts(absolute, L"\\\\.\\")) {
        prefix = L"";
    } else if (starts(absolute, L"\\\\")) {
        prefix = L"\\\\?\\UNC";
        absolute++;
    } else if (absolute[0] != 0 && absolute[1] == L':') {
        prefix = L"\\\\?\\";
    }
    buf_add(out, prefix, wcslen(prefix) * sizeof(wchar_t));
    add_real(out, absolute);
}

int wide_path(struct str path, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf given = WIDE_INIT;
    CLEANUP(buf_done) struct buf absolute = WIDE_INIT;
    DWORD n, room = WIDE_BYTES / sizeof(wchar_t) - 8;
    wchar_t *at;
    int r = wide_from(path, &given, e);

    if (r != 0)
        return r;
    if (path.len == 0)
        return err_set(e, ERR_USAGE, "an empty path");
    buf_clear(ret);
    if (starts(wide_p(&given), L"\\\\?\\")) {
        buf_add(ret, given.p, given.len);
        return buf_check(ret, "path", e);
    }
    at = (wchar_t *)(void *)buf_reserve(&absolute, room * sizeof(wchar_t));
    n = at == NULL ? 0 : GetFullPathNameW(wide_p(&given), room, at, NULL);
    if (at == NULL)
        return err_set(e, ERR_NOMEM, "%.*s: out of memory", (int)path.len, path.p);
    if (n == 0 || n >= room)
        return err_windows(e, n == 0 ? GetLastError() : ERROR_FILENAME_EXCED_RANGE, 0, 0, "%.*s",
                           (int)path.len, path.p);
    add_prefixed(ret, at);
    return buf_check(ret, "path", e);
}
