/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_place: puts the fragments of files where they belong and finds what IIS refuses: locked sections,
 * attributes and items, duplicates, values that it does not know. Files are placed in the order of the
 * levels: applicationHost.config, then the web.configs, a higher one before a lower one. Source:
 * learn.microsoft.com, "How to use locking in IIS configuration", "Understanding IIS configuration
 * delegation". */
#ifndef CERTTRIAGE_IIS_PLACE_H
#define CERTTRIAGE_IIS_PLACE_H

#include "iis_tree.h"

/* Reads and places one file. `file` must outlive the tree; its entry, level and node are set. What it breaks
 * becomes an error of the tree. -ERR_NOMEM, -ERR_LIMIT (what was placed before stays). */
int iis_place(struct iis_tree *t, struct iis_file *file, const struct xml_element *config, struct err *e);

/* The web.config of file->node is not XML: 500.19 at and below (the whole server for applicationHost.config).
 */
int iis_place_malformed(struct iis_tree *t, const struct iis_file *file, struct xml_position where,
                        struct str message, struct err *e);

/* What a web.config at `file_node` may do with a section for `target` (at or below it): the nearest file
 * above it that says Allow or Deny for that section decides, in that file the nearest <location>; else
 * overrideModeDefault; else Allow. Never IIS_INHERIT. */
enum iis_mode iis_mode_at(const struct iis_declaration *declaration, const struct iis_node *file_node,
                          const struct iis_node *target);

/* Does the fragment count for requests at `node`, at or below its target? Not beyond the application in which
 * it stops (inheritInChildApplications), and no web.config where the pool ignores them. */
bool iis_placed_applies(const struct iis_placed *p, const struct iis_node *node);

/* True when a request there is answered by 500.19 whatever it asks. */
bool iis_node_is_broken(const struct iis_tree *t, const struct iis_node *node);

#endif
