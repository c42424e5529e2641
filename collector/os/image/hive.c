/* SPDX-License-Identifier: Apache-2.0
 *
 * Which hive holds a key. Hives are opened when they are first asked for and stay open. They are opened
 * strictly: with HIVEX_OPEN_UNSAFE libhivex would step over damage, and what it steps over would look as if
 * it were not there. */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int image_hive_error(struct err *e, const char *what)
{
    int code = errno;

    if (code == ENOMEM)
        return err_set(e, ERR_NOMEM, "%s: no memory", what);
    (void)err_set(e, ERR_FORMAT, "%s: the hive is damaged (%s)", what, strerror(code));
    e->os_code = (unsigned)code;
    return -ERR_FORMAT;
}

/* libhivex takes a file name; the descriptor's name keeps it inside of DIR. */
static int open_hive(struct os *os, struct str path, hive_h **ret, struct err *e)
{
    char name[64];
    int fd = image_open(os, path, O_RDONLY | O_NONBLOCK, e);

    if (fd == -ERR_MISSING)
        return err_set(e, ERR_UNSUPPORTED, "%.*s: the image has no such hive", (int)path.len, path.p);
    if (fd < 0)
        return fd;
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    *ret = hivex_open(name, 0);
    if (*ret == NULL)
        (void)image_hive_error(e, "opening");
    (void)close(fd);
    return *ret != NULL ? 0 : err_wrap(e, "%.*s", (int)path.len, path.p);
}

static int find_hive(struct os *os, struct str path, hive_h **ret, struct err *e)
{
    struct image_hive *at = os->hives;

    while (at != NULL && !str_ieq(at->path, path))
        at = at->next;
    if (at == NULL) {
        at = arena_alloc(&os->a, sizeof *at);
        if (at == NULL)
            return err_set(e, ERR_NOMEM, "%.*s: no memory", (int)path.len, path.p);
        at->path = arena_keep(&os->a, path);
        at->next = os->hives;
        os->hives = at;
        (void)open_hive(os, path, &at->h, &at->why);
    }
    if (at->h == NULL) {
        *e = at->why;
        return -e->code;
    }
    *ret = at->h;
    return 0;
}

void image_hives_close(struct os *os)
{
    for (struct image_hive *at = os->hives; at != NULL; at = at->next) {
        if (at->h != NULL)
            (void)hivex_close(at->h);
    }
}

/* Takes "first\" off s when it begins so. */
static bool take_first(struct str *s, const char *first)
{
    struct str f = str_from(first);

    if (!str_istarts(*s, f) || (s->len > f.len && s->p[f.len] != '\\'))
        return false;
    *s = str_skip(*s, f.len + 1);
    return true;
}

/* HKEY_USERS\<SID>: LocalSystem has its own file, everybody else a profile. */
static int user_hive(struct os *os, struct str sid, hive_h **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(1 << 16);
    int r;

    if (str_ieq(sid, STR("S-1-5-18")) || str_ieq(sid, STR(".DEFAULT")))
        return find_hive(os, STR("C:\\Windows\\System32\\config\\DEFAULT"), ret, e);
    r = image_profile_path(os, sid, &path, e);
    buf_add_c(&path, "\\NTUSER.DAT");
    r = r != 0 ? r : buf_check(&path, "path", e);
    return r != 0 ? r : find_hive(os, buf_str(&path), ret, e);
}

static int node_of(hive_h *h, hive_node_h node, struct str rest, hive_node_h *ret, struct err *e)
{
    while (rest.len > 0) {
        CLEANUP(buf_done) struct buf name = BUF_INIT(4096);
        struct str part = str_cut(rest, '\\', &rest);

        buf_add_str(&name, part);
        if (name.failed != 0)
            return buf_check(&name, "key", e);
        errno = 0;
        node = hivex_node_get_child(h, node, buf_c(&name));
        if (node == 0 && errno != 0)
            return image_hive_error(e, buf_c(&name));
        if (node == 0)
            return err_set(e, ERR_MISSING, "no such key");
    }
    *ret = node;
    return 0;
}

/* CurrentControlSet is a link that Windows makes at start-up: Select\Current says which set it was. */
static int current_control_set(hive_h *h, hive_node_h *ret, struct err *e)
{
    hive_node_h select;
    hive_value_h current;
    char name[32];
    int32_t n;
    int r = node_of(h, hivex_root(h), STR("Select"), &select, e);

    if (r != 0)
        return err_set(e, ERR_FORMAT, "SYSTEM: Select is not there");
    current = hivex_node_get_value(h, select, "Current");
    errno = 0;
    n = current == 0 ? -1 : hivex_value_dword(h, current);
    if (current == 0 || errno != 0 || n < 0 || n > 999)
        return err_set(e, ERR_FORMAT, "SYSTEM: Select\\Current is not a number of a control set");
    (void)snprintf(name, sizeof name, "ControlSet%03d", n);
    return node_of(h, hivex_root(h), str_from(name), ret, e);
}

static int open_in_system(struct os *os, struct str rest, hive_h **ret, hive_node_h *ret_node, struct err *e)
{
    hive_node_h start;
    int r = find_hive(os, STR("C:\\Windows\\System32\\config\\SYSTEM"), ret, e);

    if (r != 0)
        return r;
    start = hivex_root(*ret);
    if (take_first(&rest, "CurrentControlSet"))
        r = current_control_set(*ret, &start, e);
    return r != 0 ? r : node_of(*ret, start, rest, ret_node, e);
}

static int open_in_hive(struct os *os, struct str key, hive_h **ret, hive_node_h *ret_node, struct err *e)
{
    struct str rest = key, sid;
    bool is_machine = take_first(&rest, "HKLM") || take_first(&rest, "HKEY_LOCAL_MACHINE");
    int r;

    if (is_machine && take_first(&rest, "SYSTEM"))
        return open_in_system(os, rest, ret, ret_node, e);
    if (is_machine && take_first(&rest, "SOFTWARE")) {
        r = find_hive(os, STR("C:\\Windows\\System32\\config\\SOFTWARE"), ret, e);
    } else if (!is_machine && (take_first(&rest, "HKU") || take_first(&rest, "HKEY_USERS"))) {
        sid = str_cut(rest, '\\', &rest);
        r = user_hive(os, sid, ret, e);
    } else {
        return err_set(e, ERR_UNSUPPORTED, "an image has no hive for it");
    }
    return r != 0 ? r : node_of(*ret, hivex_root(*ret), rest, ret_node, e);
}

int image_key_open(struct os *os, struct str key, hive_h **ret, hive_node_h *ret_node, struct err *e)
{
    int r = image_check_denied(os, key, e);

    if (r != 0)
        return r;
    r = open_in_hive(os, key, ret, ret_node, e);
    return r == 0 ? 0 : err_wrap(e, "%.*s", (int)key.len, key.p);
}
