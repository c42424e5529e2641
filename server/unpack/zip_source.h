/* SPDX-License-Identifier: Apache-2.0
 *
 * zip_source: the first bytes of a file, with a directory of our own behind them, as a zip for libzip. */
#ifndef CERTTRIAGE_ZIP_SOURCE_H
#define CERTTRIAGE_ZIP_SOURCE_H

#include "str.h"

#include <zip.h>

/* NULL and *error on failure. tail may be empty; it outlives the result. */
zip_t *zip_window_open(int fd, uint64_t file_bytes, struct bytes tail, int flags, zip_error_t *error);

#endif
