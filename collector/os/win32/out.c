/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine that we run on, when it is Windows: arguments, the bundle's file, what we read ourselves, the
 * clock. */
#include "win32.h"

#include <shellapi.h>
#include <stdio.h>
#include <stdlib.h>

struct os_out {
    HANDLE handle;
};

struct os_in {
    HANDLE handle;
};

static UINT console_before;

/* The code page belongs to the console, which lives on after us. */
static void restore_console(void)
{
    (void)SetConsoleOutputCP(console_before);
}

/* mingw writes to an unbuffered stream byte by byte, and an older console shows each byte of a letter by
 * itself. */
static void use_utf8_console(void)
{
    static char room[4096], out_room[4096];

    (void)setvbuf(stderr, room, _IOFBF, sizeof room);
    (void)setvbuf(stdout, out_room, _IOFBF,
                  sizeof out_room); /* msvcrt's own would come from a heap that may hang */
    console_before = GetConsoleOutputCP();
    if (console_before != 0 && console_before != CP_UTF8 && SetConsoleOutputCP(CP_UTF8))
        (void)atexit(restore_console);
}

int os_arguments(int argc, char **argv, int *ret_argc, char ***ret_argv, struct err *e)
{
    CLEANUP(local_done) LPWSTR *wide = NULL;
    int n = 0;
    char **list;

    (void)argc, (void)argv;
    (void)SetDllDirectoryW(L""); /* no DLL of the folder that we work in, which may be anybody's */
    use_utf8_console();
    wide = CommandLineToArgvW(GetCommandLineW(), &n);
    if (wide == NULL)
        return err_windows(e, GetLastError(), 0, 0, "arguments");
    /* Never freed: they are needed until the program ends. */
    list = calloc((size_t)n + 1, sizeof *list);
    for (int i = 0; list != NULL && i < n; i++) {
        struct buf text = BUF_INIT(1 << 20);

        wide_to_utf8(&text, wide[i]);
        buf_add_char(&text, 0);
        list[i] = text.p;
        if (text.failed != 0)
            return buf_check(&text, "arguments", e);
    }
    if (list == NULL)
        return err_set(e, ERR_NOMEM, "arguments: out of memory");
    *ret_argc = n;
    *ret_argv = list;
    return 0;
}

/* A file that is there is taken away, not emptied: it may be a link into somebody else's folder, and would
 * keep its own rights. */
static int make_way(const wchar_t *path, const char *shown, struct err *e)
{
    DWORD code = DeleteFileW(path) ? 0 : GetLastError();

    return code == 0 || code == ERROR_FILE_NOT_FOUND
               ? 0
               : err_windows(e, code, ERROR_PATH_NOT_FOUND, 0, "%s", shown);
}

/* Nothing is followed to another place: a link of that name counts as there. */
static HANDLE create_new(const wchar_t *path)
{
    CLEANUP(local_done) PSECURITY_DESCRIPTOR descriptor = win32_private_descriptor();
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, descriptor, FALSE};

    return CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ,
                       descriptor == NULL ? NULL : &attributes, CREATE_NEW,
                       FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
}

int os_out_open(const char *path, bool replace, struct os_out **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    struct os_out *o;
    DWORD code;
    int r = wide_path(str_from(path), &wide, e);

    if (r == 0 && replace)
        r = make_way(wide_p(&wide), path, e);
    if (r != 0)
        return r;
    o = calloc(1, sizeof *o);
    if (o == NULL)
        return err_set(e, ERR_NOMEM, "%s: out of memory", path);
    o->handle = create_new(wide_p(&wide));
    if (o->handle != INVALID_HANDLE_VALUE) {
        *ret = o;
        return 0;
    }
    code = GetLastError();
    free(o);
    if (code == ERROR_FILE_EXISTS)
        return err_set(e, ERR_CONFLICT, "%s: is already there", path);
    return err_windows(e, code, ERROR_PATH_NOT_FOUND, 0, "%s", path);
}

int os_out_write(struct os_out *o, const void *data, size_t len, struct err *e)
{
    const char *p = data;

    while (len > 0) {
        DWORD n = 0;

        if (!WriteFile(o->handle, p, len > 0x1000000 ? 0x1000000 : (DWORD)len, &n, NULL))
            return err_windows(e, GetLastError(), 0, 0, "writing");
        p += n;
        len -= n;
    }
    return 0;
}

int os_out_seek(struct os_out *o, int64_t offset, struct err *e)
{
    LARGE_INTEGER to = {.QuadPart = offset};

    return SetFilePointerEx(o->handle, to, NULL, FILE_BEGIN)
               ? 0
               : err_windows(e, GetLastError(), 0, 0, "seeking");
}

int os_out_sync(struct os_out *o, struct err *e)
{
    return FlushFileBuffers(o->handle) ? 0 : err_windows(e, GetLastError(), 0, 0, "writing to the disk");
}

int os_out_close(struct os_out *o, struct err *e)
{
    int r;

    if (o == NULL)
        return 0;
    r = CloseHandle(o->handle) ? 0 : err_windows(e, GetLastError(), 0, 0, "closing");
    free(o);
    return r;
}

void os_out_remove(const char *path)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    struct err ignored;

    if (wide_path(str_from(path), &wide, &ignored) == 0)
        (void)DeleteFileW(wide_p(&wide));
}

int os_in_open(const char *path, struct os_in **ret, int64_t *ret_size, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    LARGE_INTEGER size;
    struct os_in *in;
    int r = wide_path(str_from(path), &wide, e);

    if (r != 0)
        return r;
    in = calloc(1, sizeof *in);
    if (in == NULL)
        return err_set(e, ERR_NOMEM, "%s: out of memory", path);
    in->handle =
        CreateFileW(wide_p(&wide), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                    OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (in->handle == INVALID_HANDLE_VALUE || !GetFileSizeEx(in->handle, &size)) {
        r = err_windows(e, GetLastError(), ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, "%s", path);
        os_in_close(in);
        return r;
    }
    *ret = in;
    *ret_size = size.QuadPart;
    return 0;
}

int64_t os_in_read(struct os_in *in, int64_t offset, void *data, size_t room, struct err *e)
{
    OVERLAPPED at = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
    DWORD n = 0;

    if (ReadFile(in->handle, data, room > 0x40000000 ? 0x40000000 : (DWORD)room, &n, &at))
        return n;
    return GetLastError() == ERROR_HANDLE_EOF ? 0 : err_windows(e, GetLastError(), 0, 0, "reading");
}

void os_in_close(struct os_in *in)
{
    if (in == NULL)
        return;
    handle_done(&in->handle);
    free(in);
}

int64_t os_clock_ms(void)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    return time_from_filetime((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime);
}

int os_long_path(const char *path, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;

    if (wide_path(str_from(path), &wide, e) != 0)
        return -e->code;
    wide_to_utf8(ret, wide_p(&wide));
    return buf_check(ret, path, e);
}
