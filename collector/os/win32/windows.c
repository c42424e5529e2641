/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors of Windows calls, handles, and functions that are looked up while we run. */
#include "win32.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct code_row {
    DWORD code;
    int err;
} CODES[] = {
    {ERROR_ACCESS_DENIED, ERR_DENIED},
    {ERROR_PRIVILEGE_NOT_HELD, ERR_DENIED},
    {ERROR_LOGON_FAILURE, ERR_DENIED},
    {ERROR_NETWORK_ACCESS_DENIED, ERR_DENIED},
    {ERROR_NOT_ENOUGH_MEMORY, ERR_NOMEM},
    {ERROR_OUTOFMEMORY, ERR_NOMEM},
    {ERROR_TIMEOUT, ERR_TIMEOUT},
    {ERROR_SEM_TIMEOUT, ERR_TIMEOUT},
    {WAIT_TIMEOUT, ERR_TIMEOUT},
    {ERROR_NOT_SUPPORTED, ERR_UNSUPPORTED},
    {ERROR_CALL_NOT_IMPLEMENTED, ERR_UNSUPPORTED},
    {ERROR_PROC_NOT_FOUND, ERR_UNSUPPORTED},
};

static int err_of_code(DWORD code)
{
    for (size_t i = 0; i < ARRAY_LEN(CODES); i++)
        if (CODES[i].code == code)
            return CODES[i].err;
    return ERR_IO;
}

static void add_system_text(struct buf *out, DWORD code)
{
    static const DWORD LANGUAGES[] = {MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), 0};
    wchar_t text[512];
    DWORD n = 0;

    for (size_t i = 0; n == 0 && i < ARRAY_LEN(LANGUAGES); i++)
        n = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, code,
                           LANGUAGES[i], text, ARRAY_LEN(text), NULL);
    while (n > 0 && (text[n - 1] <= L' ' || text[n - 1] == L'.'))
        n--;
    wide_to_utf8_n(out, text, n);
    buf_add_c(out, n > 0 ? " (" : "code ");
    buf_printf(out, code > 0xffff ? "0x%08lx" : "%lu", (unsigned long)code); /* as they are looked up */
    buf_add_c(out, n > 0 ? ")" : "");
}

int err_windows(struct err *e, DWORD code, DWORD missing, DWORD missing_too, const char *format, ...)
{
    CLEANUP(buf_done) struct buf system = BUF_INIT(4096);
    char text[ERR_TEXT_BYTES];
    va_list args;
    int n, r;

    if ((code & 0xffff0000u) == 0x80070000u)
        code &= 0xffffu;
    va_start(args, format);
    n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_system_text(&system, code);
    r = code != 0 && (code == missing || code == missing_too) ? ERR_MISSING : err_of_code(code);
    r = err_set(e, r, "%s: %s", n < 0 ? "" : text, buf_c(&system));
    e->os_code = code;
    return r;
}

win32_fn win32_lookup(const wchar_t *dll, const char *function)
{
    wchar_t path[MAX_PATH + 64];
    UINT n = GetSystemDirectoryW(path, MAX_PATH);
    HMODULE module;

    /* The full path: the folder that we were started from may hold a DLL of that name. */
    if (n == 0 || n >= MAX_PATH || wcslen(dll) > 60)
        return NULL;
    path[n] = L'\\';
    memcpy(path + n + 1, dll, (wcslen(dll) + 1) * sizeof(wchar_t));
    module = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    return module == NULL ? NULL : (win32_fn)GetProcAddress(module, function);
}

void handle_done(HANDLE *h)
{
    if (*h != NULL && *h != INVALID_HANDLE_VALUE)
        (void)CloseHandle(*h);
    *h = NULL;
}

void local_done(void *pointer_to_pointer)
{
    HLOCAL *p = pointer_to_pointer;

    if (*p != NULL)
        (void)LocalFree(*p);
    *p = NULL;
}
