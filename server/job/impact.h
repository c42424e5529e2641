/* SPDX-License-Identifier: Apache-2.0
 *
 * impact: what other rules would say of the stored cases, before they are in force. Nothing that is stored
 * changes. */
#ifndef CERTTRIAGE_IMPACT_H
#define CERTTRIAGE_IMPACT_H

#include "rules.h"
#include "store.h"

/* Judges every case by `rules` and compares with its newest report, rule by rule. New reference to
 * {ruleset, cases, changed, failed, rules: [{rule, gain, lose, keep, change, gained, lost}], failures}: how
 * many cases have a finding of the rule now only, before only, in both alike, in both but about other things;
 * gained and lost are at most `samples` of {case, machine, subject}. Rules sorted by how many cases they
 * touch. samples: 0 to 100. */
int impact_of(struct store *s, const struct ruleset *rules, size_t samples, json_t **ret, struct err *e);

#endif
