/* SPDX-License-Identifier: Apache-2.0
 *
 * utf: one code point at a time; what text.c and utf16.c share. */
#ifndef CERTTRIAGE_UTF_H
#define CERTTRIAGE_UTF_H

#include "buf.h"

/* Bytes of the first code point of s, 0 when s is empty or does not begin with a legal sequence. */
size_t utf8_decode(struct str s, uint32_t *ret);
/* Appends a code point (at most U+10FFFF, no surrogate). */
void utf8_add(struct buf *out, uint32_t code);

#endif
