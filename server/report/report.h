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
/* The Content-Security-Policy of the HTML report, which stands in its <meta>, too: its own scripts and style
 * by their hashes (CSP Level 3, 2.3.1), nothing else loads or runs. It does not depend on the report. A
 * frame-ancestors that a header may add a <meta> may not. Never NULL; it lives as long as the program. */
const char *report_html_policy(void);
/* 0 no finding of severity error, 1 at least one. */
int report_exit_code(const json_t *report);

#endif
