/* SPDX-License-Identifier: Apache-2.0
 *
 * licenses: the notices of this program and of what is linked into it. */
#ifndef CERTTRIAGE_COLLECT_LICENSES_H
#define CERTTRIAGE_COLLECT_LICENSES_H

#include <stdio.h>

#include "err.h"

int licenses_print(FILE *to, struct err *e); /* -ERR_NOMEM */

#endif
