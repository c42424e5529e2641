/* SPDX-License-Identifier: Apache-2.0
 *
 * limits: the rows of limits.def as constants, LIMIT_<NAME>, all of type int64_t. */
#ifndef CERTTRIAGE_LIMITS_H
#define CERTTRIAGE_LIMITS_H

/* This folder stands before the system's on the include path, so a library's <limits.h> finds this file: pass it on. */
#pragma GCC system_header
#include_next <limits.h>

#include <stdint.h>

#define LIMIT(name, value, unit, why) __attribute__((unused)) static const int64_t LIMIT_##name = (value);
#include "limits.def"
#undef LIMIT

#endif
