/* SPDX-License-Identifier: Apache-2.0
 *
 * What captures and probes show of the handshakes: one line each, or one for all that say the same. */
#include "page.h"

#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 2048 };

static void add_handshake(struct page *p, const json_t *h)
{
    char line[LINE_BYTES];
    json_int_t count = page_number(h, "count");
    const char *asked = page_member(h, "asked"), *version = page_member(h, "version");
    bool is_yes = strcmp(asked, "yes") == 0, is_local = json_is_true(json_object_get(h, "local"));

    (void)snprintf(line, sizeof line, "%s%s%s: %s", page_member(h, "server"), *version ? ", " : "", version,
                   page_member(h, "words"));
    page_words(p,
               is_yes                     ? "  + "
               : strcmp(asked, "no") == 0 ? "  - "
                                          : "  ? ",
               is_yes                     ? PAGE_GREEN
               : strcmp(asked, "no") == 0 ? PAGE_RED
                                          : PAGE_PLAIN,
               line);
    (void)snprintf(line, sizeof line,
                   "seen by %s of %s%s, %" JSON_INTEGER_FORMAT
                   " time%s, %s%s%s (%s, connection %" JSON_INTEGER_FORMAT ")",
                   strcmp(page_member(h, "source"), "probe") == 0 ? "the probe" : "a capture",
                   page_member(h, "machine"), is_local ? ", on the machine itself" : "", count,
                   count == 1 ? "" : "s", page_member(h, "first"), count > 1 ? " to " : "",
                   count > 1 ? page_member(h, "last") : "", page_member(h, "entry"),
                   page_number(h, "connection"));
    page_words(p, "      ", PAGE_DIM, line);
}

void report_text_handshakes(struct page *p, const json_t *report)
{
    const json_t *list = json_object_get(report, "handshakes");
    char line[LINE_BYTES];
    json_t *one;
    size_t i;

    if (json_array_size(list) == 0)
        return;
    page_heading(p, "HANDSHAKES");
    json_array_foreach(list, i, one)
    {
        add_handshake(p, one);
    }
    if (page_number(report, "handshakes_left_out") > 0) {
        (void)snprintf(line, sizeof line, "%" JSON_INTEGER_FORMAT " more kinds of them are left out.",
                       page_number(report, "handshakes_left_out"));
        page_words(p, "  ", PAGE_DIM, line);
    }
}
