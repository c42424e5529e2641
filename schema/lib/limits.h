/* SPDX-License-Identifier: Apache-2.0
 *
 * limits: the rows of limits.def as constants, LIMIT_<NAME>, all of type int64_t. */
/* This folder stands before the system's on the include path, so a library's <limits.h> finds this file: pass
 * it on. Outside of the guard: the compiler's own limits.h comes by here a second time on its way to libc's.
 */
#pragma GCC system_header
#include_next <limits.h>

#ifndef CERTTRIAGE_LIMITS_H
#define CERTTRIAGE_LIMITS_H

#include <stdint.h>

#define LIMIT(name, value, unit, why) __attribute__((unused)) static const int64_t LIMIT_##name = (value);
#include "limits.def"
#undef LIMIT

#endif
