/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <stdio.h>
#include <string.h>

static size_t find(const struct option_row *rows, const char *name, size_t name_len)
{
    size_t i = 0;

    while (rows[i].name && (strlen(rows[i].name) != name_len || memcmp(rows[i].name, name, name_len) != 0))
        i++;
    return i;
}

/* "--name=value", "--name value" or "--name"; *at moves over a separate value. */
static int take(struct options *o, int argc, char **argv, int *at, struct err *e)
{
    const char *arg = argv[*at], *equals = strchr(arg, '=');
    size_t name_len = equals ? (size_t)(equals - arg) : strlen(arg), i = find(o->rows, arg, name_len);

    if (!o->rows[i].name)
        return err_set(e, ERR_USAGE, "%s: no such option", arg);
    if (!o->rows[i].value && equals)
        return err_set(e, ERR_USAGE, "%s takes no value", o->rows[i].name);
    if (!o->rows[i].value)
        o->values[i] = "";
    else if (equals)
        o->values[i] = equals + 1;
    else if (*at + 1 < argc)
        o->values[i] = argv[++*at];
    else
        return err_set(e, ERR_USAGE, "%s needs a value: %s", o->rows[i].name, o->rows[i].value);
    return 0;
}

int options_parse(const struct option_row *rows, int argc, char **argv, struct options *ret, struct err *e)
{
    struct options o = {.rows = rows, .rest = argv};

    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            for (i++; i < argc; i++)
                o.rest[o.n_rest++] = argv[i];
            break;
        }
        if (argv[i][0] != '-' || argv[i][1] == 0)
            o.rest[o.n_rest++] = argv[i];
        else if (take(&o, argc, argv, &i, e) < 0)
            return -e->code;
    }
    for (size_t i = 0; rows[i].name; i++)
        o.sources[i] = o.values[i] ? "flag" : NULL;
    *ret = o;
    return 0;
}

int options_check(const struct options *o, struct err *e)
{
    for (size_t i = 0; o->rows[i].name; i++) {
        if (o->rows[i].required && !o->values[i])
            return err_set(e, ERR_USAGE, "%s %s is missing", o->rows[i].name, o->rows[i].value);
    }
    return 0;
}

const char *option(const struct options *o, const char *name)
{
    size_t i = find(o->rows, name, strlen(name));

    return o->rows[i].name ? o->values[i] : NULL;
}

void options_help(const struct option_row *rows)
{
    for (size_t i = 0; rows[i].name; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", rows[i].name, rows[i].value ? " " : "",
                 rows[i].value ? rows[i].value : "");
        printf("    %-26s %s%s\n", left, rows[i].about, rows[i].required ? " (required)" : "");
    }
}
