/* SPDX-License-Identifier: Apache-2.0
 *
 * redact_bundle: an old bundle, of --raw say, without what redaction leaves out. */
#ifndef CERTTRIAGE_REDACT_BUNDLE_H
#define CERTTRIAGE_REDACT_BUNDLE_H

#include "err.h"

/* Writes `out`, which must not be there yet: each entry of `in` as it would have been collected, sizes and
 * hashes of the manifest anew. What cannot be redacted (attachments, .evtx, packed logs, private keys, what
 * is not known) is left out: its item says so, and where a bundle has no manifest log/redact.log. Of a
 * redacted bundle the same comes out again. 0, -ERR_FORMAT when nothing in it is sound, -ERR_CONFLICT, -ERR_x
 * of the files. */
int redact_bundle(const char *in, const char *out, const char *map, struct err *e);

#endif
