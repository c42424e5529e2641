/* SPDX-License-Identifier: Apache-2.0
 *
 * web: the files of server/web, built into the program. */
#ifndef CERTTRIAGE_WEB_H
#define CERTTRIAGE_WEB_H

#include "str.h"

struct web_file {
    const char *name;
    const char *path; /* under which the server gives it; NULL: it is a template, not a page */
    const char *type; /* of its content */
    const char *text; /* NUL-terminated */
    const size_t *len;
};

/* NULL: there is none. */
const struct web_file *web_by_path(struct str path);
/* By its file name; the empty view when there is none. */
struct str web_text(const char *name);

#endif
