/* SPDX-License-Identifier: Apache-2.0
 *
 * suppress: findings that somebody has decided to live with. A suppression is a JSON object: rule (id),
 * reason, and, each optional, subject and machine (patterns: * any characters, ? one, without regard to
 * case; "" is the empty text only, left out: all), until (a day, or a time: RFC 3339). Other members are
 * refused. */
#ifndef CERTTRIAGE_SUPPRESS_H
#define CERTTRIAGE_SUPPRESS_H

#include "rules.h"

/* An array of suppressions (new reference). -ERR_FORMAT: which one, and what is wrong with it. */
int suppressions_read(const struct ruleset *set, struct str text, json_t **ret, struct err *e);
/* Marks the findings they cover at that time (member "suppressed"), takes causes out of the diagnoses that
 * are covered whole, writes the summary anew, and adds "suppressions": each with used (how many findings) and
 * ended. */
int suppressions_apply(json_t *report, const json_t *list, int64_t now_ms, struct err *e);
/* The last ms of it; INT64_MAX without an end. false: no time. */
bool suppression_until(const json_t *suppression, int64_t *ret_ms);

#endif
