/* SPDX-License-Identifier: Apache-2.0
 *
 * cases: what the files of the cases share; internal to receive/. */
#ifndef CERTTRIAGE_CASES_H
#define CERTTRIAGE_CASES_H

#include "request.h"

enum { CASE_BODY_BYTES = 65536 };

/* One case with its bundles and its complaint. -ERR_MISSING. */
int answer_case(struct request *r, unsigned status, struct str id, struct err *e);

/* cases_edit.c */
int create_case(struct request *r, struct err *e);
int change_case(struct request *r, struct err *e);
int delete_case(struct request *r, struct err *e);

#endif
