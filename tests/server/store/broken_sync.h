/* SPDX-License-Identifier: Apache-2.0
 *
 * broken_sync: a disk that does not take what was written. This program's own fsync stands before the C
 * library's, for SQLite, too. */
#ifndef CERTTRIAGE_BROKEN_SYNC_H
#define CERTTRIAGE_BROKEN_SYNC_H

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *broken; /* pattern (fnmatch) of the files whose syncs fail; NULL: none */
static int n_failed;

static int sync_of(int fd, long number)
{
    char link[64], name[4096];
    ssize_t n;

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, name, sizeof name - 1);
    name[n < 0 ? 0 : n] = 0;
    if (broken && fnmatch(broken, name, 0) == 0) {
        n_failed++;
        errno = EIO;
        return -1;
    }
    return (int)syscall(number, fd);
}

int fsync(int fd)
{
    return sync_of(fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return sync_of(fd, SYS_fdatasync);
}

#endif
