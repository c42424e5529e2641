/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_map.h"

#include "limits.h"

static uint64_t hash_of(const struct iis_map *m, const void *scope, struct str key)
{
    uint64_t h = 14695981039346656037ULL ^ (uint64_t)(uintptr_t)scope;

    for (size_t i = 0; i < key.len; i++) {
        unsigned char c = (unsigned char)key.p[i];
        if (m->fold && c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + ('a' - 'A'));
        h = (h ^ c) * 1099511628211ULL;
    }
    return h ^ (h >> 29);
}

static struct iis_map_slot *slot_of(const struct iis_map *m, const void *scope, struct str key, uint64_t hash)
{
    size_t i = (size_t)hash & (m->n_slots - 1);

    while (m->slots[i].value) {
        struct iis_map_slot *s = &m->slots[i];
        if (s->hash == hash && s->scope == scope && (m->fold ? str_ieq(s->key, key) : str_eq(s->key, key)))
            return s;
        i = (i + 1) & (m->n_slots - 1);
    }
    return &m->slots[i];
}

void *iis_map_get(const struct iis_map *m, const void *scope, struct str key)
{
    return m->n_slots ? slot_of(m, scope, key, hash_of(m, scope, key))->value : NULL;
}

static int grow(struct iis_map *m, struct err *e)
{
    struct iis_map bigger = *m;

    bigger.n_slots = m->n_slots ? 2 * m->n_slots : 64;
    bigger.slots = arena_array(m->arena, bigger.n_slots, sizeof *bigger.slots);
    if (!bigger.slots)
        return err_set(e, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < m->n_slots; i++) {
        const struct iis_map_slot *s = &m->slots[i];
        if (s->value)
            *slot_of(&bigger, s->scope, s->key, s->hash) = *s;
    }
    *m = bigger;
    return 0;
}

int iis_map_put(struct iis_map *m, const void *scope, struct str key, void *value, struct err *e)
{
    uint64_t hash = hash_of(m, scope, key);

    if (m->n >= (size_t)LIMIT_IIS_PATHS)
        return err_set(e, ERR_LIMIT, "more than %lld names", (long long)LIMIT_IIS_PATHS);
    if (2 * m->n >= m->n_slots) {
        int r = grow(m, e);
        if (r < 0)
            return r;
    }
    struct iis_map_slot *s = slot_of(m, scope, key, hash);
    if (s->value)
        return 0;
    *s = (struct iis_map_slot){.scope = scope, .key = key, .hash = hash, .value = value};
    m->n++;
    return 0;
}
