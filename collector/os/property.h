/* SPDX-License-Identifier: Apache-2.0
 *
 * property: one certificate, CRL or CTL with its properties as a store keeps it (registry value Blob, or a
 * file of a profile): repeated {id, 1, length, data}, little-endian. Pure: strangers' bytes in, a structure
 * out. */
#ifndef CERTTRIAGE_PROPERTY_H
#define CERTTRIAGE_PROPERTY_H

#include "arena.h"
#include "os.h"

/* *ret points into `blob` and `a`; `physical` is left to the caller. -ERR_FORMAT: cut off, or nothing of the
 * three in it; -ERR_LIMIT, -ERR_NOMEM. A property that is known and malformed (a key without its names) is
 * -ERR_FORMAT as well. */
int property_blob_read(struct bytes blob, struct arena *a, struct os_cert *ret, struct err *e);

#endif
