/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader of manifests: everything is a stranger's. The writer is manifest_write.c. */
#include "manifest.h"
#include "limits.h"
#include "manifest_members.h"
#include "text.h"

#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define X(name, member) {name, offsetof(struct complaint, member)},
static const struct text_member COMPLAINT[] = {COMPLAINT_TEXTS(X)};
#undef X
#define X(name, member) {name, offsetof(struct manifest_machine, member)},
static const struct text_member MACHINE[] = {MACHINE_TEXTS(X)};
#undef X
#define X(name, member) {name, offsetof(struct manifest_item, member)},
static const struct text_member ITEM[] = {ITEM_TEXTS(X)};
#undef X

static void json_freep(json_t **j)
{
    json_decref(*j);
}

/* Jansson recurses; what it recurses over is bounded before it starts. */
static int check_depth(struct bytes json, struct err *e)
{
    int64_t depth = 0;
    bool in_text = false;

    for (size_t i = 0; i < json.len; i++) {
        uint8_t c = json.p[i];
        if (in_text && c == '\\')
            i++;
        else if (c == '"')
            in_text = !in_text;
        else if (!in_text && (c == '{' || c == '['))
            depth++;
        else if (!in_text && (c == '}' || c == ']'))
            depth--;
        if (depth > LIMIT_JSON_DEPTH)
            return err_set(e, ERR_LIMIT, "nested deeper than %d levels", (int)LIMIT_JSON_DEPTH);
    }
    return 0;
}

static int load(struct bytes json, json_t **ret, struct err *e)
{
    json_error_t error;

    if ((int64_t)json.len > LIMIT_MANIFEST_BYTES)
        return err_set(e, ERR_LIMIT, "longer than %lld bytes", (long long)LIMIT_MANIFEST_BYTES);
    if (json.len >= 3 && !memcmp(json.p, "\xef\xbb\xbf", 3)) /* Notepad puts a mark in front */
        json = (struct bytes){json.p + 3, json.len - 3};
    int r = check_depth(json, e);
    if (r)
        return r;
    json_t *j = json_loadb((const char *)json.p, json.len, JSON_REJECT_DUPLICATES, &error);
    if (!j)
        return err_set(e, ERR_FORMAT, "line %d: %s", error.line, error.text);
    *ret = j;
    return 0;
}

/* A member; JSON null counts as not there. */
static const json_t *member(const json_t *object, const char *name)
{
    const json_t *j = json_object_get(object, name);

    return json_is_null(j) ? NULL : j;
}

static int read_text(const json_t *object, const char *name, struct arena *a, struct str *ret, struct err *e)
{
    const json_t *j = member(object, name);

    if (!j)
        return 0;
    if (!json_is_string(j))
        return err_set(e, ERR_FORMAT, "%s: not a text", name);
    struct str s = {json_string_value(j), json_string_length(j)};
    if ((int64_t)s.len > LIMIT_TEXT_BYTES)
        return err_set(e, ERR_LIMIT, "%s: longer than %d bytes", name, (int)LIMIT_TEXT_BYTES);
    s = arena_keep(a, s);
    if (!s.p)
        return err_set(e, ERR_NOMEM, "%s: out of memory", name);
    *ret = s;
    return 0;
}

static int read_texts(const json_t *object, const struct text_member *members, size_t count, struct arena *a,
                      void *into, struct err *e)
{
    int r = 0;

    for (size_t i = 0; i < count && !r; i++)
        r = read_text(object, members[i].json_name, a,
                      (struct str *)(void *)((char *)into + members[i].offset), e);
    return r;
}

static int read_int(const json_t *object, const char *name, int64_t max, int64_t *ret, struct err *e)
{
    const json_t *j = member(object, name);

    if (!j)
        return 0;
    if (!json_is_integer(j) || json_integer_value(j) < 0 || json_integer_value(j) > max)
        return err_set(e, ERR_FORMAT, "%s: not a whole number from 0 to %lld", name, (long long)max);
    *ret = json_integer_value(j);
    return 0;
}

static int read_bool(const json_t *object, const char *name, bool *ret, struct err *e)
{
    const json_t *j = member(object, name);

    if (!j)
        return 0;
    if (!json_is_boolean(j))
        return err_set(e, ERR_FORMAT, "%s: neither true nor false", name);
    *ret = json_is_true(j);
    return 0;
}

static int read_time(const json_t *object, const char *name, int64_t *ret, struct err *e)
{
    const json_t *j = member(object, name);

    if (!j)
        return 0;
    if (!json_is_string(j) || !time_parse((struct str){json_string_value(j), json_string_length(j)}, ret))
        return err_set(e, ERR_FORMAT, "%s: not a time of RFC 3339", name);
    return 0;
}

/* A word of a closed list. */
static int read_kind(const json_t *object, enum kind *ret, struct err *e)
{
    const json_t *j = member(object, "kind");

    if (!json_is_string(j) || !kind_from(str_from(json_string_value(j)), ret))
        return err_set(e, ERR_FORMAT, "kind: %.64s is not one of the kinds",
                       json_is_string(j) ? json_string_value(j) : "it");
    return 0;
}

static int read_outcome(const json_t *object, enum outcome *ret, struct err *e)
{
    const json_t *j = member(object, "outcome");

    if (!json_is_string(j) || !outcome_from(str_from(json_string_value(j)), ret))
        return err_set(e, ERR_FORMAT, "outcome: %.64s is not one of the outcomes",
                       json_is_string(j) ? json_string_value(j) : "it");
    return 0;
}

static bool is_sha256(struct str s)
{
    uint8_t digest[32];
    size_t len;

    return text_unhex(s, digest, sizeof digest, &len) && len == sizeof digest;
}

static int check_item(const struct manifest_item *item, struct err *e)
{
    if (item->id == 0)
        return err_set(e, ERR_FORMAT, "id: not a number from 1");
    if (item->entry.len && !entry_name_is_legal(item->entry))
        return err_set(e, ERR_FORMAT, "entry: not a legal entry name");
    if (item->sha256.len && !is_sha256(item->sha256))
        return err_set(e, ERR_FORMAT, "sha256: not 64 hexadecimal digits");
    if (item->cut.len && !str_eq(item->cut, STR("head")) && !str_eq(item->cut, STR("tail")))
        return err_set(e, ERR_FORMAT, "cut: neither head nor tail");
    if (item->gathered.len && !str_eq(item->gathered, STR("before-elevation")))
        return err_set(e, ERR_FORMAT, "gathered: not before-elevation");
    return 0;
}

static int read_item(const json_t *object, struct arena *a, struct manifest_item *ret, struct err *e)
{
    struct manifest_item item = {.original = -1, .modified_ms = TIME_NONE};
    int64_t id = 0, os_code = 0;
    int r;

    if (!json_is_object(object))
        return err_set(e, ERR_FORMAT, "not an object");
    if ((r = read_int(object, "id", UINT32_MAX, &id, e)) || (r = read_kind(object, &item.kind, e)) ||
        (r = read_outcome(object, &item.outcome, e)) ||
        (r = read_texts(object, ITEM, ARRAY_LEN(ITEM), a, &item, e)) ||
        (r = read_int(object, "osCode", UINT32_MAX, &os_code, e)) ||
        (r = read_int(object, "size", INT64_MAX, &item.size, e)) ||
        (r = read_int(object, "original", INT64_MAX, &item.original, e)) ||
        (r = read_time(object, "modified", &item.modified_ms, e)))
        return r;
    item.id = (uint32_t)id;
    item.os_code = (uint32_t)os_code;
    if ((r = check_item(&item, e)))
        return r;
    *ret = item;
    return 0;
}

static int compare_ids(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static int check_unique_ids(const struct manifest *m, struct arena *a, struct err *e)
{
    uint32_t *ids = arena_array(a, m->n_items, sizeof *ids);

    if (!ids)
        return err_set(e, ERR_NOMEM, "items: out of memory");
    for (size_t i = 0; i < m->n_items; i++)
        ids[i] = m->items[i].id;
    qsort(ids, m->n_items, sizeof *ids, compare_ids);
    for (size_t i = 1; i < m->n_items; i++)
        if (ids[i] == ids[i - 1])
            return err_set(e, ERR_FORMAT, "items: id %lu is there twice", (unsigned long)ids[i]);
    return 0;
}

static int read_items(const json_t *top, struct arena *a, struct manifest *m, struct err *e)
{
    const json_t *array = json_object_get(top, "items");
    size_t n = json_array_size(array);

    if (!json_is_array(array))
        return err_set(e, ERR_FORMAT, "items: not a list");
    if ((int64_t)n > LIMIT_ENTRIES)
        return err_set(e, ERR_LIMIT, "items: more than %d", (int)LIMIT_ENTRIES);
    m->items = arena_array(a, n, sizeof *m->items);
    if (!m->items)
        return err_set(e, ERR_NOMEM, "items: out of memory");
    for (m->n_items = 0; m->n_items < n; m->n_items++)
        if (read_item(json_array_get(array, m->n_items), a, &m->items[m->n_items], e))
            return err_wrap(e, "items[%zu]", m->n_items);
    return check_unique_ids(m, a, e);
}

static int read_roles(const json_t *object, unsigned *ret, struct err *e)
{
    const json_t *array = member(object, "roles");

    if (array && !json_is_array(array))
        return err_set(e, ERR_FORMAT, "roles: not a list");
    for (size_t i = 0; i < json_array_size(array); i++) {
        unsigned role;
        const char *word = json_string_value(json_array_get(array, i));
        if (!word || strchr(word, ',') || !roles_from(str_from(word), &role))
            return err_set(e, ERR_FORMAT, "roles[%zu]: not one of the roles", i);
        *ret |= role;
    }
    return 0;
}

static int read_machine(const json_t *object, struct arena *a, struct manifest_machine *m, struct err *e)
{
    int r;

    m->collected_ms = m->booted_ms = TIME_NONE;
    if (!json_is_object(object))
        return err_set(e, ERR_FORMAT, "not an object");
    if ((r = read_texts(object, MACHINE, ARRAY_LEN(MACHINE), a, m, e)) ||
        (r = read_roles(object, &m->roles, e)) || (r = read_time(object, "collected", &m->collected_ms, e)) ||
        (r = read_time(object, "booted", &m->booted_ms, e)))
        return r;
    return read_bool(object, "elevated", &m->elevated, e);
}

static int read_version(const json_t *top, int *ret, struct err *e)
{
    const json_t *j = json_object_get(top, "version");

    if (!json_is_integer(j) || json_integer_value(j) < 1)
        return err_set(e, ERR_FORMAT, "version: not a number from 1");
    if (json_integer_value(j) > MANIFEST_VERSION)
        return err_set(e, ERR_UNSUPPORTED, "version: %lld is newer than %d, which this program reads",
                       (long long)json_integer_value(j), MANIFEST_VERSION);
    *ret = (int)json_integer_value(j);
    return 0;
}

static int read_head(const json_t *top, struct arena *a, struct manifest *m, struct err *e)
{
    const json_t *complaint = member(top, "complaint"), *tool = member(top, "tool");
    int r;

    if ((r = read_text(top, "bundle", a, &m->bundle, e)) || (r = read_text(top, "case", a, &m->case_id, e)) ||
        (r = read_bool(top, "redacted", &m->redacted, e)) ||
        (r = read_text(top, "pseudonyms", a, &m->pseudonyms, e)))
        return r;
    if (m->case_id.len && !case_id_is_legal(m->case_id))
        return err_set(e, ERR_FORMAT, "case: not a legal case id");
    if (tool && ((r = read_text(tool, "version", a, &m->tool_version, e)) ||
                 (r = read_text(tool, "backend", a, &m->backend, e))))
        return err_wrap(e, "tool");
    if (read_machine(json_object_get(top, "machine"), a, &m->machine, e))
        return err_wrap(e, "machine");
    if (complaint && read_texts(complaint, COMPLAINT, ARRAY_LEN(COMPLAINT), a, &m->complaint, e))
        return err_wrap(e, "complaint");
    return 0;
}

int manifest_read(struct bytes json, struct arena *a, struct manifest *ret, struct err *e)
{
    CLEANUP(json_freep) json_t *top = NULL;
    struct manifest m = {.redacted = true};
    int r = load(json, &top, e);

    if (r)
        return r;
    if (!json_is_object(top))
        return err_set(e, ERR_FORMAT, "not an object");
    if ((r = read_version(top, &m.version, e)) || (r = read_head(top, a, &m, e)) ||
        (r = read_items(top, a, &m, e)))
        return r;
    *ret = m;
    return 0;
}

int manifest_item_read(struct bytes json, struct arena *a, struct manifest_item *ret, struct err *e)
{
    CLEANUP(json_freep) json_t *object = NULL;
    int r = load(json, &object, e);

    return r ? r : read_item(object, a, ret, e);
}

static unsigned role_of(struct str word)
{
#define X(bit, text)                                                                                         \
    if (str_ieq(word, STR(text)))                                                                            \
        return (bit);
    ROLE_LIST(X)
#undef X
    return 0;
}

bool roles_from(struct str s, unsigned *ret)
{
    unsigned roles = 0;

    while (s.p) {
        unsigned role = role_of(str_trim(str_cut(s, ',', &s)));
        if (!role)
            return false;
        roles |= role;
    }
    if (!roles)
        return false;
    *ret = roles;
    return true;
}
