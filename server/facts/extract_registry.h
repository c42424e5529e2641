/* SPDX-License-Identifier: Apache-2.0
 *
 * extract_registry: what the parts of this extractor share. */
#ifndef CERTTRIAGE_EXTRACT_REGISTRY_H
#define CERTTRIAGE_EXTRACT_REGISTRY_H

#include "extract.h"
#include "registry.h"

/* Does the evidence prove how it stands with `key`, so that a value that is not there is a default and not a
 * gap? The key, or one above it down to `root`, was exported or is marked absent, and the item that holds it
 * was taken whole. */
bool extract_registry_is_known(const struct extract_state *x, struct str key, struct str root);

/* The users whose hives were exported; one with an empty hive where there is none: the machine alone. */
struct registry_user {
    struct str hive; /* 'HKU\\S-1-5-21-…', 'HKCU' */
    struct str sid;  /* 'HKCU' when a hand-made export does not say whose it is; no text: the machine alone */
};
int extract_registry_users(struct extract_state *x, struct registry_user **ret, size_t *ret_n, struct err *e);

/* Where a client setting may stand, the one that wins first. */
struct registry_source {
    const char *decided_by; /* 'HKLM policy', 'HKCU policy', 'HKCU', 'HKLM' */
    bool is_user, is_policy;
};
enum { REGISTRY_SOURCES = 4 };
extern const struct registry_source extract_registry_sources[REGISTRY_SOURCES];
/* 'HKLM\\SOFTWARE\\Policies\\<below>' for that source and user; NULL: the source does not count (a user's
 * where only the machine's do), or no memory. */
const char *extract_registry_place(struct extract_state *x, const struct registry_source *s,
                                   const struct registry_user *u, const char *below);

/* JSON of a policy is nested no deeper than policies are; Jansson recurses by nesting. */
bool extract_registry_is_shallow(struct str text);

int extract_registry_zones(struct extract_state *x, struct err *e);
int extract_registry_network(struct extract_state *x, struct err *e);
int extract_registry_browsers(struct extract_state *x, struct err *e);
int extract_registry_firefox(struct extract_state *x, struct err *e);
int extract_registry_orders(struct extract_state *x, struct err *e);
int extract_registry_schannel(struct extract_state *x, struct err *e);
int extract_registry_client(struct extract_state *x, struct err *e);
int extract_registry_bindings(struct extract_state *x, struct err *e);

#endif
