/* SPDX-License-Identifier: Apache-2.0
 *
 * Security of files: a line of acl.sddl, else what the driver of a mounted NTFS volume shows as an attribute.
 */
#include "image.h"
#include "sd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool from_list(const struct os *os, struct str normal, struct buf *ret)
{
    for (const struct image_line *at = os->acl; at != NULL; at = at->next) {
        if (str_ieq(at->name, normal)) {
            buf_add_str(ret, at->value);
            return true;
        }
    }
    return false;
}

/* ntfs-3g and ntfs3 each have their own name for the stored descriptor. */
static int from_attribute(int fd, struct buf *ret, struct err *e)
{
    static const char *const NAMES[] = {"system.ntfs_acl", "system.ntfs_security"};
    uint8_t sd[65536];

    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        ssize_t n = fgetxattr(fd, NAMES[i], sd, sizeof sd);

        if (n > 0)
            return sd_to_sddl((struct bytes){sd, (size_t)n}, ret, e);
        if (n < 0 && errno != ENODATA && errno != ENOTSUP)
            return err_errno(e, "%s", NAMES[i]);
    }
    return err_set(e, ERR_UNSUPPORTED, "neither acl.sddl nor the volume says who may read it");
}

int os_sddl(struct os *os, struct str path, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf normal = BUF_INIT(1 << 16);
    int r = image_path_normal(path, &normal, e), fd;

    if (r != 0)
        return r;
    fd = image_open(os, path, O_RDONLY | O_NONBLOCK, e);
    if (fd < 0)
        return fd;
    if (from_list(os, buf_str(&normal), ret))
        r = buf_check(ret, "SDDL", e);
    else
        r = from_attribute(fd, ret, e);
    (void)close(fd);
    return r == 0 ? 0 : err_wrap(e, "%.*s", (int)path.len, path.p);
}
