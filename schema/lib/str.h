/* SPDX-License-Identifier: Apache-2.0
 *
 * str: views. A struct str or struct bytes never owns; it lives as long as what it points into. */
#ifndef CERTTRIAGE_STR_H
#define CERTTRIAGE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *p; /* not NUL-terminated; NULL only with len 0 */
    size_t len;    /* bytes */
};

struct bytes {
    const uint8_t *p;
    size_t len;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

struct str str_from(const char *c_string); /* NULL gives the empty view */
bool str_eq(struct str a, struct str b);
bool str_ieq(struct str a, struct str b); /* ASCII case-insensitive */
bool str_starts(struct str s, struct str prefix);
bool str_istarts(struct str s, struct str prefix);
bool str_iends(struct str s, struct str suffix);
/* '*' in the pattern stands for any number of bytes; without regard to case, and its '/' is '\\', too. */
bool str_fits(struct str text, struct str pattern);
int str_icmp(struct str a, struct str b);
struct str str_trim(struct str s);                 /* ASCII blanks at both ends */
struct str str_skip(struct str s, size_t n_bytes); /* n > len gives the empty view */
/* Cuts at the first `separator`: returns what stands before it, *rest gets what stands after it. Without a
 * separator the whole is returned and *rest is empty with p == NULL. */
struct str str_cut(struct str s, char separator, struct str *rest);
/* Decimal digits only, the whole view; false when empty, not a number, or over max. */
bool str_to_u64(struct str s, uint64_t max, uint64_t *ret);

#endif
