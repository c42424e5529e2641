/* SPDX-License-Identifier: Apache-2.0
 *
 * options: a command line against a table of rows; help is printed from the same rows. */
#ifndef CERTTRIAGE_OPTIONS_H
#define CERTTRIAGE_OPTIONS_H

#include "err.h"

#include <stdbool.h>

enum { OPTIONS_MAX = 16 };

struct option_row {
    const char *name;  /* "--data"; NULL ends the table */
    const char *value; /* "DIR"; NULL: a switch */
    const char *about;
    bool required;
};

struct options {
    const struct option_row *rows;
    const char *values[OPTIONS_MAX]; /* by row; a switch that is set has "" */
    char **rest;                     /* what is not an option */
    size_t n_rest;
};

/* argv behind the command's name. -ERR_USAGE says what is wrong. "--" ends the options. rest points into
 * argv, reordered. */
int options_parse(const struct option_row *rows, int argc, char **argv, struct options *ret, struct err *e);
const char *option(const struct options *o, const char *name); /* NULL: not given */
void options_help(const struct option_row *rows);

#endif
