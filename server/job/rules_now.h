/* SPDX-License-Identifier: Apache-2.0
 *
 * rules_now: the rule set that is in force, which may be read again while jobs and requests use the one
 * before. From any thread. */
#ifndef CERTTRIAGE_RULES_NOW_H
#define CERTTRIAGE_RULES_NOW_H

#include "rules.h"

#include <stdbool.h>

struct rules_now;

/* dir (NULL: only those built in) is copied. Errors of ruleset_load. */
int rules_now_open(const char *dir, struct rules_now **ret, struct err *e);
void rules_now_close(struct rules_now *n); /* when nobody holds one any more; NULL is fine */
/* Reads the folder again. On failure the old ones stay; *ret_changed: they have another version. */
int rules_now_reload(struct rules_now *n, bool *ret_changed, struct err *e);
/* Has a file of the folder come, gone or changed since it was read (by name, size and time)? */
bool rules_now_is_stale(struct rules_now *n);
/* The ones in force, good until they are released. */
const struct ruleset *rules_now_hold(struct rules_now *n);
void rules_now_release(struct rules_now *n, const struct ruleset *set);

#endif
