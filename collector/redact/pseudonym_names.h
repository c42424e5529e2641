/* SPDX-License-Identifier: Apache-2.0
 *
 * pseudonym_names: what pseudonym.c and learn.c share. */
#ifndef CERTTRIAGE_PSEUDONYM_NAMES_H
#define CERTTRIAGE_PSEUDONYM_NAMES_H

#include "arena.h"
#include "pseudonym.h"

enum { NAME_BYTES = 255 };

struct name {
    struct str text;      /* lower case */
    struct str pseudonym; /* p NULL: none yet, or it stays */
    bool is_name;         /* stands in texts; else a part of one, or in a certificate alone */
    bool in_certificate;  /* a host that one is for, or a domain above one */
    bool stays;
    struct name *next;
};

/* Finds, or makes with neither pseudonym nor meaning; NULL: out of memory, which p remembers. */
struct name *names_get(struct pseudonyms *p, struct str text);
const struct name *names_find(const struct pseudonyms *p, struct str text);
/* Gives one that has none the next of its family: "name%u", "198.18.%u.%u", … */
enum name_family { FAMILY_NAME, FAMILY_IPV4, FAMILY_IPV6, FAMILY_SID, FAMILY_COUNT };
void names_give(struct pseudonyms *p, struct name *n, enum name_family family);
void names_set(struct pseudonyms *p, struct name *n, struct str pseudonym);
bool names_is_letter(char c); /* of a word: a letter, a digit, anything beyond ASCII */

/* What of s may be a host's name; what of it is one value in XML, JSON or registry text. */
struct str names_host(struct str s);
struct str names_value(struct str s);

#endif
