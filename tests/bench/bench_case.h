/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_case: an ordinary case (design, section 9) out of the facts of a server and a client. */
#ifndef CERTTRIAGE_BENCH_CASE_H
#define CERTTRIAGE_BENCH_CASE_H

#include <sqlite3.h>

/* Three sites, 200 certificates, 1,000 sampled requests. 0, or -1 (said on standard error). */
int bench_fill_server(sqlite3 *db);
/* 100 certificates. */
int bench_fill_client(sqlite3 *db);

#endif
