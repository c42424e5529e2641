/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages: files that are built in. They have their script and their style from here and their data by
 * /api/v1, and nothing from anywhere else. */
#include "request.h"

#include "web.h"

/* What would set text as markup throws in a browser that knows trusted types. */
static int show_page(struct request *r, struct err *e)
{
    const struct web_file *file = web_by_path(str_from(r->path));

    r->policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'";
    return answer(r, MHD_HTTP_OK, file->type, (struct str){file->text, *file->len}, e);
}

static const struct route rows[] = {
#define WEB_TEMPLATE(symbol, name)
#define WEB_FILE(symbol, name, at, type) {.method = "GET", .path = (at), .is_public = true, .end = show_page},
#include "web_files.def"
#undef WEB_FILE
#undef WEB_TEMPLATE
};
const struct route_table routes_pages = ROUTE_TABLE(rows);
