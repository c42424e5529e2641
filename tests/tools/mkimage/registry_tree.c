/* SPDX-License-Identifier: Apache-2.0 */
#include "registry_tree.h"

#include <string.h>

static struct reg_key **find_child(struct reg_key *parent, struct str name)
{
    struct reg_key **at = &parent->children;

    while (*at != NULL && !str_ieq((*at)->name, name))
        at = &(*at)->next;
    return at;
}

struct reg_key *reg_key_make(struct arena *a, struct reg_key *root, struct str path)
{
    struct reg_key *key = root;

    while (path.len > 0) {
        struct str name = str_cut(path, '\\', &path);
        struct reg_key **at = find_child(key, name);

        if (*at == NULL) {
            *at = arena_alloc(a, sizeof **at);
            if (*at == NULL)
                return NULL;
            (*at)->name = arena_keep(a, name);
        }
        key = *at;
    }
    return key;
}

bool reg_key_delete(struct reg_key *root, struct str path)
{
    struct reg_key *parent = root;

    for (;;) {
        struct str name = str_cut(path, '\\', &path);
        struct reg_key **at = find_child(parent, name);

        if (*at == NULL)
            return false;
        if (path.len == 0) {
            *at = (*at)->next;
            return true;
        }
        parent = *at;
    }
}

static struct reg_value **find_value(struct reg_key *key, struct str name)
{
    struct reg_value **at = &key->values;

    while (*at != NULL && !str_ieq((*at)->name, name))
        at = &(*at)->next;
    return at;
}

bool reg_value_set(struct arena *a, struct reg_key *key, struct str name, uint32_t type, struct bytes data)
{
    struct reg_value **at = find_value(key, name);
    uint8_t *copy = arena_alloc(a, data.len + 1);

    if (copy == NULL)
        return false;
    if (*at == NULL) {
        *at = arena_alloc(a, sizeof **at);
        if (*at == NULL)
            return false;
        (*at)->name = arena_keep(a, name);
    }
    if (data.len > 0)
        memcpy(copy, data.p, data.len);
    (*at)->type = type;
    (*at)->data = (struct bytes){copy, data.len};
    return true;
}

bool reg_value_set_text(struct arena *a, struct reg_key *key, struct str name, uint32_t type, struct str utf8)
{
    CLEANUP(buf_done) struct buf utf16 = BUF_INIT(1 << 20);

    utf16_add(&utf16, utf8);
    return utf16.failed == 0 &&
           reg_value_set(a, key, name, type, (struct bytes){(const uint8_t *)utf16.p, utf16.len});
}

bool reg_value_set_dword(struct arena *a, struct reg_key *key, struct str name, uint32_t v)
{
    uint8_t le[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};

    return reg_value_set(a, key, name, REG_TYPE_DWORD, (struct bytes){le, sizeof le});
}

bool reg_value_delete(struct reg_key *key, struct str name)
{
    struct reg_value **at = find_value(key, name);

    if (*at == NULL)
        return false;
    *at = (*at)->next;
    return true;
}

static void add_unit(struct buf *out, uint32_t unit)
{
    buf_add_char(out, (char)(unit & 0xff));
    buf_add_char(out, (char)(unit >> 8));
}

/* The machine folders are ours: what is not UTF-8 was refused when the file was read. */
static uint32_t next_code_point(struct str *s)
{
    uint8_t first = (uint8_t)s->p[0];
    size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    uint32_t code = more == 0 ? first : first & (0x3fu >> more);

    for (size_t i = 1; i <= more && i < s->len; i++)
        code = code << 6 | ((uint8_t)s->p[i] & 0x3fu);
    *s = str_skip(*s, more + 1);
    return code;
}

void utf16_add(struct buf *out, struct str utf8)
{
    while (utf8.len > 0) {
        uint32_t code = next_code_point(&utf8);

        if (code >= 0x10000) {
            add_unit(out, 0xd800 + ((code - 0x10000) >> 10));
            code = 0xdc00 + ((code - 0x10000) & 0x3ff);
        }
        add_unit(out, code);
    }
    add_unit(out, 0);
}
