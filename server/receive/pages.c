/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages: files that are built in. They have their script and their style from here and their data by
 * /api/v1, and nothing from anywhere else. */
#include "request.h"

#include "web.h"

static int show_page(struct request *r, struct err *e)
{
    const struct web_file *file = web_by_path(str_from(r->path));

    r->policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    return answer(r, MHD_HTTP_OK, file->type, (struct str){file->text, *file->len}, e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/", .is_public = true, .end = show_page},
    {.method = "GET", .path = "/app.js", .is_public = true, .end = show_page},
    {.method = "GET", .path = "/view.js", .is_public = true, .end = show_page},
    {.method = "GET", .path = "/picture.js", .is_public = true, .end = show_page},
    {.method = "GET", .path = "/style.css", .is_public = true, .end = show_page},
    {.method = "GET", .path = "/icon.svg", .is_public = true, .end = show_page},
};
const struct route_table routes_pages = ROUTE_TABLE(rows);
