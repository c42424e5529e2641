/* SPDX-License-Identifier: Apache-2.0
 *
 * report: a report (JSON, schema/report.schema.json) as text, JSON, SARIF 2.1.0 or one HTML file. No rule
 * logic, no facts.
 */
#ifndef CERTTRIAGE_REPORT_H
#define CERTTRIAGE_REPORT_H

#include "buf.h"
#include "err.h"

#include <jansson.h>

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_HTML, REPORT_SARIF };

bool report_format_from(struct str s, enum report_format *ret); /* "text", "json", "html", "sarif" */
/* Appends; the same report gives the same bytes. Values are hostile: text has no control characters, HTML no
 * markup. colour: ANSI colours in text. */
int report_render(const json_t *report, enum report_format format, bool colour, struct buf *out,
                  struct err *e);
/* 0 no finding of severity error, 1 at least one. */
int report_exit_code(const json_t *report);

#endif
