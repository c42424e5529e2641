/* SPDX-License-Identifier: Apache-2.0
 *
 * json_text: JSON (RFC 8259) looked at where it lies, without a tree of it: a report is stored as the text
 * that came, and of its thousands of values a few dozen are wanted. Everything that is accepted here Jansson
 * reads as well, also with JSON_REJECT_DUPLICATES: it allows depths, members and numbers that this does not,
 * and what no report has. */
#ifndef CERTTRIAGE_JSON_TEXT_H
#define CERTTRIAGE_JSON_TEXT_H

#include "err.h"
#include "str.h"

enum {
    JSON_TEXT_DEPTH = 32,
    JSON_TEXT_MEMBERS = 64, /* of one object */
    JSON_TEXT_DIGITS = 18   /* of a number: any integer of them fits, and no real overflows */
};

/* The whole of it is one object, blanks around it: UTF-8, no NUL in any spelling, no name twice in an object,
 * nothing beyond the limits above, no exponent. -ERR_FORMAT: not so; *e says at which byte. */
int json_text_check(struct str text, struct err *e);

/* What follows is for text that was checked; other text gives anything, but reads nothing outside of it. */

/* One element, or member, after the other, values as they are written: *at is 0 at first. False: no further
 * one, or not an array or object. */
bool json_text_next(struct str array, size_t *at, struct str *ret);
bool json_text_pair(struct str object, size_t *at, struct str *ret_name, struct str *ret);
/* Empty: no such member, or not an object. */
struct str json_text_member(struct str object, struct str name);

#endif
