/* SPDX-License-Identifier: Apache-2.0
 *
 * brief: of a report that was judged in the cage, as text, what the store's lists show of it. */
#ifndef CERTTRIAGE_BRIEF_H
#define CERTTRIAGE_BRIEF_H

#include "err.h"
#include "str.h"

#include <jansson.h>

/* An array (new reference) with an object for each finding: of fingerprint, rule, severity, machine, site,
 * subject and title those that are texts. report: of judge_case. -ERR_NOMEM. */
int brief_findings(struct str report, json_t **ret, struct err *e);
/* The title of what the first diagnosis takes for the cause (new reference); NULL: there is none. */
json_t *brief_cause(struct str report);

#endif
