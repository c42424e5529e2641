/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_lock: what files further up forbid to a web.config: whole sections (overrideMode, allowDefinition) and
 * parts of them (lockAttributes, lockAllAttributesExcept, lockElements, lockAllElementsExcept, lockItem), at
 * any depth of the section. IIS does not ignore what is locked: it answers 500.19 with 0x80070021, also where
 * the value equals the inherited one. Source: learn.microsoft.com, "How to use locking in IIS configuration".
 */
#ifndef CERTTRIAGE_IIS_LOCK_H
#define CERTTRIAGE_IIS_LOCK_H

#include "iis_place.h"

/* *ret: why IIS refuses this fragment of a web.config, NULL when it does not. -ERR_NOMEM. */
int iis_lock_check(struct iis_tree *t, const struct iis_placed *p, const struct iis_fault **ret,
                   struct err *e);

/* A part of a section that is locked. */
struct iis_lock {
    const struct iis_placed *by;     /* whose lock it is */
    const struct xml_element *above; /* the element that carries it */
    const struct xml_element *at;    /* what is refused */
    struct str part;                 /* and what that is called: an attribute, an element, an item's key */
};

/* Does `by` stand in a file above that of `p`, hold the same section, and reach down to p's path? */
bool iis_lock_governs(const struct iis_placed *by, const struct iis_placed *p);

/* Remembers the items of p's collections that carry lockItem="true", which no lower file may remove.
 * -ERR_NOMEM. */
int iis_lock_note_items(struct iis_tree *t, struct iis_placed *p, struct err *e);
/* True: p removes such an item, or clears its collection; *ret says which. */
bool iis_lock_find_item(const struct iis_tree *t, const struct iis_placed *p, struct iis_lock *ret);

#endif
