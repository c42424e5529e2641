/* SPDX-License-Identifier: Apache-2.0
 *
 * idle.exe DLL…: has these DLLs and does nothing; prints its peak working set and what it has committed, in
 * bytes.
 */
#include <windows.h>

#include <psapi.h>
#include <stdio.h>

int wmain(int argc, wchar_t **argv)
{
    PROCESS_MEMORY_COUNTERS m = {.cb = sizeof m};

    for (int i = 1; i < argc; i++)
        if (LoadLibraryW(argv[i]) == NULL) {
            fprintf(stderr, "idle: %ls: %lu\n", argv[i], GetLastError());
            return 9;
        }
    if (!K32GetProcessMemoryInfo(GetCurrentProcess(), &m, sizeof m))
        return 9;
    printf("%llu %llu\n", (unsigned long long)m.PeakWorkingSetSize, (unsigned long long)m.PeakPagefileUsage);
    return 0;
}
