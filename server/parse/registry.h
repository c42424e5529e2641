/* SPDX-License-Identifier: Apache-2.0
 *
 * registry: Windows Registry Editor text (.reg; version 5.00 and REGEDIT4) to keys and values, looked up
 * without regard to case. Root names are folded (HKEY_LOCAL_MACHINE is HKLM), and the first ControlSet00N
 * seen is CurrentControlSet. Everything lives in the arena given to registry_new; texts that were parsed may
 * be dropped. */
#ifndef CERTTRIAGE_REGISTRY_H
#define CERTTRIAGE_REGISTRY_H

#include "arena.h"
#include "err.h"
#include "text.h"

enum {
    REGISTRY_NONE = 0,
    REGISTRY_SZ = 1,
    REGISTRY_EXPAND_SZ = 2,
    REGISTRY_BINARY = 3,
    REGISTRY_DWORD = 4,
    REGISTRY_DWORD_BE = 5,
    REGISTRY_LINK = 6,
    REGISTRY_MULTI_SZ = 7,
    REGISTRY_QWORD = 11
};

struct registry_value {
    struct str name;  /* empty: the default value */
    uint32_t type;    /* REGISTRY_x, or any other number */
    struct str text;  /* SZ, EXPAND_SZ, LINK; MULTI_SZ joined by newlines */
    uint64_t number;  /* DWORD, QWORD */
    bool has_number;  /* false also for a DWORD that does not hold four bytes */
    struct bytes raw; /* all other types, and what could not be read as its type */
    struct str entry;
    int64_t line;
    struct registry_value *next; /* of the key */
};

struct registry_key {
    struct str key; /* 'HKLM\SYSTEM\CurrentControlSet\…' */
    bool is_absent; /* looked for and not there ('; Absent=[…]'), or deleted ('[-…]') with all below it */
    int64_t modified_ms;
    struct str entry;
    int64_t line;
    struct registry_value *values, **last_value;
    size_t n_values;             /* ever added */
    size_t named, deleted;       /* which line of a key said so last, counted over all texts; 0: none */
    struct registry_key *next;   /* in the order of the text */
    struct registry_key *bucket; /* of the hash */
};

struct registry; /* all .reg texts of one machine */

/* Told of each line that could not be used; the rest is read on. */
typedef void (*registry_problem_fn)(int64_t line, const char *what, void *ctx);

int registry_new(struct arena *a, struct registry **ret, struct err *e);

/* Adds one file's bytes (UTF-16 with a mark, UTF-8, or ANSI). -ERR_FORMAT: not registry text at all;
 * -ERR_NOMEM, -ERR_LIMIT: what was read before stays. A value seen twice: the later one counts. */
int registry_parse(struct registry *r, struct bytes file, struct str entry, registry_problem_fn problem,
                   void *ctx, struct err *e);

const struct registry_key *registry_first(const struct registry *r); /* then ->next */
/* The key as folded, any case; NULL when it does not stand in any text. A key may be there with is_absent
 * set. */
const struct registry_key *registry_find(const struct registry *r, struct str key);
const struct registry_value *registry_value(const struct registry_key *key, const char *name);
/* Both at once; NULL for a missing or absent key as well. */
const struct registry_value *registry_get(const struct registry *r, const char *key, const char *name);
/* What proves how it stands with `key`, present or not: the key itself, a key above it that is marked absent,
 * or a key above it that stands in the text, at or below `root` (exports hold everything below). NULL: the
 * texts prove nothing. */
const struct registry_key *registry_proof(const struct registry *r, struct str key, struct str root);

const char *registry_type_name(uint32_t type); /* "REG_DWORD"; unknown: "REG_<other>" */

#endif
