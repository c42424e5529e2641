/* SPDX-License-Identifier: Apache-2.0
 *
 * w3c_other: the two other text formats that IIS can be told to write, read into the columns of w3c.h. Both
 * are fixed and have no head. The IIS format (u_inYYMMDD.log) is comma-separated and has local times; the
 * NCSA common format (u_ncYYMMDD.log) has no win32 status, and neither has a substatus.
 * https://learn.microsoft.com/windows/win32/http/iis-logging, …/ncsa-logging */
#ifndef CERTTRIAGE_W3C_OTHER_H
#define CERTTRIAGE_W3C_OTHER_H

#include "w3c.h"

/* Which of them this line is of; W3C_FORMAT_W3C: none. */
enum w3c_format w3c_other_format(const char *p, size_t len);
/* Puts the line's columns into w->start, w->end and w->column, and its time into *ret_ms. false: not such a
 * line. */
bool w3c_other_read(struct w3c *w, enum w3c_format format, const char *p, size_t len, int64_t *ret_ms);

#endif
