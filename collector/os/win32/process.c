/* SPDX-License-Identifier: Apache-2.0 */
#include "../process.h"
#include "win32.h"

#include <io.h>
#include <psapi.h>
#include <shellapi.h>
#include <stdio.h>
#include <stdlib.h>

static int program_path(struct buf *wide, struct err *e)
{
    enum { CHARS = 32768 };
    wchar_t *p = (wchar_t *)(void *)buf_reserve(wide, CHARS * sizeof(wchar_t));
    DWORD n = p == NULL ? 0 : GetModuleFileNameW(NULL, p, CHARS);

    if (n == 0 || n >= CHARS)
        return err_windows(e, GetLastError(), 0, 0, "the program's own path");
    return 0;
}

int os_beside(const char *file, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    CLEANUP(buf_done) struct buf path = BUF_INIT(WIDE_BYTES);

    if (program_path(&wide, e) != 0)
        return -e->code;
    wide_to_utf8(&path, wide_p(&wide));
    while (path.len > 0 && path.p[path.len - 1] != '\\')
        path.len--;
    buf_add_str(ret, buf_str(&path));
    buf_add_c(ret, file);
    return buf_check(ret, file, e);
}

/* Background mode lowers processor, memory and disk at once, and is to be had only by the process itself. */
void os_low_priority(void)
{
    if (!SetPriorityClass(GetCurrentProcess(), PROCESS_MODE_BACKGROUND_BEGIN))
        (void)SetPriorityClass(GetCurrentProcess(), BELOW_NORMAL_PRIORITY_CLASS);
}

bool os_is_terminal(void)
{
    DWORD mode;

    return GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode) != 0;
}

bool os_has_own_console(void)
{
    DWORD list[2], mode;

    return GetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), &mode) != 0 &&
           GetConsoleProcessList(list, ARRAY_LEN(list)) == 1;
}

bool os_ask(const char *question, struct buf *ret)
{
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE);
    wchar_t wide[1024];
    char line[4096];
    DWORD n = 0, mode;

    (void)fputs(question, stderr);
    (void)fflush(stderr);
    if (GetConsoleMode(in, &mode)) {
        if (!ReadConsoleW(in, wide, ARRAY_LEN(wide), &n, NULL))
            return false;
        wide_to_utf8_n(ret, wide, n);
    } else {
        if (fgets(line, sizeof line, stdin) == NULL)
            return false;
        buf_add_c(ret, line);
    }
    while (ret->len > 0 && (ret->p[ret->len - 1] == '\n' || ret->p[ret->len - 1] == '\r'))
        ret->p[--ret->len] = 0;
    return true;
}

static volatile LONG interrupted;

static BOOL WINAPI note_interrupt(DWORD event)
{
    return event == CTRL_C_EVENT && InterlockedExchange(&interrupted, 1) == 0;
}

void os_note_interrupt(bool on)
{
    if (on)
        (void)InterlockedExchange(&interrupted, 0);
    (void)SetConsoleCtrlHandler(note_interrupt, on);
}

bool os_interrupted(void)
{
    return interrupted != 0;
}

struct os_peak os_peak(void)
{
    PROCESS_MEMORY_COUNTERS m = {.cb = sizeof m};

    if (!GetProcessMemoryInfo(GetCurrentProcess(), &m, sizeof m))
        return (struct os_peak){0};
    return (struct os_peak){(int64_t)m.PeakWorkingSetSize, (int64_t)m.PeakPagefileUsage};
}

void os_own_sid(struct buf *ret)
{
    struct err ignored = {0};
    void *user = NULL;

    if (token_information(TokenUser, &user, &ignored) == 0)
        (void)sid_to_text(((TOKEN_USER *)user)->User.Sid, ret, &ignored);
    free(user);
}

int os_folder(struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    DWORD room = GetCurrentDirectoryW(0, NULL), n = 0;
    wchar_t *p = (wchar_t *)(void *)buf_reserve(&wide, (size_t)room * sizeof(wchar_t));

    if (p != NULL && room > 0)
        n = GetCurrentDirectoryW(room, p);
    if (n == 0 || n >= room)
        return err_windows(e, GetLastError(), 0, 0, "the current folder");
    wide_to_utf8(ret, p);
    return buf_check(ret, "the current folder", e);
}

int os_enter_folder(const char *path, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;

    if (wide_from(str_from(path), &wide, e) != 0)
        return -e->code;
    if (!SetCurrentDirectoryW(wide_p(&wide)))
        return err_windows(e, GetLastError(), 0, 0,
                           "%s: the administrator cannot go there (drive letters of network folders are each "
                           "user's own); start the program from another folder",
                           path);
    return 0;
}

/* The arguments as they were given: what stands behind the program's name in the command line. */
static const wchar_t *own_arguments(void)
{
    const wchar_t *p = GetCommandLineW();
    bool quoted = false;

    for (; *p != 0 && (quoted || (*p != L' ' && *p != L'\t')); p++)
        quoted = quoted != (*p == L'"');
    return p;
}

int os_restart_elevated(const char *more, int *ret_code, struct err *e)
{
    CLEANUP(buf_done) struct buf program = WIDE_INIT;
    CLEANUP(buf_done) struct buf arguments = BUF_INIT(WIDE_BYTES);
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    SHELLEXECUTEINFOW start = {
        .cbSize = sizeof start, .fMask = SEE_MASK_NOCLOSEPROCESS, .nShow = SW_SHOWNORMAL};
    DWORD code = 2;

    wide_to_utf8(&arguments, own_arguments());
    buf_add_char(&arguments, ' ');
    buf_add_c(&arguments, more);
    if (program_path(&program, e) != 0 || buf_check(&arguments, "arguments", e) != 0 ||
        wide_from(buf_str(&arguments), &wide, e) != 0)
        return -e->code;
    start.lpVerb = L"runas";
    start.lpFile = wide_p(&program);
    start.lpParameters = wide_p(&wide);
    if (!ShellExecuteExW(&start) || start.hProcess == NULL)
        return GetLastError() == ERROR_CANCELLED
                   ? err_set(e, ERR_DENIED, "restarting as administrator was refused")
                   : err_windows(e, GetLastError(), 0, 0, "restarting as administrator");
    (void)WaitForSingleObject(start.hProcess, INFINITE);
    (void)GetExitCodeProcess(start.hProcess, &code);
    handle_done(&start.hProcess);
    *ret_code = (int)code;
    return 0;
}

void os_end(int code)
{
    (void)TerminateProcess(GetCurrentProcess(), (UINT)code);
    for (;;)
        Sleep(INFINITE);
}
