/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_sid: the SID that Windows computes for 'IIS AppPool\Name': S-1-5-82- and the SHA-1 of the name in
 * lower-case UTF-16LE as five little-endian numbers (the scheme of service SIDs, MS-DTYP 2.4.2.4 lists the
 * authority). */
#ifndef CERTTRIAGE_IIS_SID_H
#define CERTTRIAGE_IIS_SID_H

#include "arena.h"

/* pool: UTF-8. p == NULL: memory. */
struct str iis_sid_of_pool(struct str pool, struct arena *a);

#endif
