/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_defaults: what the section schemas of the machine itself (inetsrv\config\schema\*.xml) give as
 * defaults, where they differ from Windows version to Windows version; what they do not say, iis_schema
 * knows. Source: learn.microsoft.com, "Extending IIS schema and accessing the custom sections"; the reference
 * pages below iis/configuration, "Attributes". */
#ifndef CERTTRIAGE_IIS_DEFAULTS_H
#define CERTTRIAGE_IIS_DEFAULTS_H

#include "iis_schema.h"
#include "xml.h"

struct iis_defaults {
    struct str of[IIS_SECTION_COUNT][IIS_ATTRIBUTES_MAX]; /* as iis_sections */
    struct str identity_type, load_user_profile;          /* of a pool's processModel; p == NULL: not said */
};

/* The built-in ones. */
void iis_defaults_init(struct iis_defaults *d);
/* schema: <configSchema>. Values are views into the tree. A value that is none is passed over. */
void iis_defaults_read(struct iis_defaults *d, const struct xml_element *schema, struct arena *a);

#endif
