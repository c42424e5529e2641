/* SPDX-License-Identifier: Apache-2.0
 *
 * Files and folders. Everything is opened sharing everything, so that nobody who writes a log notices us. */
#include "win32.h"

#include <stdlib.h>
#include <wchar.h>

enum { SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE };

struct os_file {
    HANDLE handle;
};

static int64_t time_of(FILETIME t)
{
    return time_from_filetime((uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime);
}

static int64_t size_of(DWORD high, DWORD low)
{
    return (int64_t)((uint64_t)high << 32 | low);
}

/* CreateFileW says ERROR_FILE_NOT_FOUND for the last part of a path and ERROR_PATH_NOT_FOUND for one before
 * it. */
static int open_handle(struct str path, DWORD rights, HANDLE *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    int r = wide_path(path, &wide, e);

    if (r != 0)
        return r;
    *ret =
        CreateFileW(wide_p(&wide), rights, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (*ret == INVALID_HANDLE_VALUE)
        return err_windows(e, GetLastError(), ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, "%.*s",
                           (int)path.len, path.p);
    return 0;
}

/* What the folder says, for a file that may not be opened. */
static int stat_by_name(struct str path, struct os_file_info *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    WIN32_FILE_ATTRIBUTE_DATA data;
    int r = wide_path(path, &wide, e);

    if (r != 0)
        return r;
    if (!GetFileAttributesExW(wide_p(&wide), GetFileExInfoStandard, &data))
        return err_windows(e, GetLastError(), ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, "%.*s",
                           (int)path.len, path.p);
    *ret = (struct os_file_info){.size = size_of(data.nFileSizeHigh, data.nFileSizeLow),
                                 .modified_ms = time_of(data.ftLastWriteTime),
                                 .is_dir = (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0};
    return 0;
}

static bool info_of_handle(HANDLE h, struct os_file_info *ret)
{
    BY_HANDLE_FILE_INFORMATION info;

    if (!GetFileInformationByHandle(h, &info))
        return false;
    *ret = (struct os_file_info){.size = size_of(info.nFileSizeHigh, info.nFileSizeLow),
                                 .modified_ms = time_of(info.ftLastWriteTime),
                                 .is_dir = (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0};
    return true;
}

int os_stat(struct os *os, struct str path, struct os_file_info *ret, struct err *e)
{
    CLEANUP(handle_done) HANDLE h = NULL;
    struct err ignored;
    int r = open_handle(path, FILE_READ_ATTRIBUTES, &h, e);

    (void)os;
    if (r == 0 && !info_of_handle(h, ret))
        r = err_windows(e, GetLastError(), 0, 0, "%.*s", (int)path.len, path.p);
    if (r == 0 || r == -ERR_MISSING || stat_by_name(path, ret, &ignored) != 0)
        return r;
    return 0;
}

int os_file_open(struct os *os, struct str path, struct os_file **ret, struct err *e)
{
    struct os_file_info info;
    struct os_file *f = calloc(1, sizeof *f);
    int r = f == NULL ? err_set(e, ERR_NOMEM, "%.*s: out of memory", (int)path.len, path.p)
                      : open_handle(path, GENERIC_READ, &f->handle, e);

    (void)os;
    if (r == 0 && info_of_handle(f->handle, &info) && info.is_dir)
        r = err_set(e, ERR_IO, "%.*s: is a folder", (int)path.len, path.p);
    if (r != 0) {
        os_file_close(f);
        return r;
    }
    *ret = f;
    return 0;
}

void os_file_close(struct os_file *f)
{
    if (f == NULL)
        return;
    handle_done(&f->handle);
    free(f);
}

int64_t os_file_read(struct os_file *f, int64_t offset, void *data, size_t room, struct err *e)
{
    OVERLAPPED at = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
    DWORD n = 0;

    if (ReadFile(f->handle, data, room > 0x40000000 ? 0x40000000 : (DWORD)room, &n, &at))
        return n;
    return GetLastError() == ERROR_HANDLE_EOF ? 0 : err_windows(e, GetLastError(), 0, 0, "reading");
}

/* NTFS writes size and time of an open file into its folder late; a log that http.sys holds may stand there
 * with 0 bytes. The file itself knows better: it is asked when it changed lately, and the others keep the
 * listing quick. */
static void refresh(struct str folder, struct str name, int64_t now_ms, struct os_file_info *info)
{
    static const int64_t LATELY_MS = 40LL * 24 * 3600 * 1000;
    CLEANUP(buf_done) struct buf path = BUF_INIT(WIDE_BYTES);
    CLEANUP(handle_done) HANDLE h = NULL;
    struct err ignored;

    if (info->is_dir || (info->size > 0 && info->modified_ms < now_ms - LATELY_MS))
        return;
    buf_add_str(&path, folder);
    buf_add_char(&path, '\\');
    buf_add_str(&path, name);
    if (path.failed == 0 && open_handle(buf_str(&path), FILE_READ_ATTRIBUTES, &h, &ignored) == 0)
        (void)info_of_handle(h, info);
}

static int take_entry(struct str folder, const WIN32_FIND_DATAW *found, int64_t now_ms, os_dir_fn take,
                      void *ctx)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(4096);
    struct os_file_info info = {.size = size_of(found->nFileSizeHigh, found->nFileSizeLow),
                                .modified_ms = time_of(found->ftLastWriteTime),
                                .is_dir = (found->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0};

    if (wcscmp(found->cFileName, L".") == 0 || wcscmp(found->cFileName, L"..") == 0)
        return 0;
    wide_to_utf8(&name, found->cFileName);
    refresh(folder, buf_str(&name), now_ms, &info);
    return take(ctx, buf_str(&name), &info);
}

static void find_done(HANDLE *h)
{
    if (*h != INVALID_HANDLE_VALUE)
        (void)FindClose(*h);
}

int os_dir_list(struct os *os, struct str path, os_dir_fn take, void *ctx, struct err *e)
{
    CLEANUP(buf_done) struct buf pattern = WIDE_INIT;
    CLEANUP(find_done) HANDLE h = INVALID_HANDLE_VALUE;
    int64_t now_ms = os_clock_ms();
    WIN32_FIND_DATAW found;
    int r = wide_path(path, &pattern, e);

    (void)os;
    if (r != 0)
        return r;
    pattern.len -= sizeof(wchar_t); /* its NUL */
    buf_add(&pattern, L"\\*", sizeof(L"\\*"));
    if ((r = buf_check(&pattern, "path", e)) != 0)
        return r;
    h = FindFirstFileW(wide_p(&pattern), &found);
    /* An empty root folder has no "." and answers ERROR_FILE_NOT_FOUND; a folder that is not there
     * ERROR_PATH_NOT_FOUND. */
    if (h == INVALID_HANDLE_VALUE && GetLastError() == ERROR_FILE_NOT_FOUND)
        return 0;
    if (h == INVALID_HANDLE_VALUE)
        return err_windows(e, GetLastError(), ERROR_PATH_NOT_FOUND, 0, "%.*s", (int)path.len, path.p);
    do
        r = take_entry(path, &found, now_ms, take, ctx);
    while (r == 0 && FindNextFileW(h, &found));
    if (r == 0 && GetLastError() != ERROR_NO_MORE_FILES)
        r = err_windows(e, GetLastError(), 0, 0, "%.*s", (int)path.len, path.p);
    return r;
}
