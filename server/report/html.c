/* SPDX-License-Identifier: Apache-2.0
 *
 * html: the template server/web/report.html with two markers replaced: the report as JSON, where no "<" can
 * end the script that holds it, and as escaped text for a browser without scripts. */
#include "page.h"

#include <stdlib.h>
#include <string.h>

extern const char report_html_template[];
extern const size_t report_html_template_len;

static void add_json(const json_t *report, struct buf *out)
{
    char *text = json_dumps(report, JSON_COMPACT | JSON_SORT_KEYS);

    if (!text)
        out->failed = ERR_NOMEM;
    for (const char *p = text; p && *p; p++) {
        if (*p == '<')
            buf_add_c(out, "\\u003c");
        else
            buf_add_char(out, *p);
    }
    free(text);
}

static void add_escaped(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '<')
            buf_add_c(out, "&lt;");
        else if (s.p[i] == '&')
            buf_add_c(out, "&amp;");
        else
            buf_add_char(out, s.p[i]);
    }
}

int report_html(const json_t *report, struct buf *out, struct err *e)
{
    static const char json_mark[] = "@REPORT_JSON@", text_mark[] = "@REPORT_TEXT@";
    CLEANUP(buf_done) struct buf text = BUF_INIT(64 << 20);
    const char *json_at = strstr(report_html_template, json_mark),
               *text_at = strstr(report_html_template, text_mark);

    if (!json_at || !text_at || text_at > json_at)
        return err_set(e, ERR_FORMAT, "report.html: its markers are not there, text before JSON");
    report_text(report, false, &text);
    if (buf_check(&text, "report", e) < 0)
        return -e->code;
    buf_add(out, report_html_template, (size_t)(text_at - report_html_template));
    add_escaped(buf_str(&text), out);
    text_at += sizeof text_mark - 1;
    buf_add(out, text_at, (size_t)(json_at - text_at));
    add_json(report, out);
    buf_add_c(out, json_at + sizeof json_mark - 1);
    return 0;
}
