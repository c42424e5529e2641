/* SPDX-License-Identifier: Apache-2.0
 *
 * deny_key.exe KEY-BELOW-HKLM: from now on nobody may open it, as long as this Wine runs (it does not keep
 * rights). */
#include <windows.h>

#include <sddl.h>
#include <stdio.h>

int wmain(int argc, wchar_t **argv)
{
    PSECURITY_DESCRIPTOR nobody = NULL;
    HKEY key = NULL;
    LSTATUS code = ERROR_INVALID_PARAMETER;

    if (argc == 2)
        code = RegOpenKeyExW(HKEY_LOCAL_MACHINE, argv[1], 0, WRITE_DAC, &key);
    if (code == 0 && !ConvertStringSecurityDescriptorToSecurityDescriptorW(L"D:P(D;;GA;;;WD)",
                                                                           SDDL_REVISION_1, &nobody, NULL))
        code = (LSTATUS)GetLastError();
    if (code == 0)
        code = RegSetKeySecurity(key, DACL_SECURITY_INFORMATION, nobody);
    if (code != 0)
        fprintf(stderr, "deny_key: %ld\n", (long)code);
    return code != 0;
}
