/* SPDX-License-Identifier: Apache-2.0
 *
 * facts_insert: frames into a facts database, each checked as a stranger's: known table and columns, types,
 * UTF-8, lengths, counts. The caller holds the transaction. */
#ifndef CERTTRIAGE_FACTS_INSERT_H
#define CERTTRIAGE_FACTS_INSERT_H

#include "err.h"
#include "sink.h"
#include "str.h"

#include <sqlite3.h>

struct facts_inserter;

/* label: of the machine; NULL: the name in the first row, which must be one of `machine`; "": a case job,
 * whose rows name a machine that is in table `machine`. db as facts_create made it. */
int facts_inserter_open(sqlite3 *db, const char *label, struct facts_inserter **ret, struct err *e);
void facts_inserter_close(struct facts_inserter *ins); /* NULL is fine */
/* One frame's body. -ERR_FORMAT: not a row that may be; -ERR_LIMIT: too many, too long. */
int facts_insert_row(struct facts_inserter *ins, struct bytes body, struct err *e);
/* A whole stream of frames, up to and with the end mark; -ERR_FORMAT when that is missing. */
int facts_insert_frames(struct facts_inserter *ins, struct bytes stream, struct err *e);
/* The machine's label, "machine" as long as none is known. */
const char *facts_inserter_label(const struct facts_inserter *ins);
/* Did a row of `machine` come? */
bool facts_inserter_has_machine(const struct facts_inserter *ins);
/* A bundle_problem row of the parent itself; makes the row of `machine` first when there is none. */
int facts_insert_problem(struct facts_inserter *ins, const char *problem, struct err *e);
/* A sink_put_fn whose ctx is a facts_inserter: a sink straight into a database. */
int facts_insert_put(struct bytes frame, void *ctx, struct err *e);

#endif
