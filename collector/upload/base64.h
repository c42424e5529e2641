/* SPDX-License-Identifier: Apache-2.0
 *
 * base64: RFC 4648 section 4, with padding; internal to upload/. */
#ifndef CERTTRIAGE_UPLOAD_BASE64_H
#define CERTTRIAGE_UPLOAD_BASE64_H

#include "buf.h"

void base64_add(struct buf *out, struct bytes data);

#endif
