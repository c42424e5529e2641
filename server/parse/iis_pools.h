/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_pools: application pools with applicationPoolDefaults applied, their accounts and SIDs. Source:
 * learn.microsoft.com, iis/configuration/system.applicationhost/applicationpools/add/processmodel
 * (identityType, its default by version), "Application pool identities". */
#ifndef CERTTRIAGE_IIS_POOLS_H
#define CERTTRIAGE_IIS_POOLS_H

#include "iis_sites.h"

/* pools: <applicationPools>, NULL for none. Adds to ret->pools and to by_name (scope NULL). -ERR_NOMEM,
 * -ERR_LIMIT. */
int iis_pools_read(struct iis_tree *t, const struct xml_element *pools, int64_t build,
                   struct iis_topology *ret, struct iis_map *by_name, struct err *e);

#endif
