/* SPDX-License-Identifier: Apache-2.0
 *
 * unpack_check: which entries of a zip may be used. */
#ifndef CERTTRIAGE_UNPACK_CHECK_H
#define CERTTRIAGE_UNPACK_CHECK_H

#include "zip_bytes.h"

/* why[i]: what is wrong with entry i, NULL nothing. why has a place for each head. */
int unpack_check(const struct zip_heads *heads, struct arena *a, const char **why, struct err *e);

#endif
