/* SPDX-License-Identifier: Apache-2.0
 *
 * text_timeline: a symptom over time as bars, with what happened meanwhile. */
#include "page.h"

#include <stdio.h>
#include <string.h>

enum { BAR = 40, LINE_BYTES = 512 };

static json_int_t most(const json_t *rows)
{
    json_int_t n = 1;
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        if (page_number(row, "count") > n)
            n = page_number(row, "count");
    }
    return n;
}

/* "2015-09-06 15:00  ########  3" */
static void add_bar(struct page *p, const json_t *row, json_int_t max)
{
    char line[LINE_BYTES], bar[BAR + 1];
    json_int_t count = page_number(row, "count"), n = (count * BAR + max - 1) / max;
    const char *time = page_member(row, "time");

    memset(bar, '#', (size_t)n);
    bar[n] = '\0';
    (void)snprintf(line, sizeof line, "%.10s %.5s  %s %" JSON_INTEGER_FORMAT, time,
                   strlen(time) > 16 ? time + 11 : "", bar, count);
    page_line(p, "      ", PAGE_PLAIN, line);
}

void report_text_timeline(struct page *p, const json_t *symptom)
{
    const json_t *rows = json_object_get(symptom, "timeline");
    json_int_t max = most(rows);
    char line[LINE_BYTES];
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        const char *time = page_member(row, "time");
        if (json_object_get(row, "count")) {
            add_bar(p, row, max);
            continue;
        }
        (void)snprintf(line, sizeof line, "%.10s %.5s  -- %s", time, strlen(time) > 16 ? time + 11 : "",
                       page_member(row, "text"));
        page_words(p, "      ", PAGE_DIM, line);
    }
}
