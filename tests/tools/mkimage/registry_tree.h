/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_tree: keys and values in memory, in the order in which they were first named. Everything lies in
 * the arena. */
#ifndef CERTTRIAGE_REGISTRY_TREE_H
#define CERTTRIAGE_REGISTRY_TREE_H

#include "arena.h"
#include "buf.h"
#include "text.h"

enum {
    REG_TYPE_SZ = 1,
    REG_TYPE_EXPAND_SZ = 2,
    REG_TYPE_BINARY = 3,
    REG_TYPE_DWORD = 4,
    REG_TYPE_MULTI_SZ = 7
};

struct reg_value {
    struct reg_value *next;
    struct str name; /* empty: the default value */
    uint32_t type;
    struct bytes data;
};

struct reg_key {
    struct reg_key *next, *children;
    struct reg_value *values;
    struct str name;
    int64_t modified_ms; /* 0: not said */
};

/* The key of that path below root; made where it is not there. NULL: no memory. An empty path is root itself.
 */
struct reg_key *reg_key_make(struct arena *a, struct reg_key *root, struct str path);
bool reg_key_delete(struct reg_key *root, struct str path); /* false: was not there */
/* false: no memory. Replaces a value of the same name. */
bool reg_value_set(struct arena *a, struct reg_key *key, struct str name, uint32_t type, struct bytes data);
bool reg_value_set_text(struct arena *a, struct reg_key *key, struct str name, uint32_t type,
                        struct str utf8);
bool reg_value_set_dword(struct arena *a, struct reg_key *key, struct str name, uint32_t v);
bool reg_value_delete(struct reg_key *key, struct str name);
/* UTF-8 to UTF-16LE with the final NUL. */
void utf16_add(struct buf *out, struct str utf8);

#endif
