/* SPDX-License-Identifier: Apache-2.0
 *
 * rules_print: rules on standard output. The rows are those of ruleset_list, a page that of ruleset_describe.
 */
#ifndef CERTTRIAGE_RULES_PRINT_H
#define CERTTRIAGE_RULES_PRINT_H

#include <jansson.h>

void rules_print_text(const json_t *rows);
/* The steps of the article with their rules, and the catalogue. */
void rules_print_markdown(const json_t *rows);
void rules_print_page(const json_t *rule);

#endif
