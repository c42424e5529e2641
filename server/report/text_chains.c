/* SPDX-License-Identifier: Apache-2.0
 *
 * The chains of client certificates as trees: the root at the top, as Windows' dialog draws it. */
#include "page.h"

#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 2048, INDENT = 256 };

static void add_answers(struct page *p, const json_t *c)
{
    static const struct {
        const char *member, *yes, *no;
    } rows[] = {{"offered", "the client would offer it", "not_offered"},
                {"accepted", "the server would accept it", "not_accepted"}};
    char line[LINE_BYTES];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const json_t *answer = json_object_get(c, rows[i].member);
        if (!answer)
            continue;
        if (json_is_true(answer))
            (void)snprintf(line, sizeof line, "%s", rows[i].yes);
        else
            (void)snprintf(line, sizeof line, "not %s: %s", rows[i].member, page_member(c, rows[i].no));
        page_words(p, json_is_true(answer) ? "    + " : "    - ",
                   json_is_true(answer) ? PAGE_GREEN : PAGE_RED, line);
    }
    if (*page_member(c, "note"))
        page_words(p, "    ! ", PAGE_YELLOW, page_member(c, "note"));
}

static void add_link(struct page *p, const json_t *link, size_t depth)
{
    char line[LINE_BYTES], first[INDENT];
    const char *status = page_member(link, "status"), *store = page_member(link, "store"),
               *from = page_member(link, "not_before");
    bool is_missing = !*page_member(link, "thumbprint");
    int indent = 6 + 3 * (int)(depth > 1 ? depth - 1 : 0);

    (void)snprintf(first, sizeof first, "%*s%s", indent, "", depth ? "\u2514\u2500 " : "");
    if (is_missing)
        (void)snprintf(line, sizeof line, "? %s: missing", page_member(link, "subject"));
    else
        (void)snprintf(line, sizeof line, "%s%s%s%s,%s%.10s until %.10s", page_member(link, "subject"),
                       *store ? " [" : "", store, *store ? "]" : "", *from ? " from " : "", from,
                       page_member(link, "not_after"));
    page_words(p, first, is_missing ? PAGE_RED : PAGE_PLAIN, line);
    if (!*status)
        return;
    (void)snprintf(first, sizeof first, "%*s! ", indent + (depth ? 3 : 0), "");
    page_words(p, first, PAGE_RED, status);
}

static void add_chain(struct page *p, const json_t *c)
{
    const json_t *links = json_object_get(c, "links");
    size_t n = json_array_size(links);
    char line[LINE_BYTES];

    (void)snprintf(line, sizeof line, "%s (%s) in %s\\My%s%s of %s%s%s%s%s", page_member(c, "subject"),
                   page_member(c, "thumbprint"), page_member(c, "location"),
                   *page_member(c, "user") ? " of " : "", page_member(c, "user"), page_member(c, "client"),
                   *page_member(c, "server") ? ", for server " : "", page_member(c, "server"),
                   *page_member(c, "issuers") ? " with trusted issuers " : "", page_member(c, "issuers"));
    page_words(p, "  ", PAGE_BOLD, line);
    add_answers(p, c);
    for (size_t i = 0; i < n; i++)
        add_link(p, json_array_get(links, n - 1 - i), i);
    if (page_number(c, "other_paths") > 0) {
        (void)snprintf(line, sizeof line, "%" JSON_INTEGER_FORMAT " other path%s found, none of them better.",
                       page_number(c, "other_paths"), page_number(c, "other_paths") == 1 ? " was" : "s were");
        page_words(p, "      ", PAGE_DIM, line);
    }
    page_blank(p);
}

void report_text_chains(struct page *p, const json_t *report)
{
    const json_t *list = json_object_get(report, "chains");
    json_int_t left_out = page_number(report, "chains_left_out");
    char line[LINE_BYTES];
    size_t i;
    json_t *c;

    if (json_array_size(list) == 0)
        return;
    page_heading(p, "CLIENT CERTIFICATES");
    json_array_foreach(list, i, c)
    {
        add_chain(p, c);
    }
    if (left_out > 0) {
        (void)snprintf(line, sizeof line,
                       "%" JSON_INTEGER_FORMAT " more are left out; view client_certificate_answer has all.",
                       left_out);
        page_words(p, "  ", PAGE_DIM, line);
    }
}
