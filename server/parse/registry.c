/* SPDX-License-Identifier: Apache-2.0 */
#include "registry.h"

#include <ctype.h>

#include "limits.h"
#include "registry_store.h"

int registry_new(struct arena *a, struct registry **ret, struct err *e)
{
    struct registry *r = arena_alloc(a, sizeof(*r));

    if (!r)
        return err_set(e, ERR_NOMEM, "registry: out of memory");
    r->arena = a;
    r->last = &r->first;
    *ret = r;
    return 0;
}

static const unsigned hash_start = 2166136261u;

static unsigned hash_next(unsigned h, char c)
{
    return (h ^ (unsigned char)tolower((unsigned char)c)) * 16777619u;
}

static unsigned hash_fold(struct str s)
{
    unsigned h = hash_start;

    for (size_t i = 0; i < s.len; i++)
        h = hash_next(h, s.p[i]);
    return h % BUCKETS;
}

const struct registry_key *registry_first(const struct registry *r)
{
    return r ? r->first : NULL;
}

static struct registry_key *find_key(const struct registry *r, struct str key)
{
    struct registry_key *k = r->buckets[hash_fold(key)];

    while (k && !str_ieq(k->key, key))
        k = k->bucket;
    return k;
}

const struct registry_key *registry_find(const struct registry *r, struct str key)
{
    return r ? find_key(r, key) : NULL;
}

const struct registry_value *registry_value(const struct registry_key *key, const char *name)
{
    if (!key || key->is_absent)
        return NULL;
    for (const struct registry_value *v = key->values; v; v = v->next)
        if (str_ieq(v->name, str_from(name)))
            return v;
    return NULL;
}

const struct registry_value *registry_get(const struct registry *r, const char *key, const char *name)
{
    return registry_value(registry_find(r, str_from(key)), name);
}

const struct registry_key *registry_proof(const struct registry *r, struct str key, struct str root)
{
    struct str at = key;

    while (at.len > 0) {
        const struct registry_key *k = registry_find(r, at);
        if (k && (k->is_absent || at.len >= root.len))
            return k;
        while (at.len > 0 && at.p[at.len - 1] != '\\')
            at.len--;
        if (at.len > 0)
            at.len--;
    }
    return NULL;
}

const char *registry_type_name(uint32_t type)
{
    static const char *const names[] = {"REG_NONE",     "REG_SZ",        "REG_EXPAND_SZ",  "REG_BINARY",
                                        "REG_DWORD",    "REG_DWORD_BE",  "REG_LINK",       "REG_MULTI_SZ",
                                        "REG_RESOURCE", "REG_RESOURCE9", "REG_RESOURCE10", "REG_QWORD"};

    return type < ARRAY_LEN(names) ? names[type] : "REG_<other>";
}

/* --- filling --- */

struct registry_key *registry_store_key(struct registry *r, struct str name)
{
    struct registry_key *k = find_key(r, name);
    unsigned h = hash_fold(name);

    if (k)
        return k;
    k = r->n_keys < (size_t)LIMIT_REG_TEXT_KEYS ? arena_alloc(r->arena, sizeof(*k)) : NULL;
    if (!k)
        return NULL;
    r->n_keys++;
    k->key = arena_keep(r->arena, name);
    k->last_value = &k->values;
    k->modified_ms = TIME_NONE;
    k->bucket = r->buckets[h];
    r->buckets[h] = k;
    *r->last = k;
    r->last = &k->next;
    return k->key.p ? k : NULL;
}

struct registry_value *registry_store_value(struct registry_key *key, struct str name)
{
    struct registry_value *v = key->values;

    while (v && !str_ieq(v->name, name))
        v = v->next;
    return v;
}

void registry_store_drop(struct registry_key *key, struct str name)
{
    struct registry_value **at = &key->values;

    while (*at && !str_ieq((*at)->name, name))
        at = &(*at)->next;
    if (!*at)
        return;
    *at = (*at)->next;
    for (key->last_value = &key->values; *key->last_value;)
        key->last_value = &(*key->last_value)->next;
}

static void make_absent(struct registry_key *key)
{
    key->is_absent = true;
    key->values = NULL;
    key->last_value = &key->values;
}

void registry_store_delete(struct registry *r, struct registry_key *key)
{
    make_absent(key);
    key->deleted = ++r->n_lines;
    r->has_deleted[hash_fold(key->key)] = 1;
    r->is_any_deleted = true;
}

static bool is_deleted_above(const struct registry *r, const struct registry_key *key)
{
    unsigned h = hash_start;

    for (size_t i = 0; i < key->key.len; i++) {
        const struct str above = {key->key.p, i};
        const struct registry_key *k =
            key->key.p[i] == '\\' && r->has_deleted[h % BUCKETS] ? find_key(r, above) : NULL;
        if (k && k->deleted > key->named)
            return true;
        h = hash_next(h, key->key.p[i]);
    }
    return false;
}

void registry_store_settle(struct registry *r)
{
    for (struct registry_key *k = r->is_any_deleted ? r->first : NULL; k; k = k->next)
        if (!k->is_absent && is_deleted_above(r, k))
            make_absent(k);
}
