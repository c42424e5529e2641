/* SPDX-License-Identifier: Apache-2.0
 *
 * page: text for a terminal, 100 columns wide: wrapped words, indented, with nothing in it that a terminal
 * would obey. Private to server/report. */
#ifndef CERTTRIAGE_PAGE_H
#define CERTTRIAGE_PAGE_H

#include "buf.h"

#include <jansson.h>

enum page_colour { PAGE_PLAIN, PAGE_BOLD, PAGE_DIM, PAGE_RED, PAGE_YELLOW, PAGE_BLUE, PAGE_GREEN };

struct page {
    struct buf *out;
    bool colour;
};

void page_heading(struct page *p, const char *text);
void page_blank(struct page *p);
/* Words, broken at blanks; the first line begins with `first`, further ones with as many blanks. Values are
 * made printable. */
void page_words(struct page *p, const char *first, enum page_colour colour, const char *text);
/* One line as it is (a command is copied whole), made printable. */
void page_line(struct page *p, const char *first, enum page_colour colour, const char *text);

/* Members of the report; "" and 0 where they are not there. */
const char *page_member(const json_t *object, const char *name);
json_int_t page_number(const json_t *object, const char *name);
enum page_colour page_severity(const char *severity);

/* text.c, text_chains.c, text_handshakes.c, text_timeline.c, html.c, sarif.c; SARIF: new reference, NULL
 * without memory */
void report_text(const json_t *report, bool colour, struct buf *out);
void report_text_chains(struct page *p, const json_t *report);
void report_text_handshakes(struct page *p, const json_t *report);
void report_text_timeline(struct page *p, const json_t *symptom);
json_t *report_sarif(const json_t *report);
int report_html(const json_t *report, struct buf *out, struct err *e);

#endif
