/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_store: the inside of a registry, for what fills it (registry_text.c). */
#ifndef CERTTRIAGE_REGISTRY_STORE_H
#define CERTTRIAGE_REGISTRY_STORE_H

#include "registry.h"

enum { BUCKETS = 4096 };

struct registry {
    struct arena *arena;
    struct registry_key *first, **last;
    struct registry_key *buckets[BUCKETS];
    char control_set[4];                /* "001": the one that is folded; empty until one is seen */
    size_t n_keys, n_lines;             /* n_lines: lines that name a key */
    unsigned char has_deleted[BUCKETS]; /* a key of that bucket was deleted */
    bool is_any_deleted;
};

/* The key of that (folded) name, made when it is not there. NULL: memory, or LIMIT_REG_TEXT_KEYS. */
struct registry_key *registry_store_key(struct registry *r, struct str name);
struct registry_value *registry_store_value(struct registry_key *key, struct str name); /* NULL: not there */
void registry_store_drop(struct registry_key *key, struct str name);
void registry_store_delete(struct registry *r, struct registry_key *key);
/* Once, behind a text: what stands below a key that was deleted later is deleted. */
void registry_store_settle(struct registry *r);

#endif
