/* SPDX-License-Identifier: Apache-2.0 */
#include "diff.h"

#include "compiler.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 200000, CHANGES = 5000, KEY_BYTES = 1 << 20, CELL_BYTES = 1 << 16 };

/* What names a thing in each table that is compared; columns that only say where it was read, or when, are in
 * none of the two lists. */
static const struct {
    const char *table, *keys, *values;
} TABLES[] = {
    {"machine", "", "name, domain, guid, build, windows, installation, iis_version"},
    {"site", "site", "id, auto_start, log_directory, log_format, log_fields, freb_directory, freb_enabled"},
    {"application", "path", "app_pool, enabled_protocols"},
    {"virtual_directory", "path", "physical_path, allow_subdir_config"},
    {"app_pool", "app_pool", "identity_type, user_name, account, sid, load_user_profile"},
    {"binding", "site, protocol, information", "ssl_flags"},
    {"ssl_binding", "tree, endpoint",
     "thumbprint, app_id, store, check_mode, ctl_identifier, ctl_store, flags, negotiate, ds_mapper"},
    {"effective_config", "path, section, attribute", "value"},
    {"section_lock", "section, path", "mode"},
    {"certificate_mapping", "path, kind, name, thumbprint", "enabled, user_name, permission_mode"},
    {"wcf_endpoint", "path, service, contract, address, is_client",
     "binding, binding_name, security_mode, client_credential_type"},
    {"registry_value", "key, name", "type, data"},
    {"schannel_setting", "setting", "value, is_set"},
    {"schannel_order", "list, position", "name"},
    {"client_setting", "user, zone, setting", "value, text, is_set"},
    {"browser_policy", "user, browser, policy, position", "pattern, issuer_cn, subject_cn"},
    {"store_certificate", "location, user, store, physical, thumbprint",
     "friendly_name, has_key_property, archived, eku_property, disallowed_eku"},
    {"store_crl", "location, user, store, issuer, is_delta", "number, this_update, next_update, revoked"},
    {"store_ctl", "location, user, store, purpose, identifier", "number, this_update, entries"},
    {"private_key", "thumbprint, location, user, store", "provider, container, file_name, present"},
    {"access_entry", "object, sid, kind, mask, inherited", "inherit_only"},
    {"identity", "account", "sid, groups"},
};

static void finalize(sqlite3_stmt **s)
{
    (void)sqlite3_finalize(*s);
}

static json_t *cell(sqlite3_stmt *s, int i)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(4 * CELL_BYTES);
    const void *p = sqlite3_column_blob(s, i);
    size_t n = p ? (size_t)sqlite3_column_bytes(s, i) : 0;

    switch (sqlite3_column_type(s, i)) {
    case SQLITE_NULL:
        return json_null();
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(s, i));
    case SQLITE_BLOB:
        text_hex(&b, p, n < CELL_BYTES ? n : CELL_BYTES);
        break;
    default:
        text_add_utf8_lossy(&b, (struct str){p, n < CELL_BYTES ? n : CELL_BYTES});
    }
    return json_stringn(buf_c(&b), b.len);
}

/* {key as text: {key: {…}, values: {…}}}; of rows with one key the last stays. */
static json_t *read_rows(sqlite3 *db, size_t t, struct err *e)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(8192);
    CLEANUP(finalize) sqlite3_stmt *s = NULL;
    json_t *rows = json_object();
    int step, n_keys = 0;

    buf_printf(&sql, "SELECT %s%s%s FROM %s ORDER BY rowid LIMIT %d", TABLES[t].keys,
               TABLES[t].keys[0] ? ", " : "", TABLES[t].values, TABLES[t].table, (int)ROWS);
    for (const char *p = TABLES[t].keys; *p; p++)
        n_keys += *p == ',' || p == TABLES[t].keys;
    if (sqlite3_prepare_v2(db, buf_c(&sql), -1, &s, NULL) != SQLITE_OK) {
        (void)err_set(e, ERR_IO, "facts: %s", sqlite3_errmsg(db));
        json_decref(rows);
        return NULL;
    }
    while ((step = sqlite3_step(s)) == SQLITE_ROW) {
        json_t *key = json_object(), *values = json_object();
        for (int i = 0; i < sqlite3_column_count(s); i++)
            (void)json_object_set_new(i < n_keys ? key : values, sqlite3_column_name(s, i), cell(s, i));
        char *name = json_dumps(key, JSON_COMPACT | JSON_SORT_KEYS);
        if (name)
            (void)json_object_set_new(rows, name, json_pack("{s:O, s:O}", "key", key, "values", values));
        free(name);
        json_decref(key);
        json_decref(values);
    }
    return rows;
}

/* Keeps in both only what differs. */
static void drop_same(json_t *a, json_t *b)
{
    const char *name;
    json_t *value;
    void *next;

    json_object_foreach_safe(a, next, name, value)
    {
        if (!json_equal(value, json_object_get(b, name)))
            continue;
        (void)json_object_del(b, name);
        (void)json_object_del(a, name);
    }
}

static void add_change(json_t *diff, size_t t, json_t *key, json_t *before, json_t *after)
{
    json_t *changes = json_object_get(diff, "changes"), *left = json_object_get(diff, "left_out");

    if (json_array_size(changes) >= CHANGES)
        (void)json_integer_set(left, json_integer_value(left) + 1);
    else
        (void)json_array_append_new(changes, json_pack("{s:s, s:O, s:O?, s:O?}", "table", TABLES[t].table,
                                                       "key", key, "before", before, "after", after));
}

static void compare(json_t *diff, size_t t, json_t *old, json_t *now)
{
    const char *name;
    json_t *row;

    json_object_foreach(old, name, row)
    {
        json_t *other = json_object_get(now, name), *a = json_object_get(row, "values"),
               *b = json_object_get(other, "values");
        if (other && json_equal(a, b))
            continue;
        if (other)
            drop_same(a, b);
        add_change(diff, t, json_object_get(row, "key"), a, b);
    }
    json_object_foreach(now, name, row)
    {
        if (!json_object_get(old, name))
            add_change(diff, t, json_object_get(row, "key"), NULL, json_object_get(row, "values"));
    }
}

static int compare_table(json_t *diff, size_t t, sqlite3 *before, sqlite3 *after, struct err *e)
{
    json_t *old = read_rows(before, t, e), *now = old ? read_rows(after, t, e) : NULL;
    int r = old && now ? 0 : -e->code;

    if (r == 0)
        compare(diff, t, old, now);
    json_decref(old);
    json_decref(now);
    return r;
}

static json_t *head(sqlite3 *db)
{
    CLEANUP(finalize) sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(
            db,
            "SELECT machine, bundle, collected, lower(coalesce(name, '') || '/' || coalesce(domain, "
            "'') || '/' || coalesce(guid, '')) FROM machine LIMIT 1",
            -1, &s, NULL) != SQLITE_OK ||
        sqlite3_step(s) != SQLITE_ROW)
        return json_object();
    return json_pack("{s:o, s:o, s:o, s:o}", "machine", cell(s, 0), "bundle", cell(s, 1), "collected",
                     cell(s, 2), "identity", cell(s, 3));
}

int diff_facts(sqlite3 *before, sqlite3 *after, json_t **ret, struct err *e)
{
    json_t *a = head(before), *b = head(after);
    bool is_same = json_object_get(a, "identity") &&
                   json_equal(json_object_get(a, "identity"), json_object_get(b, "identity"));
    json_t *diff;
    int r = 0;

    (void)json_object_del(a, "identity");
    (void)json_object_del(b, "identity");
    diff = json_pack("{s:o, s:o, s:b, s:[], s:i}", "before", a, "after", b, "same_machine", is_same,
                     "changes", "left_out", 0);
    for (size_t t = 0; diff && r == 0 && t < ARRAY_LEN(TABLES); t++)
        r = compare_table(diff, t, before, after, e);
    if (diff && r == 0)
        *ret = json_incref(diff);
    json_decref(diff);
    return diff ? r : err_set(e, ERR_NOMEM, "diff");
}

static void print_values(json_t *object, struct buf *out)
{
    const char *name;
    json_t *value;
    bool any = false;

    json_object_foreach(object, name, value)
    {
        char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
        if (!json_is_null(value)) {
            buf_printf(out, "%s%s=", any ? " " : "", name);
            text_add_printable(out, str_from(text ? text : json_string_value(value)));
            any = true;
        }
        free(text);
    }
}

void diff_facts_print(const json_t *diff, struct buf *out)
{
    size_t i;
    json_t *one;

    if (!json_is_true(json_object_get(diff, "same_machine")))
        buf_add_c(out, "these are two machines (name, domain or MachineGuid differ)\n");
    json_array_foreach(json_object_get(diff, "changes"), i, one)
    {
        json_t *a = json_object_get(one, "before"), *b = json_object_get(one, "after");
        buf_printf(out, "%c %s ",
                   json_is_null(a)   ? '+'
                   : json_is_null(b) ? '-'
                                     : '~',
                   json_string_value(json_object_get(one, "table")));
        print_values(json_object_get(one, "key"), out);
        if (!json_is_null(a)) {
            buf_add_c(out, "\n    was: ");
            print_values(a, out);
        }
        if (!json_is_null(b)) {
            buf_add_c(out, "\n    now: ");
            print_values(b, out);
        }
        buf_add_char(out, '\n');
    }
    buf_printf(out, "%zu differences%s\n", json_array_size(json_object_get(diff, "changes")),
               json_integer_value(json_object_get(diff, "left_out")) ? ", and more that are left out" : "");
}
