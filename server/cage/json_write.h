/* SPDX-License-Identifier: Apache-2.0
 *
 * json_write: a tree as text, the same bytes as json_dumps(…, JSON_COMPACT | JSON_ENCODE_ANY) in a quarter of
 * the time: of what was built here it is known that nothing holds itself, for which Jansson looks each time.
 */
#ifndef CERTTRIAGE_JSON_WRITE_H
#define CERTTRIAGE_JSON_WRITE_H

#include "buf.h"

#include <jansson.h>

/* Sticky as all of buf: buf_check says whether it fits. */
void json_write(const json_t *value, struct buf *to);

#endif
