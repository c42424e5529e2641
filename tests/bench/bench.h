/* SPDX-License-Identifier: Apache-2.0
 *
 * bench: the bundle that the log bench makes. */
#ifndef CERTTRIAGE_BENCH_H
#define CERTTRIAGE_BENCH_H

#include <stdint.h>

#include "err.h"

/* A bundle with a manifest and so many MiB of W3C logs of one site. */
int bench_bundle_make(const char *path, int64_t mib, struct err *e);

#endif
