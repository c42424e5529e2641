/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_logs.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 256 };

struct log_map_slot {
    uint64_t hash;
    uint32_t index_plus_1; /* 0: free */
};

int log_map_init(struct log_map *m, struct arena *a, int64_t cap)
{
    uint32_t room = 16;

    while (room < (uint32_t)cap * 2)
        room *= 2;
    *m = (struct log_map){.mask = room - 1, .cap = (uint32_t)cap};
    m->slots = arena_array(a, room, sizeof(m->slots[0]));
    return m->slots ? 0 : -ERR_NOMEM;
}

/* The slot of the hash, or the free one where it would go; half of the slots stay free, so the walk ends. */
static struct log_map_slot *slot_of(const struct log_map *m, uint64_t hash)
{
    uint32_t i = (uint32_t)hash & m->mask;

    while (m->slots[i].index_plus_1 && m->slots[i].hash != hash)
        i = (i + 1) & m->mask;
    return &m->slots[i];
}

uint32_t log_map_find(const struct log_map *m, uint64_t hash)
{
    const struct log_map_slot *slot = slot_of(m, hash);
    return slot->index_plus_1 ? slot->index_plus_1 - 1 : NOT_THERE;
}

uint32_t log_map_add(struct log_map *m, uint64_t hash, bool *ret_is_new)
{
    struct log_map_slot *slot = slot_of(m, hash);

    *ret_is_new = false;
    if (slot->index_plus_1)
        return slot->index_plus_1 - 1;
    if (m->n == m->cap) {
        m->refused++;
        return NOT_THERE;
    }
    *ret_is_new = true;
    *slot = (struct log_map_slot){.hash = hash, .index_plus_1 = ++m->n};
    return m->n - 1;
}

int log_list_init(struct log_list *l, struct arena *a, size_t size, int64_t cap)
{
    *l = (struct log_list){.arena = a, .size = size, .cap = (uint32_t)cap};
    l->chunks = arena_array(a, ((size_t)cap + CHUNK - 1) / CHUNK, sizeof(void *));
    return l->chunks ? 0 : -ERR_NOMEM;
}

void *log_list_at(struct log_list *l, uint32_t i)
{
    if (i >= l->cap)
        return NULL;
    if (!l->chunks[i / CHUNK])
        l->chunks[i / CHUNK] = arena_array(l->arena, CHUNK, l->size);
    return l->chunks[i / CHUNK] ? (char *)l->chunks[i / CHUNK] + (i % CHUNK) * l->size : NULL;
}

static void set_bit(struct log_clients *c, uint32_t client)
{
    uint32_t at = client % c->n_bits;
    c->bits[at / 8] |= (uint8_t)(1u << (at % 8));
}

static void begin_bits(struct log_clients *c, struct arena *a, uint32_t n_bits)
{
    c->bits = arena_alloc(a, n_bits / 8);
    if (!c->bits)
        return;
    c->n_bits = n_bits;
    for (uint32_t i = 0; i < c->n; i++)
        set_bit(c, c->exact[i]);
}

void log_clients_add_new(struct log_clients *c, struct arena *a, uint32_t short_hash, uint32_t n_bits)
{
    for (uint32_t i = c->n; i-- > 0;)
        if (c->exact[i] == short_hash)
            return;
    if (c->n < CLIENTS_EXACT) {
        c->exact[c->n++] = short_hash;
        return;
    }
    begin_bits(c, a, n_bits);
    if (c->bits)
        set_bit(c, short_hash);
}

/* How many bits are set in eight bytes; without a library call, of which there would be one for each byte. */
static uint32_t ones_of_8(const uint8_t *p)
{
    uint64_t v = log_eight_bytes((const char *)p);

    v -= v >> 1 & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
    v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (uint32_t)(v * 0x0101010101010101u >> 56);
}

/* Linear counting: n = -m ln(share of bits that are still 0). */
int64_t log_clients_count(const struct log_clients *c)
{
    uint32_t zero = 0;

    if (!c->bits)
        return c->n;
    for (uint32_t i = 0; i < c->n_bits / 8; i += 8)
        zero += 64 - ones_of_8(c->bits + i);
    if (zero == 0)
        zero = 1;
    double n = -(double)c->n_bits * log((double)zero / (double)c->n_bits);
    return n < CLIENTS_EXACT + 1 ? CLIENTS_EXACT + 1 : (int64_t)(n + 0.5);
}

size_t log_copy(char *to, size_t room, struct str s)
{
    size_t n = s.len < room ? s.len : room;

    if (n > 0)
        memcpy(to, s.p, n);
    return n;
}
