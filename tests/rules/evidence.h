/* SPDX-License-Identifier: Apache-2.0
 *
 * evidence: a machine with its changes, as the collector's bundle (mkimage, certtriage-collect --image), and
 * the facts in it. Bundles are kept in the build folder under a name that is a hash over all that they are
 * made from, both programs included: what has not changed is not made again. */
#ifndef CERTTRIAGE_TESTS_EVIDENCE_H
#define CERTTRIAGE_TESTS_EVIDENCE_H

#include <jansson.h>
#include <sqlite3.h>

#include "rule_case.h"
#include "rules.h"

/* Once, before the rest: bundles are kept in this folder of build/tests. False: said on standard error. */
bool evidence_open(const char *folder);
/* The report over all machines of a case (new reference); NULL: c->wrong says why. keep: which of the
 * machines are asked for again, so that their facts stay. */
json_t *evidence_report(struct rule_case *c, const struct ruleset *set, const bool keep[CASE_MACHINES]);
void evidence_close(void);
/* Where a machine's bundle is. */
void evidence_path(const struct case_machine *m, char *ret, size_t room);
/* The report, and the bundles that it is of, as <number>.json: for check_reports.py, which looks whether its
 * evidence is in them. Adds to the report. */
void evidence_leave(const struct rule_case *c, json_t *report, const char *name, const char *folder,
                    size_t number);
/* Removes the bundles that no case of the list asks for. */
void evidence_prune(const struct rule_case *list);

#endif
