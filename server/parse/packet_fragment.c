/* SPDX-License-Identifier: Apache-2.0 */
#include "packet_fragment.h"

#include <string.h>

enum { SLOTS = 16, DATAGRAM_BYTES = 65536, UNIT = 8 };

struct slot {
    bool is_used;
    struct packet_address from, to;
    uint32_t id;
    uint8_t protocol;
    uint64_t turn; /* of its last fragment: the oldest slot is given away */
    size_t total;  /* bytes of the datagram; 0 not known yet */
    size_t n_units;
    uint8_t *data;                          /* DATAGRAM_BYTES */
    uint8_t is_here[DATAGRAM_BYTES / UNIT]; /* by units of eight bytes, as offsets count */
};

struct packet_fragments {
    struct slot slots[SLOTS];
    uint64_t turn;
    struct arena *arena;
};

struct packet_fragments *packet_fragments_new(struct arena *a)
{
    struct packet_fragments *all = arena_alloc(a, sizeof *all);

    if (all)
        all->arena = a;
    return all;
}

static bool is_of(const struct slot *s, const struct packet_fragment *f)
{
    return s->is_used && s->id == f->id && s->protocol == f->protocol &&
           packet_address_eq(&s->from, &f->from) && packet_address_eq(&s->to, &f->to);
}

/* Its own, else a free one, else the one that waits longest. NULL: no memory. */
static struct slot *slot_of(struct packet_fragments *all, const struct packet_fragment *f)
{
    struct slot *s = &all->slots[0];

    for (size_t i = 0; i < SLOTS; i++) {
        if (is_of(&all->slots[i], f))
            return &all->slots[i];
        if (s->is_used && (!all->slots[i].is_used || all->slots[i].turn < s->turn))
            s = &all->slots[i];
    }
    if (!s->data)
        s->data = arena_alloc(all->arena, DATAGRAM_BYTES);
    if (!s->data)
        return NULL;
    s->is_used = true;
    s->from = f->from;
    s->to = f->to;
    s->id = f->id;
    s->protocol = f->protocol;
    s->total = s->n_units = 0;
    memset(s->is_here, 0, sizeof s->is_here);
    return s;
}

static void copy(struct slot *s, const struct packet_fragment *f)
{
    for (size_t at = 0; at < f->data.len; at += UNIT) {
        size_t unit = (f->offset + at) / UNIT, n = f->data.len - at < UNIT ? f->data.len - at : UNIT;
        if (s->is_here[unit])
            continue;
        s->is_here[unit] = 1;
        s->n_units++;
        memcpy(s->data + f->offset + at, f->data.p + at, n);
    }
}

struct bytes packet_fragment_add(struct packet_fragments *all, const struct packet_fragment *f)
{
    bool is_sound = f->offset % UNIT == 0 && f->data.len > 0 && f->offset + f->data.len <= DATAGRAM_BYTES &&
                    (f->is_last || f->data.len % UNIT == 0);
    struct slot *s = is_sound ? slot_of(all, f) : NULL;

    if (!s)
        return (struct bytes){0};
    s->turn = ++all->turn;
    copy(s, f);
    if (f->is_last)
        s->total = f->offset + f->data.len;
    if (s->total == 0 || s->n_units < (s->total + UNIT - 1) / UNIT)
        return (struct bytes){0};
    s->is_used = false;
    return (struct bytes){s->data, s->total};
}
