/* SPDX-License-Identifier: Apache-2.0
 *
 * hand_over.exe FILE NAME COMMAND: what an ill-meaning process without rights may do: the bytes of FILE,
 * whatever they are, in memory under the name that certtriage-collect looks for, while COMMAND runs. */
#include <windows.h>

#include <stdio.h>

static BOOL fill(HANDLE section, HANDLE file, DWORD size)
{
    void *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    DWORD n = 0;

    return view != NULL && ReadFile(file, view, size, &n, NULL) && n == size && UnmapViewOfFile(view);
}

/* Wine gives what is made without a descriptor no owner; Windows gives it that of the token. */
static SECURITY_DESCRIPTOR *owned(void)
{
    static SECURITY_DESCRIPTOR descriptor;
    static BYTE user[256];
    HANDLE token = NULL;
    DWORD n;

    OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token);
    GetTokenInformation(token, TokenUser, user, sizeof user, &n);
    InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
    SetSecurityDescriptorOwner(&descriptor, ((TOKEN_USER *)(void *)user)->User.Sid, FALSE);
    SetSecurityDescriptorDacl(&descriptor, TRUE, NULL, FALSE);
    return &descriptor;
}

int wmain(int argc, wchar_t **argv)
{
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, owned(), FALSE};
    STARTUPINFOW start = {.cb = sizeof start};
    PROCESS_INFORMATION process;
    HANDLE file, section;
    wchar_t name[256];
    DWORD size, code = 9;

    if (argc != 4)
        return 9;
    file = CreateFileW(argv[1], GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    size = GetFileSize(file, NULL);
    swprintf(name, 256, L"Local\\certtriage-collect-%ls", argv[2]);
    section = CreateFileMappingW(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, size, name);
    if (section == NULL || !fill(section, file, size) ||
        !CreateProcessW(NULL, argv[3], NULL, NULL, TRUE, 0, NULL, NULL, &start, &process)) {
        fprintf(stderr, "hand_over: %lu\n", GetLastError());
        return 9;
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}
