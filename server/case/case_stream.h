/* SPDX-License-Identifier: Apache-2.0
 *
 * case_stream: what the worker of the case job reads (server/facts/extract_case.h), from the merged facts. */
#ifndef CERTTRIAGE_CASE_STREAM_H
#define CERTTRIAGE_CASE_STREAM_H

#include "err.h"

#include <sqlite3.h>

/* A memory file, to be closed by the caller; -1 when there is nothing to compare: no client certificate, or
 * no server. */
int case_stream(sqlite3 *db, int *ret_fd, struct err *e);

#endif
