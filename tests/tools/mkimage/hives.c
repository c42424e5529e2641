/* SPDX-License-Identifier: Apache-2.0
 *
 * The trees as hives. libhivex fills a hive but cannot create one, nor set times: an empty one is written
 * first (base block, one bin with a root key and a security cell), and the times are written into the key
 * cells at the end. */
#include "mkimage.h"

#include <fcntl.h>
#include <hivex.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, ROOT_AT = 32, SECURITY_AT = 120, FREE_AT = 168, CELL_TIME_AT = 8, DEPTH_MAX = 64 };

struct hive_file {
    struct machine *m;
    hive_h *h;
    int fd; /* for the times */
};

static void hive_done(struct hive_file *f)
{
    if (f->h != NULL)
        (void)hivex_close(f->h);
    if (f->fd >= 0)
        (void)close(f->fd);
}

static void put32(uint8_t *at, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static void put64(uint8_t *at, uint64_t v)
{
    put32(at, (uint32_t)v);
    put32(at + 4, (uint32_t)(v >> 32));
}

static uint64_t filetime(int64_t ms)
{
    return (uint64_t)(ms + 11644473600000LL) * 10000u;
}

static void put_base_block(uint8_t *p, uint64_t time)
{
    uint32_t sum = 0;

    memcpy(p, "regf", 4);
    put32(p + 4, 1); /* both sequence numbers: clean */
    put32(p + 8, 1);
    put64(p + 12, time);
    put32(p + 20, 1); /* version 1.3 */
    put32(p + 24, 3);
    put32(p + 32, 1);
    put32(p + 36, ROOT_AT);
    put32(p + 40, PAGE); /* of bins */
    put32(p + 44, 1);
    for (unsigned i = 0; i < 508; i += 4)
        sum ^= p[i] | (uint32_t)p[i + 1] << 8 | (uint32_t)p[i + 2] << 16 | (uint32_t)p[i + 3] << 24;
    put32(p + 508, sum);
}

static void put_root_key(uint8_t *p, uint64_t time)
{
    static const unsigned ABSENT[] = {32, 36, 44, 52}; /* subkey lists, value list, class name */

    put32(p, (uint32_t) - (SECURITY_AT - ROOT_AT));
    memcpy(p + 4, "nk", 2);
    p[6] = 0x2c; /* root of a hive, not to be deleted, 8-bit name */
    put64(p + CELL_TIME_AT, time);
    for (size_t i = 0; i < ARRAY_LEN(ABSENT); i++)
        put32(p + ABSENT[i], UINT32_MAX);
    put32(p + 48, SECURITY_AT);
    p[76] = 4;
    memcpy(p + 80, "ROOT", 4);
}

static void put_security(uint8_t *p)
{
    put32(p, (uint32_t) - (FREE_AT - SECURITY_AT));
    memcpy(p + 4, "sk", 2);
    put32(p + 8, SECURITY_AT); /* a ring of one */
    put32(p + 12, SECURITY_AT);
    put32(p + 16, 1);
    put32(p + 20, 20);
    p[24] = 1; /* a self-relative descriptor with an empty DACL pointer */
    p[26] = 0x04;
    p[27] = 0x80;
}

static int write_empty(const char *path, int64_t modified_ms, struct err *e)
{
    static uint8_t image[2 * PAGE];
    uint8_t *bin = image + PAGE;

    memset(image, 0, sizeof image);
    put_base_block(image, filetime(modified_ms));
    memcpy(bin, "hbin", 4);
    put32(bin + 8, PAGE);
    put64(bin + 20, filetime(modified_ms));
    put_root_key(bin + ROOT_AT, filetime(modified_ms));
    put_security(bin + SECURITY_AT);
    put32(bin + FREE_AT, PAGE - FREE_AT);
    return file_write(path, (struct bytes){image, sizeof image}, e);
}

static int add_values(struct hive_file *f, hive_node_h node, const struct reg_key *key, struct err *e)
{
    struct hive_set_value *values;
    size_t n = 0, i = 0;

    for (const struct reg_value *v = key->values; v != NULL; v = v->next)
        n++;
    values = arena_array(f->m->a, n + 1, sizeof *values);
    if (values == NULL)
        return err_set(e, ERR_NOMEM, "no memory");
    for (const struct reg_value *v = key->values; v != NULL; v = v->next, i++) {
        values[i].key = arena_printf(f->m->a, "%.*s", (int)v->name.len, v->name.len == 0 ? "" : v->name.p);
        values[i].t = (hive_type)v->type;
        values[i].len = v->data.len;
        values[i].value = (char *)(uintptr_t)v->data.p; /* hivex only reads it */
    }
    if (n > 0 && hivex_node_set_values(f->h, node, n, values, 0) != 0)
        return err_errno(e, "%.*s: values", (int)key->name.len, key->name.p);
    return 0;
}

static int add_key(struct hive_file *f, hive_node_h node, const struct reg_key *key, unsigned depth,
                   struct err *e)
{
    int r = depth > DEPTH_MAX ? err_set(e, ERR_LIMIT, "keys are too deep") : add_values(f, node, key, e);

    for (const struct reg_key *child = key->children; r == 0 && child != NULL; child = child->next) {
        hive_node_h at = hivex_node_add_child(f->h, node, child->name.p);

        if (at == 0)
            return err_errno(e, "%.*s", (int)child->name.len, child->name.p);
        r = add_key(f, at, child, depth + 1, e);
    }
    return r;
}

static int set_times(struct hive_file *f, hive_node_h node, const struct reg_key *key, struct err *e)
{
    int64_t ms = key->modified_ms != 0 ? key->modified_ms : f->m->modified_ms;
    uint8_t time[8];
    int r = 0;

    put64(time, filetime(ms));
    if (pwrite(f->fd, time, sizeof time, (off_t)(node + CELL_TIME_AT)) != (ssize_t)sizeof time)
        return err_errno(e, "time of a key");
    for (const struct reg_key *child = key->children; r == 0 && child != NULL; child = child->next) {
        hive_node_h at = hivex_node_get_child(f->h, node, child->name.p);

        r = at == 0 ? err_errno(e, "%.*s", (int)child->name.len, child->name.p) : set_times(f, at, child, e);
    }
    return r;
}

static int write_hive(struct machine *m, const char *path, const struct reg_key *root, struct err *e)
{
    CLEANUP(hive_done) struct hive_file f = {.m = m, .fd = -1};
    int r = path == NULL ? err_set(e, ERR_NOMEM, "no memory") : write_empty(path, m->modified_ms, e);

    if (r != 0)
        return r;
    f.h = hivex_open(path, HIVEX_OPEN_WRITE);
    if (f.h == NULL)
        return err_errno(e, "%s", path);
    r = add_key(&f, hivex_root(f.h), root, 0, e);
    if (r != 0)
        return err_wrap(e, "%s", path);
    if (hivex_commit(f.h, path, 0) != 0)
        return err_errno(e, "%s", path);
    f.fd = open(path, O_WRONLY | O_CLOEXEC);
    if (f.fd < 0)
        return err_errno(e, "%s", path);
    return set_times(&f, hivex_root(f.h), root, e);
}

int hives_write(struct machine *m, struct err *e)
{
    int r = write_hive(m, arena_printf(m->a, "%s/Windows/System32/config/SOFTWARE", m->out), &m->software, e);

    if (r == 0)
        r = write_hive(m, arena_printf(m->a, "%s/Windows/System32/config/SYSTEM", m->out), &m->system, e);
    for (size_t i = 0; r == 0 && i < m->n_users; i++) {
        const char *path = arena_printf(m->a, "%s/Users/%s/NTUSER.DAT", m->out, m->users[i].name);

        r = write_hive(m, path, &m->users[i].hive, e);
    }
    return r;
}
