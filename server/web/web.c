/* SPDX-License-Identifier: Apache-2.0 */
#include "web.h"

#include <string.h>

#include "compiler.h"

extern const char web_report_html[], web_style[], web_view[], web_picture[], web_app_html[], web_app[],
    web_icon[];
extern const size_t web_report_html_len, web_style_len, web_view_len, web_picture_len, web_app_html_len,
    web_app_len, web_icon_len;

static const struct web_file files[] = {
    {"report.html", NULL, NULL, web_report_html, &web_report_html_len},
    {"app.html", "/", "text/html; charset=utf-8", web_app_html, &web_app_html_len},
    {"app.js", "/app.js", "text/javascript; charset=utf-8", web_app, &web_app_len},
    {"view.js", "/view.js", "text/javascript; charset=utf-8", web_view, &web_view_len},
    {"picture.js", "/picture.js", "text/javascript; charset=utf-8", web_picture, &web_picture_len},
    {"style.css", "/style.css", "text/css; charset=utf-8", web_style, &web_style_len},
    {"icon.svg", "/icon.svg", "image/svg+xml", web_icon, &web_icon_len},
};

const struct web_file *web_by_path(struct str path)
{
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (files[i].path && str_eq(path, str_from(files[i].path)))
            return &files[i];
    return NULL;
}

struct str web_text(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (strcmp(files[i].name, name) == 0)
            return (struct str){files[i].text, *files[i].len};
    return (struct str){0};
}
