/* SPDX-License-Identifier: Apache-2.0 */
#include "web.h"

#include <string.h>

#include "compiler.h"

#define WEB_FILE(symbol, name, path, type)                                                                   \
    extern const char web_##symbol[];                                                                        \
    extern const size_t web_##symbol##_len;
#define WEB_TEMPLATE(symbol, name) WEB_FILE(symbol, name, NULL, NULL)
#include "web_files.def"
#undef WEB_FILE

static const struct web_file files[] = {
#define WEB_FILE(symbol, name, path, type) {name, path, type, web_##symbol, &web_##symbol##_len},
#include "web_files.def"
#undef WEB_FILE
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
