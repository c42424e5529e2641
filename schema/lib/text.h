/* SPDX-License-Identifier: Apache-2.0
 *
 * text: hexadecimal, UTF-8, UTF-16, times. Inside both programs text is UTF-8 and times are int64
 * milliseconds UTC since 1970. */
#ifndef CERTTRIAGE_TEXT_H
#define CERTTRIAGE_TEXT_H

#include "buf.h"

#define TIME_NONE INT64_MIN

void text_hex(struct buf *out, const void *data, size_t len); /* lower case */
/* Hex digits, both cases, whole view, even count. False when not so or longer than room. */
bool text_unhex(struct str s, uint8_t *out, size_t room, size_t *ret_len);
bool text_is_utf8(struct str s); /* strict: no surrogates, no overlong forms */
/* Appends s with everything that is not UTF-8 replaced by U+FFFD, and NUL dropped. */
void text_add_utf8_lossy(struct buf *out, struct str s);
/* Appends s for a terminal or a log line: control characters, C1, bidirectional marks and line separators as
 * \xNN or \u{NNNN}. */
void text_add_printable(struct buf *out, struct str s);
/* UTF-8 in which text_add_printable would change nothing. */
bool text_is_printable(struct str s);
/* UTF-16LE code units to UTF-8; unpaired surrogates become U+FFFD; an odd last byte is dropped. */
void text_add_utf16le(struct buf *out, const void *data, size_t len_bytes);
void text_add_utf16be(struct buf *out, const void *data, size_t len_bytes);
/* UTF-8 to UTF-16LE code units; what is not UTF-8 becomes U+FFFD. */
void text_add_as_utf16le(struct buf *out, struct str utf8);
/* A file's bytes to UTF-8 by its byte order mark (UTF-8, UTF-16 LE/BE; none: UTF-8, or UTF-16LE when every
 * second byte of the first 64 is NUL). The mark is dropped. Invalid sequences become U+FFFD. */
void text_add_decoded(struct buf *out, struct bytes file);

/* "2015-09-06T15:46:29.000Z". ret holds at least 32 bytes; TIME_NONE gives "". */
void time_format(int64_t ms, char ret[32]);
/* RFC 3339 with Z or an offset, fraction optional, blank or T between. */
bool time_parse(struct str s, int64_t *ret_ms);
int64_t time_from_civil(int year, int month, int day, int hour, int minute, int second);
int64_t time_from_filetime(uint64_t filetime); /* 100 ns since 1601; 0 gives TIME_NONE */

#endif
