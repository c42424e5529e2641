/* SPDX-License-Identifier: Apache-2.0 */
#include "store_keep.h"

#include "blob_files.h"
#include "compiler.h"
#include "store_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

/* The kernel gives the lock back when the holder ends, however it ends. */
int store_hold(struct store *s, int *ret_fd, struct err *e)
{
    const char *dir = blobs_dir(s->blobs);
    char path[BLOB_PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/serve.lock", dir), fd;

    if (n < 0 || n >= (int)sizeof path)
        return err_set(e, ERR_LIMIT, "%s: the path is too long", dir);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(e, "%s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        *ret_fd = fd;
        return 0;
    }
    if (errno == EWOULDBLOCK)
        (void)err_set(e, ERR_CONFLICT, "%s: another certtriage-server serves it; end that one first", dir);
    else
        (void)err_errno(e, "%s: locking", path);
    (void)close(fd);
    return -e->code;
}
