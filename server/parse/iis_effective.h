/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_effective: what IIS uses at one path. Fragments apply from the shortest target to the longest; at one
 * target applicationHost.config first, then the web.configs from the highest down; each replaces an attribute
 * as a whole. Source: learn.microsoft.com, "Deep dive into IIS configuration". */
#ifndef CERTTRIAGE_IIS_EFFECTIVE_H
#define CERTTRIAGE_IIS_EFFECTIVE_H

#include "iis_place.h"

struct iis_value {
    struct iis_placed *from;           /* NULL: the schema default */
    const struct iis_setting *setting; /* NULL with the schema default */
    struct str value;                  /* in IIS' spelling; p == NULL: redacted */
};

struct iis_values {
    struct iis_value of[IIS_SECTION_COUNT][IIS_ATTRIBUTES_MAX]; /* as iis_sections */
    bool is_broken;                                             /* IIS answers 500.19 here */
};

void iis_effective(const struct iis_tree *t, const struct iis_node *node, struct iis_values *ret);

/* 'schema default', 'inherited', 'location', 'own' */
const char *iis_value_origin(const struct iis_value *v, const struct iis_node *node);

#endif
