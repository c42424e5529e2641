/* SPDX-License-Identifier: Apache-2.0
 *
 * facts_template: settled facts without a row, as bytes: what the files of facts_lay_out begin with. */
#ifndef CERTTRIAGE_FACTS_TEMPLATE_H
#define CERTTRIAGE_FACTS_TEMPLATE_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

struct facts_template {
    const unsigned char *bytes; /* of the program's lifetime */
    size_t len;
    uint64_t schema_hash;
};

/* Made when it is first asked for. -ERR_NOMEM. */
int facts_template(struct facts_template *ret, struct err *e);

/* What a layout is: every table and index, its text and where it begins. */
#define FACTS_TEMPLATE_SCHEMA "SELECT type, name, rootpage, sql FROM sqlite_master"
/* Over all rows of a statement of that text, which is at its beginning again afterwards. */
int facts_template_hash(sqlite3_stmt *schema, uint64_t *ret);

#endif
