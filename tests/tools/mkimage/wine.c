/* SPDX-License-Identifier: Apache-2.0
 *
 * The registry of the machine for Wine, which has no hives. DIR/system.reg is appended to the file of the
 * same name of a prefix that does not run: only there can the times of keys be set. DIR/session.reg is
 * imported while Wine runs: what it keeps nowhere (other users) or writes itself at each start (names of the
 * machine). */
#include "mkimage.h"

static void add_time(struct buf *out, const struct machine *m, const struct reg_key *key)
{
    int64_t ms = key->modified_ms != 0 ? key->modified_ms : m->modified_ms;

    buf_printf(out, "#time=%llx\n", (unsigned long long)(ms + 11644473600000LL) * 10000u);
}

/* A name in Wine's file: \ before what ends it, \xNNNN for what is not ASCII. */
static void add_wine_name(struct buf *out, struct str name)
{
    CLEANUP(buf_done) struct buf wide = BUF_INIT(1 << 16);

    utf16_add(&wide, name);
    for (size_t i = 0; i + 3 < wide.len; i += 2) {
        unsigned c = (uint8_t)wide.p[i] | (unsigned)(uint8_t)wide.p[i + 1] << 8;

        if (c < 0x20 || c > 0x7e)
            buf_printf(out, "\\x%04x", c);
        else if (c == '\\' || c == '"' || c == '[' || c == ']')
            buf_printf(out, "\\%c", (int)c);
        else
            buf_add_char(out, (char)c);
    }
}

static void add_import_name(struct buf *out, struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.p[i] == '\\' || name.p[i] == '"')
            buf_add_char(out, '\\');
        buf_add_char(out, name.p[i]);
    }
}

typedef void (*add_name_fn)(struct buf *out, struct str name);

static void add_values(struct buf *out, const struct reg_key *key, add_name_fn add_name)
{
    for (const struct reg_value *v = key->values; v != NULL; v = v->next) {
        if (v->name.len == 0) {
            buf_add_c(out, "@=");
        } else {
            buf_add_char(out, '"');
            add_name(out, v->name);
            buf_add_c(out, "\"=");
        }
        buf_printf(out, v->type == REG_TYPE_BINARY ? "hex:" : "hex(%x):", v->type);
        for (size_t i = 0; i < v->data.len; i++)
            buf_printf(out, i == 0 ? "%02x" : ",%02x", v->data.p[i]);
        buf_add_char(out, '\n');
    }
}

static void add_wine_tree(struct buf *out, const struct machine *m, const struct reg_key *key,
                          struct str path)
{
    CLEANUP(buf_done) struct buf below = BUF_INIT(1 << 16);

    buf_printf(out, "\n[%.*s] %lld\n", (int)path.len, path.p, (long long)(m->modified_ms / 1000));
    add_time(out, m, key);
    add_values(out, key, add_wine_name);
    for (const struct reg_key *child = key->children; child != NULL; child = child->next) {
        buf_clear(&below);
        buf_add_str(&below, path);
        buf_add_c(&below, "\\\\");
        /* Wine has no control sets, only the current one. */
        if (str_ieq(child->name, STR("ControlSet001")))
            buf_add_c(&below, "CurrentControlSet");
        else
            add_wine_name(&below, child->name);
        add_wine_tree(out, m, child, buf_str(&below));
    }
}

static void add_import_tree(struct buf *out, const struct reg_key *key, struct str path)
{
    CLEANUP(buf_done) struct buf below = BUF_INIT(1 << 16);

    buf_printf(out, "\n[%.*s]\n", (int)path.len, path.p);
    add_values(out, key, add_import_name);
    for (const struct reg_key *child = key->children; child != NULL; child = child->next) {
        buf_clear(&below);
        buf_printf(&below, "%.*s\\%.*s", (int)path.len, path.p, (int)child->name.len, child->name.p);
        add_import_tree(out, child, buf_str(&below));
    }
}

/* The keys that Wine names after the Linux machine at each start. */
static void add_names(struct buf *out, struct machine *m)
{
    static const char *const KEYS[] = {"Control\\ComputerName\\ComputerName",
                                       "Control\\ComputerName\\ActiveComputerName",
                                       "Services\\Tcpip\\Parameters"};
    struct reg_key named = {0};
    bool ok = reg_value_set_text(m->a, &named, STR("ComputerName"), REG_TYPE_SZ, str_from(m->name)) &&
              reg_value_set_text(m->a, &named, STR("Hostname"), REG_TYPE_SZ, str_from(m->name)) &&
              reg_value_set_text(m->a, &named, STR("Domain"), REG_TYPE_SZ, str_from(m->domain));

    for (size_t i = 0; ok && i < ARRAY_LEN(KEYS); i++) {
        buf_printf(out, "\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\%s]\n", KEYS[i]);
        add_values(out, &named, add_import_name);
    }
}

static int write_text(struct machine *m, const char *dir, const char *name, const struct buf *text,
                      struct err *e)
{
    const char *path = arena_printf(m->a, "%s/%s", dir, name);
    int r = path == NULL ? err_set(e, ERR_NOMEM, "%s: no memory", name) : buf_check(text, name, e);

    return r != 0 ? r : file_write(path, (struct bytes){(const uint8_t *)text->p, text->len}, e);
}

int wine_write(struct machine *m, const char *dir, struct err *e)
{
    CLEANUP(buf_done) struct buf prefix = BUF_INIT(256 << 20);
    CLEANUP(buf_done) struct buf session = BUF_INIT(256 << 20);
    CLEANUP(buf_done) struct buf wide = BUF_INIT(512 << 20);
    int r;

    add_wine_tree(&prefix, m, &m->software, STR("Software"));
    add_wine_tree(&prefix, m, &m->system, STR("System"));
    r = write_text(m, dir, "system.reg", &prefix, e);
    buf_add_c(&session, "Windows Registry Editor Version 5.00\n");
    add_names(&session, m);
    for (size_t i = 0; i < m->n_users; i++) {
        const char *key = arena_printf(m->a, "HKEY_USERS\\%s", m->users[i].sid);

        if (key != NULL)
            add_import_tree(&session, &m->users[i].hive, str_from(key));
    }
    buf_add_c(&wide,
              "\xff\xfe"); /* UTF-16 as regedit writes it; 8-bit text would be read in some code page */
    utf16_add(&wide, buf_str(&session));
    if (wide.failed == 0)
        wide.len -= 2; /* the NUL */
    if (r == 0 && (r = buf_check(&session, "session.reg", e)) == 0)
        r = write_text(m, dir, "session.reg", &wide, e);
    return r;
}
