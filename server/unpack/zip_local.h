/* SPDX-License-Identifier: Apache-2.0
 *
 * zip_local: what zip_central.c needs of local headers. */
#ifndef CERTTRIAGE_ZIP_LOCAL_H
#define CERTTRIAGE_ZIP_LOCAL_H

#include "zip_bytes.h"

/* Where the data of the entry begin whose local header stands at `offset`; false: none stands there. */
bool zip_local_data(int fd, uint64_t offset, uint64_t *ret);

#endif
