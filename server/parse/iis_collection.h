/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_collection: the collections of IIS' sections (handlers, modules, authorization rules, mappings, …) and
 * what is in them at one path once the levels are merged: <add> appends (or goes in front, where the schema
 * says mergeAppend="false"), <remove> takes one out by its key, <clear/> all. An <add> whose key is there
 * already is an error: 500.19, 0x800700b7. Source: IIS_schema.xml; learn.microsoft.com, "Deep dive into IIS
 * configuration", "How to add custom configuration sections" (collections). */
#ifndef CERTTRIAGE_IIS_COLLECTION_H
#define CERTTRIAGE_IIS_COLLECTION_H

#include "buf.h"
#include "iis_tree.h"

enum { IIS_KEYS_MAX = 4, IIS_SHOWN_MAX = 6 };

struct iis_key {
    const char *name;    /* attribute; NULL: no more */
    const char *initial; /* its default; NULL: '' */
    bool is_exact;       /* compares with case */
};

struct iis_collection {
    const char *section;
    const char
        *name; /* way from the section's element: 'providers', 'requestLimits/headerLimits'; '' itself */
    const char *add;   /* 'add', 'error', … */
    bool is_prepended; /* mergeAppend="false": what a level adds stands before what it inherits */
    struct iis_key keys[IIS_KEYS_MAX];
    const char *shown[IIS_SHOWN_MAX]; /* attributes that become facts; never a secret. 'a.b': of the
                                         child element a; 'a/c.b': of all a/c, joined by '; ' */
};

enum { IIS_COLLECTION_COUNT = 19 }; /* at most 32: a bit each */
extern const struct iis_collection iis_collections[IIS_COLLECTION_COUNT];

struct iis_item {
    const struct xml_element *element;
    const struct iis_placed *from;
    uint32_t hash;
};

/* What is in one collection; reused from path to path. */
struct iis_items {
    struct iis_item *of;
    size_t n;
};

/* The element of the section that carries the collection's items; NULL: there is none. */
const struct xml_element *iis_list_of(const struct xml_element *section, const struct iis_collection *c);
/* Appends the item's key, values ended by newlines. False: redaction hides it. */
bool iis_item_key(const struct xml_element *item, const struct iis_collection *c, struct buf *key);
bool iis_same_item(const struct xml_element *a, const struct xml_element *b, const struct iis_collection *c);

/* The collections that the fragment adds to, removes from or clears: bit i is iis_collections[i]. */
uint32_t iis_collections_touched(const struct iis_fragment *f);

/* Room for one collection, in t's arena. -ERR_NOMEM. */
int iis_items_init(struct iis_tree *t, struct iis_items *ret, struct err *e);
/* What is in collection `i` at `node`, broken fragments left out. -ERR_LIMIT: too many items, or too much
 * work in all. */
int iis_items_at(struct iis_tree *t, size_t i, const struct iis_node *node, struct iis_items *items,
                 struct err *e);
/* The nearest path at or above where collection `i` becomes what it is at `node`; the root when none does. */
const struct iis_node *iis_items_origin(const struct iis_tree *t, size_t i, const struct iis_node *node);

/* Once all files are placed: what is added a second time breaks its fragment. -ERR_LIMIT, -ERR_NOMEM. */
int iis_collections_check(struct iis_tree *t, struct err *e);

#endif
