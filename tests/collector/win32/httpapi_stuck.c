/* SPDX-License-Identifier: Apache-2.0
 *
 * An httpapi.dll for test_wine_stuck.sh that never answers: HTTPAPI_STUCK=heap in the environment makes it
 * hold the lock of the process heap meanwhile, "call" nothing. After HTTPAPI_STUCK_MS milliseconds it comes
 * back all the same, with an empty answer. */
#include <windows.h>

#include <stdlib.h>

static DWORD number(const wchar_t *name)
{
    wchar_t text[16] = L"";

    (void)GetEnvironmentVariableW(name, text, 16);
    return (DWORD)_wtoi(text);
}

__declspec(dllexport) ULONG WINAPI HttpInitialize(DWORD version, ULONG flags, void *reserved)
{
    (void)version, (void)flags, (void)reserved;
    return NO_ERROR;
}

__declspec(dllexport) ULONG WINAPI HttpTerminate(ULONG flags, void *reserved)
{
    (void)flags, (void)reserved;
    return NO_ERROR;
}

__declspec(dllexport) ULONG WINAPI
    HttpQueryServiceConfiguration(HANDLE handle, int kind, void *in, ULONG in_len, void *out, ULONG out_len,
                                  ULONG *ret_len, OVERLAPPED *overlapped)
{
    wchar_t how[16] = L"";
    DWORD ms = number(L"HTTPAPI_STUCK_MS");

    (void)handle, (void)kind, (void)in, (void)in_len, (void)out, (void)out_len, (void)ret_len;
    (void)overlapped;
    (void)GetEnvironmentVariableW(L"HTTPAPI_STUCK", how, 16);
    if (how[0] == L'h')
        (void)HeapLock(GetProcessHeap());
    Sleep(ms == 0 ? INFINITE : ms);
    return ERROR_NO_MORE_ITEMS;
}
