/* SPDX-License-Identifier: Apache-2.0
 *
 * as_limited.exe COMMAND: runs it in this console as Windows runs what an administrator starts without
 * elevation: with the other token of the pair. The console is then the command's alone. */
#include <windows.h>

#include <stdio.h>

int wmain(int argc, wchar_t **argv)
{
    TOKEN_LINKED_TOKEN other = {NULL};
    HANDLE token = NULL, limited = NULL;
    STARTUPINFOW start = {.cb = sizeof start};
    PROCESS_INFORMATION process;
    DWORD n, code = 9;

    if (argc != 2 || !OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &token) ||
        !GetTokenInformation(token, TokenLinkedToken, &other, sizeof other, &n) ||
        !DuplicateTokenEx(other.LinkedToken, MAXIMUM_ALLOWED, NULL, SecurityImpersonation, TokenPrimary,
                          &limited) ||
        !CreateProcessAsUserW(limited, NULL, argv[1], NULL, NULL, TRUE, 0, NULL, NULL, &start, &process)) {
        fprintf(stderr, "as_limited: %lu\n", GetLastError());
        return 9;
    }
    FreeConsole();
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}
