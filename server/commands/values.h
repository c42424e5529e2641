/* SPDX-License-Identifier: Apache-2.0
 *
 * values: what stands behind an option, as a number. */
#ifndef CERTTRIAGE_VALUES_H
#define CERTTRIAGE_VALUES_H

#include "options.h"

#include <stdint.h>

/* "30s", "90m", "12h", "7d". -ERR_USAGE. Not given: *ret stays. */
int option_duration(const struct options *o, const char *name, int64_t *ret_ms, struct err *e);
/* "512M": bytes, or K, M, G of 1024. -ERR_USAGE. Not given: *ret stays. */
int option_size(const struct options *o, const char *name, int64_t *ret_bytes, struct err *e);
/* A whole number from low to high. -ERR_USAGE. Not given: *ret stays. */
int option_number(const struct options *o, const char *name, int64_t low, int64_t high, int64_t *ret,
                  struct err *e);

#endif
