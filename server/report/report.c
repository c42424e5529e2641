/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "page.h"

bool report_format_from(struct str s, enum report_format *ret)
{
    static const struct {
        const char *name;
        enum report_format format;
    } formats[] = {
        {"text", REPORT_TEXT}, {"json", REPORT_JSON}, {"html", REPORT_HTML}, {"sarif", REPORT_SARIF}};

    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (str_eq(s, str_from(formats[i].name))) {
            *ret = formats[i].format;
            return true;
        }
    }
    return false;
}

static int render_json(const json_t *report, struct buf *out, struct err *e)
{
    char *text = report ? json_dumps(report, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;

    if (!text)
        return err_set(e, ERR_NOMEM, "report");
    buf_add_c(out, text);
    buf_add_char(out, '\n');
    free(text);
    return 0;
}

static int render_sarif(const json_t *report, struct buf *out, struct err *e)
{
    json_t *sarif = report_sarif(report);
    int r = render_json(sarif, out, e);

    json_decref(sarif);
    return r;
}

int report_render(const json_t *report, enum report_format format, bool colour, struct buf *out,
                  struct err *e)
{
    int r = 0;

    if (format == REPORT_TEXT)
        report_text(report, colour, out);
    else if (format == REPORT_HTML)
        r = report_html(report, out, e);
    else if (format == REPORT_SARIF)
        r = render_sarif(report, out, e);
    else
        r = render_json(report, out, e);
    return r < 0 ? r : buf_check(out, "report", e);
}

int report_exit_code(const json_t *report)
{
    size_t i;
    json_t *finding;

    json_array_foreach(json_object_get(report, "findings"), i, finding)
    {
        if (strcmp(page_member(finding, "severity"), "error") == 0 && !json_object_get(finding, "suppressed"))
            return 1;
    }
    return 0;
}
