/* SPDX-License-Identifier: Apache-2.0
 *
 * repair: a whole bundle from one whose run was killed. */
#ifndef CERTTRIAGE_COLLECT_REPAIR_H
#define CERTTRIAGE_COLLECT_REPAIR_H

#include "err.h"

/* Copies every entry of `in` that was finished and is sound into `out` (NULL: "<in without
 * .zip>-repaired.zip"), with a manifest made of the items' own outcomes, and says on stderr what that was. 0,
 * or -ERR_FORMAT when nothing was finished, -ERR_CONFLICT when `out` is there already, -ERR_x of the files.
 */
int repair_bundle(const char *in, const char *out, struct err *e);

#endif
