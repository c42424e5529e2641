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

int extract_registry_schannel(struct extract_state *x, struct err *e);
int extract_registry_client(struct extract_state *x, struct err *e);
int extract_registry_bindings(struct extract_state *x, struct err *e);

#endif
