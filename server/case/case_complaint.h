/* SPDX-License-Identifier: Apache-2.0
 *
 * case_complaint: what the support team says of a case, in place of what the bundles' manifests say. Private
 * to server/case. */
#ifndef CERTTRIAGE_CASE_COMPLAINT_H
#define CERTTRIAGE_CASE_COMPLAINT_H

#include "err.h"
#include "str.h"

#include <sqlite3.h>

/* json: url, when, account, thumbprint, seen, each a text (schema/openapi.yaml, Complaint); empty: nothing is
 * said and nothing is changed. Each machine of the case gets it: which of them it is about is told by its
 * URL. -ERR_FORMAT, -ERR_NOMEM. */
int case_complain(sqlite3 *db, struct str json, struct err *e);

#endif
