/* SPDX-License-Identifier: Apache-2.0
 *
 * sd: a self-relative security descriptor, as NTFS stores it, to SDDL: owner, group and DACL. Pure. SIDs are
 * written as numbers (S-1-…), rights as FA, FR, FW, FX or in hexadecimal. */
#ifndef CERTTRIAGE_SD_H
#define CERTTRIAGE_SD_H

#include "buf.h"

int sd_to_sddl(struct bytes sd, struct buf *ret, struct err *e); /* -ERR_FORMAT, -ERR_LIMIT, -ERR_NOMEM */

#endif
