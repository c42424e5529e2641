/* SPDX-License-Identifier: Apache-2.0
 *
 * check_needs: the tables that a rule reads, against the kinds of evidence that its header names. */
#ifndef CERTTRIAGE_CHECK_NEEDS_H
#define CERTTRIAGE_CHECK_NEEDS_H

#include <sqlite3.h>

#include "rule.h"

enum { TABLE_READS_MAX = 96 };

/* By table: read at all, also through views; named in the rule itself. */
struct table_reads {
    bool any[TABLE_READS_MAX], direct[TABLE_READS_MAX];
};

/* Adds what `sql` reads. `db` holds the empty facts and must not be confined; its authorizer is replaced.
 * Negative: `sql` does not compile. */
int table_reads_add(sqlite3 *db, const char *sql, struct table_reads *ret);
/* Does anything that is read come from this need, "server/a|server/b"? */
bool need_is_read(const struct table_reads *reads, struct str need);
/* The first table that the rule names and none of its needs and uses fills; NULL: none. *ret_kinds: what
 * fills it. Both live as long as the program. */
const char *table_without_need(const struct table_reads *reads, const struct rule *rule,
                               const char **ret_kinds);

#endif
