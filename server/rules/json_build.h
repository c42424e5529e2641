/* SPDX-License-Identifier: Apache-2.0
 *
 * json_build: the parts of a report. Jansson checks that names and texts are UTF-8, byte by byte; names and
 * words that stand in this program are. Private to server/rules. */
#ifndef CERTTRIAGE_JSON_BUILD_H
#define CERTTRIAGE_JSON_BUILD_H

#include "str.h"

#include <jansson.h>

/* A member whose name stands in this program; takes the value. Out of memory it is missing. */
static inline void put(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new_nocheck(object, name, value);
}

/* A text that stands in this program (new reference). */
static inline json_t *json_word(const char *word)
{
    return json_string_nocheck(word);
}

/* From bytes that may not be UTF-8: what is none becomes U+FFFD (new reference). */
json_t *json_text(struct str s);

#endif
