/* SPDX-License-Identifier: Apache-2.0
 *
 * options: a command line against a table of rows; help is printed from the same rows. */
#ifndef CERTTRIAGE_OPTIONS_H
#define CERTTRIAGE_OPTIONS_H

#include "err.h"

#include <jansson.h>
#include <stdbool.h>

enum { OPTIONS_MAX = 32 };

struct option_row {
    const char *name;  /* "--data"; NULL ends the table */
    const char *value; /* "DIR"; NULL: a switch */
    const char *about;
    bool required;
};

struct options {
    const struct option_row *rows;
    const char *values[OPTIONS_MAX];  /* by row; a switch that is set has "" */
    const char *sources[OPTIONS_MAX]; /* where a value is from: "flag", "environment", "file" */
    json_t *file;                     /* what --config names; the values of "file" live in it */
    char **rest;                      /* what is not an option */
    size_t n_rest;
};

/* argv behind the command's name. -ERR_USAGE says what is wrong. "--" ends the options. rest points into
 * argv, reordered. A required row without a value is told by options_check only. */
int options_parse(const struct option_row *rows, int argc, char **argv, struct options *ret, struct err *e);
int options_check(const struct options *o, struct err *e);
const char *option(const struct options *o, const char *name); /* NULL: not given */
/* settings.c: what the command line does not say may be said by the environment (CERTTRIAGE_LISTEN) or by the
 * JSON file that --config or CERTTRIAGE_CONFIG names ("listen"), in this order. Of
 * commands that have the row --config; nothing for others.
 * -ERR_USAGE: a name in the file that is no setting, or a value that is neither text nor number nor true. */
int options_settings(struct options *o, struct err *e);
/* One table of all three ways, with what is in force and where it is from. */
void options_print_settings(const struct options *o);
void options_help(const struct option_row *rows);

#endif
