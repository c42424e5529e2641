/* SPDX-License-Identifier: Apache-2.0
 *
 * The registry, always its 64-bit view. */
#include "win32.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_CHARS = 16384, KEY_CHARS = 256, DEPTH_MAX = 32, VALUE_BYTES = 16 << 20 };

/* One walk; its buffers serve all keys. */
struct walk {
    const struct os_reg_visitor *v;
    struct buf path; /* the key that we are in */
    struct buf data;
    wchar_t name[NAME_CHARS];
};

static const struct {
    struct str name;
    HKEY key;
} ROOTS[] = {{{"HKLM", 4}, HKEY_LOCAL_MACHINE}, {{"HKU", 3}, HKEY_USERS}};

void reg_done(HKEY *k)
{
    if (*k != NULL)
        (void)RegCloseKey(*k);
    *k = NULL;
}

static LSTATUS open_below(HKEY root, struct str sub, REGSAM rights, HKEY *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;

    if (wide_from(sub, &wide, e) != 0)
        return ERROR_INVALID_NAME;
    return RegOpenKeyExW(root, wide_p(&wide), 0, rights | KEY_WOW64_64KEY, ret);
}

/* Not being there means nothing when the whole hive of the user is not loaded. */
static bool is_unloaded_hive(HKEY root, struct str sub)
{
    CLEANUP(reg_done) HKEY hive = NULL;
    struct str rest;
    struct err ignored;

    return root == HKEY_USERS && open_below(root, str_cut(sub, '\\', &rest), KEY_QUERY_VALUE, &hive,
                                            &ignored) == ERROR_FILE_NOT_FOUND;
}

int reg_open(struct str key, REGSAM rights, HKEY *ret, struct err *e)
{
    struct str sub, root = str_cut(key, '\\', &sub);
    LSTATUS code = ERROR_INVALID_NAME;

    for (size_t i = 0; i < ARRAY_LEN(ROOTS); i++) {
        if (!str_ieq(root, ROOTS[i].name))
            continue;
        code = open_below(ROOTS[i].key, sub, rights, ret, e);
        if (code == ERROR_FILE_NOT_FOUND && is_unloaded_hive(ROOTS[i].key, sub))
            return err_set(e, ERR_IO, "%.*s: the user's registry is not loaded", (int)key.len, key.p);
    }
    return code == 0 ? 0
                     : err_windows(e, (DWORD)code, ERROR_FILE_NOT_FOUND, 0, "%.*s", (int)key.len,
                                   key.len == 0 ? "" : key.p);
}

static int tell_failed(struct walk *w, const struct err *why)
{
    return w->v->failed == NULL ? 0 : w->v->failed(w->v->ctx, buf_str(&w->path), why);
}

/* RegEnumValueW with room for the data made as it asks; ERROR_MORE_DATA once in a while is normal, since
 * values grow. */
static LSTATUS read_value(struct walk *w, HKEY k, DWORD i, DWORD *ret_name_chars, DWORD *ret_type)
{
    DWORD need = 4096;

    for (unsigned tries = 0; tries < 8; tries++) {
        LSTATUS code;
        char *room;

        buf_clear(&w->data);
        room = need > VALUE_BYTES ? NULL : buf_reserve(&w->data, need);
        if (room == NULL)
            return ERROR_NOT_ENOUGH_MEMORY;
        *ret_name_chars = NAME_CHARS;
        code = RegEnumValueW(k, i, w->name, ret_name_chars, NULL, ret_type, (BYTE *)room, &need);
        if (code == 0)
            buf_wrote(&w->data, need);
        if (code != ERROR_MORE_DATA)
            return code;
        need += 4096;
    }
    return ERROR_MORE_DATA;
}

static int walk_values(struct walk *w, HKEY k)
{
    int r = 0;

    for (DWORD i = 0; r == 0 && i < ULONG_MAX; i++) {
        CLEANUP(buf_done) struct buf name = BUF_INIT(WIDE_BYTES);
        DWORD name_chars = 0, type = 0;
        LSTATUS code = read_value(w, k, i, &name_chars, &type);
        struct err why;

        if (code == ERROR_NO_MORE_ITEMS)
            return 0;
        if (code != 0) {
            (void)err_windows(&why, (DWORD)code, 0, 0, "%s: value %lu", buf_c(&w->path), (unsigned long)i);
            r = tell_failed(w, &why);
            if (code != ERROR_NOT_ENOUGH_MEMORY && code != ERROR_MORE_DATA)
                return r;
            continue;
        }
        wide_to_utf8_n(&name, w->name, name_chars);
        r = w->v->value(w->v->ctx, buf_str(&name), type,
                        (struct bytes){(const uint8_t *)w->data.p, w->data.len});
    }
    return r;
}

static int walk_key(struct walk *w, HKEY k, unsigned depth);

static int walk_child(struct walk *w, HKEY parent, const wchar_t *name, DWORD n_chars, unsigned depth)
{
    CLEANUP(reg_done) HKEY child = NULL;
    size_t before = w->path.len;
    struct err why;
    LSTATUS code;
    int r;

    buf_add_char(&w->path, '\\');
    wide_to_utf8_n(&w->path, name, n_chars);
    code = RegOpenKeyExW(parent, name, 0, KEY_QUERY_VALUE | KEY_ENUMERATE_SUB_KEYS | KEY_WOW64_64KEY, &child);
    if (code == 0) {
        r = walk_key(w, child, depth);
    } else {
        (void)err_windows(&why, (DWORD)code, 0, 0, "%s", buf_c(&w->path));
        r = tell_failed(w, &why);
    }
    w->path.len = before;
    w->path.p[before] = 0;
    return r;
}

static int walk_children(struct walk *w, HKEY k, unsigned depth)
{
    int r = 0;

    for (DWORD i = 0; r == 0 && i < ULONG_MAX; i++) {
        wchar_t name[KEY_CHARS];
        DWORD n = KEY_CHARS;
        LSTATUS code = RegEnumKeyExW(k, i, name, &n, NULL, NULL, NULL, NULL);
        struct err why;

        if (code == ERROR_NO_MORE_ITEMS)
            return 0;
        if (code != 0) {
            (void)err_windows(&why, (DWORD)code, 0, 0, "%s: subkeys", buf_c(&w->path));
            return tell_failed(w, &why);
        }
        r = walk_child(w, k, name, n, depth);
    }
    return r;
}

static int walk_key(struct walk *w, HKEY k, unsigned depth)
{
    FILETIME modified = {0, 0};
    int r;

    (void)RegQueryInfoKeyW(k, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &modified);
    r = w->v->key(w->v->ctx, buf_str(&w->path),
                  time_from_filetime((uint64_t)modified.dwHighDateTime << 32 | modified.dwLowDateTime));
    if (r == 0)
        r = walk_values(w, k);
    if (r == 0 && depth > 0)
        r = walk_children(w, k, depth - 1);
    return r;
}

int os_reg_walk(struct os *os, struct str key, unsigned depth, const struct os_reg_visitor *v, struct err *e)
{
    CLEANUP(reg_done) HKEY k = NULL;
    struct walk *w;
    int r = reg_open(key, KEY_QUERY_VALUE | KEY_ENUMERATE_SUB_KEYS, &k, e);

    (void)os;
    if (r != 0)
        return r;
    w = calloc(1, sizeof *w);
    if (w == NULL)
        return err_set(e, ERR_NOMEM, "%.*s: out of memory", (int)key.len, key.p);
    w->v = v;
    w->path = BUF_INIT(1 << 20);
    w->data = BUF_INIT(VALUE_BYTES + 1);
    buf_add_str(&w->path, key);
    r = buf_check(&w->path, "key", e);
    if (r == 0)
        r = walk_key(w, k, depth > DEPTH_MAX ? DEPTH_MAX : depth);
    buf_done(&w->path);
    buf_done(&w->data);
    free(w);
    return r;
}

static int add_value_text(struct str name, DWORD type, const uint8_t *data, DWORD len, struct buf *ret,
                          struct err *e)
{
    if (type == REG_DWORD && len == sizeof(uint32_t)) {
        uint32_t v;

        memcpy(&v, data, sizeof v);
        buf_printf(ret, "%lu", (unsigned long)v);
        return 0;
    }
    if (type != REG_SZ && type != REG_EXPAND_SZ)
        return err_set(e, ERR_FORMAT, "%.*s: not text but type %lu", (int)name.len, name.p,
                       (unsigned long)type);
    while (len >= 2 && data[len - 1] == 0 && data[len - 2] == 0)
        len -= 2;
    text_add_utf16le(ret, data, len);
    return 0;
}

int os_reg_text(struct os *os, struct str key, struct str name, struct buf *ret, struct err *e)
{
    CLEANUP(reg_done) HKEY k = NULL;
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT(VALUE_BYTES);
    DWORD type = 0, len = 65536;
    LSTATUS code = ERROR_MORE_DATA;
    int r = reg_open(key, KEY_QUERY_VALUE, &k, e);

    (void)os;
    r = r != 0 ? r : wide_from(name, &wide, e);
    for (unsigned tries = 0; r == 0 && code == ERROR_MORE_DATA && tries < 4; tries++) {
        char *room = buf_reserve(&data, len);

        if (room == NULL)
            return err_set(e, ERR_LIMIT, "%.*s\\%.*s: too long", (int)key.len, key.p, (int)name.len, name.p);
        code = RegQueryValueExW(k, wide_p(&wide), NULL, &type, (BYTE *)room, &len);
    }
    if (r == 0 && code != 0)
        r = err_windows(e, (DWORD)code, ERROR_FILE_NOT_FOUND, 0, "%.*s\\%.*s", (int)key.len, key.p,
                        (int)name.len, name.p);
    return r != 0 ? r : add_value_text(name, type, (const uint8_t *)data.p, len, ret, e);
}
