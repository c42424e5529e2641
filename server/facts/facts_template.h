/* SPDX-License-Identifier: Apache-2.0
 *
 * facts_template: settled facts without a row, not even a constant of facts.sql, as bytes: what the files of
 * facts_lay_out begin with. */
#ifndef CERTTRIAGE_FACTS_TEMPLATE_H
#define CERTTRIAGE_FACTS_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

struct facts_template {
    const unsigned char *bytes; /* of the program's lifetime */
    size_t len;
};

struct facts_template facts_template(void); /* made when the program was built */

/* Do the tables and indexes of facts whose file begins with this header stand where the template's stand?
 * header: its first 100 bytes. The template carries a hash of its layout as application_id and schema cookie,
 * which SQLite changes when a table is dropped or made. */
bool facts_template_is_same(const unsigned char *header);

#endif
