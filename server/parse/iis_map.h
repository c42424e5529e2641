/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_map: names to things, in an arena; a name is looked up within a scope (a parent, a section; may be
 * NULL). Never holds more than LIMIT_IIS_PATHS names, so that names chosen to collide cost seconds, not
 * hours. */
#ifndef CERTTRIAGE_IIS_MAP_H
#define CERTTRIAGE_IIS_MAP_H

#include "arena.h"
#include "err.h"

struct iis_map_slot {
    const void *scope;
    struct str key;
    uint64_t hash;
    void *value; /* NULL: free */
};

struct iis_map {
    struct arena *arena;
    struct iis_map_slot *slots;
    size_t n_slots, n;
    bool fold; /* names compare without regard to ASCII case */
};

#define IIS_MAP_INIT(arena_, fold_) ((struct iis_map){.arena = (arena_), .fold = (fold_)})

void *iis_map_get(const struct iis_map *m, const void *scope, struct str key); /* NULL: not there */
/* The key must outlive the map. What is there already stays. -ERR_LIMIT, -ERR_NOMEM. */
int iis_map_put(struct iis_map *m, const void *scope, struct str key, void *value, struct err *e);

#endif
