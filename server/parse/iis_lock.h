/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_lock: what files further up forbid to a web.config: whole sections (overrideMode, allowDefinition) and
 * parts of them (lockAttributes, lockAllAttributesExcept, lockElements, lockAllElementsExcept, lockItem). IIS
 * does not ignore what is locked: it answers 500.19 with 0x80070021, also where the value equals the
 * inherited one. */
#ifndef CERTTRIAGE_IIS_LOCK_H
#define CERTTRIAGE_IIS_LOCK_H

#include "iis_place.h"

/* *ret: why IIS refuses this fragment of a web.config, NULL when it does not. -ERR_NOMEM. */
int iis_lock_check(struct iis_tree *t, const struct iis_placed *p, const struct iis_fault **ret,
                   struct err *e);

/* Remembers the items of p's collection that carry lockItem="true", which no lower file may remove.
 * -ERR_NOMEM. */
int iis_lock_note_items(struct iis_tree *t, struct iis_placed *p, struct err *e);

#endif
